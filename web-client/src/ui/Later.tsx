/** A page that is loaded when it is first asked for. */

import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ErrorFace, Loading } from './Faces.tsx';

interface Props<P> {
  /** Nothing stands in its place, and nothing is said when it does not come. */
  quiet?: boolean;
  load(): Promise<ComponentType<P>>;
  props: P;
}

export function Later<P extends object>({ load, props, quiet }: Props<P>) {
  const [View, setView] = useState<ComponentType<P> | null>(null);
  const [failed, setFailed] = useState(false);
  const start = () => {
    setFailed(false);
    load().then(
      (view) => setView(() => view),
      () => setFailed(true),
    );
  };
  useEffect(start, []);
  if (!View && quiet) return null;
  if (failed) return <ErrorFace code="E-页面-100" onRetry={start} />;
  return View ? <View {...props} /> : <Loading />;
}
