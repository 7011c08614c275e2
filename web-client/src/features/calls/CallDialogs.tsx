/** What the bar of a call opens: leaving, and what is needed seldom. */

import { wide } from '../../platform/screen.ts';
import { Choices } from '../../ui/Choices.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Refused, useAction } from '../../ui/Loaded.tsx';
import type { RoomId } from '../../wire/types.ts';
import { endCall } from './api.ts';
import type { Call } from './call.ts';
import { keys } from './keys.ts';
import { LAYOUTS } from './layout.ts';
import { texts } from './texts.ts';

interface LeaveProps {
  call: Call;
  /** Of whoever may end its call for everybody. */
  room: RoomId | undefined;
  onClose(): void;
}

export function LeaveDialog({ call, room, onClose }: LeaveProps) {
  const action = useAction();
  const words = texts();
  return (
    <Dialog title={words.leaveTitle} onClose={onClose}>
      <div class="stack">
        <Refused action={action} />
        <button type="button" class="button primary wide" onClick={() => void call.leave()}>
          {words.leave}
        </button>
        {room ? (
          <button
            type="button"
            class="button wide"
            disabled={action.busy}
            onClick={() => void action.run(() => endCall(room))}
          >
            {words.endAll}
          </button>
        ) : null}
      </div>
    </Dialog>
  );
}

export function MoreDialog({ call, onClose }: { call: Call; onClose(): void }) {
  const words = texts();
  const sharing = call.people.value[0]?.page != null;
  const maySharePages = wide.value && navigator.mediaDevices?.getDisplayMedia !== undefined;
  return (
    <Dialog title={words.more} onClose={onClose}>
      <div class="stack">
        <Choices
          label={words.layout}
          values={LAYOUTS}
          names={words.layouts}
          value={call.saver.value ? 'audio' : call.layout.value}
          onChange={(layout) => {
            call.layout.value = layout;
            if (layout !== 'audio' && call.saver.value) call.tryPictures();
          }}
        />
        {maySharePages ? (
          <button
            type="button"
            class="button wide"
            onClick={() => {
              onClose();
              void call.share(!sharing);
            }}
          >
            {sharing ? words.unshare : words.share}
          </button>
        ) : null}
        <Choices
          label={words.keys}
          values={['on', 'off']}
          names={words.keysNames}
          value={keys.value ? 'on' : 'off'}
          onChange={(value) => {
            keys.value = value === 'on';
          }}
        />
      </div>
    </Dialog>
  );
}
