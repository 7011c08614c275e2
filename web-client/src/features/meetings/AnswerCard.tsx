/** Whether one comes: yes, or no with a reason. */

import { useRef, useState } from 'preact/hooks';
import { t } from '../../i18n/texts.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Refused, useAction } from '../../ui/Loaded.tsx';
import type { Meeting } from '../../wire/types.ts';
import { answerNotice } from './api.ts';
import css from './Meetings.module.css';
import { memberTexts } from './member_texts.ts';

const REASON_CHARS_MAX = 200;

interface Props {
  meeting: Meeting;
  put(meeting: Meeting): void;
}

export function AnswerCard({ meeting, put }: Props) {
  const [changing, setChanging] = useState(false);
  const [asking, setAsking] = useState(false);
  const action = useAction();
  const words = memberTexts();
  const { meeting: id, mine } = meeting.summary;
  const answer = mine?.answer;
  const answered = (next: Meeting) => {
    put(next);
    setChanging(false);
    setAsking(false);
  };
  const come = () => action.run(async () => answered(await answerNotice(id, { attends: true })));
  return (
    <section class="card stack no-print" aria-labelledby="answer">
      <h2 id="answer">{words.answer}</h2>
      <div role="status">
        {answer ? <p>{answer.attends ? words.answered.yes : words.answered.no}</p> : null}
        {answer?.reason ? <p class="quiet">{words.because(answer.reason)}</p> : null}
      </div>
      <Refused action={action} />
      {answer && !changing ? (
        <button type="button" class="button wide" onClick={() => setChanging(true)}>
          {words.change}
        </button>
      ) : (
        <div class={css.buttons}>
          <button
            type="button"
            class={answer ? 'button' : 'button primary'}
            disabled={action.busy}
            onClick={() => void come()}
          >
            {words.canCome}
          </button>
          <button
            type="button"
            class="button"
            aria-haspopup="dialog"
            onClick={() => setAsking(true)}
          >
            {words.cannotCome}
          </button>
        </div>
      )}
      <p class="small quiet">{words.answerHelp}</p>
      {asking ? (
        <StayAway
          id={id}
          before={answer?.reason ?? ''}
          onDone={answered}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </section>
  );
}

interface StayAwayProps {
  id: string;
  before: string;
  onDone(meeting: Meeting): void;
  onClose(): void;
}

function StayAway({ id, before, onDone, onClose }: StayAwayProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const action = useAction();
  const words = memberTexts();
  const give = async () => {
    const reason = field.current?.value.trim() ?? '';
    onDone(await answerNotice(id, { attends: false, reason }));
  };
  return (
    <Dialog title={words.cannotCome} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void action.run(give);
        }}
      >
        <Refused action={action} />
        <div class="field">
          <label for="stay-away">{words.reason}</label>
          <textarea
            ref={field}
            id="stay-away"
            class="input"
            rows={3}
            maxLength={REASON_CHARS_MAX}
            defaultValue={before}
            required
          />
        </div>
        <button type="submit" class="button primary wide" disabled={action.busy}>
          {words.send}
        </button>
        <button type="button" class="button wide" onClick={onClose}>
          {t().common.cancel}
        </button>
      </form>
    </Dialog>
  );
}
