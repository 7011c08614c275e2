/** Setting the password that lets one in when no text message arrives. */

import { useRef, useState } from 'preact/hooks';
import { t } from '../../i18n/texts.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Refused, useAction } from '../../ui/Loaded.tsx';
import { accountTexts } from './account_texts.ts';
import { setPassword } from './api_later.ts';

export function PasswordCard() {
  const [asking, setAsking] = useState(false);
  const [saved, setSaved] = useState(false);
  const words = accountTexts();
  return (
    <section class="card stack" aria-labelledby="password-card">
      <h2 id="password-card">{words.card}</h2>
      <p class="quiet" role="status">
        {saved ? words.saved : words.cardHelp}
      </p>
      <button type="button" class="button" onClick={() => setAsking(true)}>
        {words.set}
      </button>
      {asking ? (
        <SetDialog
          onClose={() => setAsking(false)}
          onDone={() => {
            setAsking(false);
            setSaved(true);
          }}
        />
      ) : null}
    </section>
  );
}

const PASSWORD_CHARS_MIN = 10;
const PASSWORD_CHARS_MAX = 128;

function SetDialog({ onDone, onClose }: { onDone(): void; onClose(): void }) {
  const present = useRef<HTMLInputElement>(null);
  const fresh = useRef<HTMLInputElement>(null);
  const action = useAction();
  const words = accountTexts();
  const give = () => setPassword(fresh.current?.value ?? '', present.current?.value || null);
  return (
    <Dialog title={words.set} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void action.run(give).then((done) => done && onDone());
        }}
      >
        <Refused action={action} />
        <div class="field">
          <label for="present">{words.present}</label>
          <input
            ref={present}
            id="present"
            class="input"
            type="password"
            autocomplete="current-password"
            maxLength={PASSWORD_CHARS_MAX}
          />
        </div>
        <div class="field">
          <label for="fresh">{words.fresh}</label>
          <input
            ref={fresh}
            id="fresh"
            class="input"
            type="password"
            autocomplete="new-password"
            minLength={PASSWORD_CHARS_MIN}
            maxLength={PASSWORD_CHARS_MAX}
            aria-describedby="fresh-hint"
            required
          />
          <p class="hint" id="fresh-hint">
            {words.freshHint}
          </p>
        </div>
        <p class="quiet">{words.others}</p>
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
