/** Who is called, and how each stands: the sign-in sheet. */

import type { ComponentChildren } from 'preact';
import type { Meeting, RollLine } from '../../wire/types.ts';
import css from './Meetings.module.css';
import { memberTexts } from './member_texts.ts';
import { texts } from './texts.ts';

interface Props {
  meeting: Meeting;
  /** Stands beside a line. */
  children?(line: RollLine): ComponentChildren;
}

export function Roll({ meeting, children }: Props) {
  const words = texts();
  const { roll, summary } = meeting;
  const before = summary.state === 'draft' || summary.state === 'notified';
  return (
    <section class="card" aria-labelledby="roll">
      <h2 id="roll">{words.roll(roll.length)}</h2>
      <ul class={css.lines}>
        {roll.map((line) => (
          <li key={line.person} class={css.person}>
            <div class={css.who}>
              <p>
                <strong>{line.name}</strong> <Mark line={line} before={before} />
              </p>
              <p class="small quiet">{notesOf(line)}</p>
            </div>
            {children?.(line)}
            <span class={css.signHere}>{texts().signHere}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function notesOf(line: RollLine): string {
  const words = texts();
  const { part, not_counted: why, office, answer, late } = line;
  const because = why ? words.notCounted[why] : '';
  return [
    because || words.parts[part],
    ...(office ? [office] : []),
    ...(late ? [words.late] : []),
    ...(answer?.reason ? [memberTexts().because(answer.reason)] : []),
  ].join(' · ');
}

/** Before the meeting the answer, then the place. */
function Mark({ line, before }: { line: RollLine; before: boolean }) {
  const words = texts();
  const { place, answer, present, connected } = line;
  if (place !== 'away') {
    const off = place === 'online' && !connected;
    return (
      <span class={`${css.tag} ${off ? css.due : css.good}`}>
        {words.places[place]}
        {off ? ` · ${words.cutOffNow}` : ''}
        {present || off ? '' : ` · ${words.cutOffNow}`}
      </span>
    );
  }
  if (answer) {
    return <span class={css.tag}>{answer.attends ? words.comes : words.staysAway}</span>;
  }
  return (
    <span class={`${css.tag} ${css.due}`}>{before ? words.unanswered : words.places.away}</span>
  );
}
