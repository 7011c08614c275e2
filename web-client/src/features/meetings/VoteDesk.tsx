/** Votes for those who run the meeting: call one, enter the votes of others, close it. */

import { useMemo, useState } from 'preact/hooks';
import { newCid } from '../../platform/random.ts';
import { Notice } from '../../ui/Faces.tsx';
import { Area, FormDialog, type Read, Select } from '../../ui/FormDialog.tsx';
import { Refused, useAction } from '../../ui/Loaded.tsx';
import type { Meeting, MeetingVote, PersonName, VoteChoice, VoteWay } from '../../wire/types.ts';
import { callVote, castVote, closeVote } from './api.ts';
import css from './Meetings.module.css';
import { runTexts } from './run_texts.ts';
import { texts } from './texts.ts';
import { openVote, VoteWords } from './Votes.tsx';

const MOTION_CHARS_MAX = 500;
const WAYS: readonly VoteWay[] = ['show_of_hands', 'roll_call'];
const CHOICES: readonly VoteChoice[] = ['yes', 'no', 'abstain'];

interface Props {
  meeting: Meeting;
  put(meeting: Meeting): void;
}

export function VoteDesk({ meeting, put }: Props) {
  const [calling, setCalling] = useState(false);
  const words = runTexts();
  const vote = openVote(meeting);
  const { lamp } = meeting;
  const tooFew = !lamp.no_formal && !lamp.may_vote;
  if (vote) return <Going meeting={meeting} vote={vote} put={put} />;
  return (
    <div class="stack">
      {tooFew ? <Notice warn>{words.tooFew}</Notice> : null}
      <button
        type="button"
        class="button wide"
        aria-haspopup="dialog"
        onClick={() => setCalling(true)}
      >
        {words.callVote}
      </button>
      {calling ? (
        <CallDialog meeting={meeting} put={put} onClose={() => setCalling(false)} />
      ) : null}
    </div>
  );
}

function Going({ meeting, vote, put }: Props & { vote: MeetingVote }) {
  const action = useAction();
  const words = runTexts();
  const { meeting: id } = meeting.summary;
  const waiting = vote.missing.length;
  return (
    <section class={`stack ${css.going}`} aria-label={texts().going}>
      <p role="status">
        {texts().going} · {texts().cast(vote.cast.length)}
      </p>
      <VoteWords vote={vote} />
      <OnBehalf meeting={meeting} vote={vote} put={put} />
      <Refused action={action} />
      {waiting > 0 ? <p>{words.closeVoteText(waiting)}</p> : null}
      <button
        type="button"
        class="button primary wide"
        disabled={action.busy}
        onClick={() => void action.run(async () => put(await closeVote(id, vote.vote)))}
      >
        {words.closeVote}
      </button>
    </section>
  );
}

/** Those whose vote the caller may enter: in the room, or at the caller's venue. */
export function OnBehalf({ meeting, vote, put }: Props & { vote: MeetingVote }) {
  const { rights, roll, summary } = meeting;
  const places = new Map(roll.map((line) => [line.person, line.place]));
  const may = ({ person }: PersonName) =>
    (places.get(person) === 'on_site' && rights.includes('enter_on_site')) ||
    (places.get(person) === 'venue' && rights.includes('hand_in_venue'));
  const people = vote.missing.filter(may);
  const action = useAction();
  if (people.length === 0) return null;
  const words = runTexts();
  const { choices } = texts();
  const enter = (person: string, choice: VoteChoice) =>
    void action.run(async () =>
      put(await castVote(summary.meeting, vote.vote, { choice, person })),
    );
  return (
    <details class={css.how}>
      <summary>{words.enterFor}</summary>
      <Refused action={action} />
      <ul class={css.lines}>
        {people.map(({ person, name }) => (
          <li key={person} class={css.person}>
            <p>{name}</p>
            <div class={css.buttons}>
              {CHOICES.map((choice) => (
                <button
                  key={choice}
                  type="button"
                  class="button"
                  aria-label={words.enterForOne(name, choices[choice])}
                  disabled={action.busy}
                  onClick={() => enter(person, choice)}
                >
                  {choices[choice]}
                </button>
              ))}
            </div>
          </li>
        ))}
      </ul>
    </details>
  );
}

function CallDialog({ meeting, put, onClose }: Props & { onClose(): void }) {
  // One id for one vote: pressing again after a lost answer opens no second one.
  const cid = useMemo(newCid, []);
  const words = runTexts();
  const { agenda, item, lamp, summary } = meeting;
  const forced = Boolean(lamp.no_formal);
  const [opinion, setOpinion] = useState(forced);
  const give = async (read: Read) => {
    const body = { cid, motion: read('motion'), way: read('way') as VoteWay, opinion };
    put(await callVote(summary.meeting, { ...body, ...(item ? { item } : {}) }));
  };
  return (
    <FormDialog
      title={words.callVote}
      button={words.startVote}
      onGive={give}
      onDone={onClose}
      onClose={onClose}
    >
      <Area
        name="motion"
        label={words.motion}
        hint={words.motionHint}
        value={agenda[(item ?? 0) - 1]?.title ?? ''}
        rows={3}
        max={MOTION_CHARS_MAX}
      />
      <Select name="way" label={words.way} values={WAYS} names={texts().ways} />
      {forced ? (
        <p>{words.opinionForced}</p>
      ) : (
        <label class={css.tick}>
          <input
            type="checkbox"
            checked={opinion}
            onChange={(event) => setOpinion(event.currentTarget.checked)}
          />
          <span>{words.opinionOnly}</span>
        </label>
      )}
    </FormDialog>
  );
}
