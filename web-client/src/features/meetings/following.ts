/** A meeting as a page follows it, and this device's presence at it. */

import { effect, type ReadonlySignal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { systemClock } from '../../platform/clock.ts';
import { farewells } from '../../platform/farewell.ts';
import type { Loaded } from '../../ui/Loaded.tsx';
import type { Meeting } from '../../wire/types.ts';
import { beat, readMeeting } from './api.ts';
import { type Attendance, Attending } from './attending.ts';
import { isLive } from './live.ts';
import { LOOK_MS, Watch } from './watch.ts';

/** The meeting at which this device is, whatever page is shown. */
const current = signal<{ meeting: string; attending: Attending } | null>(null);

farewells.add(leave);

function leave(): void {
  current.peek()?.attending.stop();
  current.value = null;
}

/** Whether the hub hears of this device; `null` while it is at no such meeting. */
export function attendance(meeting: string): Attendance | null {
  const now = current.value;
  return now?.meeting === meeting ? now.attending.state.value : null;
}

/** Tell the hub of this device, or stop telling, as the meeting asks for. */
export function attend({ summary, beat_s: everyS }: Meeting, again = false): void {
  const { meeting, mine, state } = summary;
  const known = current.peek();
  if (isLive(state) && mine?.place === 'online') {
    if (known?.meeting === meeting && !again) return;
    leave();
    const attending = new Attending({ beat: () => beat(meeting), everyS, clock: systemClock });
    current.value = { meeting, attending };
  } else if (known?.meeting === meeting) {
    leave();
  }
}

const CALM_MS = 30_000;
const SOON_MS = 120_000;

/** A meeting that is far away, or over, changes seldom. */
function everyMs(meeting: Meeting | null): number {
  if (!meeting) return LOOK_MS;
  const { state } = meeting.summary;
  const soon = Date.parse(meeting.sign_in_at) - systemClock.now() < SOON_MS;
  return isLive(state) || (state === 'notified' && soon) ? LOOK_MS : CALM_MS;
}

export interface Followed extends Loaded<Meeting> {
  /** The hub said so just now. */
  known: boolean;
}

/** `news` changes when the meeting's room told of something. */
export function useMeeting(
  id: string,
  news: ReadonlySignal<number> | null = null,
  read: (id: string) => Promise<Meeting> = readMeeting,
): Followed {
  const watch = useMemo(
    () => new Watch({ read: () => read(id), everyMs, clock: systemClock }),
    [id, read],
  );
  useEffect(() => () => watch.stop(), [watch]);
  useEffect(
    () =>
      effect(() => {
        if (watch.value.value) attend(watch.value.value);
      }),
    [watch],
  );
  useEffect(() => {
    if (!news) return;
    return news.subscribe((count) => {
      if (count > 0) void watch.look();
    });
  }, [watch, news]);
  return {
    value: watch.value.value,
    failure: watch.failure.value,
    known: watch.failure.value === null,
    reload: () => void watch.look(),
    put: (meeting) => watch.put(meeting),
  };
}
