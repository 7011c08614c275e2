/**
 * Leaves out of the chat library what the hub never offers: its other transports and delta
 * compression, about 4 KB of the entry. The build fails when a newer library names them otherwise.
 */

import type { Plugin } from 'vite';

/** Top-level declarations of `centrifuge/build/index.mjs`; their bodies are left out. */
const UNUSED = [
  'class SockjsTransport',
  'class ReplyStreamBuffer',
  'class LineStreamBuffer',
  'class HttpStreamTransport',
  'class SseTransport',
  'class WebtransportTransport',
  'class Reader',
  'class Writer',
  'function checksum',
  'function applyDelta',
];

export function withoutUnused(code: string): string {
  return UNUSED.reduce((text, head) => {
    const start = text.indexOf(`\n${head}`) + 1;
    const end = text.indexOf('\n}', start) + 2;
    if (start === 0 || end === 1) throw new Error(`the chat library has no ${head} any more`);
    const [kind, name] = head.split(' ');
    const nothing = kind === 'class' ? `class ${name} {}` : `function ${name}() {}`;
    return text.slice(0, start) + nothing + text.slice(end);
  }, code);
}

export function slim(): Plugin {
  return {
    name: 'slim',
    apply: 'build',
    transform(code, id) {
      return id.endsWith('/centrifuge/build/index.mjs')
        ? { code: withoutUnused(code), map: null }
        : undefined;
    },
  };
}
