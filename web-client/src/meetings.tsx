/** The pages of meetings for members, loaded with the first of them. */

import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { Route, Switch } from 'wouter-preact';
import { LivePage } from './features/meetings/LivePage.tsx';
import { MeetingsPage } from './features/meetings/MeetingsPage.tsx';
import { MeetPage } from './features/meetings/MeetPage.tsx';
import { MinutesPage } from './features/meetings/MinutesPage.tsx';
import { memberTexts } from './features/meetings/member_texts.ts';
import { VotePage } from './features/meetings/VotePage.tsx';
import { NotFoundPage } from './features/pages/NotFoundPage.tsx';
import { again } from './proving.tsx';
import { patterns, urls } from './routes.ts';
import type { Signed } from './state.ts';
import { Later } from './ui/Later.tsx';

const callPage = () => import('./calls.tsx').then((part) => part.CallPage);
const checkPage = () => import('./calls.tsx').then((part) => part.CheckPage);

interface Props {
  who: Signed;
  /** The talk of a room, to stand beside its call. */
  talk(who: Signed, room: string): ComponentChildren;
  strip: ComponentChildren;
}

export function Meetings({ who, talk, strip }: Props) {
  return (
    <Switch>
      <Route path={urls.meetings}>
        <MeetingsPage strip={strip} />
      </Route>
      <Route path={patterns.meeting}>
        {({ id }) => <MeetPage key={id} id={id} desk={who.me.has_desk === true} strip={strip} />}
      </Route>
      <Route path={patterns.meetingCheck}>{({ id }) => <Check id={id} strip={strip} />}</Route>
      <Route path={patterns.meetingLive}>
        {({ id }) => <Live key={id} id={id} who={who} talk={talk} strip={strip} />}
      </Route>
      <Route path={patterns.meetingMinutes}>
        {({ id }) => (
          <MinutesPage
            key={id}
            id={id}
            back={urls.meet(id)}
            drafts={who.stores.drafts}
            again={again}
            strip={strip}
          />
        )}
      </Route>
      <Route path={patterns.meetingVote}>
        {({ id, vote }) => <VotePage key={`${id} ${vote}`} id={id} vote={vote} strip={strip} />}
      </Route>
      <Route>
        <NotFoundPage />
      </Route>
    </Switch>
  );
}

function Check({ id, strip }: { id: string; strip: ComponentChildren }) {
  const { checkTitle, checkHelp, checkDone } = memberTexts();
  const said = { title: checkTitle, help: checkHelp, enter: checkDone };
  return <Later load={checkPage} props={{ said, back: urls.meet(id), strip }} />;
}

function Live({ id, who, talk, strip }: Props & { id: string }) {
  const { chat, socket, me } = who;
  // Its room is open to those who signed in.
  const inside = chat.list.value?.some((line) => line.room === id) === true;
  const room = useMemo(() => (inside ? chat.visit(id) : null), [chat, id, inside]);
  const words = memberTexts();
  const { enterTitle, enterHelp, enter, toNotice } = words;
  return (
    <LivePage
      id={id}
      me={me.person}
      news={room?.news ?? null}
      strip={strip}
      call={({ room, title, leads, above, below }) => (
        <Later
          load={callPage}
          props={{
            id: room,
            title,
            me: me.person,
            leads,
            socket,
            talk: talk(who, room),
            strip,
            meeting: {
              heading: words.title,
              back: urls.meet(id),
              toBack: toNotice,
              said: { title: enterTitle, help: enterHelp, enter },
              above,
              below,
            },
          }}
        />
      )}
    />
  );
}
