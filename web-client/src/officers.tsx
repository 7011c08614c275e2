/** The pages behind the desk's second factor, loaded with the first of them. */

import type { ComponentChildren } from 'preact';
import { Route, Switch } from 'wouter-preact';
import { AdminPage } from './features/administration/AdminPage.tsx';
import { HealthPage } from './features/administration/HealthPage.tsx';
import { OrganisationPage } from './features/administration/OrganisationPage.tsx';
import { OrganisationsPage } from './features/administration/OrganisationsPage.tsx';
import { PoliciesPage } from './features/administration/PoliciesPage.tsx';
import { DeskGate } from './features/desk/DeskGate.tsx';
import { DeskPage } from './features/desk/DeskPage.tsx';
import { DeskMeetings } from './features/meetings/DeskMeetings.tsx';
import { DeskMeetPage } from './features/meetings/DeskMeetPage.tsx';
import { MinutesPage } from './features/meetings/MinutesPage.tsx';
import { NewMeetingPage } from './features/meetings/NewMeetingPage.tsx';
import { TakeNote } from './features/meetings/TakeNote.tsx';
import { NotFoundPage } from './features/pages/NotFoundPage.tsx';
import { again } from './proving.tsx';
import { patterns, urls } from './routes.ts';
import type { Signed } from './state.ts';

interface Props {
  who: Signed;
  strip: ComponentChildren;
}

export function Officers({ who, strip }: Props) {
  const { drafts } = who.stores;
  return (
    <DeskGate strip={strip}>
      {(desk, lock) => (
        <Switch>
          <Route path={urls.desk}>
            <DeskPage desk={desk} meetings={<DeskMeetings />} onClosed={lock} strip={strip} />
          </Route>
          <Route path={urls.deskNewMeeting}>
            <NewMeetingPage drafts={drafts} strip={strip} />
          </Route>
          <Route path={patterns.deskMeeting}>
            {({ id }) => <DeskMeetPage key={id} id={id} me={who.me.person} strip={strip} />}
          </Route>
          <Route path={patterns.deskMinutes}>
            {({ id }) => (
              <MinutesPage
                key={id}
                id={id}
                back={urls.deskMeet(id)}
                drafts={drafts}
                again={again}
                strip={strip}
                superior={(minutes, reload) => <TakeNote minutes={minutes} reload={reload} />}
              />
            )}
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
    <Route key="health" path={urls.adminHealth}>
      <HealthPage strip={strip} />
    </Route>,
  ];
}
