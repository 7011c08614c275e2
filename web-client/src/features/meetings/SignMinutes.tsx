/** Signing the minutes as they stand on the screen, after proving once more who one is. */

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../../i18n/texts.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Refused, useAction } from '../../ui/Loaded.tsx';
import type { Failure } from '../../wire/http.ts';
import type { Minutes } from '../../wire/types.ts';
import { signMinutes } from './api.ts';
import css from './Meetings.module.css';
import { minutesTexts } from './minutes_texts.ts';

export type Proof = 'second_factor_required' | 'fresh_sign_in_required';

/** Asks for a proof of who one is; `onProven` is called when it was given. */
export type Again = (need: Proof, onProven: () => Promise<void>) => ComponentChildren;

interface Props {
  minutes: Minutes;
  again: Again;
  put(minutes: Minutes): void;
}

function proofOf(failure: Failure | null): Proof | null {
  if (failure?.kind !== 'refused') return null;
  const { code } = failure;
  return code === 'second_factor_required' || code === 'fresh_sign_in_required' ? code : null;
}

export function SignMinutes({ minutes, again, put }: Props) {
  const [asking, setAsking] = useState(false);
  const action = useAction();
  const words = minutesTexts();
  const { meeting, hash, version } = minutes;
  const need = proofOf(action.failure);
  const sign = async () => {
    const done = await action.run(async () => put(await signMinutes(meeting, hash)));
    if (done) setAsking(false);
  };
  return (
    <>
      <button
        type="button"
        class="button primary wide no-print"
        aria-haspopup="dialog"
        onClick={() => setAsking(true)}
      >
        {words.sign}
      </button>
      {asking ? (
        <Dialog title={words.signTitle} onClose={() => setAsking(false)}>
          <div class="stack">
            <p>{words.signText(version)}</p>
            <p class="small quiet">{words.code}</p>
            <p class={css.hash}>{hash}</p>
            {need ? (
              again(need, sign)
            ) : (
              <>
                <Refused action={action} />
                <button
                  type="button"
                  class="button primary wide"
                  disabled={action.busy}
                  onClick={() => void sign()}
                >
                  {words.sign}
                </button>
              </>
            )}
            <button type="button" class="button wide" onClick={() => setAsking(false)}>
              {t().common.cancel}
            </button>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
