/** Proving once more who one is, on the way to something that asks for it. */

import { useRef, useState } from 'preact/hooks';
import { inLanguage } from '../../i18n/texts.ts';
import { Refused, useAction } from '../../ui/Loaded.tsx';
import { answered, http } from '../../wire/http.ts';
import type { Challenge, Me } from '../../wire/types.ts';
import { finishSignIn, startSignIn } from './api.ts';

const zh = {
  factor: '为了安全，请再输入一次动态验证码。',
  factorLabel: '动态验证码',
  factorHint: '打开手机上的验证器应用，输入显示的6位数字',
  fresh: '为了安全，请用短信验证码再确认一次是您本人。',
  phone: '您的手机号',
  ask: '获取验证码',
  code: '验证码',
  sent: (masked: string) => `验证码已发到 ${masked}，5分钟内有效`,
  confirm: '确认是我',
};

const en: typeof zh = {
  factor: 'For safety, enter the code of your authenticator once more.',
  factorLabel: 'Code of your authenticator',
  factorHint: 'Open the authenticator application on your phone and enter its 6 digits',
  fresh: 'For safety, confirm by text message that it is you.',
  phone: 'Your telephone number',
  ask: 'Send a code',
  code: 'Code',
  sent: (masked) => `A code was sent to ${masked}; it is good for 5 minutes`,
  confirm: 'It is me',
};

const texts = () => inLanguage(zh, en);
const CODE_DIGITS = 6;

type Proof = 'second_factor_required' | 'fresh_sign_in_required';

interface Props {
  need: Proof;
  /** Called with the person when a new sign-in was the proof. */
  onProven(me: Me | null): Promise<void>;
}

export function Reauth({ need, onProven }: Props) {
  if (need === 'fresh_sign_in_required') return <Fresh onProven={onProven} />;
  const prove = async (code: string) => {
    await answered(http.POST('/api/desk', { body: { code } }));
    await onProven(null);
  };
  const { factor, factorLabel, factorHint } = texts();
  return <Ask text={factor} label={factorLabel} hint={factorHint} onGive={prove} />;
}

/** A code by text message to the own number. */
function Fresh({ onProven }: Pick<Props, 'onProven'>) {
  const [challenge, setChallenge] = useState<Challenge | null>(null);
  const words = texts();
  if (!challenge) {
    const ask = async (phone: string) => setChallenge(await startSignIn(phone, 'sms', null));
    return <Ask text={words.fresh} label={words.phone} button={words.ask} phone onGive={ask} />;
  }
  const prove = async (code: string) => {
    await onProven(await finishSignIn(challenge.challenge, code));
  };
  return (
    <Ask key="code" text={words.sent(challenge.phone_masked)} label={words.code} onGive={prove} />
  );
}

interface AskProps {
  text: string;
  label: string;
  hint?: string;
  button?: string;
  phone?: boolean;
  onGive(value: string): Promise<void>;
}

function Ask({ text, label, hint, button, phone, onGive }: AskProps) {
  const field = useRef<HTMLInputElement>(null);
  const action = useAction();
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const digits = (field.current?.value ?? '').replace(/\D/g, '');
        void action.run(() => onGive(digits));
      }}
    >
      <p role="status">{text}</p>
      <Refused action={action} />
      <div class="field">
        <label for="prove">{label}</label>
        <input
          ref={field}
          id="prove"
          class={phone ? 'input' : 'input code'}
          inputMode={phone ? 'tel' : 'numeric'}
          autocomplete={phone ? 'tel' : 'one-time-code'}
          {...(phone ? {} : { maxLength: CODE_DIGITS })}
        />
        {hint ? <p class="hint">{hint}</p> : null}
      </div>
      <button type="submit" class="button primary wide" disabled={action.busy}>
        {button ?? texts().confirm}
      </button>
    </form>
  );
}
