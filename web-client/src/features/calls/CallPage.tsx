/** `/r/:room/call` and `/call/:link`: before the call, in it, after it. */

import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { sentence } from '../../i18n/sentence.ts';
import { urls } from '../../routes.ts';
import { Face } from '../../ui/Faces.tsx';
import { Page } from '../../ui/Page.tsx';
import type { ChatSocket } from '../../wire/chat_socket.ts';
import type { PersonId, RoomId } from '../../wire/types.ts';
import { active, forget } from './active.ts';
import css from './Calls.module.css';
import type { Call, CallStage } from './call.ts';
import { enter, enterByLink } from './enter.ts';
import { InCall, type Place } from './InCall.tsx';
import { Ready } from './Ready.tsx';
import { texts } from './texts.ts';

/** What is different in the call of a meeting: it ends with the meeting. */
interface MeetingCall {
  heading: string;
  back: string;
  toBack: string;
  said: { title: string; help: string; enter: string };
  above: ComponentChildren;
  below: ComponentChildren;
}

interface Props {
  id: RoomId;
  title: string;
  me: PersonId;
  /** The caller gives the floor, and may end a group's call for everybody. */
  leads: boolean;
  /** Of the call of a meeting. */
  meeting?: MeetingCall;
  socket: ChatSocket;
  /** The room's talk, to stand beside the call. */
  talk: ComponentChildren;
  strip: ComponentChildren;
}

export function CallPage(props: Props) {
  const { id, title, strip, talk, meeting } = props;
  const call = useCall(id);
  const way = meeting
    ? { href: meeting.back, label: meeting.toBack }
    : { href: urls.room(id), label: texts().toChat };
  const place = { ...props, meeting: meeting !== undefined };
  return (
    <div class={css.beside}>
      <Page title={meeting?.heading ?? texts().title} under={title} back={way.href} strip={strip}>
        <div class="stack">
          {meeting?.above}
          {call ? (
            <Entered call={call} me={props.me} place={place} way={way} />
          ) : (
            <Ready
              onEnter={(wanted) => enter(id, wanted)}
              {...(meeting ? { said: meeting.said } : {})}
            />
          )}
          {meeting?.below}
        </div>
      </Page>
      {talk ? <div class={css.talk}>{talk}</div> : null}
    </div>
  );
}

/** The call under this name, while the person is in it or before its door. */
function useCall(id: string): Call | null {
  // What is over was read on this page; the next visit begins anew.
  useEffect(
    () => () => {
      const at = active.peek()?.stage.peek().at;
      if (at === 'over' || at === 'refused') forget();
    },
    [],
  );
  return active.value?.room === id ? active.value : null;
}

interface GuestProps {
  link: string;
  me: PersonId;
  strip: ComponentChildren;
}

/** `/call/:link`: for guests of a room's call. */
export function GuestPage({ link, me, strip }: GuestProps) {
  const call = useCall(link);
  const words = texts();
  return (
    <Page title={words.title} under={words.guest} back={urls.inbox} strip={strip}>
      {call ? (
        <Entered
          call={call}
          me={me}
          place={null}
          way={{ href: urls.inbox, label: words.toInbox }}
        />
      ) : (
        <Ready onEnter={(wanted) => enterByLink(link, wanted)} />
      )}
    </Page>
  );
}

interface EnteredProps {
  call: Call;
  me: PersonId;
  place: Place | null;
  way: Way;
}

/** Where one goes when the call is over. */
interface Way {
  href: string;
  label: string;
}

function Entered({ call, me, place, way }: EnteredProps) {
  const stage = call.stage.value;
  if (stage.at === 'over' || stage.at === 'refused') return <Over stage={stage} way={way} />;
  if (stage.at === 'waiting') return <Waiting call={call} />;
  return <InCall call={call} stage={stage} me={me} place={place} />;
}

/** Before the door: a leader was asked. */
function Waiting({ call }: { call: Call }) {
  const words = texts();
  return (
    <div role="status" data-stage="waiting">
      <Face icon="phone" title={words.stages.waiting} text={words.stages.waitingHelp}>
        <button type="button" class="button wide" onClick={() => void call.leave()}>
          {words.leave}
        </button>
      </Face>
    </div>
  );
}

type Ended = Extract<CallStage, { at: 'over' | 'refused' }>;

function Over({ stage, way }: { stage: Ended; way: Way }) {
  const words = texts();
  const title = stage.at === 'over' ? words.over[stage.why] : sentence(stage.failure);
  return (
    <Face icon="phone" title={title}>
      <button type="button" class="button primary wide" onClick={forget}>
        {words.again}
      </button>
      <Link href={way.href} class="button wide">
        {way.label}
      </Link>
    </Face>
  );
}
