/** `/join/:code`: who invites, into what, and the way in. */

import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { t } from '../../i18n/texts.ts';
import { urls } from '../../routes.ts';
import { Face } from '../../ui/Faces.tsx';
import { Icon } from '../../ui/Icon.tsx';
import {
  type Action,
  Faced,
  type Loaded,
  Refused,
  useAction,
  useLoaded,
} from '../../ui/Loaded.tsx';
import { useTitle } from '../../ui/Page.tsx';
import type { InvitationCard, JoinCase, Me } from '../../wire/types.ts';
import { join, readCard, readCase, withdraw } from './api.ts';
import { type JoinStep, stepOf } from './model.ts';
import { texts } from './texts.ts';

interface Props {
  code: string;
  /** Who is signed in on this device. */
  me: Me | null;
  /** Name of the product and the switch for larger text. */
  head: ComponentChildren;
  /** The list of rooms may have grown. */
  onJoined(): void;
}

interface Known {
  card: InvitationCard;
  joining: JoinCase | null;
}

export function JoinPage({ code, me, head, onJoined }: Props) {
  const signedIn = me !== null;
  const known = useLoaded<Known>(async () => {
    const [card, joining] = await Promise.all([readCard(code), signedIn ? readCase(code) : null]);
    return { card, joining };
  }, `${code} ${signedIn}`);
  useTitle(texts().title);
  const { failure } = known;
  const unknown = failure?.kind === 'refused' && failure.code === 'invitation_invalid';
  return (
    <main class="entry" id="content">
      {head}
      <div class="body">
        <div class="card stack-wide">
          {unknown ? (
            <Unknown />
          ) : (
            <Faced of={known} code="E-加入-100">
              {(value) => (
                <Way known={known} value={value} code={code} me={me} onJoined={onJoined} />
              )}
            </Faced>
          )}
        </div>
        {signedIn ? (
          <p class="entry-foot small">
            <Link href={urls.inbox}>{texts().toInbox}</Link>
          </p>
        ) : null}
      </div>
    </main>
  );
}

function Unknown() {
  const { unknown, unknownHelp } = texts();
  return <Face icon="alert" title={unknown} text={unknownHelp} />;
}

interface WayProps {
  known: Loaded<Known>;
  value: Known;
  code: string;
  me: Me | null;
  onJoined(): void;
}

function Way({ known, value, code, me, onJoined }: WayProps) {
  const action = useAction();
  const { card } = value;
  const step = stepOf(card, me !== null, value.joining);
  const take = (joining: JoinCase) => {
    known.put({ card, joining });
    if (joining.room) onJoined();
  };
  return (
    <>
      <CardHead card={card} over={step.at === 'over'} />
      <Refused action={action} />
      <Step
        step={step}
        card={card}
        me={me}
        action={action}
        onAsk={(body) => void action.run(async () => take(await join(code, body)))}
        onWithdraw={(id) =>
          void action.run(async () => {
            await withdraw(id);
            known.reload();
          })
        }
        onRefresh={known.reload}
        code={code}
      />
    </>
  );
}

function CardHead({ card, over }: { card: InvitationCard; over: boolean }) {
  const { invites, until } = texts();
  const { day, clock } = t();
  const end = Date.parse(card.valid_until);
  return (
    <header class="stack">
      <p class="quiet">{invites(card.invited_by)}</p>
      <h1>{card.organisation.name}</h1>
      <p>{card.of}</p>
      {over ? null : (
        <p class="quiet small numbers">{until(`${day(end, Date.now())} ${clock(end)}`)}</p>
      )}
    </header>
  );
}

interface StepProps {
  step: JoinStep;
  card: InvitationCard;
  me: Me | null;
  code: string;
  action: Action;
  onAsk(body: { home_branch?: string; note?: string }): void;
  onWithdraw(join: string): void;
  onRefresh(): void;
}

