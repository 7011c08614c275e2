/** The offline shell: the program's own files, kept from the first visit on. No data pass here. */

import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  precacheAndRoute,
} from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';

declare const self: ServiceWorkerGlobalScope & {
  __WB_MANIFEST: (string | { url: string; revision: string | null })[];
};

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();

/** Addresses that the hub answers itself, and files. */
const NOT_PAGES = [
  /^\/(api|connection|dev|healthz|readyz|metrics|board|track|delegates|threads|desk\/(board|delegate|opinions|liaison))(\/|$)/,
  /\.[a-z0-9]+$/,
];

registerRoute(new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: NOT_PAGES }));

// The first visit is served offline too; a new version waits until a page lets it take over.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('message', (event) => {
  if (event.data === 'take over') void self.skipWaiting();
});
