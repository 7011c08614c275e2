/** `/` for somebody who is not signed in: the doors. */

import type { ComponentChildren } from 'preact';
import { Link } from 'wouter-preact';
import { t } from '../../i18n/texts.ts';
import { urls } from '../../routes.ts';
import { Door } from '../../ui/Door.tsx';
import { useTitle } from '../../ui/Page.tsx';

interface Props {
  /** Name of the product and the switch for larger text. */
  head: ComponentChildren;
}

export function HomePage({ head }: Props) {
  const { home } = t();
  useTitle(home.title);
  return (
    <main class="entry" id="content">
      {head}
      <div class="body">
        <h1 class="hidden-text">{home.title}</h1>
        <nav class="stack" aria-label={home.doors}>
          <Door to={urls.signIn} icon="enter" title={home.member} hint={home.memberHint} first />
          <Door to={urls.help} icon="help" title={home.help} hint={home.helpHint} />
        </nav>
        <p class="entry-foot small">
          <Link href={urls.privacy}>{home.privacy}</Link> ·{' '}
          <Link href={urls.rules}>{home.rules}</Link>
        </p>
      </div>
    </main>
  );
}
