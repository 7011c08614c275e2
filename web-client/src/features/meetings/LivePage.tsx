/** `/meet/:id/live`: the meeting itself – lamp, item, vote and the chair's buttons above the call. */

import type { ReadonlySignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { Link } from 'wouter-preact';
import { urls } from '../../routes.ts';
import { Face } from '../../ui/Faces.tsx';
import { Faced } from '../../ui/Loaded.tsx';
import { Page } from '../../ui/Page.tsx';
import type { Meeting, PersonId } from '../../wire/types.ts';
import { attendance, type Followed, useMeeting } from './following.ts';
import { Lamp, LampLine } from './Lamp.tsx';
import { isLive } from './live.ts';
import css from './Meetings.module.css';
import { OnSite } from './OnSite.tsx';
import { RunPanel } from './RunPanel.tsx';
import { runTexts } from './run_texts.ts';
import { SignInCard } from './SignInCard.tsx';
import { texts } from './texts.ts';
import { VenueLists } from './VenueLists.tsx';
import { OnBehalf } from './VoteDesk.tsx';
import { OpenVote, openVote } from './Votes.tsx';

/** What the call of a meeting needs to know of it. */
interface CallOf {
  room: string;
  title: string;
  leads: boolean;
  /** Stands above the call. */
  above: ComponentChildren;
  /** Stands below it. */
  below: ComponentChildren;
}

interface Props {
  id: string;
  me: PersonId;
  /** Changes when the meeting's room told of something; `null` outside of it. */
  news: ReadonlySignal<number> | null;
  strip: ComponentChildren;
  call(of: CallOf): ComponentChildren;
}

export function LivePage({ id, me, news, strip, call }: Props) {
  const known = useMeeting(id, news);
  const { value: meeting } = known;
  const words = runTexts();
  const title = meeting ? texts().kinds[meeting.summary.kind] : words.live;
  const here = (meeting?.summary.mine?.place ?? 'away') !== 'away';
  if (meeting && here && isLive(meeting.summary.state)) {
    const leads = meeting.rights.includes('run') || meeting.recorder.person === me;
    const above = <Above meeting={meeting} known={known} />;
    const below = <Below meeting={meeting} me={me} known={known} />;
    return <>{call({ room: meeting.room, title: meeting.summary.title, leads, above, below })}</>;
  }
  return (
    <Page title={title} back={urls.meet(id)} strip={strip}>
      <Faced of={known} code="E-会议-400">
        {(one) =>
          isLive(one.summary.state) ? (
            <SignInCard meeting={one} put={known.put} />
          ) : (
            <Face icon="calendar" title={words.notLive} text={words.notLiveText}>
              <Link href={urls.meet(id)} class="button primary wide">
                {words.toNotice}
              </Link>
            </Face>
          )
        }
      </Faced>
    </Page>
  );
}

interface AboveProps {
  meeting: Meeting;
  me: PersonId;
  known: Followed;
}

function Above({ meeting, known }: Omit<AboveProps, 'me'>) {
  const words = runTexts();
  const { agenda, item, summary } = meeting;
  const current = agenda[(item ?? 0) - 1];
  const heard = attendance(summary.meeting);
  return (
    <div class="stack">
      <details class={css.top}>
        <summary>
          <LampLine of={meeting.lamp} known={known.known} />
          <span class={css.open}>{words.showAll}</span>
        </summary>
        <div class="stack">
          <Lamp of={meeting.lamp} known={known.known} />
          <OnSite meeting={meeting} put={known.put} />
        </div>
      </details>
      <p class="small" role="status">
        <span class={`${css.tag} ${css.good}`}>{texts().states[summary.state]}</span>{' '}
        {current && item ? words.nowItem(item, current.title) : null}
      </p>
      {heard === 'unheard' || heard === 'elsewhere' ? (
        <SignInCard meeting={meeting} put={known.put} />
      ) : null}
      <OpenVote meeting={meeting} />
    </div>
  );
}

/** The buttons of the chair and of the heads of venues. */
function Below({ meeting, me, known }: AboveProps) {
  const vote = openVote(meeting);
  return (
    <div class="stack">
      <RunPanel meeting={meeting} put={known.put} />
      {vote && !meeting.rights.includes('run') ? (
        <OnBehalf meeting={meeting} vote={vote} put={known.put} />
      ) : null}
      <VenueLists meeting={meeting} me={me} put={known.put} />
    </div>
  );
}
