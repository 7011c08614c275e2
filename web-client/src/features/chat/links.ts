/** Web addresses in a message, found so that they can be pressed. */

export type Part = { text: string } | { link: string };

const LINK = /https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+/g;
/** Signs that end a sentence rather than an address. */
const TRAILING = /[.,;:!?)\]']+$/;

export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let done = 0;
  // `matchAll` is missing in the oldest browsers served.
  LINK.lastIndex = 0;
  for (let match = LINK.exec(text); match; match = LINK.exec(text)) {
    const link = match[0].replace(TRAILING, '');
    if (match.index > done) parts.push({ text: text.slice(done, match.index) });
    parts.push({ link });
    done = match.index + link.length;
    LINK.lastIndex = done;
  }
  if (done < text.length) parts.push({ text: text.slice(done) });
  return parts;
}
