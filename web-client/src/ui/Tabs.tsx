/** The main navigation: below on a phone, left on a wide screen. */

import { Link, useLocation } from 'wouter-preact';
import { t } from '../i18n/texts.ts';
import { urls } from '../routes.ts';
import { Badge } from './Badge.tsx';
import { BrandMark, Icon } from './Icon.tsx';

interface Props {
  unread: number;
  /** The person belongs to a branch. */
  meetings: boolean;
  /** The person holds a post that has a desk. */
  desk: boolean;
}

export function Tabs({ unread, meetings, desk }: Props) {
  const [path] = useLocation();
  const { tabs } = t();
  const here = (under: readonly string[]) =>
    under.some((start) => `${path}/`.startsWith(start)) ? 'page' : undefined;
  return (
    <nav class="tabs" aria-label={tabs.label}>
      <BrandMark />
      <ul>
        <li>
          <Link href={urls.inbox} aria-current={here(['/inbox/', '/r/'])}>
            <Icon name="chat" />
            <span>{tabs.inbox}</span>
            <Badge count={unread} />
          </Link>
        </li>
        {meetings ? (
          <li>
            <Link href={urls.meetings} aria-current={here(['/meetings/', '/meet/'])}>
              <Icon name="calendar" />
              <span>{tabs.meetings}</span>
            </Link>
          </li>
        ) : null}
        {desk ? (
          <li>
            <Link href={urls.desk} aria-current={here(['/desk/', '/admin/'])}>
              <Icon name="desk" />
              <span>{tabs.desk}</span>
            </Link>
          </li>
        ) : null}
        <li>
          <a href={urls.board}>
            <Icon name="board" />
            <span>{tabs.board}</span>
          </a>
        </li>
        <li>
          <Link href={urls.me} aria-current={here(['/me/'])}>
            <Icon name="person" />
            <span>{tabs.me}</span>
          </Link>
        </li>
      </ul>
    </nav>
  );
}
