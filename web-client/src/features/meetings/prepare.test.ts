import { describe, expect, it } from 'vitest';
import type { Meeting, MeetingOrganiser } from '../../wire/types.ts';
import { bodyOf, type Draft, draftOf, emptyDraft, faultOf } from './prepare.ts';

const PLACE: MeetingOrganiser = {
  organisation: { organisation: 'o1', kind: 'branch', name: '第一支部' },
  kinds: ['committee_meeting', 'members_meeting'],
  chair: { person: 'p1', name: '李春梅' },
  people: [],
  notice_days: 3,
};

function full(more: Partial<Draft> = {}): Draft {
  return {
    ...emptyDraft([PLACE]),
    title: ' 十二月支委会 ',
    day: '2026-12-02',
    recorder: 'p2',
    agenda: [
      { title: '年终总结', minutes: '20' },
      { title: '  ', minutes: '' },
    ],
    ...more,
  };
}

describe('the form of a meeting', () => {
  it('begins with what the branch usually has', () => {
    expect(emptyDraft([PLACE])).toMatchObject({
      organisation: 'o1',
      kind: 'committee_meeting',
      chair: 'p1',
    });
  });

  it('says what is missing first, and that nobody chairs and records at once', () => {
    expect(faultOf(full())).toBeNull();
    expect(faultOf(full({ title: ' ' }))).toBe('title');
    expect(faultOf(full({ day: '' }))).toBe('time');
    expect(faultOf(full({ recorder: '' }))).toBe('recorder');
    expect(faultOf(full({ recorder: 'p1' }))).toBe('same');
    expect(faultOf(full({ agenda: [{ title: ' ', minutes: '5' }] }))).toBe('agenda');
    expect(faultOf(full({ venues: [{ name: '活动室', head: '' }] }))).toBe('venue');
    expect(faultOf(full({ exempted: [{ person: 'p3', reason: ' ' }] }))).toBe('exempted');
  });

  it('is sent with the time of Beijing, without empty lines', () => {
    expect(bodyOf(full({ place: ' ' }))).toEqual({
      organisation: 'o1',
      kind: 'committee_meeting',
      title: '十二月支委会',
      starts_at: '2026-12-02T19:30:00+08:00',
      closed: false,
      chair: 'p1',
      recorder: 'p2',
      agenda: [{ title: '年终总结', minutes: 20 }],
      venues: [],
      exempted: [],
    });
  });

  it('shows a kept draft as it was, whatever the zone of the device', () => {
    const meeting = {
      summary: {
        organisation: PLACE.organisation,
        kind: 'members_meeting',
        title: '党员大会',
        starts_at: '2026-12-01T16:30:00Z',
        closed: true,
      },
      chair: { person: 'p1', name: '' },
      recorder: { person: 'p2', name: '' },
      agenda: [{ title: '年终总结' }],
      venues: [{ name: '活动室', head: { person: 'p3', name: '' } }],
      roll: [{ person: 'p4', not_counted: 'exempted' }],
    } as unknown as Meeting;
    expect(draftOf(meeting)).toMatchObject({
      day: '2026-12-02',
      time: '00:30',
      place: '',
      agenda: [{ title: '年终总结', minutes: '' }],
      venues: [{ name: '活动室', head: 'p3' }],
      exempted: [{ person: 'p4', reason: '' }],
    });
  });
});
