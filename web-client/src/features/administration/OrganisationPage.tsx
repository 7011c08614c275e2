/** `/admin/organisations/:id`: one organisation, what is below it, its people and its history. */

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { t } from '../../i18n/texts.ts';
import { urls } from '../../routes.ts';
import { Notice } from '../../ui/Faces.tsx';
import { Faced, type Loaded, useLoaded } from '../../ui/Loaded.tsx';
import { Page } from '../../ui/Page.tsx';
import type { OrganisationPage as Organisation, PostRow } from '../../wire/types.ts';
import css from './Administration.module.css';
import { readOrganisation, readOrganisations } from './api.ts';
import { ChangeDialog, DissolveDialog, EndPostDialog, FoundDialog } from './Dialogs.tsx';
import { Members } from './Members.tsx';
import { Rows } from './OrganisationsPage.tsx';
import { texts } from './texts.ts';

type Asking = 'found' | 'change' | 'dissolve' | null;

export function OrganisationPage({ id, strip }: { id: string; strip: ComponentChildren }) {
  const page = useLoaded(() => readOrganisation(id), id);
  const words = texts();
  const row = page.value?.row;
  return (
    <Page
      title={row?.name ?? words.organisations}
      {...(row ? { under: words.kinds[row.kind] } : {})}
      back={row?.parent ? urls.adminOrganisation(row.parent) : urls.adminOrganisations}
      strip={strip}
    >
      <Faced of={page} code="E-管理-200">
        {(organisation) => <Sections page={page} organisation={organisation} />}
      </Faced>
    </Page>
  );
}

interface SectionsProps {
  page: Loaded<Organisation>;
  organisation: Organisation;
}

function Sections({ page, organisation }: SectionsProps) {
  const [asking, setAsking] = useState<Asking>(null);
  const [ending, setEnding] = useState<PostRow | null>(null);
  const { row, warnings } = organisation;
  const words = texts();
  const close = () => setAsking(null);
  const done = () => {
    setAsking(null);
    setEnding(null);
    page.reload();
  };
  return (
    <div class="stack">
      <Path organisation={organisation} />
      {warnings.map((one) => (
        <Notice key={one} warn>
          {words.warnings[one]}
        </Notice>
      ))}
      <About organisation={organisation} />
      {row.dissolved_on ? null : (
        <p class={css.buttons}>
          <button type="button" class="button" onClick={() => setAsking('found')}>
            {words.addBelow}
          </button>
          <button type="button" class="button" onClick={() => setAsking('change')}>
            {words.change}
          </button>
          <button type="button" class="button" onClick={() => setAsking('dissolve')}>
            {words.dissolve}
          </button>
        </p>
      )}
      <Below id={row.organisation} count={row.children} />
      <Posts posts={organisation.posts} onEnd={setEnding} />
      <Members id={row.organisation} open={!row.dissolved_on} onChanged={page.reload} />
      <History organisation={organisation} />
      {asking === 'found' ? <FoundDialog parent={row} onDone={done} onClose={close} /> : null}
      {asking === 'change' ? <ChangeDialog row={row} onDone={done} onClose={close} /> : null}
      {asking === 'dissolve' ? <DissolveDialog row={row} onDone={done} onClose={close} /> : null}
      {ending ? (
        <EndPostDialog post={ending} onDone={done} onClose={() => setEnding(null)} />
      ) : null}
    </div>
  );
}

function Path({ organisation }: { organisation: Organisation }) {
  if (organisation.path.length === 0) return null;
  return (
    <nav aria-label={texts().roots}>
      <ol class={css.path}>
        {organisation.path.map((one) => (
          <li key={one.organisation}>
            <Link href={urls.adminOrganisation(one.organisation)}>{one.name}</Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}

function About({ organisation }: { organisation: Organisation }) {
  const { row, founded_on, units = [] } = organisation;
  const words = texts();
  const facts = [
    words.founded(founded_on),
    ...(row.code ? [words.code(row.code)] : []),
    words.members(row.members),
    ...(row.participating > 0 ? [words.participating(row.participating)] : []),
    ...(row.dissolved_on ? [words.dissolved(row.dissolved_on)] : []),
  ];
  return (
    <section class="card stack" aria-label={row.name}>
      <p>{facts.join(' · ')}</p>
      {units.length > 0 ? (
        <>
          <h3>{words.coveredUnits}</h3>
          <ul>
            {units.map((unit) => (
              <li key={unit.name}>{words.unit(unit.name, unit.full_members)}</li>
            ))}
          </ul>
        </>
      ) : null}
    </section>
  );
}

function Below({ id, count }: { id: string; count: number }) {
  const known = useLoaded(() => readOrganisations(id, ''), `${id} ${count}`);
  const words = texts();
  return (
    <section class="card" aria-labelledby="below">
      <h2 id="below">{words.below}</h2>
      <Faced of={known} code="E-管理-201">
        {({ organisations, more }) => (
          <>
            {organisations.length === 0 ? <p class={css.empty}>{words.none}</p> : null}
            <Rows rows={organisations} />
            {more ? <p class="small quiet">{words.more}</p> : null}
          </>
        )}
      </Faced>
    </section>
  );
}

function Posts({ posts, onEnd }: { posts: readonly PostRow[]; onEnd(post: PostRow): void }) {
  const words = texts();
  return (
    <section class="card stack" aria-labelledby="posts">
      <h2 id="posts">{words.officers}</h2>
      {posts.length === 0 ? <p class="quiet">{words.noOfficers}</p> : null}
      <ul class={css.lines}>
        {posts.map((post) => (
          <li key={post.post} class={css.line}>
            <p>
              <strong>
                {post.name} · {words.posts[post.kind]}
              </strong>
              <span class="small quiet">
                {post.term_ends_on
                  ? words.term(post.from, post.term_ends_on)
                  : words.since(post.from)}
              </span>
            </p>
            <button type="button" class="button" onClick={() => onEnd(post)}>
              {words.endPost}
              <span class="hidden-text"> {post.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function History({ organisation }: { organisation: Organisation }) {
  const words = texts();
  const { day } = t();
  const now = Date.now();
  return (
    <section class="card stack" aria-labelledby="history">
      <h2 id="history">{words.history}</h2>
      <ol class={css.lines}>
        {[...organisation.history].reverse().map((version) => (
          <li key={version.from} class={css.line}>
            <p>
              <strong>{version.name}</strong>
              <span class="small quiet">
                {words.since(day(Date.parse(version.from), now))}
                {version.parent ? ` · ${version.parent.name}` : ''} · {version.reason}
              </span>
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
