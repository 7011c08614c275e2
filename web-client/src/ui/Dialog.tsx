/** A native dialog; where the browser has none, a box with the same look, focus and Escape. */

import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from '../i18n/texts.ts';
import { Icon } from './Icon.tsx';

interface Props {
  title: string;
  onClose(): void;
  children: ComponentChildren;
}

export function Dialog({ title, onClose, children }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => (box.current ? open(box.current) : undefined), []);
  // The browser may tell of the closing after the box is gone: by then the same menu can be open
  // anew, which that must not close.
  const close = (event: Event) => {
    if ((event.currentTarget as Element).isConnected) onClose();
  };
  return (
    <dialog
      ref={box}
      class="dialog"
      aria-labelledby={heading}
      onClose={close}
      onCancel={(event) => {
        event.preventDefault();
        close(event);
      }}
      onClick={(event) => {
        if (event.target === box.current) onClose();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close(event);
      }}
    >
      <div class="head">
        <h2 id={heading}>{title}</h2>
        <button type="button" class="icon-button" aria-label={t().common.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      {children}
    </dialog>
  );
}

/** Show the box and give the focus back when it goes. */
function open(box: HTMLDialogElement): () => void {
  const before = document.activeElement;
  if (typeof box.showModal === 'function') {
    box.showModal();
  } else {
    box.setAttribute('open', '');
    box.setAttribute('role', 'dialog');
    box.setAttribute('aria-modal', 'true');
    box.querySelector<HTMLElement>('button, input, a')?.focus();
  }
  return () => {
    if (before instanceof HTMLElement && before.isConnected) {
      // Where it stood the page stays: a jump would move the next press off its target.
      before.focus({ preventScroll: true });
    }
  };
}
