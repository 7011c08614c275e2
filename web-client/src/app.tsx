/** Which page stands at which address, for whom. */

import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { Redirect, Route, Switch, useLocation, useSearch } from 'wouter-preact';
import { StripBar } from './connection/StripBar.tsx';
import { dropFirst } from './features/accounts/first_form.ts';
import { EntryHead, SignInPage } from './features/accounts/SignInPage.tsx';
import { ChatScreen } from './features/chat/ChatScreen.tsx';
import { RoomPane } from './features/chat/RoomPane.tsx';
import type { ProseName } from './features/pages/prose.ts';
import { t } from './i18n/texts.ts';
import { wide } from './platform/screen.ts';
import { invitationIn, patterns, returnPath, urls } from './routes.ts';
import { type Signed, session, signed } from './state.ts';
import { Loading } from './ui/Faces.tsx';
import { Later } from './ui/Later.tsx';
import { Tabs } from './ui/Tabs.tsx';
import type { Document, Me } from './wire/types.ts';

const joining = () => import('./features/joining/JoinPage.tsx').then((part) => part.JoinPage);
const leaders = () => import('./leaders.tsx').then((part) => part.Leaders);
const callBar = () => import('./features/calls/CallBar.tsx').then((part) => part.CallBar);
const callPage = () => import('./calls.tsx').then((part) => part.CallPage);
const guestCall = () => import('./calls.tsx').then((part) => part.GuestPage);
const officers = () => import('./officers.tsx').then((part) => part.Officers);
const meetings = () => import('./meetings.tsx').then((part) => part.Meetings);
const consent = () =>
  import('./features/accounts/ConsentPage.tsx').then((part) => part.ConsentPage);
const mine = () => import('./features/accounts/MePage.tsx').then((part) => part.MePage);
const info = () => import('./features/chat/RoomInfo.tsx').then((part) => part.RoomInfo);
const home = () => import('./features/pages/HomePage.tsx').then((part) => part.HomePage);
const nowhere = () => import('./features/pages/NotFoundPage.tsx').then((part) => part.NotFoundPage);
const prose = () => import('./features/pages/ProsePage.tsx').then((part) => part.ProsePage);

export function App() {
  return (
    <>
      <a class="skip" href="#content">
        {t().common.skip}
      </a>
      <Switch>
        <Route path={patterns.home}>
          <Home />
        </Route>
        <Route path={patterns.signIn}>
          <SignIn />
        </Route>
        <Route path={patterns.join}>{({ code }) => <Join code={code} />}</Route>
        <Route path={patterns.help}>{framed(prosePage('help'))}</Route>
        <Route path={patterns.privacy}>{framed(prosePage('privacy'))}</Route>
        <Route path={patterns.rules}>{framed(prosePage('rules'))}</Route>
        <Route path={patterns.inbox}>
          <Members>{(who) => <Chats who={who} room={null} />}</Members>
        </Route>
        <Route path={patterns.room}>
          {({ room }) => <Members>{(who) => <Chats who={who} room={room} />}</Members>}
        </Route>
        <Route path={patterns.roomPage}>
          {({ room, page }) => (
            <Members>{(who) => <Behind who={who} room={room} page={page} />}</Members>
          )}
        </Route>
        {[patterns.meetings, patterns.meet].map((path) => (
          <Route key={path} path={path}>
            <Members>
              {(who) => <Later load={meetings} props={{ who, talk, strip: <Bar who={who} /> }} />}
            </Members>
          </Route>
        ))}
        <Route path={patterns.guestCall}>
          {({ link }) => (
            <Members>
              {(who) => {
                const props = { link, me: who.me.person, strip: <Bar who={who} /> };
                return <Later key={link} load={guestCall} props={props} />;
              }}
            </Members>
          )}
        </Route>
        {[patterns.desk, patterns.admin].map((path) => (
          <Route key={path} path={path}>
            <Members>
              {(who) => <Later load={officers} props={{ who, strip: <Bar who={who} /> }} />}
            </Members>
          </Route>
        ))}
        <Route path={patterns.me}>
          <Members>{(who) => <Mine who={who} />}</Members>
        </Route>
        <Route>{framed(<Later load={nowhere} props={{}} />)}</Route>
      </Switch>
    </>
  );
}

function prosePage(name: ProseName) {
  return <Later key={name} load={prose} props={{ name }} />;
}

function framed(page: ComponentChildren) {
  return (
    <Plain>
      <div class="shell">{page}</div>
    </Plain>
  );
}

/** A page that is not sign-in: the standing form goes. */
function Plain({ children }: { children: ComponentChildren }) {
  useEffect(dropFirst, []);
  return <>{children}</>;
}

function Home() {
  if (session.state.value.at === 'in') return <Redirect to={urls.inbox} replace />;
  return (
    <Plain>
      <Later load={home} props={{ head: <EntryHead /> }} />
    </Plain>
  );
}

