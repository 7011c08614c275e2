/** A question that is answered with a reason. */

import { useRef } from 'preact/hooks';
import { t } from '../../i18n/texts.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Refused, useAction } from '../../ui/Loaded.tsx';
import { texts } from './texts.ts';

const REASON_CHARS_MAX = 200;

interface Props {
  title: string;
  text: string;
  button: string;
  onGive(reason: string): Promise<void>;
  onDone(): void;
  onClose(): void;
}

export function ReasonDialog({ title, text, button, onGive, onDone, onClose }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const action = useAction();
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          const reason = field.current?.value.trim() ?? '';
          void action.run(() => onGive(reason)).then((done) => done && onDone());
        }}
      >
        <p>{text}</p>
        <Refused action={action} />
        <div class="field">
          <label for="reason">{texts().reason}</label>
          <textarea
            ref={field}
            id="reason"
            class="input"
            rows={2}
            maxLength={REASON_CHARS_MAX}
            required
          />
        </div>
        <button type="submit" class="button primary wide" disabled={action.busy}>
          {button}
        </button>
        <button type="button" class="button wide" onClick={onClose}>
          {t().common.cancel}
        </button>
      </form>
    </Dialog>
  );
}
