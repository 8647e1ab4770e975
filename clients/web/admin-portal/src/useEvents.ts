import { goTo, useLoad, useRoute, type Event, type Loaded } from '@ticketing/ui';
import { useCallback } from 'react';
import { api } from './api';

interface Events extends Loaded<Event[]> {
  /** The one in the address ("#/sell/evt_1"), else the next one. */
  chosen: Event | undefined;
  choose: (eventId: string) => void;
}

export function useEvents(page: string): Events {
  const { parts } = useRoute();
  const loaded = useLoad(useCallback((signal: AbortSignal) => api.events(signal), []));
  const chosen = loaded.data?.find((event) => event.id === parts[1]) ?? loaded.data?.[0];
  const choose = (eventId: string) => goTo(`/${page}/${eventId}`, { replace: true });
  return { ...loaded, chosen, choose };
}
