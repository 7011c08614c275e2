/** The members of an organisation, page by page; registering and appointing. */

import { useState } from 'preact/hooks';
import { Faced, Refused, useAction, useLoaded } from '../../ui/Loaded.tsx';
import type { MemberRow } from '../../wire/types.ts';
import css from './Administration.module.css';
import { readMembers } from './api.ts';
import { AppointDialog, RegisterDialog } from './Dialogs.tsx';
import { texts } from './texts.ts';

interface Props {
  id: string;
  /** The organisation has not been dissolved. */
  open: boolean;
  /** Posts or counts of the page may have changed. */
  onChanged(): void;
}

export function Members({ id, open, onChanged }: Props) {
  const known = useLoaded(() => readMembers(id, ''), id);
  const more = useAction();
  const [asking, setAsking] = useState<'register' | MemberRow | null>(null);
  const words = texts();
  const done = () => {
    setAsking(null);
    known.reload();
    onChanged();
  };
  const loadMore = () =>
    void more.run(async () => {
      const before = known.value?.members ?? [];
      const next = await readMembers(id, before[before.length - 1]?.person ?? '');
      known.put({ members: [...before, ...next.members], more: next.more });
    });
  const ends = { onDone: done, onClose: () => setAsking(null) };
  return (
    <section class="card stack" aria-labelledby="roster">
      <h2 id="roster">{words.roster}</h2>
      <Faced of={known} code="E-管理-202">
        {(page) => (
          <>
            {page.members.length === 0 ? <p class="quiet">{words.noMembers}</p> : null}
            <ul class={css.lines}>
              {page.members.map((one) => (
                <li key={one.person} class={css.line}>
                  <Member member={one} />
                  {open ? (
                    <button type="button" class="button" onClick={() => setAsking(one)}>
                      {words.appoint}
                      <span class="hidden-text"> {one.name}</span>
                    </button>
                  ) : null}
                </li>
              ))}
            </ul>
            <Refused action={more} />
            {page.more ? (
              <button type="button" class="button wide" disabled={more.busy} onClick={loadMore}>
                {words.loadMore}
              </button>
            ) : null}
          </>
        )}
      </Faced>
      {open ? (
        <button type="button" class="button wide" onClick={() => setAsking('register')}>
          {words.registerMember}
        </button>
      ) : null}
      {asking === 'register' ? <RegisterDialog id={id} {...ends} /> : null}
      {asking && asking !== 'register' ? <AppointDialog id={id} person={asking} {...ends} /> : null}
    </section>
  );
}

function Member({ member }: { member: MemberRow }) {
  const words = texts();
  const facts = [
    words.standings[member.standing],
    ...member.posts.map((post) => words.posts[post]),
    ...(member.mobile ? [words.mobile] : []),
    ...(member.affiliation === 'home' ? [] : [words.home(member.home)]),
    member.phone_masked,
  ];
  return (
    <p>
      <strong>{member.name}</strong>
      <span class="small quiet numbers">{facts.join(' · ')}</span>
    </p>
  );
}
