/** What the chair does: open, go through the agenda, call and close votes, close. */

import { useState } from 'preact/hooks';
import { t } from '../../i18n/texts.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/Faces.tsx';
import { Area, FormDialog } from '../../ui/FormDialog.tsx';
import { type Action, Refused, useAction } from '../../ui/Loaded.tsx';
import type { Meeting, MeetingStep } from '../../wire/types.ts';
import { setItem, takeChair, takeStep } from './api.ts';
import { isLive } from './live.ts';
import css from './Meetings.module.css';
import { runTexts } from './run_texts.ts';
import { VoteDesk } from './VoteDesk.tsx';
import { openVote } from './Votes.tsx';

const REASON_CHARS_MAX = 200;

interface Props {
  meeting: Meeting;
  put(meeting: Meeting): void;
}

export function RunPanel({ meeting, put }: Props) {
  const [asking, setAsking] = useState<'adjourn' | 'close' | null>(null);
  const action = useAction();
  const { rights, summary } = meeting;
  const { meeting: id, state } = summary;
  const words = runTexts();
  if (!rights.includes('run')) {
    return rights.includes('take_chair') ? <TakeChair id={id} put={put} /> : null;
  }
  const step = (to: MeetingStep) => () =>
    void action.run(async () => put(await takeStep(id, { step: to })));
  const close = () => setAsking(null);
  return (
    <section class="card stack no-print" aria-labelledby="run">
      <h2 id="run">{words.run}</h2>
      <Refused action={action} />
      {summary.mine?.place === 'away' ? <Notice warn>{words.comeFirst}</Notice> : null}
      {state === 'notified' ? (
        <OpenSignIn meeting={meeting} action={action} onOpen={step('open_sign_in')} />
      ) : null}
      {state === 'sign_in' ? (
        <Open meeting={meeting} action={action} onOpen={step('open')} />
      ) : null}
      {state === 'open' ? (
        <>
          <Items meeting={meeting} action={action} put={put} />
          <VoteDesk meeting={meeting} put={put} />
        </>
      ) : null}
      {openVote(meeting) === null && isLive(state) ? (
        <div class={css.buttons}>
          {state === 'open' ? (
            <button type="button" class="button" onClick={() => setAsking('close')}>
              {words.close}
            </button>
          ) : null}
          <button type="button" class="button" onClick={() => setAsking('adjourn')}>
            {words.adjourn}
          </button>
        </div>
      ) : null}
      {asking === 'close' ? <CloseDialog id={id} put={put} onClose={close} /> : null}
      {asking === 'adjourn' ? <AdjournDialog id={id} put={put} onClose={close} /> : null}
    </section>
  );
}

interface StepProps {
  meeting: Meeting;
  action: Action;
  onOpen(): void;
}

function OpenSignIn({ meeting, action, onOpen }: StepProps) {
  if (Date.parse(meeting.sign_in_at) > Date.now()) return null;
  return (
    <button type="button" class="button primary wide" disabled={action.busy} onClick={onOpen}>
      {runTexts().openSignIn}
    </button>
  );
}

/** The button is dead while too few are present, and says so. */
function Open({ meeting, action, onOpen }: StepProps) {
  const words = runTexts();
  const missing = meeting.lamp.state === 'missing';
  return (
    <>
      <p>{words.openText}</p>
      {missing ? <Notice warn>{words.notEnough}</Notice> : null}
      <button
        type="button"
        class="button primary wide"
        disabled={action.busy || missing}
        onClick={onOpen}
      >
        {words.open}
      </button>
    </>
  );
}

interface ItemsProps extends Props {
  action: Action;
}

function Items({ meeting, action, put }: ItemsProps) {
  const words = runTexts();
  const { agenda, item } = meeting;
  const now = item ?? 0;
  const current = agenda[now - 1];
  const next = agenda[now];
  const go = (to: number) =>
    void action.run(async () => put(await setItem(meeting.summary.meeting, to)));
  return (
    <div class="stack">
      <p role="status">{current ? words.nowItem(now, current.title) : words.noItem}</p>
      <div class={css.buttons}>
        {next ? (
          <button type="button" class="button" disabled={action.busy} onClick={() => go(now + 1)}>
            {current ? words.nextItem(next.title) : words.firstItem}
          </button>
        ) : null}
        {now > 1 ? (
          <button type="button" class="button" disabled={action.busy} onClick={() => go(now - 1)}>
            {words.previousItem}
          </button>
        ) : null}
      </div>
      {next ? null : <p class="small quiet">{words.allItems}</p>}
    </div>
  );
}

interface IdProps {
  id: string;
  put(meeting: Meeting): void;
}

function TakeChair({ id, put }: IdProps) {
  const action = useAction();
  const words = runTexts();
  return (
    <section class="card stack no-print" aria-labelledby="take-chair">
      <h2 id="take-chair">{words.takeChair}</h2>
      <p>{words.takeChairText}</p>
      <Refused action={action} />
      <button
        type="button"
        class="button wide"
        disabled={action.busy}
        onClick={() => void action.run(async () => put(await takeChair(id)))}
      >
        {words.takeChair}
      </button>
    </section>
  );
}

interface AskProps extends IdProps {
  onClose(): void;
}

function AdjournDialog({ id, put, onClose }: AskProps) {
  const words = runTexts();
  return (
    <FormDialog
      title={words.adjourn}
      text={words.adjournText}
      button={words.adjourn}
      onGive={async (read) => put(await takeStep(id, { step: 'adjourn', reason: read('reason') }))}
      onDone={onClose}
      onClose={onClose}
    >
      <Area name="reason" label={words.reason} max={REASON_CHARS_MAX} />
    </FormDialog>
  );
}

function CloseDialog({ id, put, onClose }: AskProps) {
  const action = useAction();
  const words = runTexts();
  const close = async () => {
    put(await takeStep(id, { step: 'close' }));
    onClose();
  };
  return (
    <Dialog title={words.close} onClose={onClose}>
      <div class="stack">
        <p>{words.closeText}</p>
        <Refused action={action} />
        <button
          type="button"
          class="button primary wide"
          disabled={action.busy}
          onClick={() => void action.run(close)}
        >
          {words.close}
        </button>
        <button type="button" class="button wide" onClick={onClose}>
          {t().common.cancel}
        </button>
      </div>
    </Dialog>
  );
}
