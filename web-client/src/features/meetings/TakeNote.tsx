/** The superior takes note of signed minutes, or sends them back. */

import { useState } from 'preact/hooks';
import { Area, FormDialog } from '../../ui/FormDialog.tsx';
import { Refused, useAction } from '../../ui/Loaded.tsx';
import type { Minutes } from '../../wire/types.ts';
import { archiveMinutes, returnMinutes } from './desk_api.ts';
import { minutesTexts } from './minutes_texts.ts';

const REASON_CHARS_MAX = 200;

interface Props {
  minutes: Minutes;
  reload(): void;
}

export function TakeNote({ minutes, reload }: Props) {
  const [returning, setReturning] = useState(false);
  const action = useAction();
  const words = minutesTexts();
  if (!minutes.rights.includes('take_note')) return null;
  const archive = async () => {
    await archiveMinutes(minutes.meeting);
    reload();
  };
  return (
    <section class="card stack no-print" aria-labelledby="take-note">
      <h2 id="take-note">{words.takeNote}</h2>
      <p>{words.takeNoteText}</p>
      <Refused action={action} />
      <button
        type="button"
        class="button primary wide"
        disabled={action.busy}
        onClick={() => void action.run(archive)}
      >
        {words.takeNote}
      </button>
      <button type="button" class="button wide" onClick={() => setReturning(true)}>
        {words.giveBack}
      </button>
      {returning ? (
        <FormDialog
          title={words.giveBack}
          text={words.giveBackText}
          button={words.giveBack}
          onGive={async (read) => {
            await returnMinutes(minutes.meeting, read('reason'));
          }}
          onDone={() => {
            setReturning(false);
            reload();
          }}
          onClose={() => setReturning(false)}
        >
          <Area name="reason" label={words.reason} max={REASON_CHARS_MAX} />
        </FormDialog>
      ) : null}
    </section>
  );
}
