import { useCallback, useRef, useState } from 'react';
import { useLatest } from './useLatest';

export interface Action<Args extends unknown[]> {
  run: (...args: Args) => Promise<boolean>;
  busy: boolean;
  error: unknown;
  clear: () => void;
}

/** Something a button does: one at a time, its error kept to be shown. run() tells whether it went well. */
export function useAction<Args extends unknown[]>(work: (...args: Args) => Promise<void>): Action<Args> {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const running = useRef(false);
  const latest = useLatest(work);
  const run = useCallback(async (...args: Args): Promise<boolean> => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await latest.current(...args);
      return true;
    } catch (problem) {
      setError(problem);
      return false;
    } finally {
      running.current = false;
      setBusy(false);
    }
  }, [latest]);
  const clear = useCallback(() => setError(undefined), []);
  return { run, busy, error, clear };
}
