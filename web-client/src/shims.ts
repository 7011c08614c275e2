/**
 * The four standard functions that this client and its libraries use and that browsers of the
 * support floor (Chromium 70, iOS 14.3) lack. First import of the entry.
 */

interface Sparse {
  queueMicrotask?: (task: () => void) => void;
  WeakRef?: unknown;
  FinalizationRegistry?: unknown;
}

const host = self as unknown as Sparse;

if (typeof host.queueMicrotask !== 'function') {
  host.queueMicrotask = (task) => {
    Promise.resolve()
      .then(task)
      .catch((error: unknown) => {
        setTimeout(() => {
          throw error;
        });
      });
  };
}

if (typeof Object.hasOwn !== 'function') {
  Object.hasOwn = (object: object, key: PropertyKey) => Object.hasOwn(object, key);
}

// A strong reference instead of a weak one: memory is kept longer, nothing else changes.
if (typeof host.WeakRef !== 'function') {
  host.WeakRef = class {
    constructor(private readonly target: unknown) {}
    deref(): unknown {
      return this.target;
    }
  };
}

if (typeof host.FinalizationRegistry !== 'function') {
  host.FinalizationRegistry = class {
    register(): void {}
    unregister(): void {}
  };
}
