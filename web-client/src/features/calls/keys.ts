/** Keys of the call page: each presses the button that names it. */

import { signal } from '@preact/signals';

/** Whoever speaks to the computer, or presses keys by chance, turns them off. */
export const keys = signal(true);

/** Until told to stop. */
export function followKeys(): () => void {
  const pressed = (event: KeyboardEvent) => {
    if (!keys.peek() || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    const from = event.target as Element | null;
    if (from?.closest('input, textarea, select, [contenteditable], dialog')) return;
    if (document.querySelector('dialog[open]')) return;
    const button = document.querySelector<HTMLButtonElement>(
      `button[data-key="${CSS.escape(event.key.toLowerCase())}"]`,
    );
    if (!button) return;
    event.preventDefault();
    button.click();
  };
  document.addEventListener('keydown', pressed);
  return () => document.removeEventListener('keydown', pressed);
}
