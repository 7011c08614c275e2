/** Days and clock times in China. The country has one zone and no summer time. */

const ZONE_MS = 8 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

/** Number of the day in China since 1970-01-01. */
export function dayOf(ms: number): number {
  return Math.floor((ms + ZONE_MS) / DAY_MS);
}

export interface CalendarTime {
  year: number;
  month: number;
  day: number;
  /** 0 is Sunday. */
  weekday: number;
  /** `19:30`. */
  clock: string;
}

/** The calendar date and clock time in China. */
export function calendarTime(ms: number): CalendarTime {
  const date = new Date(ms + ZONE_MS);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    clock: `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`,
  };
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
