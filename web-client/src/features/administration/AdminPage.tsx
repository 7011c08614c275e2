/** `/admin`: the doors to administration. */

import type { ComponentChildren } from 'preact';
import { Link } from 'wouter-preact';
import { urls } from '../../routes.ts';
import { Icon, type IconName } from '../../ui/Icon.tsx';
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
        <p class="small quiet">{words.noText}</p>
      </nav>
    </Page>
  );
}

interface DoorProps {
  to: string;
  icon: IconName;
  title: string;
  hint: string;
}

function Door({ to, icon, title, hint }: DoorProps) {
  return (
    <Link href={to} class="door">
      <span class="door-sign">
        <Icon name={icon} />
      </span>
      <span class="door-words">
        <strong>{title}</strong>
        <span class="small quiet">{hint}</span>
      </span>
      <Icon name="next" />
    </Link>
  );
}
