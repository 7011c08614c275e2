import { describe, expect, it } from 'vitest';
import type { InvitationCard, JoinCase, JoinState } from '../../wire/types.ts';
import { stepOf } from './model.ts';

function card(state: InvitationCard['state'] = 'open'): InvitationCard {
  return {
    state,
    organisation: { organisation: 'o1', kind: 'party_group', name: '第一党小组' },
    of: '第一支部',
    invited_by: '李春梅',
    valid_until: '2026-12-01T00:00:00Z',
    ask: '李春梅',
  };
}

function joining(state: JoinState): JoinCase {
  return {
    state,
    organisation: card().organisation,
    person: 'p1',
    name: '陈建国',
    submitted_at: '2026-11-24T00:00:00Z',
    inactive: false,
  };
}

describe('the way in', () => {
  it('leads over sign-in to the question', () => {
    expect(stepOf(card(), false, null)).toEqual({ at: 'sign_in' });
    expect(stepOf(card(), true, null)).toEqual({ at: 'confirm' });
  });

  it('says how an invitation ended', () => {
    for (const why of ['expired', 'used_up', 'revoked'] as const) {
      expect(stepOf(card(why), true, null)).toEqual({ at: 'over', why });
    }
  });

  it('shows the own case even when the invitation has ended', () => {
    expect(stepOf(card('expired'), true, joining('submitted')).at).toBe('asked');
    for (const state of ['provisional', 'participating', 'home'] as const) {
      expect(stepOf(card('used_up'), true, joining(state)).at).toBe('inside');
    }
  });

  it('lets who was refused ask again while the invitation is good', () => {
    for (const state of ['refused', 'withdrawn', 'ended'] as const) {
      expect(stepOf(card(), true, joining(state))).toMatchObject({ at: 'outside', again: true });
      expect(stepOf(card('expired'), true, joining(state))).toMatchObject({ again: false });
    }
  });
});
