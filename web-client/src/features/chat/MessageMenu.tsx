/** What can be done with one message. */

import { useState } from 'preact/hooks';
import { t } from '../../i18n/texts.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Icon, type IconName } from '../../ui/Icon.tsx';
import type { Item, PersonId } from '../../wire/types.ts';
import css from './ChatScreen.module.css';
import { changesOf } from './changes.ts';

interface Props {
  item: Item;
  me: PersonId;
  onClose(): void;
  onReply(): void;
  onEdit(): void;
  onWithdraw(): void;
}

export function MessageMenu({ item, me, onClose, onReply, onEdit, onWithdraw }: Props) {
  const { room } = t();
  const [said, setSaid] = useState('');
  const may = changesOf(item, me, Date.now());
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(item.text ?? '');
      setSaid(room.copied);
    } catch {
      setSaid(room.copyFailed);
    }
  };
  return (
    <Dialog title={room.actions} onClose={onClose}>
      <p class={css.preview} data-preview>
        {item.text}
      </p>
      <Action icon="reply" label={room.reply} onPress={onReply} />
      <Action icon="copy" label={room.copy} onPress={() => void copy()} />
      {may.edit ? <Action icon="edit" label={room.edit} onPress={onEdit} /> : null}
      {may.withdraw ? <Action icon="undo" label={room.withdraw} onPress={onWithdraw} /> : null}
      <p role="status" class="small quiet">
        {said}
      </p>
    </Dialog>
  );
}

interface ActionProps {
  icon: IconName;
  label: string;
  onPress(): void;
}

function Action({ icon, label, onPress }: ActionProps) {
  return (
    <button type="button" class="list-button" onClick={onPress}>
      <Icon name={icon} />
      <span>{label}</span>
    </button>
  );
}
