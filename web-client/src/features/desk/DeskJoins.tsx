/** Members of the officer's branches who take part elsewhere, and the officer's answer. */

import { useRef, useState } from 'preact/hooks';
import { t } from '../../i18n/texts.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Faced, Refused, useAction, useLoaded } from '../../ui/Loaded.tsx';
import type { HomeAnswer, JoinCase } from '../../wire/types.ts';
import { answerJoin, readJoins } from './api.ts';
import css from './Desk.module.css';
import { texts } from './texts.ts';

export function DeskJoins() {
  const known = useLoaded(readJoins, 'joins');
  const [refusing, setRefusing] = useState<JoinCase | null>(null);
  const action = useAction();
  const words = texts();
  const confirm = (one: JoinCase) =>
    void action.run(async () => {
      await answerJoin(one.join ?? '', { confirm: true });
      known.reload();
    });
  return (
    <section class="card stack" aria-labelledby="desk-joins">
      <h2 id="desk-joins">{words.joins}</h2>
      <Refused action={action} />
      <Faced of={known} code="E-工作台-200">
        {(joins) => (
          <ul>
            {joins.length === 0 ? <li class="quiet">{words.noJoins}</li> : null}
            {joins.map((one) => (
              <li key={one.join} class={css.case}>
                <Case
                  joining={one}
                  busy={action.busy}
                  onConfirm={() => confirm(one)}
                  onRefuse={() => setRefusing(one)}
                />
              </li>
            ))}
          </ul>
        )}
      </Faced>
      {refusing ? (
        <RefuseDialog
          name={refusing.name}
          onClose={() => setRefusing(null)}
          onGive={(body) => answerJoin(refusing.join ?? '', body)}
          onDone={() => {
            setRefusing(null);
            known.reload();
          }}
        />
      ) : null}
    </section>
  );
}

interface CaseProps {
  joining: JoinCase;
  busy: boolean;
  onConfirm(): void;
  onRefuse(): void;
}

function Case({ joining, busy, onConfirm, onRefuse }: CaseProps) {
  const words = texts();
  const { name, organisation, state, answer_by, note } = joining;
  return (
    <>
      <p>
        <strong>{name}</strong> {words.takesPart(organisation.name)}
      </p>
      {note ? <p>“{note}”</p> : null}
      <p class="small quiet">
        {words.states[state]}
        {state === 'provisional' && answer_by
          ? ` · ${words.answerBy(t().day(Date.parse(answer_by), Date.now()))}`
          : ''}
      </p>
      {state === 'provisional' ? (
        <p class={css.buttons}>
          <button type="button" class="button primary" disabled={busy} onClick={onConfirm}>
            {words.confirmJoin}
            <span class="hidden-text"> {name}</span>
          </button>
          <button type="button" class="button" disabled={busy} onClick={onRefuse}>
            {words.refuseJoin}
            <span class="hidden-text"> {name}</span>
          </button>
        </p>
      ) : null}
    </>
  );
}

interface RefuseProps {
  name: string;
  onGive(body: HomeAnswer): Promise<void>;
  onDone(): void;
  onClose(): void;
}

function RefuseDialog({ name, onGive, onDone, onClose }: RefuseProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const action = useAction();
  const words = texts();
  const give = () => onGive({ confirm: false, reason: field.current?.value.trim() ?? '' });
  return (
    <Dialog title={words.refuseTitle(name)} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void action.run(give).then((done) => done && onDone());
        }}
      >
        <p>{words.refuseText}</p>
        <Refused action={action} />
        <div class="field">
          <label for="refuse-reason">{words.reason}</label>
          <textarea
            ref={field}
            id="refuse-reason"
            class="input"
            rows={2}
            maxLength={200}
            required
          />
        </div>
        <button type="submit" class="button primary wide" disabled={action.busy}>
          {words.refuseJoin}
        </button>
        <button type="button" class="button wide" onClick={onClose}>
          {t().common.cancel}
        </button>
      </form>
    </Dialog>
  );
}
