/** `/r/:room/participation`: who took part in a month, and contacts noted by hand. */

import { useRef, useState } from 'preact/hooks';
import { t } from '../../i18n/texts.ts';
import { urls } from '../../routes.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Faced, Refused, useAction, useLoaded } from '../../ui/Loaded.tsx';
import { Page } from '../../ui/Page.tsx';
import type { MemberParticipation, NoteContact } from '../../wire/types.ts';
import { noteContact, readParticipation } from './api.ts';
import css from './Leading.module.css';
import { byQuiet, monthsUntil, today } from './model.ts';
import type { LeadingProps } from './props.ts';
import { texts } from './texts.ts';

export function ParticipationPage({ id, title, strip }: LeadingProps) {
  const months = monthsUntil(Date.now());
  const [month, setMonth] = useState(months[0] ?? '');
  const known = useLoaded(() => readParticipation(id, month), `${id} ${month}`);
  const [noting, setNoting] = useState<MemberParticipation | null>(null);
  const words = texts();
  return (
    <Page title={words.participation} under={title} back={urls.roomInfo(id)} strip={strip}>
      <div class="stack">
        <div class="field">
          <label for="month">{words.month}</label>
          <select
            id="month"
            class="input"
            value={month}
            onChange={(event) => setMonth(event.currentTarget.value)}
          >
            {months.map((one) => (
              <option key={one} value={one}>
                {words.monthOf(one)}
              </option>
            ))}
          </select>
          <p class="hint">{words.participationHelp}</p>
        </div>
        <Faced of={known} code="E-参与-100">
          {({ members }) => (
            <section class="card" aria-label={words.participation}>
              <ul class={css.lines}>
                {byQuiet(members).map((one) => (
                  <li key={one.person} class={css.line}>
                    <Member member={one} onNote={() => setNoting(one)} />
                  </li>
                ))}
              </ul>
            </section>
          )}
        </Faced>
        <button type="button" class="button wide no-print" onClick={() => print()}>
          {words.print}
        </button>
      </div>
      {noting ? (
        <NoteDialog
          name={noting.name}
          onClose={() => setNoting(null)}
          onGive={(body) => noteContact(id, noting.person, body)}
          onDone={() => {
            setNoting(null);
            known.reload();
          }}
        />
      ) : null}
    </Page>
  );
}

function Member({ member, onNote }: { member: MemberParticipation; onNote(): void }) {
  const words = texts();
  const { name, person, messages, contacts, last_contact: last, silent, mobile } = member;
  return (
    <>
      <Avatar name={name} id={person} />
      <p class={`${css.who} ${css.long}`}>
        <strong>
          {name}
          {silent ? <span class={css.tag}>{words.silent}</span> : null}
        </strong>
        <span class="small numbers">
          {words.messages(messages)} · {words.contacts(contacts)}
          {mobile ? ` · ${words.mobile}` : ''}
        </span>
        <span class="small quiet">
          {last
            ? words.lastContact(t().day(Date.parse(last.on), Date.now()), last.by)
            : words.noContact}
        </span>
      </p>
      <button type="button" class="button no-print" onClick={onNote}>
        {words.note}
        <span class="hidden-text"> {name}</span>
      </button>
    </>
  );
}

interface NoteProps {
  name: string;
  onGive(body: NoteContact): Promise<void>;
  onDone(): void;
  onClose(): void;
}

function NoteDialog({ name, onGive, onDone, onClose }: NoteProps) {
  const day = useRef<HTMLInputElement>(null);
  const about = useRef<HTMLTextAreaElement>(null);
  const action = useAction();
  const words = texts();
  const now = today(Date.now());
  const give = () =>
    onGive({ on: day.current?.value || now, text: about.current?.value.trim() ?? '' });
  return (
    <Dialog title={words.noteOf(name)} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void action.run(give).then((done) => done && onDone());
        }}
      >
        <p class="quiet">{words.noteText}</p>
        <Refused action={action} />
        <div class="field">
          <label for="contact-on">{words.on}</label>
          <input ref={day} id="contact-on" class="input" type="date" max={now} defaultValue={now} />
        </div>
        <div class="field">
          <label for="contact-about">{words.what}</label>
          <textarea
            ref={about}
            id="contact-about"
            class="input"
            rows={2}
            maxLength={200}
            required
          />
        </div>
        <button type="submit" class="button primary wide" disabled={action.busy}>
          {words.save}
        </button>
        <button type="button" class="button wide" onClick={onClose}>
          {t().common.cancel}
        </button>
      </form>
    </Dialog>
  );
}
