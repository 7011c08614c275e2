/** `/r/:room/joins`: who asks to come in, and the leader's answer. */

import { useState } from 'preact/hooks';
import { t } from '../../i18n/texts.ts';
import { urls } from '../../routes.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Face } from '../../ui/Faces.tsx';
import { Faced, Refused, useAction, useLoaded } from '../../ui/Loaded.tsx';
import { Page } from '../../ui/Page.tsx';
import type { HostAnswer, JoinCase } from '../../wire/types.ts';
import { answerJoin, readJoins } from './api.ts';
import css from './Leading.module.css';
import { byNeed } from './model.ts';
import type { LeadingProps } from './props.ts';
import { ReasonDialog } from './ReasonDialog.tsx';
import { texts } from './texts.ts';

interface Asked {
  joining: JoinCase;
  accept: boolean;
}

export function JoinsPage({ id, title, strip }: LeadingProps) {
  const known = useLoaded(() => readJoins(id), id);
  const [asked, setAsked] = useState<Asked | null>(null);
  const words = texts();
  const answer = (body: HostAnswer) => answerJoin(id, asked?.joining.join ?? '', body);
  const done = () => {
    setAsked(null);
    known.reload();
  };
  return (
    <Page title={words.joins} under={title} back={urls.roomInfo(id)} strip={strip}>
      <Faced of={known} code="E-加入-200">
        {(joins) =>
          joins.length === 0 ? (
            <Face icon="enter" title={words.noJoins} text={words.noJoinsHelp} />
          ) : (
            <ul class="stack">
              {byNeed(joins).map((one) => (
                <li key={one.join ?? one.person} class={`card ${css.case}`}>
                  <Case joining={one} onAnswer={(accept) => setAsked({ joining: one, accept })} />
                </li>
              ))}
            </ul>
          )
        }
      </Faced>
      {asked?.accept ? (
        <AcceptDialog
          name={asked.joining.name}
          onClose={() => setAsked(null)}
          onGive={answer}
          onDone={done}
        />
      ) : null}
      {asked && !asked.accept ? (
        <ReasonDialog
          title={words.refuseOf(asked.joining.name)}
          text={words.refuseText}
          button={words.refuse}
          onClose={() => setAsked(null)}
          onGive={(reason) => answer({ accept: false, reason })}
          onDone={done}
        />
      ) : null}
    </Page>
  );
}

function Case({ joining, onAnswer }: { joining: JoinCase; onAnswer(accept: boolean): void }) {
  const words = texts();
  const { moment, day } = t();
  const { name, person, state, home_branch, note, reason, answer_by } = joining;
  const when = moment(Date.parse(joining.submitted_at), Date.now());
  return (
    <>
      <div class={css.line}>
        <Avatar name={name} id={person} />
        <p class={css.who}>
          <strong>{words.asks(name, when)}</strong>
          <span class="small quiet">{words.states[state]}</span>
        </p>
      </div>
      {home_branch ? <p>{words.home(home_branch)}</p> : null}
      {note ? <p>“{note}”</p> : null}
      {reason ? (
        <p class="quiet">
          {words.reason} · {reason}
        </p>
      ) : null}
      {state === 'submitted' ? (
        <>
          {answer_by ? (
            <p class="small quiet">{words.answerBy(day(Date.parse(answer_by), Date.now()))}</p>
          ) : null}
          <p class={css.buttons}>
            <button type="button" class="button primary" onClick={() => onAnswer(true)}>
              {words.accept}
            </button>
            <button type="button" class="button" onClick={() => onAnswer(false)}>
              {words.refuse}
            </button>
          </p>
        </>
      ) : null}
    </>
  );
}

interface AcceptProps {
  name: string;
  onGive(body: HostAnswer): Promise<void>;
  onDone(): void;
  onClose(): void;
}

const GROUNDS = ['mobile', 'unit'] as const;

/** A leader accepts whom he or she knows, on a ground. */
function AcceptDialog({ name, onGive, onDone, onClose }: AcceptProps) {
  const [checked, setChecked] = useState(false);
  const [ground, setGround] = useState<(typeof GROUNDS)[number]>('mobile');
  const action = useAction();
  const words = texts();
  const give = () =>
    void action
      .run(() => onGive({ accept: true, identity_checked: checked, ground }))
      .then((done) => done && onDone());
  return (
    <Dialog title={words.acceptOf(name)} onClose={onClose}>
      <div class="stack">
        <Refused action={action} />
        <fieldset>
          <legend class="label">{words.ground}</legend>
          {GROUNDS.map((one) => (
            <label key={one} class={css.tick}>
              <input
                type="radio"
                name="ground"
                checked={ground === one}
                onChange={() => setGround(one)}
              />
              <span>{words.grounds[one]}</span>
            </label>
          ))}
        </fieldset>
        <label class={css.tick}>
          <input
            type="checkbox"
            checked={checked}
            onChange={(event) => setChecked(event.currentTarget.checked)}
          />
          <span>{words.identity}</span>
        </label>
        <button
          type="button"
          class="button primary wide"
          disabled={!checked || action.busy}
          onClick={give}
        >
          {words.accept}
        </button>
        <button type="button" class="button wide" onClick={onClose}>
          {t().common.cancel}
        </button>
      </div>
    </Dialog>
  );
}
