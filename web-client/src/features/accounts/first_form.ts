/**
 * The sign-in form that stands in the page before the program arrives: what was typed there, the
 * cursor and a press of the button go over to the real form.
 */

export function takeFirst(into: HTMLInputElement): { sent: boolean } {
  const root = document.documentElement;
  const first = document.getElementById('first-phone');
  const sent = root.hasAttribute('data-first-sent');
  root.removeAttribute('data-first-sent');
  if (first instanceof HTMLInputElement) {
    into.value = first.value;
    if (document.activeElement === first) into.focus();
  }
  dropFirst();
  return { sent };
}

/** Take the standing form out of the page. */
export function dropFirst(): void {
  document.documentElement.removeAttribute('data-first');
  document.getElementById('first')?.remove();
}