function Step({ step, card, me, code, action, onAsk, onWithdraw, onRefresh }: StepProps) {
  const words = texts();
  switch (step.at) {
    case 'over':
      return <Outcome icon="clock" title={words.over[step.why]} text={words.ask(card.ask)} />;
    case 'sign_in':
      return (
        <div class="stack">
          <Link href={urls.signInFor(urls.join(code))} class="button primary wide">
            {words.signIn}
          </Link>
          <p class="quiet small">{words.signInHelp}</p>
        </div>
      );
    case 'confirm':
      return <Confirm me={me} busy={action.busy} onAsk={onAsk} />;
    case 'asked':
      return <Asked joining={step.joining} action={action} {...{ onWithdraw, onRefresh }} />;
    case 'inside':
      return <Inside joining={step.joining} />;
    case 'outside':
      return (
        <>
          <Outcome
            icon="alert"
            title={words.states[step.joining.state as keyof typeof words.states]}
            text={step.joining.reason ? words.reason(step.joining.reason) : words.ask(card.ask)}
          />
          {step.again ? <Confirm me={me} busy={action.busy} onAsk={onAsk} again /> : null}
        </>
      );
  }
}

interface OutcomeProps {
  icon: 'clock' | 'alert' | 'check';
  title: string;
  text: string;
}

/** How it stands: a sign, a word, a sentence. */
function Outcome({ icon, title, text }: OutcomeProps) {
  return (
    <div class="outcome" role="status">
      <Icon name={icon} />
      <div>
        <h2>{title}</h2>
        <p>{text}</p>
      </div>
    </div>
  );
}

interface ConfirmProps {
  me: Me | null;
  busy: boolean;
  again?: boolean;
  onAsk(body: { home_branch?: string; note?: string }): void;
}

const HOME_CHARS_MAX = 60;
const NOTE_CHARS_MAX = 200;

function Confirm({ me, busy, again, onAsk }: ConfirmProps) {
  const home = useRef<HTMLInputElement>(null);
  const note = useRef<HTMLTextAreaElement>(null);
  const words = texts();
  return (
    <form
      class="stack-wide"
      onSubmit={(event) => {
        event.preventDefault();
        const home_branch = home.current?.value.trim();
        const said = note.current?.value.trim();
        onAsk({ ...(home_branch ? { home_branch } : {}), ...(said ? { note: said } : {}) });
      }}
    >
      {me ? <p>{words.as(me.name)}</p> : null}
      {me?.home ? null : (
        <div class="field">
          <label for="home-branch">{words.homeBranch}</label>
          <input
            ref={home}
            id="home-branch"
            class="input"
            maxLength={HOME_CHARS_MAX}
            aria-describedby="home-hint"
          />
          <p class="hint" id="home-hint">
            {words.homeBranchHint}
          </p>
        </div>
      )}
      <div class="field">
        <label for="join-note">{words.note}</label>
        <textarea ref={note} id="join-note" class="input" rows={2} maxLength={NOTE_CHARS_MAX} />
      </div>
      <button type="submit" class="button primary wide" disabled={busy}>
        {busy ? words.joining : again ? words.again : words.join}
      </button>
    </form>
  );
}

interface AskedProps {
  joining: JoinCase;
  action: Action;
  onWithdraw(join: string): void;
  onRefresh(): void;
}

function Asked({ joining, action, onWithdraw, onRefresh }: AskedProps) {
  const words = texts();
  const { join: id, asked, answer_by } = joining;
  const by = answer_by ? words.answerBy(t().day(Date.parse(answer_by), Date.now())) : '';
  return (
    <div class="stack">
      <Outcome
        icon="clock"
        title={words.asked}
        text={`${asked ? words.askedOf(asked) : ''}${by}`}
      />
      <p class="quiet small">{words.askedHelp}</p>
      <button type="button" class="button primary wide" onClick={onRefresh}>
        {words.refresh}
      </button>
      {id ? (
        <button
          type="button"
          class="button wide"
          disabled={action.busy}
          onClick={() => onWithdraw(id)}
        >
          {words.withdraw}
        </button>
      ) : null}
    </div>
  );
}

function Inside({ joining }: { joining: JoinCase }) {
  const words = texts();
  return (
    <div class="stack">
      <Outcome
        icon="check"
        title={words.inside}
        text={joining.state === 'provisional' ? words.provisional : joining.organisation.name}
      />
      {joining.room ? (
        <Link href={urls.room(joining.room)} class="button primary wide">
          {words.open}
        </Link>
      ) : null}
    </div>
  );
}
