/** Sign-in: the number, then the code. */

import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { sentence } from '../../i18n/sentence.ts';
import { t } from '../../i18n/texts.ts';
import { systemClock } from '../../platform/clock.ts';
import { look, toggleBigger } from '../../settings/look.ts';
import { EntryFoot } from '../../ui/EntryFoot.tsx';
import { Notice } from '../../ui/Faces.tsx';
import { BrandMark, Icon } from '../../ui/Icon.tsx';
import { Later } from '../../ui/Later.tsx';
import { useTitle } from '../../ui/Page.tsx';
import type { Me } from '../../wire/types.ts';
import { finishSignIn, startSignIn } from './api.ts';
import { takeFirst } from './first_form.ts';
import { CODE_DIGITS, digitsOf, SignIn, type Started } from './sign_in.ts';
import { signInMemory } from './sign_in_memory.ts';

const passwordPart = () => import('./PasswordForm.tsx').then((part) => part.PasswordForm);

interface Props {
  /** How the sign-in before this one ended by itself. */
  ended: 'expired' | 'revoked' | null;
  /** Code of the invitation that the page to come back to shows. */
  invitation: string | null;
  onSignedIn(me: Me): void;
}

export function SignInPage({ ended, invitation, onSignedIn }: Props) {
  const done = useRef(onSignedIn);
  done.current = onSignedIn;
  const flow = useMemo(
    () =>
      new SignIn({
        start: (phone, by) => startSignIn(phone, by, invitation),
        finish: finishSignIn,
        signedIn: (me) => done.current(me),
        memory: signInMemory({ storage: localStorage, location, history }),
        clock: systemClock,
      }),
    [invitation],
  );
  const [byPassword, setByPassword] = useState(false);
  const { signIn } = t();
  const started = flow.started.value;
  useTitle(signIn.title);
  return (
    <main class="entry" id="content">
      <EntryHead />
      <div class="body">
        <div class="card stack-wide">
          <h1>{signIn.title}</h1>
          {ended ? <Notice warn>{signIn.ended[ended]}</Notice> : null}
          {byPassword ? (
            <Later
              load={passwordPart}
              props={{ onSignedIn, onByCode: () => setByPassword(false) }}
            />
          ) : started ? (
            <CodeStep flow={flow} started={started} />
          ) : (
            <>
              <NumberStep flow={flow} />
              <button type="button" class="button plain wide" onClick={() => setByPassword(true)}>
                {signIn.byPassword}
              </button>
            </>
          )}
        </div>
        <EntryFoot />
      </div>
    </main>
  );
}

/** Name of the product and the switch for larger text. */
export function EntryHead() {
  const { product, tagline, me } = t();
  const bigger = look.value.size !== 'std';
  return (
    <header class="entry-head">
      <div class="row">
        <BrandMark />
        <p class="entry-name">
          <strong>{product}</strong>
          <span>{tagline}</span>
        </p>
        <button
          type="button"
          class="button size-switch"
          aria-pressed={bigger}
          aria-label={me.biggerLabel}
          onClick={toggleBigger}
        >
          <Icon name="size" />
          <span>{me.bigger}</span>
        </button>
      </div>
    </header>
  );
}

function NumberStep({ flow }: { flow: SignIn }) {
  const field = useRef<HTMLInputElement>(null);
  const { signIn } = t();
  const busy = flow.busy.value !== null;
  const failure = flow.failure.value;
  useEffect(() => {
    if (!field.current) return;
    const first = takeFirst(field.current);
    if (first.sent) void flow.ask(field.current.value, 'sms');
    else field.current.focus();
  }, [flow]);
  return (
    <form
      class="stack-wide"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void flow.ask(field.current?.value ?? '', 'sms');
      }}
    >
      {failure ? <Notice>{sentence(failure)}</Notice> : null}
      {flow.numberNeeded.value ? <p>{signIn.again}</p> : null}
      <div class="field">
        <label for="phone">{signIn.phone}</label>
        <input
          ref={field}
          id="phone"
          class="input figure"
          type="tel"
          inputMode="tel"
          autocomplete="tel-national"
          maxLength={20}
          aria-describedby="phone-hint"
          aria-invalid={failure !== null}
        />
        <p class="hint" id="phone-hint">
          {signIn.phoneHint}
        </p>
      </div>
      <button type="submit" class="button primary wide" disabled={busy}>
        {busy ? signIn.asking : signIn.ask}
      </button>
      <p class="quiet small">{signIn.note}</p>
    </form>
  );
}

