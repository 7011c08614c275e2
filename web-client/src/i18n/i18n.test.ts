import { describe, expect, it } from 'vitest';
import { calendarTime, dayOf } from './days.ts';
import { en } from './en.ts';
import { zhCN } from './zh-CN.ts';

/** 2026-11-30 19:30 in China, a Monday. */
const EVENING = Date.UTC(2026, 10, 30, 11, 30);
const DAY_MS = 24 * 3_600_000;

/** Every sentence of a catalogue with its place. */
function sentences(texts: object, place = ''): [string, string][] {
  return Object.entries(texts).flatMap(([key, text]): [string, string][] => {
    if (typeof text === 'string') return [[`${place}${key}`, text]];
    if (typeof text === 'function') return [[`${place}${key}`, String(text(1, 2))]];
    return sentences(text, `${place}${key}.`);
  });
}

describe('days', () => {
  it('begin at midnight in China, whatever the zone of the device', () => {
    expect(dayOf(Date.UTC(2026, 10, 30, 15, 59))).toBe(dayOf(EVENING));
    expect(dayOf(Date.UTC(2026, 10, 30, 16, 0))).toBe(dayOf(EVENING) + 1);
    expect(calendarTime(EVENING)).toEqual({
      year: 2026,
      month: 11,
      day: 30,
      weekday: 1,
      clock: '19:30',
    });
  });

  it('are said as today, yesterday, date with weekday, date with year', () => {
    expect(zhCN.day(EVENING, EVENING)).toBe('今天');
    expect(zhCN.day(EVENING, EVENING + DAY_MS)).toBe('昨天');
    expect(zhCN.day(EVENING, EVENING + 5 * DAY_MS)).toBe('11月30日\uff08周一\uff09');
    expect(zhCN.day(EVENING, EVENING + 400 * DAY_MS)).toBe('2026年11月30日');
    expect(en.day(EVENING, EVENING + 5 * DAY_MS)).toBe('Mon 30 Nov');
  });

  it('are short in a list', () => {
    expect(zhCN.moment(EVENING, EVENING)).toBe('19:30');
    expect(zhCN.moment(EVENING, EVENING + 5 * DAY_MS)).toBe('11月30日');
    expect(en.moment(EVENING, EVENING + 5 * DAY_MS)).toBe('30 Nov');
  });
});

describe('Chinese texts', () => {
  it('contain no English words', () => {
    const allowed = new Set(['locale', 'me.languages.zh-CN', 'me.languages.en']);
    for (const [place, text] of sentences(zhCN)) {
      if (!allowed.has(place)) expect(text, place).not.toMatch(/[A-Za-z]{2,}/);
    }
  });

  it('have Chinese punctuation and no exclamation marks', () => {
    for (const [place, text] of sentences(zhCN)) {
      expect(text, place).not.toMatch(/[\u4e00-\u9fff][,?:;()!]/);
      expect(text, place).not.toMatch(/[!\uff01]/);
    }
  });
});
