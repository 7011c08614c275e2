/** Below the pages before sign-in: what one may read without an account. */

import { Link } from 'wouter-preact';
import { t } from '../i18n/texts.ts';
import { urls } from '../routes.ts';

export function EntryFoot() {
  const { pages } = t();
  return (
    <p class="entry-foot small">
      <Link href={urls.privacy}>{pages.privacy}</Link> ·{' '}
      <Link href={urls.rules}>{pages.rules}</Link>
    </p>
  );
}
