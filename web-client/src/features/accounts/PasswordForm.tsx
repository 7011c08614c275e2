/** The second way in: number and password. */

import { useRef } from 'preact/hooks';
import { Refused, useAction } from '../../ui/Loaded.tsx';
import type { Me } from '../../wire/types.ts';
import { accountTexts } from './account_texts.ts';
import { signInByPassword } from './api_later.ts';
import { digitsOf } from './sign_in.ts';

interface Props {
  onSignedIn(me: Me): void;
  onByCode(): void;
}

export function PasswordForm({ onSignedIn, onByCode }: Props) {
  const phone = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const action = useAction();
  const words = accountTexts();
  const give = async () => {
    const number = digitsOf(phone.current?.value ?? '');
    onSignedIn(await signInByPassword(number, password.current?.value ?? ''));
  };
  return (
    <form
      class="stack-wide"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void action.run(give);
      }}
    >
      <h2>{words.passwordTitle}</h2>
      <Refused action={action} />
      <div class="field">
        <label for="password-phone">{words.phone}</label>
        <input
          ref={phone}
          id="password-phone"
          class="input figure"
          type="tel"
          autocomplete="username"
          maxLength={20}
        />
      </div>
      <div class="field">
        <label for="password">{words.password}</label>
        <input
          ref={password}
          id="password"
          class="input"
          type="password"
          autocomplete="current-password"
          maxLength={128}
        />
      </div>
      <button type="submit" class="button primary wide" disabled={action.busy}>
        {action.busy ? words.signingIn : words.signIn}
      </button>
      <button type="button" class="button plain wide" onClick={onByCode}>
        {words.byCode}
      </button>
    </form>
  );
}
