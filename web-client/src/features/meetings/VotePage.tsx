/** `/meet/:id/vote/:vote`: one motion, three choices, a check before it is given. */

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { urls } from '../../routes.ts';
import { Face, Notice } from '../../ui/Faces.tsx';
import { Faced, Refused, useAction } from '../../ui/Loaded.tsx';
import { Page } from '../../ui/Page.tsx';
import type { Meeting, MeetingVote, VoteChoice } from '../../wire/types.ts';
import { castVote } from './api.ts';
import { useMeeting } from './following.ts';
import css from './Meetings.module.css';
import { memberTexts } from './member_texts.ts';
import { texts } from './texts.ts';
import { VoteWords } from './Votes.tsx';

const CHOICES: readonly VoteChoice[] = ['yes', 'no', 'abstain'];

interface Props {
  id: string;
  vote: string;
  strip: ComponentChildren;
}

export function VotePage({ id, vote: wanted, strip }: Props) {
  const known = useMeeting(id);
  const words = memberTexts();
  return (
    <Page title={words.vote} back={urls.meet(id)} strip={strip}>
      <Faced of={known} code="E-会议-300">
        {(meeting) => {
          const vote = meeting.votes.find((one) => one.vote === wanted);
          if (!vote) return <Face icon="lock" title={words.voteGone} text={words.voteGoneHelp} />;
          return (
            <div class="stack">
              <Ballot meeting={meeting} vote={vote} put={known.put} />
              <Link href={urls.meetLive(id)} class="button wide">
                {words.toMeeting}
              </Link>
            </div>
          );
        }}
      </Faced>
    </Page>
  );
}

interface BallotProps {
  meeting: Meeting;
  vote: MeetingVote;
  put(meeting: Meeting): void;
}

function Ballot({ meeting, vote, put }: BallotProps) {
  const words = memberTexts();
  const { choices } = texts();
  const { rights } = meeting;
  const { mine } = meeting.summary;
  if (vote.closed_at || vote.mine) {
    return (
      <section class="card stack" aria-labelledby="ballot">
        <h2 id="ballot">{vote.mine ? words.done : words.closed}</h2>
        {vote.mine ? <p role="status">{words.yourVote(choices[vote.mine])}</p> : null}
        <VoteWords vote={vote} />
      </section>
    );
  }
  if (!rights.includes('vote')) {
    const may = mine && mine.part !== 'attends' && mine.place === 'away';
    return (
      <section class="card stack" aria-labelledby="ballot">
        <h2 id="ballot">{texts().going}</h2>
        <p>{may ? words.signInFirst : words.noVote}</p>
        <VoteWords vote={vote} />
      </section>
    );
  }
  const give = async (choice: VoteChoice) =>
    put(await castVote(meeting.summary.meeting, vote.vote, { choice }));
  const apart = !vote.formal || mine?.part === 'consulted';
  return <Choosing vote={vote} apart={apart} give={give} />;
}

interface ChoosingProps {
  vote: MeetingVote;
  /** The choice is an opinion, counted apart. */
  apart: boolean;
  give(choice: VoteChoice): Promise<void>;
}

/** The choice stays on the screen until the hub has it: giving it again is safe. */
function Choosing({ vote, apart, give }: ChoosingProps) {
  const [choice, setChoice] = useState<VoteChoice | null>(null);
  const [checking, setChecking] = useState(false);
  const action = useAction();
  const words = memberTexts();
  const { choices, voteOf, ways } = texts();
  const lost = action.failure?.kind === 'lost';
  return (
    <form
      class="card stack-wide"
      onSubmit={(event) => {
        event.preventDefault();
        if (!choice) return;
        if (checking) void action.run(() => give(choice));
        else setChecking(true);
      }}
    >
      <div class="stack">
        <p class="small quiet">
          {voteOf(vote.number)} · {ways[vote.way]}
        </p>
        <h2>{vote.motion}</h2>
        {apart ? <p>{words.opinionNote}</p> : null}
      </div>
      {checking && choice ? (
        <div class="stack" role="status">
          <p class={css.chosen}>{words.chosen(choices[choice])}</p>
          <p>{words.verifyText}</p>
        </div>
      ) : (
        <fieldset class="field">
          <legend class="label">{words.choose}</legend>
          <div class={`choices ${css.ballot}`}>
            {CHOICES.map((one) => (
              <label key={one}>
                <input
                  type="radio"
                  name="choice"
                  value={one}
                  checked={one === choice}
                  onChange={() => setChoice(one)}
                />
                <span>{choices[one]}</span>
              </label>
            ))}
          </div>
        </fieldset>
      )}
      {lost ? <Notice warn>{words.again}</Notice> : <Refused action={action} />}
      <div class="stack">
        <button type="submit" class="button primary wide" disabled={action.busy || choice === null}>
          {checking ? words.submit : words.next}
        </button>
        {checking ? (
          <button type="button" class="button wide" onClick={() => setChecking(false)}>
            {words.back}
          </button>
        ) : null}
      </div>
    </form>
  );
}
