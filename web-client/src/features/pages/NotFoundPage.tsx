/** An address that leads nowhere. */

import { Link } from 'wouter-preact';
import { t } from '../../i18n/texts.ts';
import { urls } from '../../routes.ts';
import { Face } from '../../ui/Faces.tsx';
import { Page } from '../../ui/Page.tsx';

export function NotFoundPage() {
  const { pages } = t();
  return (
    <Page title={pages.notFound} back={urls.home}>
      <Face icon="help" title={pages.notFound} text={pages.notFoundHelp}>
        <Link href={urls.home} class="button primary">
          {pages.toHome}
        </Link>
      </Face>
    </Page>
  );
}
