/** The strip under the top bar: what is known about the connection, in words. */

import { t } from '../i18n/texts.ts';
import { Icon } from '../ui/Icon.tsx';
import type { Strip } from './connection.ts';

interface Props {
  strip: Strip;
  /** Messages that wait for the network. */
  waiting: number;
  onReconnect(): void;
}

export function StripBar({ strip, waiting, onReconnect }: Props) {
  return (
    <div role="status">
      {strip.name === 'online' ? null : line({ strip, waiting, onReconnect })}
    </div>
  );
}

function line({ strip, waiting, onReconnect }: Props) {
  const texts = t();
  switch (strip.name) {
    case 'online':
      return null;
    case 'connecting':
      return (
        <div class="strip">
          <Icon name="clock" />
          <span>{texts.strip.connecting}</span>
        </div>
      );
    case 'offline':
      return (
        <div class="strip warn">
          <Icon name="offline" />
          <span>{texts.strip.offline(waiting)}</span>
        </div>
      );
    case 'stale':
      return (
        <div class="strip warn">
          <Icon name="clock" />
          <span>{texts.strip.stale(texts.clock(strip.since))}</span>
          <button type="button" class="button" onClick={onReconnect}>
            {texts.common.refresh}
          </button>
        </div>
      );
    case 'readonly':
      return (
        <div class="strip warn">
          <Icon name="alert" />
          <span>{texts.strip.readonly}</span>
        </div>
      );
    case 'ended':
      return (
        <div class="strip warn">
          <Icon name="alert" />
          <span>{texts.strip.ended}</span>
          <button type="button" class="button" onClick={onReconnect}>
            {texts.strip.reconnect}
          </button>
        </div>
      );
  }
}
