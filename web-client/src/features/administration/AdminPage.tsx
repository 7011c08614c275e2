/** `/admin`: the doors to administration. */

import type { ComponentChildren } from 'preact';
import { urls } from '../../routes.ts';
import { Door } from '../../ui/Door.tsx';
import { Page } from '../../ui/Page.tsx';
import { texts } from './texts.ts';

export function AdminPage({ strip }: { strip: ComponentChildren }) {
  const words = texts();
  return (
    <Page title={words.title} back={urls.desk} strip={strip}>
      <nav class="stack" aria-label={words.title}>
        <Door
          to={urls.adminOrganisations}
          icon="people"
          title={words.organisations}
          hint={words.organisationsHint}
        />
        <Door
          to={urls.adminPolicies}
          icon="book"
          title={words.policies}
          hint={words.policiesHint}
        />
        <Door to={urls.adminHealth} icon="chart" title={words.health} hint={words.healthHint} />
        <p class="small quiet">{words.noText}</p>
      </nav>
    </Page>
  );
}
