/** A person's or room's sign: one character on a quiet ground, the same ground for the same id. */

const GROUNDS = 6;

interface Props {
  /** The sign is its first character. */
  name: string;
  id: string;
  large?: boolean;
  square?: boolean;
}

export function Avatar({ name, id, large, square }: Props) {
  const kind = `${large ? ' large' : ''}${square ? ' square' : ''}`;
  return (
    <span class={`avatar ground-${groundOf(id)}${kind}`} aria-hidden="true">
      {Array.from(name.trim())[0] ?? ''}
    </span>
  );
}

function groundOf(id: string): number {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.charCodeAt(0)) % 9_973;
  return sum % GROUNDS;
}
