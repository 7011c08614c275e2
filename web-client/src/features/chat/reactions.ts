/** Reactions as they are counted on a line. */

import type { Item } from '../../wire/types.ts';

/** The line after somebody set a reaction or took it back. */
export function reacted(item: Item, emoji: string, on: boolean, mine: boolean): Item {
  const reactions = (item.reactions ?? []).map((one) => ({ ...one }));
  let one = reactions.find((reaction) => reaction.emoji === emoji);
  if (!one) {
    one = { emoji, count: 0, mine: false };
    reactions.push(one);
  }
  one.count += on ? 1 : -1;
  if (mine) one.mine = on;
  return { ...item, reactions: reactions.filter((reaction) => reaction.count > 0) };
}
