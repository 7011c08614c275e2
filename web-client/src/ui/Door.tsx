/** A way to another part, as a card: a sign, its name and what is behind it. */

import { Link } from 'wouter-preact';
import { Icon, type IconName } from './Icon.tsx';

interface DoorProps {
  to: string;
  icon: IconName;
  title: string;
  hint: string;
  first?: boolean;
  /** The page behind it is drawn by the hub, outside the router. */
  byHub?: boolean;
}

export function Door({ to, icon, title, hint, first, byHub }: DoorProps) {
  const Way = byHub ? 'a' : Link;
  return (
    <Way href={to} class={first ? 'door first' : 'door'}>
      <span class="door-sign">
        <Icon name={icon} />
      </span>
      <span class="door-words">
        <strong>{title}</strong>
        <span class="small quiet">{hint}</span>
      </span>
      <Icon name="next" />
    </Way>
  );
}
