/** Keeps the screen on while something is watched; where the browser can not, nothing happens. */

interface Sentinel {
  release(): Promise<void>;
}

/** From now until the answer is called. A hidden page loses the lock and takes it again. */
export function keepScreenOn(): () => void {
  const { wakeLock } = navigator as { wakeLock?: { request(kind: 'screen'): Promise<Sentinel> } };
  if (!wakeLock) return () => {};
  let held: Sentinel | null = null;
  let over = false;
  const take = async () => {
    if (document.hidden || over) return;
    const taken = await wakeLock.request('screen').catch(() => null);
    if (over) void taken?.release();
    else held = taken;
  };
  const shown = () => void take();
  document.addEventListener('visibilitychange', shown);
  void take();
  return () => {
    over = true;
    document.removeEventListener('visibilitychange', shown);
    void held?.release().catch(() => {});
  };
}
