/** `/desk/meet/:id`: check and send the notice, then run the meeting. */

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { urls } from '../../routes.ts';
import { Area, FormDialog } from '../../ui/FormDialog.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Faced, useLoaded } from '../../ui/Loaded.tsx';
import { Page } from '../../ui/Page.tsx';
import type { Meeting, PersonId } from '../../wire/types.ts';
import { About } from './About.tsx';
import { Agenda } from './Agenda.tsx';
import {
  cancelMeeting,
  changeMeeting,
  readDeskMeeting,
  readDeskMeetings,
  sendNotice,
} from './desk_api.ts';
import { deskTexts } from './desk_texts.ts';
import { useMeeting } from './following.ts';
import { Lamp } from './Lamp.tsx';
import { isLive } from './live.ts';
import { OnSite } from './OnSite.tsx';
import { PrepareForm } from './PrepareForm.tsx';
import { bodyOf, draftOf } from './prepare.ts';
import { RunPanel } from './RunPanel.tsx';
import { runTexts } from './run_texts.ts';
import { texts } from './texts.ts';
import { VenueLists } from './VenueLists.tsx';
import { VoteResults } from './Votes.tsx';

const REASON_CHARS_MAX = 200;

interface Props {
  id: string;
  me: PersonId;
  strip: ComponentChildren;
}

export function DeskMeetPage({ id, me, strip }: Props) {
  const known = useMeeting(id, null, readDeskMeeting);
  const [changing, setChanging] = useState(false);
  const { value, put } = known;
  const words = deskTexts();
  const title = changing ? words.changeTitle : value ? texts().kinds[value.summary.kind] : '';
  return (
    <Page
      title={title || words.meetings}
      {...(value ? { under: value.summary.organisation.name } : {})}
      back={urls.desk}
      strip={strip}
    >
      <Faced of={known} code="E-会议-700">
        {(meeting) =>
          changing ? (
            <Change
              meeting={meeting}
              onDone={(next) => {
                put(next);
                setChanging(false);
              }}
            />
          ) : (
            <div class="stack">
              <About meeting={meeting} />
              <Preparing meeting={meeting} put={put} onChange={() => setChanging(true)} />
              {isLive(meeting.summary.state) ? (
                <Lamp of={meeting.lamp} known={known.known} />
              ) : null}
              <RunPanel meeting={meeting} put={put} />
              <VenueLists meeting={meeting} me={me} put={put} />
              <Agenda meeting={meeting} />
              <VoteResults meeting={meeting} />
              <OnSite meeting={meeting} put={put} />
              <Ways meeting={meeting} />
            </div>
          )
        }
      </Faced>
    </Page>
  );
}

interface PartProps {
  meeting: Meeting;
  put(meeting: Meeting): void;
}

/** Before the meeting: whom it calls, who answered; notice and cancelling. */
function Preparing({ meeting, put, onChange }: PartProps & { onChange(): void }) {
  const [asking, setAsking] = useState<'notice' | 'cancel' | null>(null);
  const { rights, summary, lamp, roll } = meeting;
  const before = summary.state === 'draft' || summary.state === 'notified';
  if (!before && !rights.includes('cancel')) return null;
  const words = deskTexts();
  const close = () => setAsking(null);
  return (
    <section class="card stack no-print" aria-labelledby="preparing">
      <h2 id="preparing">{summary.state === 'draft' ? words.check : words.noticed}</h2>
      <p class="numbers">{words.expected(lamp.expected, lamp.needed ?? null)}</p>
      {lamp.no_formal ? <p>{texts().noFormal[lamp.no_formal]}</p> : null}
      {summary.state === 'notified' ? <Answers meeting={meeting} /> : null}
      {rights.includes('notify') ? (
        <button type="button" class="button primary wide" onClick={() => setAsking('notice')}>
          {words.send}
        </button>
      ) : null}
      {rights.includes('edit') ? (
        <button type="button" class="button wide" onClick={onChange}>
          {words.change}
        </button>
      ) : null}
      {rights.includes('cancel') ? (
        <button type="button" class="button wide" onClick={() => setAsking('cancel')}>
          {words.cancel}
        </button>
      ) : null}
      {asking === 'notice' ? (
        <FormDialog
          title={words.send}
          text={words.sendText(roll.length)}
          button={words.send}
          onGive={async (read) => {
            const reason = read('reason');
            put(await sendNotice(summary.meeting, reason ? { late_reason: reason } : {}));
          }}
          onDone={close}
          onClose={close}
        >
          <Area name="reason" label={words.lateReason} max={REASON_CHARS_MAX} optional />
        </FormDialog>
      ) : null}
      {asking === 'cancel' ? (
        <FormDialog
          title={words.cancel}
          text={words.cancelText}
          button={words.cancel}
          onGive={async (read) => put(await cancelMeeting(summary.meeting, read('reason')))}
          onDone={close}
          onClose={close}
        >
          <Area name="reason" label={words.reason} max={REASON_CHARS_MAX} />
        </FormDialog>
      ) : null}
    </section>
  );
}

function Answers({ meeting }: { meeting: Meeting }) {
  const words = deskTexts();
  const { roll } = meeting;
  const yes = roll.filter((line) => line.answer?.attends === true).length;
  const no = roll.filter((line) => line.answer?.attends === false).length;
  const delivered = roll.filter((line) => line.delivered_at).length;
  return (
    <p class="numbers">
      {words.answers(yes, no, roll.length - yes - no)}
      <br />
      {words.delivered(delivered)}
    </p>
  );
}

interface ChangeProps {
  meeting: Meeting;
  onDone(meeting: Meeting): void;
}

function Change({ meeting, onDone }: ChangeProps) {
  const known = useLoaded(readDeskMeetings, 'places');
  return (
    <Faced of={known} code="E-会议-701">
      {({ places }) => (
        <PrepareForm
          places={places}
          start={draftOf(meeting)}
          fixed
          onChange={() => {}}
          onGive={async (draft) =>
            onDone(await changeMeeting(meeting.summary.meeting, bodyOf(draft)))
          }
        />
      )}
    </Faced>
  );
}

function Ways({ meeting }: { meeting: Meeting }) {
  const words = deskTexts();
  const { rights, summary } = meeting;
  return (
    <nav class="card tight no-print" aria-label={words.meetings}>
      {summary.mine && summary.state !== 'draft' ? (
        <Link href={urls.meet(summary.meeting)} class="list-button">
          <Icon name="enter" />
          <span>{words.enter}</span>
          <Icon name="next" />
        </Link>
      ) : null}
      {rights.includes('read_minutes') ? (
        <Link href={urls.deskMinutes(summary.meeting)} class="list-button">
          <Icon name="book" />
          <span>{words.minutesWay}</span>
          <Icon name="next" />
        </Link>
      ) : null}
      <button type="button" class="list-button" onClick={() => print()}>
        <Icon name="copy" />
        <span>{runTexts().printRoll}</span>
      </button>
    </nav>
  );
}
