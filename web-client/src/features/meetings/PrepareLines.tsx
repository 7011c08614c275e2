/** The lists of the form: items of the agenda, venues, exemptions. */

import type { ComponentChildren } from 'preact';
import { deskTexts } from './desk_texts.ts';
import css from './Meetings.module.css';
import { Line, type PartProps, Pick } from './PrepareFields.tsx';
import { VENUES_MAX } from './prepare.ts';

interface ListProps {
  id: string;
  title: string;
  hint?: string;
  count: number;
  add: string;
  onAdd(): void;
  children(index: number): ComponentChildren;
}

function List({ id, title, hint, count, add, onAdd, children }: ListProps) {
  return (
    <section class="card stack" aria-labelledby={`prepare-${id}`}>
      <h2 id={`prepare-${id}`}>{title}</h2>
      {hint ? <p class="small quiet">{hint}</p> : null}
      {Array.from({ length: count }, (_, index) => (
        <div key={index} class={`stack ${css.entry}`}>
          {children(index)}
        </div>
      ))}
      <button type="button" class="button wide" onClick={onAdd}>
        {add}
      </button>
    </section>
  );
}

/** A list with one of its lines changed, or taken out. */
function changed<T>(lines: readonly T[], index: number, patch: Partial<T> | null): T[] {
  return lines.flatMap((line, at) => {
    if (at !== index) return [line];
    return patch ? [{ ...line, ...patch }] : [];
  });
}

export function AgendaLines({ draft, set }: PartProps) {
  const words = deskTexts();
  const { agenda } = draft;
  return (
    <List
      id="agenda"
      title={words.agenda}
      count={agenda.length}
      add={words.addItem}
      onAdd={() => set({ agenda: [...agenda, { title: '', minutes: '' }] })}
    >
      {(index) => (
        <>
          <Line
            id={`item-${index}`}
            label={words.item(index + 1)}
            value={agenda[index]?.title ?? ''}
            max={100}
            onType={(title) => set({ agenda: changed(agenda, index, { title }) })}
          />
          <div class={css.short}>
            <label for={`prepare-minutes-${index}`}>
              <span class="hidden-text">{words.itemMinutes(index + 1)}</span>
              <input
                id={`prepare-minutes-${index}`}
                class="input"
                inputMode="numeric"
                maxLength={3}
                value={agenda[index]?.minutes ?? ''}
                onInput={(event) =>
                  set({ agenda: changed(agenda, index, { minutes: event.currentTarget.value }) })
                }
              />
            </label>
            <span aria-hidden="true">{words.minutes}</span>
            {agenda.length > 1 ? (
              <button
                type="button"
                class="button"
                aria-label={words.removeItem(index + 1)}
                onClick={() => set({ agenda: changed(agenda, index, null) })}
              >
                {words.remove}
              </button>
            ) : null}
          </div>
        </>
      )}
    </List>
  );
}

export function VenueLines({ draft, people, set }: PartProps) {
  const words = deskTexts();
  const { venues } = draft;
  return (
    <List
      id="venues"
      title={words.venues}
      count={venues.length}
      add={words.addVenue}
      onAdd={() => set({ venues: [...venues, { name: '', head: '' }].slice(0, VENUES_MAX) })}
    >
      {(index) => (
        <>
          <Line
            id={`venue-${index}`}
            label={words.venueName}
            value={venues[index]?.name ?? ''}
            max={40}
            onType={(name) => set({ venues: changed(venues, index, { name }) })}
          />
          <Pick
            id={`venue-head-${index}`}
            label={words.venueHead}
            value={venues[index]?.head ?? ''}
            of={people.map((one) => ({ id: one.person, name: one.name }))}
            onPick={(head) => set({ venues: changed(venues, index, { head }) })}
          />
          <button
            type="button"
            class="button"
            onClick={() => set({ venues: changed(venues, index, null) })}
          >
            {words.remove}
            <span class="hidden-text"> {venues[index]?.name}</span>
          </button>
        </>
      )}
    </List>
  );
}

export function ExemptedLines({ draft, people, set }: PartProps) {
  const words = deskTexts();
  const { exempted } = draft;
  return (
    <List
      id="exempted"
      title={words.exempted}
      hint={words.exemptedHint}
      count={exempted.length}
      add={words.addExempted}
      onAdd={() => set({ exempted: [...exempted, { person: '', reason: '' }] })}
    >
      {(index) => (
        <>
          <Pick
            id={`exempted-${index}`}
            label={words.exemptedPerson}
            value={exempted[index]?.person ?? ''}
            of={people.map((one) => ({ id: one.person, name: one.name }))}
            onPick={(person) => set({ exempted: changed(exempted, index, { person }) })}
          />
          <Line
            id={`ground-${index}`}
            label={words.exemptedReason}
            value={exempted[index]?.reason ?? ''}
            max={200}
            onType={(reason) => set({ exempted: changed(exempted, index, { reason }) })}
          />
          <button
            type="button"
            class="button"
            onClick={() => set({ exempted: changed(exempted, index, null) })}
          >
            {words.remove}
          </button>
        </>
      )}
    </List>
  );
}
