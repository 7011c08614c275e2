/** What a page reads from the hub, with its faces; and what a button asks of the hub. */

import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { sentence } from '../i18n/sentence.ts';
import { t } from '../i18n/texts.ts';
import { type Failure, failureFrom } from '../wire/http.ts';
import { ErrorFace, Face, Loading, Notice } from './Faces.tsx';

export interface Loaded<T> {
  /** What was last read; stays while it is read anew. */
  value: T | null;
  failure: Failure | null;
  reload(): void;
  /** Take a newer value that another answer brought. */
  put(value: T): void;
}

/** Read once for each `key`. */
export function useLoaded<T>(load: () => Promise<T>, key: string): Loaded<T> {
  const [value, setValue] = useState<{ key: string; value: T } | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const asked = useRef('');
  const reload = () => {
    asked.current = key;
    setFailure(null);
    load().then(
      (read) => asked.current === key && setValue({ key, value: read }),
      (error) => asked.current === key && setFailure(failureFrom(error)),
    );
  };
  useEffect(reload, [key]);
  return {
    value: value?.key === key ? value.value : null,
    failure,
    reload,
    put: (next) => setValue({ key, value: next }),
  };
}

interface FacedProps<T> {
  of: Loaded<T>;
  /** Code of the error face. */
  code: string;
  children(value: T): ComponentChildren;
}

/** The value, or the face that stands for it while there is none. */
export function Faced<T>({ of, code, children }: FacedProps<T>) {
  const { value, failure } = of;
  if (value !== null) {
    return (
      <>
        {failure ? <Notice warn>{sentence(failure)}</Notice> : null}
        {children(value)}
      </>
    );
  }
  if (!failure) return <Loading />;
  if (failure.kind === 'refused' && failure.code === 'not_found') {
    return <Face icon="lock" title={t().common.denied} text={t().common.deniedHelp} />;
  }
  return <ErrorFace code={code} onRetry={of.reload} />;
}

export interface Action {
  busy: boolean;
  failure: Failure | null;
  /** Do it, unless something is being done already. Answers whether it succeeded. */
  run(task: () => Promise<void>): Promise<boolean>;
}

/** One thing at a time that a button asks of the hub. */
export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const running = useRef(false);
  const run = async (task: () => Promise<void>) => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    setFailure(null);
    try {
      await task();
      return true;
    } catch (error) {
      setFailure(failureFrom(error));
      return false;
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { busy, failure, run };
}

/** Why the last try did not succeed. */
export function Refused({ action }: { action: Action }) {
  return action.failure ? <Notice>{sentence(action.failure)}</Notice> : null;
}
