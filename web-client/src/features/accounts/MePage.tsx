/** 我的: who I am, how things look, help, sign-out. */

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { t } from '../../i18n/texts.ts';
import { urls } from '../../routes.ts';
import { changeLook, LANGUAGES, look, SIZES, THEMES } from '../../settings/look.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Choices } from '../../ui/Choices.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/Faces.tsx';
import { Icon, type IconName } from '../../ui/Icon.tsx';
import { Page } from '../../ui/Page.tsx';
import type { ChatSocket } from '../../wire/chat_socket.ts';
import type { Me } from '../../wire/types.ts';
import { DevicesCard } from './DevicesCard.tsx';
import { meTexts } from './me_texts.ts';
import { PasswordCard } from './PasswordCard.tsx';
import { PresenceCard } from './PresenceCard.tsx';

interface Props {
  me: Me;
  socket: ChatSocket;
  /** Messages that would be lost by signing out. */
  waiting: number;
  strip: ComponentChildren;
  onSignOut(): void;
}

export function MePage({ me: person, socket, waiting, strip, onSignOut }: Props) {
  const [asking, setAsking] = useState(false);
  const me = meTexts();
  const { pages } = t();
  return (
    <Page title={t().me.title} strip={strip}>
      <div class="stack">
        <section class="card identity" aria-label={me.identity}>
          <Avatar name={person.name} id={person.person} large />
          <div>
            <p class="identity-name">{person.name}</p>
            <p class="quiet numbers">
              {me.phone} {person.phone_masked}
            </p>
          </div>
        </section>
        <LookCard />
        <PresenceCard socket={socket} />
        <DevicesCard />
        <PasswordCard />
        <nav class="card tight" aria-label={me.about}>
          <Row href={urls.help} icon="help" label={pages.help} />
          <Row href={urls.privacy} icon="shield" label={pages.privacy} />
          <Row href={urls.rules} icon="book" label={pages.rules} />
        </nav>
        <button type="button" class="button wide" onClick={() => setAsking(true)}>
          {me.signOut}
        </button>
      </div>
      {asking ? (
        <SignOutDialog waiting={waiting} onClose={() => setAsking(false)} onSignOut={onSignOut} />
      ) : null}
    </Page>
  );
}

function LookCard() {
  const me = { ...t().me, ...meTexts() };
  const { size, theme, language } = look.value;
  return (
    <section class="card stack-wide" aria-labelledby="look">
      <h2 id="look">{me.look}</h2>
      <Choices
        label={me.size}
        values={SIZES}
        names={me.sizes}
        value={size}
        onChange={(next) => changeLook({ size: next })}
      />
      <Choices
        label={me.theme}
        values={THEMES}
        names={me.themes}
        value={theme}
        onChange={(next) => changeLook({ theme: next })}
      />
      <Choices
        label={me.language}
        values={LANGUAGES}
        names={me.languages}
        value={language}
        onChange={(next) => changeLook({ language: next })}
      />
    </section>
  );
}

function Row({ href, icon, label }: { href: string; icon: IconName; label: string }) {
  return (
    <Link href={href} class="list-button">
      <Icon name={icon} />
      <span>{label}</span>
      <Icon name="next" />
    </Link>
  );
}

interface SignOutProps {
  waiting: number;
  onClose(): void;
  onSignOut(): void;
}

function SignOutDialog({ waiting, onClose, onSignOut }: SignOutProps) {
  const me = meTexts();
  const { common } = t();
  return (
    <Dialog title={me.signOutTitle} onClose={onClose}>
      <div class="stack">
        {waiting > 0 ? <Notice warn>{me.signOutWaiting(waiting)}</Notice> : null}
        <p>{me.signOutText}</p>
        <button type="button" class="button primary wide" onClick={onSignOut}>
          {me.signOut}
        </button>
        <button type="button" class="button wide" onClick={onClose}>
          {common.cancel}
        </button>
      </div>
    </Dialog>
  );
}
