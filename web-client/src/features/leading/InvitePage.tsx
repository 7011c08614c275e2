/** `/r/:room/invite`: the link and the QR code with which people come in. */

import { useMemo, useState } from 'preact/hooks';
import { encode } from 'uqr';
import { t } from '../../i18n/texts.ts';
import { urls } from '../../routes.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Face } from '../../ui/Faces.tsx';
import { type Action, Faced, Refused, useAction, useLoaded } from '../../ui/Loaded.tsx';
import { Page } from '../../ui/Page.tsx';
import type { Invitation } from '../../wire/types.ts';
import { invite, readInvitations, revoke } from './api.ts';
import css from './Leading.module.css';
import { openOne } from './model.ts';
import type { LeadingProps } from './props.ts';
import { texts } from './texts.ts';

export function InvitePage({ id, title, strip }: LeadingProps) {
  const known = useLoaded(() => readInvitations(id), id);
  const action = useAction();
  const words = texts();
  const make = () =>
    void action.run(async () => {
      await invite(id);
      known.reload();
    });
  return (
    <Page title={words.invite} under={title} back={urls.roomInfo(id)} strip={strip}>
      <Faced of={known} code="E-邀请-100">
        {(all) => {
          const open = openOne(all);
          return (
            <div class="stack">
              <Refused action={action} />
              {open ? (
                <Open
                  key={open.invitation}
                  invitation={open}
                  onRevoke={async () => {
                    await revoke(id, open.invitation);
                    known.reload();
                  }}
                />
              ) : (
                <Face icon="invite" title={words.noInvitation} text={words.noInvitationHelp} />
              )}
              <Make action={action} first={!open} onMake={make} />
              <Older invitations={all.filter((one) => one !== open)} />
            </div>
          );
        }}
      </Faced>
    </Page>
  );
}

function Make({ action, first, onMake }: { action: Action; first: boolean; onMake(): void }) {
  const words = texts();
  return (
    <button
      type="button"
      class={first ? 'button primary wide' : 'button wide'}
      disabled={action.busy}
      onClick={onMake}
    >
      {action.busy ? words.making : first ? words.make : words.makeNew}
    </button>
  );
}

interface OpenProps {
  invitation: Invitation;
  onRevoke(): Promise<void>;
}

function Open({ invitation, onRevoke }: OpenProps) {
  const [asking, setAsking] = useState(false);
  const words = texts();
  const { uses, uses_max, valid_until } = invitation;
  // A hub that does not know its public name gives the path alone.
  const url = new URL(invitation.url, location.origin).href;
  return (
    <section class="card stack" aria-label={words.invitations}>
      <QrCode text={url} />
      <p class={css.link}>{url}</p>
      <p class="small quiet numbers">
        {words.until(whenOf(valid_until))} · {words.used(uses, uses_max)}
      </p>
      <Share url={url} />
      <button type="button" class="button plain wide" onClick={() => setAsking(true)}>
        {words.revoke}
      </button>
      {asking ? <RevokeDialog onRevoke={onRevoke} onClose={() => setAsking(false)} /> : null}
    </section>
  );
}

function whenOf(time: string): string {
  const ms = Date.parse(time);
  return `${t().day(ms, Date.now())} ${t().clock(ms)}`;
}

function QrCode({ text }: { text: string }) {
  const drawn = useMemo(() => {
    const { data, size } = encode(text, { border: 3 });
    const squares = data.flatMap((row, y) =>
      row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])),
    );
    return { path: squares.join(''), size };
  }, [text]);
  return (
    <svg
      class={css.qr}
      viewBox={`0 0 ${drawn.size} ${drawn.size}`}
      role="img"
      aria-label={texts().qr}
      shape-rendering="crispEdges"
    >
      <path d={drawn.path} />
    </svg>
  );
}

/** The share sheet of the device where there is one; copying always. */
function Share({ url }: { url: string }) {
  const [told, setTold] = useState('');
  const words = texts();
  const canShare = typeof navigator.share === 'function';
  const copy = () =>
    void Promise.resolve(navigator.clipboard?.writeText(url) ?? Promise.reject(new Error('none')))
      .then(() => setTold(words.copied))
      .catch(() => setTold(words.copyFailed));
  return (
    <>
      <p class={css.buttons}>
        {canShare ? (
          <button
            type="button"
            class="button primary"
            onClick={() => void navigator.share({ url }).catch(() => {})}
          >
            {words.share}
          </button>
        ) : null}
        <button type="button" class={canShare ? 'button' : 'button primary'} onClick={copy}>
          {words.copy}
        </button>
      </p>
      <p class="small quiet" role="status">
        {told}
      </p>
    </>
  );
}

function RevokeDialog({ onRevoke, onClose }: { onRevoke(): Promise<void>; onClose(): void }) {
  const action = useAction();
  const words = texts();
  return (
    <Dialog title={words.revoke} onClose={onClose}>
      <div class="stack">
        <p>{words.revokeText}</p>
        <Refused action={action} />
        <button
          type="button"
          class="button primary wide"
          disabled={action.busy}
          onClick={() => void action.run(onRevoke).then((done) => done && onClose())}
        >
          {words.revoke}
        </button>
        <button type="button" class="button wide" onClick={onClose}>
          {t().common.cancel}
        </button>
      </div>
    </Dialog>
  );
}

function Older({ invitations }: { invitations: Invitation[] }) {
  const words = texts();
  if (invitations.length === 0) return null;
  return (
    <section class="card stack" aria-labelledby="older">
      <h2 id="older">{words.older}</h2>
      <ul class={css.lines}>
        {invitations.map((one) => (
          <li key={one.invitation} class={css.line}>
            <p class={css.who}>
              <strong>{words.invitationStates[one.state]}</strong>
              <span class="small quiet numbers">
                {words.until(whenOf(one.valid_until))} · {words.used(one.uses, one.uses_max)}
              </span>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
