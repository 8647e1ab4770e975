import { useCallback } from 'react';
import type { EventsApi } from '../api/customer';
import { useLoad } from '../hooks/useLoad';

/** What people call the price categories of an event, by key. Holds and orders name only the key. */
export function useCategoryNames(api: EventsApi, eventId: string): (key: string) => string {
  const load = useCallback(async (signal: AbortSignal): Promise<Map<string, string>> => {
    const event = await api.event(eventId, signal);
    const chart = await api.chart(event.chart_id);
    return new Map(chart.categories.map((category) => [category.key, category.name || category.key]));
  }, [api, eventId]);
  const { data, error } = useLoad(load);
  return (key) => data?.get(key) ?? (error ? key : '');
}
