/** `/r/:room/add`: put members of the branch into the group, or anyone by telephone number. */

import { useRef, useState } from 'preact/hooks';
import { urls } from '../../routes.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Faced, Refused, useAction, useLoaded } from '../../ui/Loaded.tsx';
import { Page } from '../../ui/Page.tsx';
import type { Candidate, RoomId } from '../../wire/types.ts';
import { addCandidate, addMember, readCandidates } from './api.ts';
import css from './Leading.module.css';
import type { LeadingProps } from './props.ts';
import { texts } from './texts.ts';

export function AddPage({ id, title, group, strip }: LeadingProps) {
  const [told, setTold] = useState('');
  const words = texts();
  const added = (name: string) => setTold(words.added(name));
  return (
    <Page title={words.add} under={title} back={urls.roomInfo(id)} strip={strip}>
      <div class="stack">
        <p class="hidden-text" role="status">
          {told}
        </p>
        {group ? <Candidates id={id} onAdded={added} /> : null}
        <ByPhone id={id} asksHome={!group} onAdded={added} />
      </div>
    </Page>
  );
}

function Candidates({ id, onAdded }: { id: RoomId; onAdded(name: string): void }) {
  const known = useLoaded(() => readCandidates(id), id);
  const action = useAction();
  const words = texts();
  const put = (one: Candidate) =>
    void action.run(async () => {
      await addCandidate(id, one.person);
      known.put((known.value ?? []).filter((other) => other.person !== one.person));
      onAdded(one.name);
    });
  return (
    <section class="card stack" aria-labelledby="candidates">
      <h2 id="candidates">{words.candidates}</h2>
      <Refused action={action} />
      <Faced of={known} code="E-成员-200">
        {(all) => (
          <ul class={css.lines}>
            {all.length === 0 ? <li class="quiet">{words.noCandidates}</li> : null}
            {all.map((one) => (
              <li key={one.person} class={css.line}>
                <Avatar name={one.name} id={one.person} />
                <p class={css.who}>
                  <strong>{one.name}</strong>
                </p>
                <button
                  type="button"
                  class="button"
                  disabled={action.busy}
                  onClick={() => put(one)}
                >
                  {words.put}
                  <span class="hidden-text"> {one.name}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </Faced>
    </section>
  );
}

interface ByPhoneProps {
  id: RoomId;
  asksHome: boolean;
  onAdded(name: string): void;
}

function ByPhone({ id, asksHome, onAdded }: ByPhoneProps) {
  const form = useRef<HTMLFormElement>(null);
  const action = useAction();
  const [last, setLast] = useState('');
  const words = texts();
  const add = async () => {
    const values = new FormData(form.current ?? undefined);
    const text = (field: string) => String(values.get(field) ?? '').trim();
    const home = text('home');
    const name = text('name');
    await addMember(id, {
      phone: text('phone').replace(/\D/g, ''),
      name,
      ...(home ? { home_branch: home } : {}),
    });
    form.current?.reset();
    setLast(name);
    onAdded(name);
  };
  return (
    <form
      ref={form}
      class="card stack-wide"
      aria-labelledby="by-phone"
      onSubmit={(event) => {
        event.preventDefault();
        void action.run(add);
      }}
    >
      <h2 id="by-phone">{words.byPhone}</h2>
      <Refused action={action} />
      {last && !action.failure ? <p>{words.added(last)}</p> : null}
      <div class="field">
        <label for="add-phone">{words.phone}</label>
        <input
          id="add-phone"
          name="phone"
          class="input figure"
          type="tel"
          maxLength={20}
          required
        />
      </div>
      <div class="field">
        <label for="add-name">{words.name}</label>
        <input id="add-name" name="name" class="input" maxLength={100} required />
        <p class="hint">{words.nameHint}</p>
      </div>
      {asksHome ? (
        <div class="field">
          <label for="add-home">{words.homeBranch}</label>
          <input id="add-home" name="home" class="input" maxLength={60} />
        </div>
      ) : null}
      <button type="submit" class="button primary wide" disabled={action.busy}>
        {words.addNow}
      </button>
    </form>
  );
}
