/** A count of unread messages, at most 99+. */

import { t } from '../i18n/texts.ts';

const SHOWN_MAX = 99;

export function Badge({ count }: { count: number }) {
  if (count <= 0) return null;
  const { inbox } = t();
  return (
    <>
      <span class="badge" aria-hidden="true">
        {count > SHOWN_MAX ? inbox.many : count}
      </span>
      <span class="hidden-text">{inbox.unread(count)}</span>
    </>
  );
}
