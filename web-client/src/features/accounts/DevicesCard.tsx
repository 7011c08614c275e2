/** The caller's devices, and how to sign one of them out. */

import { useEffect, useMemo, useState } from 'preact/hooks';
import { sentence } from '../../i18n/sentence.ts';
import { t } from '../../i18n/texts.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/Faces.tsx';
import type { Device } from '../../wire/types.ts';
import { readDevices, revokeDevice } from './api_later.ts';
import { Devices } from './devices.ts';
import { meTexts } from './me_texts.ts';

export function DevicesCard() {
  const devices = useMemo(() => new Devices({ list: readDevices, revoke: revokeDevice }), []);
  const [asked, setAsked] = useState<Device | null>(null);
  useEffect(() => void devices.load(), [devices]);
  const me = meTexts();
  const { common } = t();
  const failure = devices.failure.value;
  return (
    <section class="card stack" aria-labelledby="devices">
      <h2 id="devices">{me.devices}</h2>
      {failure ? <Notice>{sentence(failure)}</Notice> : null}
      {failure && !devices.list.value ? (
        <button type="button" class="button" onClick={() => void devices.load()}>
          {common.retry}
        </button>
      ) : null}
      <ul>
        {devices.list.value?.map((device) => (
          <DeviceLine key={device.device} device={device} onRevoke={() => setAsked(device)} />
        ))}
      </ul>
      {asked ? (
        <RevokeDialog
          device={asked}
          onClose={() => setAsked(null)}
          onRevoke={() => {
            void devices.revoke(asked.device);
            setAsked(null);
          }}
        />
      ) : null}
    </section>
  );
}

function DeviceLine({ device, onRevoke }: { device: Device; onRevoke(): void }) {
  const me = meTexts();
  const { day, clock } = t();
  const seen = Date.parse(device.last_seen_at);
  return (
    <li class="device">
      <p>
        <strong>{device.name || me.unnamedDevice}</strong>
        <span class="small quiet">
          {device.current ? me.thisDevice : me.lastSeen(`${day(seen, Date.now())} ${clock(seen)}`)}
        </span>
      </p>
      {device.current ? null : (
        <button type="button" class="button" onClick={onRevoke}>
          {me.revoke}
        </button>
      )}
    </li>
  );
}

interface RevokeProps {
  device: Device;
  onClose(): void;
  onRevoke(): void;
}

function RevokeDialog({ device, onClose, onRevoke }: RevokeProps) {
  const me = meTexts();
  const { common } = t();
  return (
    <Dialog title={me.revokeTitle} onClose={onClose}>
      <div class="stack">
        <p>{me.revokeText(device.name || me.unnamedDevice)}</p>
        <button type="button" class="button primary wide" onClick={onRevoke}>
          {me.revoke}
        </button>
        <button type="button" class="button wide" onClick={onClose}>
          {common.cancel}
        </button>
      </div>
    </Dialog>
  );
}
