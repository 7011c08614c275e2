/** `/admin/organisations`: the tree from its roots, and a search. */

import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { urls } from '../../routes.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Faced, useLoaded } from '../../ui/Loaded.tsx';
import { Page } from '../../ui/Page.tsx';
import type { OrganisationRow } from '../../wire/types.ts';
import css from './Administration.module.css';
import { readOrganisations } from './api.ts';
import { texts } from './texts.ts';

export function OrganisationsPage({ strip }: { strip: ComponentChildren }) {
  const field = useRef<HTMLInputElement>(null);
  const [search, setSearch] = useState('');
  const known = useLoaded(() => readOrganisations('', search), search);
  const words = texts();
  return (
    <Page title={words.organisations} back={urls.admin} strip={strip}>
      <div class="stack">
        <form
          class={css.search}
          role="search"
          onSubmit={(event) => {
            event.preventDefault();
            setSearch(field.current?.value.trim() ?? '');
          }}
        >
          <input
            ref={field}
            class="input"
            type="search"
            aria-label={words.search}
            placeholder={words.search}
          />
          <button type="submit" class="button primary">
            {words.find}
          </button>
        </form>
        <Faced of={known} code="E-管理-100">
          {({ organisations, more }) => (
            <section class="card tight" aria-label={words.roots}>
              {organisations.length === 0 ? <p class={css.empty}>{words.notFound}</p> : null}
              <Rows rows={organisations} />
              {more ? <p class="small quiet">{words.more}</p> : null}
            </section>
          )}
        </Faced>
      </div>
    </Page>
  );
}

/** Organisations as lines that lead to their pages. */
export function Rows({ rows }: { rows: readonly OrganisationRow[] }) {
  return (
    <ul>
      {rows.map((row) => (
        <li key={row.organisation}>
          <Line row={row} />
        </li>
      ))}
    </ul>
  );
}

function Line({ row }: { row: OrganisationRow }) {
  const words = texts();
  const facts = [
    words.kinds[row.kind],
    ...(row.children > 0 ? [words.children(row.children)] : []),
    ...(row.members > 0 ? [words.members(row.members)] : []),
    ...(row.participating > 0 ? [words.participating(row.participating)] : []),
    ...(row.head ? [words.head(row.head)] : []),
    ...(row.dissolved_on ? [words.dissolved(row.dissolved_on)] : []),
  ];
  return (
    <Link href={urls.adminOrganisation(row.organisation)} class={`list-button ${css.row}`}>
      <span>
        <strong>{row.name}</strong>
        <span class="small quiet">{facts.join(' · ')}</span>
      </span>
      <Icon name="next" />
    </Link>
  );
}
