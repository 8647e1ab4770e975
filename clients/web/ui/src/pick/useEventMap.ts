import { useCallback, useMemo } from 'react';
import type { EventsApi } from '../api/customer';
import { decodeAvailability, type AvailabilityMap } from '../chart/availability';
import { buildModel, type ChartModel } from '../chart/model';
import type { Event, Money } from '../gen/messages';
import { useLoad } from '../hooks/useLoad';

/** How often a map in sight asks what is still free. */
const kPollMs = 4000;

export interface EventMap {
  event: Event | undefined;
  model: ChartModel | undefined;
  availability: AvailabilityMap | undefined;
  prices: ReadonlyMap<string, Money>;
  error: unknown;
  /** Asks for the availability now, such as after a refusal. */
  refresh: () => void;
}

interface Place {
  event: Event;
  model: ChartModel;
}

/** An event with its map, and its availability as it changes. */
export function useEventMap(api: EventsApi, eventId: string): EventMap {
  const loadPlace = useCallback(async (signal: AbortSignal): Promise<Place | undefined> => {
    if (!eventId) return undefined;
    const event = await api.event(eventId, signal);
    return { event, model: buildModel(await api.chart(event.chart_id)) };
  }, [api, eventId]);
  const loadAvailability = useCallback(async (signal: AbortSignal): Promise<AvailabilityMap | undefined> => {
    return eventId ? decodeAvailability(await api.availability(eventId, signal)) : undefined;
  }, [api, eventId]);
  const place = useLoad(loadPlace);
  const availability = useLoad(loadAvailability, kPollMs);
  const event = place.data?.event;
  const prices = useMemo(
    () => new Map((event?.prices ?? []).flatMap((row) => (row.price ? [[row.category, row.price] as const] : []))),
    [event]);
  return {
    event,
    model: place.data?.model,
    availability: availability.data,
    prices,
    error: place.error ?? (availability.data ? undefined : availability.error),
    refresh: availability.reload,
  };
}
