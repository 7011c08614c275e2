/** `/admin/health`: how the installation is. */

import type { ComponentChildren } from 'preact';
import { t } from '../../i18n/texts.ts';
import { urls } from '../../routes.ts';
import { Faced, useLoaded } from '../../ui/Loaded.tsx';
import { Page } from '../../ui/Page.tsx';
import type { Health } from '../../wire/types.ts';
import css from './Administration.module.css';
import { readHealth } from './api.ts';
import { size } from './model.ts';
import { texts } from './texts.ts';

export function HealthPage({ strip }: { strip: ComponentChildren }) {
  const known = useLoaded(readHealth, 'health');
  return (
    <Page title={texts().health} back={urls.admin} strip={strip}>
      <Faced of={known} code="E-管理-400">
        {(health) => (
          <div class="stack">
            <section class="card" aria-label={texts().health}>
              <dl class={`${css.facts} numbers`}>
                {factsOf(health).map(([name, value]) => (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                  </div>
                ))}
              </dl>
            </section>
            <button type="button" class="button wide" onClick={known.reload}>
              {t().common.refresh}
            </button>
          </div>
        )}
      </Faced>
    </Page>
  );
}

function factsOf(health: Health): [string, string][] {
  const words = texts();
  const { day, clock } = t();
  const now = Date.parse(health.now);
  return [
    [words.version, health.version],
    [words.now, `${day(now, Date.now())} ${clock(now)}`],
    [words.current, health.current ? words.currentYes : words.currentNo],
    [words.database, health.database],
    [words.databaseSize, size(health.database_bytes)],
    [words.waiting, String(health.sends_waiting)],
    [words.people, String(health.people)],
    [words.organisationCount, String(health.organisations)],
    [words.rooms, String(health.rooms)],
    [words.events, String(health.events)],
    [words.devices, String(health.devices_today)],
    [words.overdue, String(health.joins_overdue)],
    [words.calendar, health.calendar_years.join(' · ') || words.missing],
  ];
}
