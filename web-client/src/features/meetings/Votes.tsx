/** Votes of a meeting: the one that goes on, and what the others came to. */

import { Link } from 'wouter-preact';
import { urls } from '../../routes.ts';
import type { Meeting, MeetingVote, VoteTally } from '../../wire/types.ts';
import css from './Meetings.module.css';
import { memberTexts } from './member_texts.ts';
import { texts } from './texts.ts';

export function openVote({ votes }: Meeting): MeetingVote | null {
  return votes.find((vote) => !vote.closed_at) ?? null;
}

/** The vote that goes on, with the way to one's own. */
export function OpenVote({ meeting }: { meeting: Meeting }) {
  const vote = openVote(meeting);
  if (!vote) return null;
  const words = memberTexts();
  const { choices } = texts();
  return (
    <section class="card stack no-print" aria-labelledby="vote-now">
      <h2 id="vote-now">{words.voteNow}</h2>
      <p>{vote.motion}</p>
      <p role="status">{vote.mine ? words.voted(choices[vote.mine]) : null}</p>
      <Link
        href={urls.meetVote(meeting.summary.meeting, vote.vote)}
        class={meeting.rights.includes('vote') ? 'button primary wide' : 'button wide'}
      >
        {meeting.rights.includes('vote') ? words.toVote : texts().castBy}
      </Link>
    </section>
  );
}

/** What the closed votes came to. */
export function VoteResults({ meeting }: { meeting: Meeting }) {
  const closed = meeting.votes.filter((vote) => vote.closed_at);
  if (closed.length === 0) return null;
  return (
    <section class="card" aria-labelledby="votes">
      <h2 id="votes">{texts().votes}</h2>
      <ul class={css.lines}>
        {closed.map((vote) => (
          <li key={vote.vote} class={css.vote}>
            <VoteWords vote={vote} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A vote in words: the motion, who counted, the figures of both groups, the outcome. */
export function VoteWords({ vote }: { vote: MeetingVote }) {
  const words = texts();
  const { number, motion, way, formal, expected, present, needed, votes, opinions, outcome } = vote;
  const asked = sum(opinions) > 0 || !formal;
  return (
    <div class="stack">
      <p class="small quiet">
        {words.voteOf(number)} · {words.ways[way]} · {formal ? words.formal : words.opinion}
      </p>
      <p>
        <strong>{motion}</strong>
      </p>
      {formal ? (
        <>
          <p class="small numbers">{words.tallyOf(expected, present, needed)}</p>
          <Tally name={words.formal} of={votes} />
        </>
      ) : null}
      {asked ? <Tally name={words.opinion} of={opinions} /> : null}
      {outcome ? (
        <p class={outcome === 'passed' ? css.passed : css.failed} data-outcome={outcome}>
          <strong>{words.outcomes[outcome]}</strong>
        </p>
      ) : null}
      <CastBy vote={vote} />
    </div>
  );
}

function sum({ yes, no, abstain }: VoteTally): number {
  return yes + no + abstain;
}

function Tally({ name, of }: { name: string; of: VoteTally }) {
  const { choices } = texts();
  return (
    <div>
      <p class="small quiet">{name}</p>
      <dl class={css.figures}>
        {(['yes', 'no', 'abstain'] as const).map((choice) => (
          <div key={choice}>
            <dt>{choices[choice]}</dt>
            <dd class="numbers">{of[choice]}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Open voting: who raised a hand for what, and who has not. */
function CastBy({ vote }: { vote: MeetingVote }) {
  const words = texts();
  const { cast, missing } = vote;
  if (cast.length + missing.length === 0) return null;
  return (
    <details class={css.how}>
      <summary>{words.castBy}</summary>
      <ul class={css.names}>
        {cast.map((one) => (
          <li key={one.person}>
            {words.castLine(one.name, words.choices[one.choice])}
            {one.part === 'consulted' ? ` · ${words.opinion}` : ''}
            {one.entered_by ? ` · ${words.enteredBy(one.entered_by)}` : ''}
          </li>
        ))}
      </ul>
      {missing.length > 0 ? (
        <p class="small">
          {words.notYet(missing.length)} {words.names(missing.map((one) => one.name))}
        </p>
      ) : null}
    </details>
  );
}
