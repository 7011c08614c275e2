import { describe, expect, it } from 'vitest';
import type { Policy } from '../../wire/types.ts';
import { byKey } from './model.ts';

function policy(key: string, from: string, inForce: boolean): Policy {
  return {
    key,
    effective_from: from,
    value: 1,
    unit: 'days',
    source: 's',
    least: 1,
    most: 9,
    in_force: inForce,
  };
}

describe('the numbers of the rules', () => {
  it('stand in one group a key: in force first, then the latest', () => {
    const groups = byKey([
      policy('a', '2020-01-01', false),
      policy('a', '2024-01-01', true),
      policy('b', '2000-01-01', true),
      policy('a', '2027-01-01', false),
    ]);
    expect(groups.map(({ key }) => key)).toEqual(['a', 'b']);
    expect(groups[0]?.versions.map((one) => one.effective_from)).toEqual([
      '2024-01-01',
      '2027-01-01',
      '2020-01-01',
    ]);
  });
});
