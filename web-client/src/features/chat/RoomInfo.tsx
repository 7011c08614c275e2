/** `/r/:room/info`: who is in the room. */

import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { t } from '../../i18n/texts.ts';
import { urls } from '../../routes.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { ErrorFace, Face, Loading } from '../../ui/Faces.tsx';
import { Page } from '../../ui/Page.tsx';
import type { PersonId, RoomId, RoomMember } from '../../wire/types.ts';
import css from './ChatScreen.module.css';
import type { Chat } from './chat.ts';
import { infoTexts } from './info_texts.ts';
import type { Room } from './room.ts';

interface Props {
  chat: Chat;
  id: RoomId;
  me: PersonId;
  strip: ComponentChildren;
}

export function RoomInfo({ chat, id, me, strip }: Props) {
  const room = useMemo(() => chat.visit(id), [chat, id]);
  const info = infoTexts();
  const { room: texts } = t();
  const summary = chat.list.value?.find((line) => line.room === id);
  const members = room.members.value;
  const title = room.log.title ?? summary?.title ?? t().info.title;
  const roleTitle = summary?.kind === 'party_group' ? texts.leader : texts.chair;
  const face = room.face.value;
  return (
    <Page title={title} under={t().info.title} back={urls.room(id)} strip={strip}>
      {face === 'denied' ? <Face icon="lock" title={texts.denied} text={texts.deniedHelp} /> : null}
      {face !== 'denied' && !members ? <Unknown room={room} /> : null}
      {members ? (
        <section class="card stack" aria-labelledby="members">
          <h2 id="members">{info.members(members.length)}</h2>
          <ul class={css.members}>
            {members.map((member) => (
              <MemberLine key={member.person} member={member} me={me} roleTitle={roleTitle} />
            ))}
          </ul>
        </section>
      ) : null}
    </Page>
  );
}

function Unknown({ room }: { room: Room }) {
  if (!room.membersFailed.value) return <Loading />;
  return <ErrorFace code="E-消息-300" onRetry={() => void room.readMembers()} />;
}

interface LineProps {
  member: RoomMember;
  me: PersonId;
  roleTitle: string;
}

function MemberLine({ member, me, roleTitle }: LineProps) {
  return (
    <li class={css.member}>
      <Avatar name={member.name} id={member.person} />
      <span>
        {member.name}
        {member.person === me ? <span class="quiet"> {infoTexts().you}</span> : null}
      </span>
      {member.role === 'leader' ? <span class={css.role}>{roleTitle}</span> : null}
    </li>
  );
}
