/** The head of a venue says who is there. */

import { useState } from 'preact/hooks';
import { Refused, useAction } from '../../ui/Loaded.tsx';
import type { Meeting, PersonId, Venue } from '../../wire/types.ts';
import { handInVenue } from './api.ts';
import css from './Meetings.module.css';
import { runTexts } from './run_texts.ts';
import { when } from './texts.ts';

interface Props {
  meeting: Meeting;
  me: PersonId;
  put(meeting: Meeting): void;
}

export function VenueLists({ meeting, me, put }: Props) {
  if (!meeting.rights.includes('hand_in_venue')) return null;
  return (
    <>
      {meeting.venues.map((venue, index) =>
        venue.head.person === me ? (
          <VenueList
            key={venue.name}
            meeting={meeting}
            number={index + 1}
            venue={venue}
            put={put}
          />
        ) : null,
      )}
    </>
  );
}

interface ListProps {
  meeting: Meeting;
  /** From 1. */
  number: number;
  venue: Venue;
  put(meeting: Meeting): void;
}

function VenueList({ meeting, number, venue, put }: ListProps) {
  const here = meeting.roll.filter((line) => line.venue === number).map((line) => line.person);
  const [ticked, setTicked] = useState<ReadonlySet<PersonId>>(new Set(here));
  const action = useAction();
  const words = runTexts();
  const offered = meeting.roll.filter((line) => line.place === 'away' || line.venue === number);
  const tick = (person: PersonId, on: boolean) => {
    const next = new Set(ticked);
    if (on) next.add(person);
    else next.delete(person);
    setTicked(next);
  };
  const people = offered.filter((line) => ticked.has(line.person)).map((line) => line.person);
  return (
    <form
      class="card stack no-print"
      onSubmit={(event) => {
        event.preventDefault();
        void action.run(async () =>
          put(await handInVenue(meeting.summary.meeting, number, people)),
        );
      }}
    >
      <h2>{words.venueList(venue.name)}</h2>
      <p>{words.venueHelp}</p>
      <ul>
        {offered.map(({ person, name }) => (
          <li key={person}>
            <label class={css.tick}>
              <input
                type="checkbox"
                checked={ticked.has(person)}
                onChange={(event) => tick(person, event.currentTarget.checked)}
              />
              <span>{name}</span>
            </label>
          </li>
        ))}
      </ul>
      <p role="status" class="numbers">
        {words.venueCount(people.length)}
        {venue.signed_at
          ? ` · ${words.handedIn(when(Date.parse(venue.signed_at), Date.now()))}`
          : ''}
      </p>
      <Refused action={action} />
      <button type="submit" class="button primary wide" disabled={action.busy}>
        {words.handIn}
      </button>
    </form>
  );
}
