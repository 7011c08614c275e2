/** Facts about the window that change what is drawn. */

import { type ReadonlySignal, signal } from '@preact/signals';

/** From this width the list of rooms stands beside the open one. */
const WIDE = '(min-width: 1100px)';

const wideNow = signal(false);

export const wide: ReadonlySignal<boolean> = wideNow;

export function startScreen(): void {
  const query = matchMedia(WIDE);
  const changed = () => {
    wideNow.value = query.matches;
  };
  changed();
  // Safari 13 has only the older form.
  query.addListener?.(changed);
  followKeyboard();
}

/** Keep the height of an on-screen keyboard that covers the page in `--keyboard`. */
function followKeyboard(): void {
  const view = window.visualViewport;
  if (!view) return;
  const changed = () => {
    const covered = Math.max(0, window.innerHeight - view.height - view.offsetTop);
    document.documentElement.style.setProperty('--keyboard', `${Math.round(covered)}px`);
  };
  view.addEventListener('resize', changed);
  view.addEventListener('scroll', changed);
}
