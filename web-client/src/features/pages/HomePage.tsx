/** `/` for somebody who is not signed in: the doors. */

import type { ComponentChildren } from 'preact';
import { urls } from '../../routes.ts';
import { Door } from '../../ui/Door.tsx';
import { EntryFoot } from '../../ui/EntryFoot.tsx';
import { useTitle } from '../../ui/Page.tsx';
import { homeTexts } from './home_texts.ts';

interface Props {
  /** Name of the product and the switch for larger text. */
  head: ComponentChildren;
}

export function HomePage({ head }: Props) {
  const home = homeTexts();
  useTitle(home.title);
  return (
    <main class="entry" id="content">
      {head}
      <div class="body">
        <h1 class="hidden-text">{home.title}</h1>
        <nav class="stack" aria-label={home.doors}>
          <Door to={urls.signIn} icon="enter" title={home.member} hint={home.memberHint} first />
          <Door to={urls.board} icon="board" title={home.board} hint={home.boardHint} byHub />
          <Door
            to={urls.delegates}
            icon="people"
            title={home.delegates}
            hint={home.delegatesHint}
            byHub
          />
          <Door to={urls.help} icon="help" title={home.help} hint={home.helpHint} />
        </nav>
        <EntryFoot />
      </div>
    </main>
  );
}
