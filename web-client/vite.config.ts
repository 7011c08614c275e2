import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';
import { markup } from './scripts/markup.ts';

const hub = process.env.HUB_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [preact({ devToolsEnabled: false, prefreshEnabled: true }), markup()],
  build: {
    target: ['chrome64', 'safari12'],
    // Everything is served from the hub's binary; nothing may become a data: URL, which the
    // content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: true,
  },
  server: {
    proxy: {
      '/api': { target: hub },
      '/connection': { target: hub, ws: true },
    },
  },
});
