import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { markup } from './scripts/markup.ts';
import { slim } from './scripts/slim.ts';
import { zhCN } from './src/i18n/zh-CN.ts';

const hub = process.env.HUB_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [
    preact({ devToolsEnabled: false, prefreshEnabled: true }),
    markup(),
    slim(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src',
      filename: 'sw.ts',
      injectRegister: false,
      injectManifest: {
        globPatterns: ['**/*.{js,css,html,svg,png,webmanifest}'],
        // The media library is loaded by who enters a call.
        globIgnores: ['**/icon-512.png', '**/calls-*.js'],
      },
      manifest: {
        name: zhCN.product,
        short_name: zhCN.product,
        description: zhCN.tagline,
        lang: 'zh-CN',
        start_url: '/',
        scope: '/',
        display: 'standalone',
        theme_color: '#a8151a',
        background_color: '#f5f3f0',
        icons: [
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' },
        ],
      },
    }),
  ],
  build: {
    target: ['chrome64', 'safari12'],
    // Everything is served from the hub's binary; nothing may become a data: URL, which the
    // content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: false,
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
