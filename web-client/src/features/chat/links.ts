/** Web addresses and called names in a message. */

export type Part = { text: string } | { link: string } | { name: string };

const LINK = /https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+/g;
/** Signs that end a sentence rather than an address. */
const TRAILING = /[.,;:!?)\]']+$/;

/** The parts of a text; `called` are the names that are called in it. */
export function partsOf(text: string, called: readonly string[] = []): Part[] {
  return linked(text).flatMap((part) => ('text' in part ? named(part.text, called) : [part]));
}

function named(text: string, called: readonly string[]): Part[] {
  for (const name of called) {
    const at = name ? text.indexOf(`@${name}`) : -1;
    if (at < 0) continue;
    const end = at + name.length + 1;
    return [
      ...named(text.slice(0, at), called),
      { name: text.slice(at, end) },
      ...named(text.slice(end), called),
    ];
  }
  return text ? [{ text }] : [];
}

function linked(text: string): Part[] {
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
