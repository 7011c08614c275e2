/**
 * Writes the sign-in form into `index.html` from the catalogue of texts, so that it stands on the
 * screen before any script has come.
 */

import type { Plugin } from 'vite';
import { zhCN } from '../src/i18n/zh-CN.ts';

const { product, tagline, signIn, me, pages } = zhCN;

const mark = `<svg class="brand-mark" viewBox="0 0 48 48" aria-hidden="true"><rect width="48" height="48" rx="12"/><g fill="none" stroke-width="4"><circle cx="18.5" cy="24" r="9"/><path d="M24.5 17.3a9 9 0 110 13.4"/></g></svg>`;
const size = `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M3 19L8.5 5 14 19M5 14.5h7M15 19l3.5-9L22 19M16.3 16h4.4"/></svg>`;

const form = `<div id="first"><main class="entry"><header class="entry-head"><div class="row">${mark}<p class="entry-name"><strong>${product}</strong><span>${tagline}</span></p><button type="button" class="button size-switch">${size}<span>${me.bigger}</span></button></div></header><div class="body"><div class="card stack-wide"><h1>${signIn.title}</h1><form class="stack-wide" id="first-form" novalidate><div class="field"><label for="first-phone">${signIn.phone}</label><input id="first-phone" class="input figure" type="tel" inputmode="tel" autocomplete="tel-national" maxlength="20"><p class="hint">${signIn.phoneHint}</p></div><button type="submit" class="button primary wide">${signIn.ask}</button><p class="quiet small">${signIn.note}</p></form></div><p class="entry-foot small"><a href="/privacy">${pages.privacy}</a> · <a href="/rules">${pages.rules}</a></p></div></main></div>`;

export function markup(): Plugin {
  return {
    name: 'sign-in-markup',
    transformIndexHtml: {
      order: 'pre',
      handler: (html) => html.replace('<!--first-->', form).replace('<!--title-->', product),
    },
  };
}
