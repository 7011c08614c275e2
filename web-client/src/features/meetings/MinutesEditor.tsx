/** Editing the minutes: what is typed stays on the device until it is saved. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { Notice } from '../../ui/Faces.tsx';
import { Refused, useAction } from '../../ui/Loaded.tsx';
import type { Minutes } from '../../wire/types.ts';
import { writeMinutes } from './api.ts';
import { minutesTexts } from './minutes_texts.ts';

const TEXT_CHARS_MAX = 16_000;

/** Text typed and not sent, per field. */
export interface Drafts {
  get(field: string): Promise<string>;
  put(field: string, text: string): Promise<void>;
}

interface Props {
  minutes: Minutes;
  drafts: Drafts;
  onDone(minutes: Minutes): void;
  /** Read the newest version. */
  onNewer(): void;
  onClose(): void;
}

export function MinutesEditor({ minutes, drafts, onDone, onNewer, onClose }: Props) {
  const field = `minutes:${minutes.meeting}`;
  const [text, setText] = useState(minutes.text);
  const typed = useRef(false);
  const action = useAction();
  const words = minutesTexts();
  useEffect(() => {
    void drafts.get(field).then((kept) => {
      if (kept && !typed.current) setText(kept);
    });
  }, [drafts, field]);
  const type = (next: string) => {
    typed.current = true;
    setText(next);
    void drafts.put(field, next);
  };
  const save = async () => {
    const next = await writeMinutes(minutes.meeting, { version: minutes.version, text });
    await drafts.put(field, '');
    onDone(next);
  };
  const { failure } = action;
  const older = failure?.kind === 'refused' && failure.code === 'conflict';
  return (
    <form
      class="stack no-print"
      onSubmit={(event) => {
        event.preventDefault();
        void action.run(save);
      }}
    >
      {older ? <Notice warn>{words.conflict}</Notice> : <Refused action={action} />}
      {older ? (
        <button type="button" class="button" onClick={onNewer}>
          {words.latest}
        </button>
      ) : null}
      <div class="field">
        <label for="minutes-text">{words.text}</label>
        <textarea
          id="minutes-text"
          class="input"
          rows={18}
          maxLength={TEXT_CHARS_MAX}
          value={text}
          aria-describedby="minutes-hint"
          onInput={(event) => type(event.currentTarget.value)}
          required
        />
        <p class="hint" id="minutes-hint">
          {words.textHint}
        </p>
      </div>
      <button type="submit" class="button primary wide" disabled={action.busy}>
        {words.save}
      </button>
      <button type="button" class="button wide" onClick={onClose}>
        {words.cancel}
      </button>
    </form>
  );
}
