/** The faces every list and page has beside its content: loading, empty, error, denied. */

import type { ComponentChildren } from 'preact';
import { t } from '../i18n/texts.ts';
import { Icon, type IconName } from './Icon.tsx';

/** Places held while something loads. Nothing is drawn in the first 300 ms. */
export function Loading({ rows = 6 }: { rows?: number }) {
  return (
    <div role="status" aria-label={t().common.loading}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} class="skeleton skeleton-row" />
      ))}
    </div>
  );
}

interface FaceProps {
  icon: IconName;
  title: string;
  text?: string;
  children?: ComponentChildren;
}

export function Face({ icon, title, text, children }: FaceProps) {
  return (
    <div class="face">
      <Icon name={icon} />
      <h2>{title}</h2>
      {text ? <p class="quiet">{text}</p> : null}
      {children}
    </div>
  );
}

/** What failed, its code, and how to try again. */
export function ErrorFace({ code, onRetry }: { code: string; onRetry(): void }) {
  const { common } = t();
  return (
    <div role="alert">
      <Face icon="alert" title={common.errorTitle} text={common.errorHelp}>
        <p class="quiet small">{common.code(code)}</p>
        <button type="button" class="button" onClick={onRetry}>
          {common.retry}
        </button>
      </Face>
    </div>
  );
}

/** Sign, word and bar: what went wrong in a form. */
export function Notice({ children, warn }: { children: ComponentChildren; warn?: boolean }) {
  return (
    <div class={warn ? 'notice warn' : 'notice'} role="alert">
      <Icon name="alert" />
      <span>{children}</span>
    </div>
  );
}
