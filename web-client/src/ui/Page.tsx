/** A page: top bar with way back, title and menu, the connection strip, the content. */

import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { t } from '../i18n/texts.ts';
import { urls } from '../routes.ts';
import { changeLook, look, SIZES } from '../settings/look.ts';
import { Choices } from './Choices.tsx';
import { Dialog } from './Dialog.tsx';
import { Icon } from './Icon.tsx';

interface Props {
  title: string;
  /** A second line under the title. */
  under?: string;
  /** Where the way back leads. */
  back?: string;
  /** Stands between the top bar and the content. */
  strip?: ComponentChildren;
  /** More lines of the menu. */
  menu?: ComponentChildren;
  /** `main` is drawn by the page itself. */
  bare?: boolean;
  /** The page puts the focus somewhere itself. */
  keepFocus?: boolean;
  children: ComponentChildren;
}

export function Page({ title, under, back, strip, menu, bare, keepFocus, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useTitle(title);
  useEffect(() => {
    if (!keepFocus) heading.current?.focus({ preventScroll: true });
  }, [keepFocus]);
  return (
    <div class="page">
      <header class="top-bar">
        <div class={back ? 'row has-back' : 'row'}>
          {back ? (
            <Link href={back} class="icon-button" aria-label={t().common.back}>
              <Icon name="back" />
            </Link>
          ) : null}
          <div class="title">
            <h1 ref={heading} tabIndex={-1}>
              {title}
            </h1>
            {under ? <p class="under">{under}</p> : null}
          </div>
          <PageMenu more={menu} />
        </div>
        {strip}
      </header>
      {bare ? children : <main id="content">{children}</main>}
    </div>
  );
}

/** The document's title while a page is shown. */
export function useTitle(title: string): void {
  const { product } = t();
  useEffect(() => {
    document.title = `${title} - ${product}`;
  }, [title, product]);
}

/** The menu of every page: text size and help. */
function PageMenu({ more }: { more: ComponentChildren }) {
  const [open, setOpen] = useState(false);
  const { common, me, pages } = t();
  return (
    <>
      <button
        type="button"
        class="icon-button"
        aria-label={common.menu}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <Icon name="more" />
      </button>
      {open ? (
        <Dialog title={common.menu} onClose={() => setOpen(false)}>
          <div class="stack">
            <Choices
              label={me.size}
              values={SIZES}
              names={me.sizes}
              value={look.value.size}
              onChange={(size) => changeLook({ size })}
            />
            {more}
            <Link href={urls.help} class="list-button" onClick={() => setOpen(false)}>
              <Icon name="help" />
              <span>{pages.help}</span>
              <Icon name="next" />
            </Link>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
