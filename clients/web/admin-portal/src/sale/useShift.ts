import { ApiError, Operation, useLoad, type CloseShiftRequest, type Money, type OpenShiftRequest, type Shift } from '@ticketing/ui';
import { useCallback, useState } from 'react';
import { api } from '../api';

/** The id of the open shift outlives a reload and a new log-in at the same window. It is no secret. */
function keyOf(): string {
  return `ticketing.shift.${api.session.account?.id ?? ''}`;
}

export interface ShiftDesk {
  shift: Shift | undefined;
  error: unknown;
  open: (openingCash: Money) => Promise<void>;
  /** Gives the closed shift with what was counted. */
  close: (countedCash: Money) => Promise<Shift>;
  refresh: () => void;
}

async function findShift(signal: AbortSignal): Promise<Shift | undefined> {
  const id = localStorage.getItem(keyOf());
  if (!id) return undefined;
  try {
    const shift = await api.shift(id, signal);
    return shift.status === 'open' ? shift : undefined;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 403)) return undefined;
    throw error;
  }
}

/** The cash drawer of whoever is signed in. */
export function useShift(): ShiftDesk {
  const loaded = useLoad(findShift);
  const [opening] = useState(() => new Operation<OpenShiftRequest, Shift>((body, key) => api.openShift(body, key)));
  const [closing] = useState(() => new Operation<CloseShiftRequest & { id: string }, Shift>(
    ({ id, ...body }, key) => api.closeShift(id, body, key)));
  const { reload } = loaded;
  const open = useCallback(async (openingCash: Money) => {
    const shift = await opening.run({ opening_cash: openingCash });
    localStorage.setItem(keyOf(), shift.id);
    reload();
  }, [opening, reload]);
  const close = useCallback(async (countedCash: Money) => {
    const closed = await closing.run({ id: localStorage.getItem(keyOf()) ?? '', counted_cash: countedCash });
    localStorage.removeItem(keyOf());
    reload();
    return closed;
  }, [closing, reload]);
  return { shift: loaded.data, error: loaded.error, open, close, refresh: reload };
}
