/** `/meet/:id/minutes` and the desk's: reading, editing, signing, archiving, printing. */

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Face, Notice } from '../../ui/Faces.tsx';
import { Faced, type Loaded, useLoaded } from '../../ui/Loaded.tsx';
import { Page } from '../../ui/Page.tsx';
import type { Meeting, Minutes, MinutesRole } from '../../wire/types.ts';
import { readMeeting, readMinutes } from './api.ts';
import css from './Meetings.module.css';
import { type Drafts, MinutesEditor } from './MinutesEditor.tsx';
import { minutesTexts } from './minutes_texts.ts';
import { type Again, SignMinutes } from './SignMinutes.tsx';
import { dated, texts } from './texts.ts';

interface Props {
  id: string;
  back: string;
  drafts: Drafts;
  again: Again;
  strip: ComponentChildren;
  /** What the superior does with them. */
  superior?(minutes: Minutes, reload: () => void): ComponentChildren;
}

export function MinutesPage({ id, back, drafts, again, strip, superior }: Props) {
  const known = useLoaded(() => readMinutes(id), id);
  const meeting = useLoaded(() => readMeeting(id), `of ${id}`);
  const words = minutesTexts();
  const { failure } = known;
  const notYet = failure?.kind === 'refused' && failure.code === 'step_not_allowed';
  const title = meeting.value?.summary.title;
  return (
    <Page title={words.title} {...(title ? { under: title } : {})} back={back} strip={strip}>
      {notYet && !known.value ? (
        <Face icon="book" title={words.notYet} text={words.notYetHelp} />
      ) : (
        <Faced of={known} code="E-会议-500">
          {(minutes) => (
            <div class="stack">
              <Paper minutes={minutes} meeting={meeting.value} drafts={drafts} known={known} />
              <Signatures minutes={minutes} />
              {minutes.rights.includes('sign_minutes') ? (
                <SignMinutes minutes={minutes} again={again} put={known.put} />
              ) : null}
              {superior?.(minutes, known.reload)}
              <Course minutes={minutes} />
              <button type="button" class="button wide no-print" onClick={() => print()}>
                {words.print}
              </button>
            </div>
          )}
        </Faced>
      )}
    </Page>
  );
}

interface PaperProps {
  minutes: Minutes;
  meeting: Meeting | null;
  drafts: Drafts;
  known: Loaded<Minutes>;
}

function Paper({ minutes, meeting, drafts, known }: PaperProps) {
  const [editing, setEditing] = useState(false);
  const words = minutesTexts();
  const { version, text, state, written_by: author, written_at: at, rights } = minutes;
  const { returned_reason: returned } = minutes;
  const done = (next: Minutes) => {
    known.put(next);
    setEditing(false);
  };
  return (
    <article class={`card stack ${css.paper}`} aria-labelledby="minutes">
      <h2 id="minutes">{meeting?.summary.title ?? words.title}</h2>
      {meeting ? (
        <p class="small quiet numbers">
          {texts().kinds[meeting.summary.kind]} · {meeting.summary.organisation.name} ·{' '}
          {dated(Date.parse(meeting.summary.starts_at))}
        </p>
      ) : null}
      <p class="small quiet numbers">
        {version > 0 && author && at
          ? words.version(version, author.name, dated(Date.parse(at)))
          : words.draft}
      </p>
      {returned && state === 'minutes_draft' ? (
        <Notice warn>{words.returned(returned)}</Notice>
      ) : null}
      {state === 'archived' ? <p class="small">{words.archived}</p> : null}
      {editing ? (
        <MinutesEditor
          minutes={minutes}
          drafts={drafts}
          onDone={done}
          onNewer={known.reload}
          onClose={() => setEditing(false)}
        />
      ) : (
        <div class={css.minutesText}>{text}</div>
      )}
      {rights.includes('write_minutes') && !editing ? (
        <button type="button" class="button wide no-print" onClick={() => setEditing(true)}>
          {words.edit}
        </button>
      ) : null}
    </article>
  );
}

const ROLES: readonly MinutesRole[] = ['chair', 'recorder'];

function Signatures({ minutes }: { minutes: Minutes }) {
  const words = minutesTexts();
  const { signatures, hash, audit_code: audit } = minutes;
  return (
    <section class="card stack" aria-labelledby="signatures">
      <h2 id="signatures">{words.signatures}</h2>
      <dl class={css.facts}>
        {ROLES.map((role) => {
          const one = signatures.find((signature) => signature.role === role);
          return (
            <div key={role}>
              <dt>{words.roles[role]}</dt>
              <dd class="numbers">
                {one ? words.signedAt(one.name, dated(Date.parse(one.at))) : words.unsigned}
                <span class={css.signLine}>{words.signLine}</span>
              </dd>
            </div>
          );
        })}
        <div>
          <dt>{words.code}</dt>
          <dd class={css.hash}>{hash}</dd>
        </div>
        <div>
          <dt>{words.audit}</dt>
          <dd class={css.hash}>{audit}</dd>
        </div>
      </dl>
    </section>
  );
}

function Course({ minutes }: { minutes: Minutes }) {
  const words = minutesTexts();
  return (
    <details class={`card no-print ${css.how}`}>
      <summary>{words.log}</summary>
      <ol class={css.lines}>
        {minutes.log.map((line, index) => (
          <li key={index} class={css.event}>
            <p class="small quiet numbers">{dated(Date.parse(line.at))}</p>
            <p>{line.text}</p>
          </li>
        ))}
      </ol>
    </details>
  );
}
