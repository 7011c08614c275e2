/** Which page stands at which address, for whom. */

import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { Redirect, Route, Switch, useLocation, useSearch } from 'wouter-preact';
import { StripBar } from './connection/StripBar.tsx';
import { dropFirst } from './features/accounts/first_form.ts';
import { EntryHead, SignInPage } from './features/accounts/SignInPage.tsx';
import { ChatScreen } from './features/chat/ChatScreen.tsx';
import { HomePage } from './features/pages/HomePage.tsx';
import { NotFoundPage } from './features/pages/NotFoundPage.tsx';
import type { ProseName } from './features/pages/prose.ts';
import { t } from './i18n/texts.ts';
import { wide } from './platform/screen.ts';
import { invitationIn, patterns, returnPath, urls } from './routes.ts';
import { type Signed, session, signed } from './state.ts';
import { Loading } from './ui/Faces.tsx';
import { Later } from './ui/Later.tsx';
import { Tabs } from './ui/Tabs.tsx';
import type { Document, Me } from './wire/types.ts';

const officers = () => import('./officers.tsx').then((part) => part.Officers);
const consent = () =>
  import('./features/accounts/ConsentPage.tsx').then((part) => part.ConsentPage);
const mine = () => import('./features/accounts/MePage.tsx').then((part) => part.MePage);
const info = () => import('./features/chat/RoomInfo.tsx').then((part) => part.RoomInfo);
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
        <Route path={patterns.help}>{framed(prosePage('help'))}</Route>
        <Route path={patterns.privacy}>{framed(prosePage('privacy'))}</Route>
        <Route path={patterns.rules}>{framed(prosePage('rules'))}</Route>
        <Route path={patterns.inbox}>
          <Members>{(who) => <Chats who={who} room={null} />}</Members>
        </Route>
        <Route path={patterns.room}>
          {({ room }) => <Members>{(who) => <Chats who={who} room={room} />}</Members>}
        </Route>
        <Route path={patterns.roomInfo}>
          {({ room }) => <Members>{(who) => <Info who={who} room={room} />}</Members>}
        </Route>
        {[patterns.desk, patterns.admin].map((path) => (
          <Route key={path} path={path}>
            <Members>
              {(who) => <Later load={officers} props={{ strip: <Bar who={who} /> }} />}
            </Members>
          </Route>
        ))}
        <Route path={patterns.me}>
          <Members>{(who) => <Mine who={who} />}</Members>
        </Route>
        <Route>{framed(<NotFoundPage />)}</Route>
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
      <HomePage head={<EntryHead />} />
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
          <Tabs unread={unread} desk={who.me.has_desk === true} />
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
    <ChatScreen chat={chat} stores={stores} me={me.person} room={room} strip={<Bar who={who} />} />
  );
}

function Info({ who, room }: { who: Signed; room: string }) {
  const props = { chat: who.chat, id: room, me: who.me.person, strip: <Bar who={who} /> };
  return <Later load={info} props={props} />;
}

function Mine({ who }: { who: Signed }) {
  const props = {
    me: who.me,
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
