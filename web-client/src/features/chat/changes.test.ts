import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../platform/manual_clock.ts';
import { CALL_LOST, CallFailed, type ChatSocket } from '../../wire/chat_socket.ts';
import type { Item } from '../../wire/types.ts';
import { Changes, changesOf } from './changes.ts';

function changes(answers: (CallFailed | null)[]) {
  const clock = new ManualClock();
  const asked: unknown[] = [];
  let cids = 0;
  const call = (async (_method: unknown, params: unknown) => {
    asked.push(params);
    const answer = answers.shift();
    if (answer) throw answer;
    return { seq: 1, ts: 1 };
  }) as ChatSocket['call'];
  const newCid = () => `c${++cids}`;
  return { changes: new Changes({ socket: { call }, clock, newCid }), clock, asked };
}

const lost = new CallFailed(CALL_LOST, 'lost', true);

describe('changes of a message', () => {
  it('are told again under the same client id when no answer came', async () => {
    const { changes: model, clock, asked } = changes([lost, lost, null]);
    const done = model.edit('r', 7, 'better');
    await clock.pass(5_000);
    await done;
    expect(asked).toEqual(Array(3).fill({ room: 'r', seq: 7, cid: 'c1', text: 'better' }));
  });

  it('fail when the hub stays silent', async () => {
    const { changes: model, clock, asked } = changes([lost, lost, lost, lost]);
    const done = model.withdraw('r', 7).catch((error: unknown) => error);
    await clock.pass(60_000);
    expect(await done).toBe(lost);
    expect(asked).toHaveLength(3);
  });

  it('are not told again after a refusal', async () => {
    const late = new CallFailed(422, 'too_late', false);
    const { changes: model, asked } = changes([late, null]);
    await expect(model.withdraw('r', 7)).rejects.toBe(late);
    expect(asked).toHaveLength(1);
  });

  it('are offered to the author, for a while, while the text stands', () => {
    const item: Item = { seq: 1, nth: 1, t: 'msg', from: 'me', ts: 0, state: 'shown', text: 'x' };
    expect(changesOf(item, 'me', 60_000)).toEqual({ edit: true, withdraw: true });
    expect(changesOf(item, 'me', 180_000)).toEqual({ edit: true, withdraw: false });
    expect(changesOf(item, 'me', 90_000_000)).toEqual({ edit: false, withdraw: false });
    expect(changesOf(item, 'her', 0)).toEqual({ edit: false, withdraw: false });
    expect(changesOf({ ...item, state: 'withdrawn' }, 'me', 0).withdraw).toBe(false);
  });
});
