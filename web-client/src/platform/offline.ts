/** Registers the offline shell, and lets a new version take over while nobody looks. */

const WORKER = '/sw.js';
const UPDATE_MS = 3_600_000;

interface ScriptUrls {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): {
    createScriptURL(url: string): string;
  };
}

export function startOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  void register();
}

async function register(): Promise<void> {
  try {
    const registration = await navigator.serviceWorker.register(trusted(WORKER));
    followUpdates(registration);
  } catch {
    // Without the shell the program works online only.
  }
}

/** The one script address that is not written in the page. */
function trusted(url: string): string {
  const { trustedTypes } = window as { trustedTypes?: ScriptUrls };
  if (!trustedTypes) return url;
  const policy = trustedTypes.createPolicy('offline-shell', {
    createScriptURL: (asked) => {
      if (asked !== WORKER) throw new TypeError('not a script of this program');
      return asked;
    },
  });
  return policy.createScriptURL(url);
}

function followUpdates(registration: ServiceWorkerRegistration): void {
  const first = !navigator.serviceWorker.controller;
  let asked = Date.now();
  let reload = false;
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') {
      reload = registration.waiting !== null;
      registration.waiting?.postMessage('take over');
    } else if (Date.now() - asked > UPDATE_MS) {
      asked = Date.now();
      registration.update().catch(() => {});
    }
  });
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    // Drafts and unsent messages are on the device, so a page nobody looks at may start anew.
    if (!first && reload && document.visibilityState === 'hidden') location.reload();
  });
}
