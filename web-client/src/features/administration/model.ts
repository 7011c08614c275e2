/** How the pages of administration arrange what the hub tells. */

import type { Policy } from '../../wire/types.ts';

export interface PolicyGroup {
  key: string;
  /** In force first, then the latest first. */
  versions: Policy[];
}

/** One group a key, in the order of the hub. */
export function byKey(policies: readonly Policy[]): PolicyGroup[] {
  const groups = new Map<string, Policy[]>();
  for (const policy of policies) {
    const versions = groups.get(policy.key) ?? [];
    groups.set(policy.key, [...versions, policy]);
  }
  return Array.from(groups, ([key, versions]) => ({
    key,
    versions: versions.sort(
      (a, b) =>
        Number(b.in_force) - Number(a.in_force) || b.effective_from.localeCompare(a.effective_from),
    ),
  }));
}

const STEP = 1024;
const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** `12.3 MB`. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= STEP && unit < UNITS.length - 1) {
    value /= STEP;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}
