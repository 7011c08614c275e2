/** What the meeting is about, item by item. */

import type { Meeting } from '../../wire/types.ts';
import css from './Meetings.module.css';
import { texts } from './texts.ts';

export function Agenda({ meeting }: { meeting: Meeting }) {
  const words = texts();
  const { agenda, item: now } = meeting;
  return (
    <section class="card" aria-labelledby="agenda">
      <h2 id="agenda">{words.agenda}</h2>
      <ol class={css.agenda}>
        {agenda.map((item, index) => {
          const isNow = now === index + 1;
          return (
            <li key={index} {...(isNow ? { 'aria-current': 'step' as const } : {})}>
              <span class={`${css.number} numbers`}>{index + 1}.</span>
              <p class={isNow ? css.now : undefined}>
                <span>{item.title}</span>
                {item.minutes ? (
                  <span class="small quiet numbers">{words.minutes(item.minutes)}</span>
                ) : null}
                {isNow ? <span class={`${css.tag} ${css.good}`}>{words.itemNow}</span> : null}
              </p>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
