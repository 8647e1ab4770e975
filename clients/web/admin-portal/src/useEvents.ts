import { goTo, isSeason, useLoad, useRoute, type Event, type Loaded } from '@ticketing/ui';
import { useCallback } from 'react';
import { api } from './api';

interface Events extends Loaded<Event[]> {
  /** The one in the address ("#/sell/evt_1"), else the next one. */
  chosen: Event | undefined;
  choose: (eventId: string) => void;
}

/** `which`: all that is sold, or only what people enter. */
export function useEvents(page: string, which: 'sold' | 'entered' = 'sold'): Events {
  const { parts } = useRoute();
  const loaded = useLoad(useCallback(async (signal: AbortSignal) => {
    const events = await api.events(signal);
    return which === 'sold' ? events : events.filter((event) => !isSeason(event));
  }, [which]));
  const chosen = loaded.data?.find((event) => event.id === parts[1]) ?? loaded.data?.[0];
  const choose = (eventId: string) => goTo(`/${page}/${eventId}`, { replace: true });
  return { ...loaded, chosen, choose };
}
