/** The pages behind the desk's second factor, loaded with the first of them. */

import type { ComponentChildren } from 'preact';
import { Route, Switch } from 'wouter-preact';
import { AdminPage } from './features/administration/AdminPage.tsx';
import { OrganisationPage } from './features/administration/OrganisationPage.tsx';
import { OrganisationsPage } from './features/administration/OrganisationsPage.tsx';
import { PoliciesPage } from './features/administration/PoliciesPage.tsx';
import { DeskGate } from './features/desk/DeskGate.tsx';
import { DeskPage } from './features/desk/DeskPage.tsx';
import { NotFoundPage } from './features/pages/NotFoundPage.tsx';
import { urls } from './routes.ts';

export function Officers({ strip }: { strip: ComponentChildren }) {
  return (
    <DeskGate strip={strip}>
      {(desk, lock) => (
        <Switch>
          <Route path={urls.desk}>
            <DeskPage desk={desk} onClosed={lock} strip={strip} />
          </Route>
          {desk.administrator ? administration(strip) : null}
          <Route>
            <NotFoundPage />
          </Route>
        </Switch>
      )}
    </DeskGate>
  );
}

function administration(strip: ComponentChildren) {
  return [
    <Route key="admin" path={urls.admin}>
      <AdminPage strip={strip} />
    </Route>,
    <Route key="organisations" path={urls.adminOrganisations}>
      <OrganisationsPage strip={strip} />
    </Route>,
    <Route key="organisation" path="/admin/organisations/:id">
      {({ id }) => <OrganisationPage key={id} id={id} strip={strip} />}
    </Route>,
    <Route key="policies" path={urls.adminPolicies}>
      <PoliciesPage strip={strip} />
    </Route>,
  ];
}
