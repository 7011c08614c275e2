/** Being here: signing in with this device, and the way into the meeting. */

import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { t } from '../../i18n/texts.ts';
import { urls } from '../../routes.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/Faces.tsx';
import { Refused, useAction } from '../../ui/Loaded.tsx';
import type { Meeting } from '../../wire/types.ts';
import { signIn, signOut } from './api.ts';
import { attend, attendance } from './following.ts';
import { memberTexts } from './member_texts.ts';

interface Props {
  meeting: Meeting;
  put(meeting: Meeting): void;
}

export function SignInCard({ meeting, put }: Props) {
  const [leaving, setLeaving] = useState(false);
  const action = useAction();
  const words = memberTexts();
  const { rights, summary } = meeting;
  const { meeting: id, mine } = summary;
  const place = mine?.place ?? 'away';
  const heard = attendance(id);
  const here = place !== 'away' && heard !== 'elsewhere';
  const arrive = async () => {
    const next = await signIn(id);
    put(next);
    attend(next, true);
  };
  if (!here && !rights.includes('sign_in') && heard !== 'elsewhere') return null;
  return (
    <section class="card stack no-print" aria-labelledby="sign-in">
      <h2 id="sign-in">{words.signInTitle}</h2>
      <p role="status">{here ? words.signedIn[place] : null}</p>
      {heard === 'unheard' ? <Notice warn>{words.unheard}</Notice> : null}
      {heard === 'elsewhere' ? <Notice warn>{words.elsewhere}</Notice> : null}
      <Refused action={action} />
      {here ? (
        <Here id={id} mayLeave={rights.includes('sign_out')} onLeave={() => setLeaving(true)} />
      ) : (
        <>
          <p>{words.signInHelp}</p>
          <button
            type="button"
            class="button primary wide"
            disabled={action.busy}
            onClick={() => void action.run(arrive)}
          >
            {heard === 'elsewhere' ? words.signInHere : words.signIn}
          </button>
        </>
      )}
      {leaving ? <Leave id={id} put={put} onClose={() => setLeaving(false)} /> : null}
    </section>
  );
}

interface HereProps {
  id: string;
  mayLeave: boolean;
  onLeave(): void;
}

function Here({ id, mayLeave, onLeave }: HereProps) {
  const words = memberTexts();
  return (
    <>
      <Link href={urls.meetLive(id)} class="button primary wide">
        {words.enter}
      </Link>
      <p class="small quiet">{words.enterHelp}</p>
      {mayLeave ? (
        <button type="button" class="button wide" aria-haspopup="dialog" onClick={onLeave}>
          {words.signOut}
        </button>
      ) : null}
    </>
  );
}

interface LeaveProps {
  id: string;
  put(meeting: Meeting): void;
  onClose(): void;
}

function Leave({ id, put, onClose }: LeaveProps) {
  const action = useAction();
  const words = memberTexts();
  const leave = async () => {
    put(await signOut(id));
    onClose();
  };
  return (
    <Dialog title={words.signOutTitle} onClose={onClose}>
      <div class="stack">
        <p>{words.signOutText}</p>
        <Refused action={action} />
        <button
          type="button"
          class="button primary wide"
          disabled={action.busy}
          onClick={() => void action.run(leave)}
        >
          {words.signOut}
        </button>
        <button type="button" class="button wide" onClick={onClose}>
          {t().common.cancel}
        </button>
      </div>
    </Dialog>
  );
}
