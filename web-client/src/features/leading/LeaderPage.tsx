/** `/r/:room/info` for a leader: the roster, and the ways to look after it. */

import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { urls } from '../../routes.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { Notice } from '../../ui/Faces.tsx';
import { Icon, type IconName } from '../../ui/Icon.tsx';
import { Faced, useLoaded } from '../../ui/Loaded.tsx';
import { Page } from '../../ui/Page.tsx';
import type { PersonId, RoomInfo, RosterLine } from '../../wire/types.ts';
import { readRoom, removeMember } from './api.ts';
import css from './Leading.module.css';
import type { LeadingProps } from './props.ts';
import { ReasonDialog } from './ReasonDialog.tsx';
import { texts } from './texts.ts';

export function LeaderPage({ id, me, strip }: LeadingProps) {
  const info = useLoaded(() => readRoom(id), id);
  const [leaving, setLeaving] = useState<RosterLine | null>(null);
  const words = texts();
  return (
    <Page
      title={info.value?.organisation.name ?? words.title}
      under={info.value?.of ?? words.title}
      back={urls.room(id)}
      strip={strip}
    >
      <Faced of={info} code="E-成员-100">
        {(room) => (
          <div class="stack">
            {room.warnings?.map((one) => (
              <Notice key={one} warn>
                {words.warnings[one]}
              </Notice>
            ))}
            {room.leads ? <Duties room={room} /> : null}
            <Roster room={room} me={me} onRemove={setLeaving} />
          </div>
        )}
      </Faced>
      {leaving ? (
        <ReasonDialog
          title={words.removeOf(leaving.name)}
          text={words.removeText}
          button={words.remove}
          onClose={() => setLeaving(null)}
          onGive={(reason) => removeMember(id, leaving.person, reason)}
          onDone={() => {
            setLeaving(null);
            info.reload();
          }}
        />
      ) : null}
    </Page>
  );
}

function Duties({ room }: { room: RoomInfo }) {
  const words = texts();
  const { room: id, joins_waiting } = room;
  return (
    <nav class="card tight" aria-label={words.manage}>
      <Duty href={urls.roomInvite(id)} icon="invite" label={words.invite} />
      <Duty href={urls.roomJoins(id)} icon="enter" label={words.joins} count={joins_waiting} />
      <Duty href={urls.roomAdd(id)} icon="people" label={words.add} />
      <Duty href={urls.roomParticipation(id)} icon="chart" label={words.participation} />
    </nav>
  );
}

interface DutyProps {
  href: string;
  icon: IconName;
  label: string;
  count?: number;
}

function Duty({ href, icon, label, count = 0 }: DutyProps) {
  return (
    <Link href={href} class="list-button">
      <Icon name={icon} />
      <span>{label}</span>
      <Badge count={count} />
      <Icon name="next" />
    </Link>
  );
}

interface RosterProps {
  room: RoomInfo;
  me: PersonId;
  onRemove(line: RosterLine): void;
}

function Roster({ room, me, onRemove }: RosterProps) {
  const words = texts();
  return (
    <section class="card stack" aria-labelledby="members">
      <h2 id="members">{words.members(room.members.length)}</h2>
      <ul class={css.lines}>
        {room.members.map((line) => (
          <li key={line.person} class={css.line}>
            <Avatar name={line.name} id={line.person} />
            <Who line={line} me={me} />
            {room.leads && line.person !== me ? (
              <button type="button" class="button" onClick={() => onRemove(line)}>
                {words.remove}
                <span class="hidden-text"> {line.name}</span>
              </button>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Who({ line, me }: { line: RosterLine; me: PersonId }) {
  const words = texts();
  const under = [
    ...line.posts.map((post) => words.posts[post]),
    ...(line.state === 'home' ? [] : [words.states[line.state]]),
    ...(line.home ? [words.home(line.home)] : []),
    ...(line.votes ? [] : [words.noVote]),
  ];
  return (
    <p class={css.who}>
      <strong>
        {line.name}
        {line.person === me ? <span class="quiet"> {words.you}</span> : null}
      </strong>
      {under.length > 0 ? <span class="small quiet">{under.join(' · ')}</span> : null}
    </p>
  );
}
