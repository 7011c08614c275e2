/** `/meet/:id`: the notice, the own answer, the sign-in, and what comes of the meeting. */

import type { ComponentChildren } from 'preact';
import { Link } from 'wouter-preact';
import { urls } from '../../routes.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Faced } from '../../ui/Loaded.tsx';
import { Page } from '../../ui/Page.tsx';
import type { Meeting } from '../../wire/types.ts';
import { About } from './About.tsx';
import { Agenda } from './Agenda.tsx';
import { AnswerCard } from './AnswerCard.tsx';
import { type Followed, useMeeting } from './following.ts';
import { Lamp } from './Lamp.tsx';
import { isLive } from './live.ts';
import css from './Meetings.module.css';
import { memberTexts } from './member_texts.ts';
import { SignInCard } from './SignInCard.tsx';
import { texts } from './texts.ts';
import { OpenVote, VoteResults } from './Votes.tsx';

interface Props {
  id: string;
  /** The person keeps a desk. */
  desk: boolean;
  strip: ComponentChildren;
}

export function MeetPage({ id, desk, strip }: Props) {
  const known = useMeeting(id);
  const words = texts();
  const { value } = known;
  return (
    <Page
      title={value ? words.kinds[value.summary.kind] : memberTexts().title}
      {...(value ? { under: value.summary.organisation.name } : {})}
      back={urls.meetings}
      strip={strip}
    >
      <Faced of={known} code="E-会议-200">
        {(meeting) => (
          <div class="stack">
            <About meeting={meeting} />
            <Now meeting={meeting} known={known} />
            <Agenda meeting={meeting} />
            <VoteResults meeting={meeting} />
            <Ways meeting={meeting} desk={desk} />
          </div>
        )}
      </Faced>
    </Page>
  );
}

/** What is to be done at this moment. */
function Now({ meeting, known }: { meeting: Meeting; known: Followed }) {
  const { rights, summary } = meeting;
  const live = isLive(summary.state);
  return (
    <>
      <OpenVote meeting={meeting} />
      {live ? <SignInCard meeting={meeting} put={known.put} /> : null}
      {rights.includes('answer') ? <AnswerCard meeting={meeting} put={known.put} /> : null}
      {live ? <Lamp of={meeting.lamp} known={known.known} /> : null}
    </>
  );
}

/** Where one can go from here. */
function Ways({ meeting, desk }: { meeting: Meeting; desk: boolean }) {
  const words = memberTexts();
  const { meeting: id, state } = meeting.summary;
  const coming = state === 'notified' || isLive(state);
  return (
    <nav class="card tight no-print" aria-label={words.about}>
      {coming ? (
        <>
          <Link href={urls.meetCheck(id)} class="list-button">
            <Icon name="phone" />
            <span>{words.check}</span>
            <Icon name="next" />
          </Link>
          <a href={`/api/meetings/${encodeURIComponent(id)}/calendar.ics`} class="list-button">
            <Icon name="calendar" />
            <span>{words.calendar}</span>
            <Icon name="next" />
          </a>
        </>
      ) : null}
      {meeting.rights.includes('read_minutes') ? (
        <Link href={urls.meetMinutes(id)} class="list-button">
          <Icon name="book" />
          <span>{words.minutes}</span>
          <Icon name="next" />
        </Link>
      ) : null}
      {desk ? (
        <Link href={urls.deskMeet(id)} class="list-button">
          <Icon name="desk" />
          <span>{words.desk}</span>
          <Icon name="next" />
        </Link>
      ) : null}
      <button type="button" class={`list-button ${css.print}`} onClick={() => print()}>
        <Icon name="copy" />
        <span>{words.printNotice}</span>
      </button>
    </nav>
  );
}
