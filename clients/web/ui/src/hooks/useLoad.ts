import { useCallback, useEffect, useState } from 'react';

export interface Loaded<T> {
  data: T | undefined;
  error: unknown;
  loading: boolean;
  reload: () => void;
}

/**
 * Loads when `load` changes (wrap it in useCallback) and on reload(). A newer load ends the older. With `everyMs` it loads
 * again and again while the page is in sight; what was loaded stays while a reload runs or fails.
 */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, everyMs = 0): Loaded<T> {
  const [state, setState] = useState<{ data: T | undefined; error: unknown; of: unknown }>({
    data: undefined, error: undefined, of: undefined,
  });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    load(controller.signal).then(
      (data) => {
        if (!controller.signal.aborted) setState({ data, error: undefined, of: load });
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        setState((before) => ({ data: before.of === load ? before.data : undefined, error, of: load }));
      },
    );
    return () => controller.abort();
  }, [load, turn]);
  const reload = useCallback(() => setTurn((value) => value + 1), []);
  useEffect(() => {
    if (everyMs <= 0) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') reload();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, reload]);
  const isCurrent = state.of === load;
  return {
    data: isCurrent ? state.data : undefined,
    error: isCurrent ? state.error : undefined,
    loading: !isCurrent,
    reload,
  };
}
