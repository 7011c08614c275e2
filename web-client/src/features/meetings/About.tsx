/** When, where, with whom: the facts of a meeting, and how it stands. */

import { Notice } from '../../ui/Faces.tsx';
import type { Meeting } from '../../wire/types.ts';
import css from './Meetings.module.css';
import { memberTexts } from './member_texts.ts';
import { dated, texts, when } from './texts.ts';

export function About({ meeting }: { meeting: Meeting }) {
  const words = texts();
  const { summary, chair, acting_chair: acting, recorder, venues } = meeting;
  const { title, state, starts_at: at, place, closed } = summary;
  const facts = [
    [words.place, place ?? words.online],
    ...venues.map((venue) => [words.venue, `${venue.name} · ${venue.head.name}`]),
    [words.chair, chair.name],
    ...(acting ? [[words.actingChair, acting.name]] : []),
    [words.recorder, recorder.name],
  ];
  return (
    <section class="card stack" aria-label={memberTexts().about}>
      <h2>{title}</h2>
      <p>
        <span class={`${css.tag} ${state === 'open' || state === 'sign_in' ? css.good : ''}`}>
          {words.states[state]}
        </span>
      </p>
      <dl class={css.facts}>
        <div>
          <dt>{words.time}</dt>
          <dd class="numbers">
            <span class="no-print">{when(Date.parse(at), Date.now())}</span>
            <span class={css.onPaper}>{dated(Date.parse(at))}</span>
          </dd>
        </div>
        {facts.map(([name, value]) => (
          <div key={`${name} ${value}`}>
            <dt>{name}</dt>
            <dd class="numbers">{value}</dd>
          </div>
        ))}
      </dl>
      <Standing meeting={meeting} />
      {closed ? <Notice warn>{words.closedMeeting}</Notice> : null}
    </section>
  );
}

/** What follows from where the meeting stands, in a sentence. */
function Standing({ meeting }: { meeting: Meeting }) {
  const words = memberTexts();
  const { summary, sign_in_at: at, ended_reason: reason } = meeting;
  switch (summary.state) {
    case 'notified':
      return <p class="numbers no-print">{words.signInOpens(when(Date.parse(at), Date.now()))}</p>;
    case 'cancelled':
      return <p>{words.cancelled(reason ?? '')}</p>;
    case 'adjourned':
      return <p>{reason ? words.adjourned(reason) : words.adjournedSilent}</p>;
    default:
      return null;
  }
}