function CodeStep({ flow, started }: { flow: SignIn; started: Started }) {
  const field = useRef<HTMLInputElement>(null);
  const name = useRef<HTMLInputElement>(null);
  const { signIn } = t();
  const busy = flow.busy.value;
  const failure = flow.failure.value;
  const refused = flow.refused.value;
  useEffect(() => {
    if (!field.current) return;
    if (refused > 0) field.current.value = '';
    field.current.focus();
  }, [refused]);
  const sent = started.by === 'call' ? signIn.sentCall : signIn.sentSms;
  return (
    <form
      class="stack-wide"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void flow.submit(field.current?.value ?? '', name.current?.value.trim());
      }}
    >
      {failure ? <Notice>{sentence(failure)}</Notice> : null}
      <p role="status">{sent(started.masked)}</p>
      <div class="field">
        <label for="code">{signIn.code}</label>
        <input
          ref={field}
          id="code"
          class="input code"
          inputMode="numeric"
          autocomplete="one-time-code"
          maxLength={12}
          aria-describedby="code-hint"
          aria-invalid={failure?.kind === 'refused'}
          onInput={(event) => {
            const code = digitsOf(event.currentTarget.value);
            if (code.length === CODE_DIGITS) void flow.submit(code);
          }}
        />
        <p class="hint" id="code-hint">
          {signIn.codeHint}
        </p>
      </div>
      {flow.nameNeeded.value ? <NameField field={name} /> : null}
      <button type="submit" class="button primary wide" disabled={busy !== null}>
        {busy === 'submitting' ? signIn.submitting : signIn.submit}
      </button>
      <OtherWays flow={flow} started={started} />
    </form>
  );
}

/** Asked of a number that is new here. */
function NameField({ field }: { field: RefObject<HTMLInputElement | null> }) {
  const { signIn } = t();
  useEffect(() => field.current?.focus(), [field]);
  return (
    <div class="field">
      <label for="name">{signIn.name}</label>
      <input
        ref={field}
        id="name"
        class="input"
        autocomplete="name"
        maxLength={100}
        aria-describedby="name-hint"
      />
      <p class="hint" id="name-hint">
        {signIn.nameHint}
      </p>
    </div>
  );
}

/** Another code, a call, another number. */
function OtherWays({ flow, started }: { flow: SignIn; started: Started }) {
  const { signIn } = t();
  const left = useSecondsUntil(started.resendAt);
  const wait = left > 0 || flow.busy.value !== null;
  return (
    <div class="other-ways">
      <button type="button" class="button wide" disabled={wait} onClick={() => flow.again('call')}>
        {left > 0 ? signIn.callIn(left) : signIn.call}
      </button>
      <button type="button" class="button wide" disabled={wait} onClick={() => flow.again('sms')}>
        {left > 0 ? signIn.resendIn(left) : signIn.resend}
      </button>
      <button type="button" class="button plain wide" onClick={() => flow.other()}>
        {signIn.other}
      </button>
    </div>
  );
}

/** Whole seconds from now until `at`, counting down. */
function useSecondsUntil(at: number): number {
  const [now, setNow] = useState(Date.now());
  const left = Math.max(0, Math.ceil((at - now) / 1_000));
  useEffect(() => {
    if (left === 0) return;
    return systemClock.after(1_000, () => setNow(Date.now()));
  }, [left]);
  return left;
}