function SignIn() {
  const [, go] = useLocation();
  const to = returnPath(useSearch());
  const state = session.state.value;
  if (state.at === 'in') return <Redirect to={to} replace />;
  return (
    <SignInPage
      ended={state.at === 'out' ? state.ended : null}
      invitation={invitationIn(to)}
      onSignedIn={(me) => {
        session.signedIn(me);
        go(to, { replace: true });
      }}
    />
  );
}

function Join({ code }: { code: string }) {
  const state = session.state.value;
  const props = {
    code,
    me: state.at === 'in' ? state.me : null,
    head: <EntryHead />,
    onJoined: () => void signed.peek()?.chat.refresh(),
  };
  return (
    <Plain>
      {state.at === 'checking' ? <Loading /> : <Later key={code} load={joining} props={props} />}
    </Plain>
  );
}

/** Pages for members: signed out, the way leads over sign-in and back. */
function Members({ children }: { children: (who: Signed) => ComponentChildren }) {
  const [path] = useLocation();
  const state = session.state.value;
  const who = signed.value;
  if (state.at === 'out') return <Redirect to={urls.signInFor(path)} replace />;
  if (state.at === 'checking' || !who) {
    return (
      <Plain>
        <div class="shell">
          <main>
            <Loading />
          </main>
        </div>
      </Plain>
    );
  }
  if (state.at === 'in' && state.sure && state.me.consents_due?.length) {
    return <Consenting me={state.me} due={state.me.consents_due} />;
  }
  // In a room on a phone the composer stands where the tabs would be.
  const tabs = wide.value || !path.startsWith('/r/');
  const unread = (who.chat.list.value ?? []).reduce((sum, room) => sum + room.unread, 0);
  return (
    <Plain>
      <div class={tabs ? 'shell with-tabs' : 'shell'}>
        <div class={tabs ? undefined : 'narrow-hidden'}>
          <Tabs
            unread={unread}
            meetings={who.me.home != null || (who.me.places ?? []).length > 0}
            desk={who.me.has_desk === true}
          />
        </div>
        {children(who)}
      </div>
    </Plain>
  );
}

function Consenting({ me, due }: { me: Me; due: readonly Document[] }) {
  const props = {
    due,
    head: <EntryHead />,
    onAgreed: () => session.signedIn({ ...me, consents_due: [] }),
    onSignOut: () => void session.signOut(),
  };
  return (
    <Plain>
      <Later load={consent} props={props} />
    </Plain>
  );
}

function Chats({ who, room }: { who: Signed; room: string | null }) {
  const { chat, stores, me } = who;
  return (
    <ChatScreen
      chat={chat}
      stores={stores}
      me={me.person}
      room={room}
      strip={<Bar who={who} />}
      calling={(id, news) => {
        const href = isMeeting(who, id) ? urls.meetLive(id) : urls.roomCall(id);
        return <Later quiet load={callBar} props={{ id, href, me: me.person, news }} />;
      }}
    />
  );
}

/** The pages behind a room: of who leads it, or the list of its members. */
function Behind({ who, room, page }: { who: Signed; room: string; page: string }) {
  const strip = <Bar who={who} />;
  const me = who.me.person;
  const line = who.chat.list.value?.find((one) => one.room === room);
  if (page === 'call' && line?.kind === 'meeting') {
    return <Redirect to={urls.meetLive(room)} replace />;
  }
  if (page === 'call' && line) {
    const { socket } = who;
    const props = {
      id: room,
      me,
      title: line.title,
      leads: line.role === 'leader',
      strip,
      socket,
      talk: talk(who, room),
    };
    return <Later key={`call ${room}`} load={callPage} props={props} />;
  }
  if (line?.role === 'leader') {
    const { title, kind } = line;
    const props = { id: room, me, title, group: kind === 'party_group', page, strip };
    return <Later key={`lead ${room}`} load={leaders} props={props} />;
  }
  if (page !== 'info') {
    return who.chat.list.value ? <Later key="nowhere" load={nowhere} props={{}} /> : <Loading />;
  }
  return <Later key={room} load={info} props={{ chat: who.chat, id: room, me, strip }} />;
}

function isMeeting({ chat }: Signed, id: string): boolean {
  return chat.list.value?.some((one) => one.room === id && one.kind === 'meeting') === true;
}

/** On a wide screen: the talk of a room, to stand beside its call. */
function talk({ chat, stores, me }: Signed, id: string): ComponentChildren {
  const props = { chat, stores, me: me.person, id, strip: null, calling: () => null };
  return wide.value ? <RoomPane {...props} beside /> : null;
}

function Mine({ who }: { who: Signed }) {
  const props = {
    me: who.me,
    socket: who.socket,
    waiting: waiting(who),
    strip: <Bar who={who} />,
    onSignOut: () => void session.signOut(),
  };
  return <Later load={mine} props={props} />;
}

function Bar({ who }: { who: Signed }) {
  return (
    <StripBar
      strip={who.connection.strip.value}
      waiting={waiting(who)}
      onReconnect={() => who.socket.retry()}
    />
  );
}

function waiting({ chat }: Signed): number {
  return chat.outbox.entries.value.filter((entry) => entry.state !== 'sent').length;
}
