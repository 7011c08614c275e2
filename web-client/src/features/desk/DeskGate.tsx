/** In front of every page of the desk: the second factor. */

import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Face } from '../../ui/Faces.tsx';
import { Faced, type Loaded, Refused, useAction, useLoaded } from '../../ui/Loaded.tsx';
import { Page } from '../../ui/Page.tsx';
import type { Desk, SecondFactor } from '../../wire/types.ts';
import { confirmSecondFactor, newSecondFactor, openDesk, readDesk } from './api.ts';
import css from './Desk.module.css';
import { texts } from './texts.ts';

interface Props {
  strip: ComponentChildren;
  /** The page; `lock` shows the gate again, when the hub says that the desk has closed. */
  children(desk: Desk, lock: () => void): ComponentChildren;
}

export function DeskGate({ strip, children }: Props) {
  const desk = useLoaded(readDesk, 'desk');
  const { value } = desk;
  if (value && isOpen(value)) return <>{children(value, desk.reload)}</>;
  const words = texts();
  return (
    <Page title={words.title} strip={strip}>
      <Faced of={desk} code="E-工作台-100">
        {(known) => {
          if (!known.needed) return <Face icon="lock" title={words.none} />;
          return known.has_second_factor ? <Open desk={desk} /> : <SetUp desk={desk} />;
        }}
      </Faced>
    </Page>
  );
}

function isOpen({ open_until }: Desk): boolean {
  return open_until ? Date.parse(open_until) > Date.now() : false;
}

function Open({ desk }: { desk: Loaded<Desk> }) {
  const words = texts();
  return (
    <div class="card stack-wide">
      <h2>{words.lock}</h2>
      <p>{words.lockHelp}</p>
      <CodeForm button={words.open} onGive={async (code) => desk.put(await openDesk(code))} />
    </div>
  );
}

interface CodeFormProps {
  button: string;
  onGive(code: string): Promise<void>;
}

const CODE_DIGITS = 6;

function CodeForm({ button, onGive }: CodeFormProps) {
  const field = useRef<HTMLInputElement>(null);
  const action = useAction();
  const words = texts();
  const give = () => {
    const code = (field.current?.value ?? '').replace(/\D/g, '');
    void action
      .run(() => onGive(code))
      .then((done) => {
        if (done || !field.current) return;
        field.current.value = '';
        field.current.focus();
      });
  };
  return (
    <form
      class="stack-wide"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        give();
      }}
    >
      <Refused action={action} />
      <div class="field">
        <label for="desk-code">{words.code}</label>
        <input
          ref={field}
          id="desk-code"
          class="input code"
          inputMode="numeric"
          autocomplete="one-time-code"
          maxLength={CODE_DIGITS}
          aria-describedby="desk-code-hint"
        />
        <p class="hint" id="desk-code-hint">
          {words.codeHint}
        </p>
      </div>
      <button type="submit" class="button primary wide" disabled={action.busy}>
        {action.busy ? words.opening : button}
      </button>
    </form>
  );
}

/** An officer without a second factor makes one. */
function SetUp({ desk }: { desk: Loaded<Desk> }) {
  const [made, setMade] = useState<SecondFactor | null>(null);
  const action = useAction();
  const words = texts();
  const old =
    action.failure?.kind === 'refused' && action.failure.code === 'fresh_sign_in_required';
  return (
    <div class="card stack-wide">
      <h2>{words.setUp}</h2>
      <p>{old ? words.fresh : words.setUpHelp}</p>
      {old ? null : <Refused action={action} />}
      {made ? (
        <>
          <img class={css.qr} alt={words.qr} src={picture(made.qr_svg)} />
          <p>
            {words.secret}
            <span class={css.secret}>{made.secret.replace(/(.{4})/g, '$1 ').trim()}</span>
          </p>
          <CodeForm
            button={words.confirm}
            onGive={async (code) => desk.put(await confirmSecondFactor(code))}
          />
        </>
      ) : (
        <button
          type="button"
          class="button primary wide"
          disabled={action.busy}
          onClick={() => void action.run(async () => setMade(await newSecondFactor()))}
        >
          {words.begin}
        </button>
      )}
    </div>
  );
}

/** A drawing as an image: nothing in it runs. */
function picture(svg: string): string {
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
