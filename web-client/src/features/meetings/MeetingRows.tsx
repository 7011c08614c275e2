/** Meetings one below the other: kind, time, place, and how things stand with the reader. */

import { Link } from 'wouter-preact';
import { urls } from '../../routes.ts';
import { Icon } from '../../ui/Icon.tsx';
import type { MeetingSummary } from '../../wire/types.ts';
import css from './Meetings.module.css';
import { texts, when } from './texts.ts';

interface Props {
  id: string;
  title: string;
  rows: readonly MeetingSummary[];
  /** Said where there is none. */
  none: string;
  /** Address of a meeting's page; the member's without. */
  to?(meeting: string): string;
}

export function MeetingRows({ id, title, rows, none, to = urls.meet }: Props) {
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {rows.length === 0 ? <p class="quiet">{none}</p> : null}
      <ul>
        {rows.map((row) => (
          <li key={row.meeting}>
            <Link href={to(row.meeting)} class={`list-button ${css.row}`}>
              <Words row={row} />
              <Icon name="next" />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Words({ row }: { row: MeetingSummary }) {
  const words = texts();
  const { kind, title, starts_at: at, place, organisation, state, mine } = row;
  const live = state === 'open' || state === 'sign_in';
  const asked = mine && (state === 'notified' || state === 'sign_in');
  return (
    <span>
      <strong>{title}</strong>
      <span class="small">
        {words.kinds[kind]} · <span class="numbers">{when(Date.parse(at), Date.now())}</span>
      </span>
      <span class="small quiet">
        {organisation.name} · {place ?? words.online}
      </span>
      <span>
        <span class={`${css.tag} ${live ? css.good : ''}`}>{words.states[state]}</span>
        {asked ? <Answer mine={mine} /> : null}
      </span>
    </span>
  );
}

function Answer({ mine }: { mine: NonNullable<MeetingSummary['mine']> }) {
  const words = texts();
  if (mine.place !== 'away') {
    return <span class={`${css.tag} ${css.good}`}>{words.places[mine.place]}</span>;
  }
  if (!mine.answer) return <span class={`${css.tag} ${css.due}`}>{words.unanswered}</span>;
  return <span class={css.tag}>{mine.answer.attends ? words.comes : words.staysAway}</span>;
}
