import { useCallback, useEffect, useMemo, useState } from 'react';
import { ApiError } from '../api/problem';
import type { AvailabilityMap } from '../chart/availability';
import type { ChartModel, Place } from '../chart/model';
import { isFree } from '../chart/scene';
import { addMoney, timesMoney } from '../format/money';
import type { Money, ObjectRequest } from '../gen/messages';

export interface Picks {
  /** Quantities by number of the place. */
  selection: ReadonlyMap<number, number>;
  places: Place[];
  count: number;
  /** Places that were chosen and that somebody else was faster to get. */
  conflicts: ReadonlySet<number>;
  /** Whether the last wish went over the limit. */
  full: boolean;
  max: number;
  toggle: (place: Place) => void;
  setQuantity: (place: Place, quantity: number) => void;
  clear: () => void;
  /** Takes out what the server refused, if that is what the error is about: then the panel tells, and this says true. */
  refuse: (error: unknown) => boolean;
  objects: () => ObjectRequest[];
  subtotal: (prices: ReadonlyMap<string, Money>) => Money | undefined;
}

interface State {
  selection: ReadonlyMap<number, number>;
  conflicts: ReadonlySet<number>;
  full: boolean;
}

const kEmpty: State = { selection: new Map(), conflicts: new Set(), full: false };

function countOf(selection: ReadonlyMap<number, number>): number {
  return [...selection.values()].reduce((sum, quantity) => sum + quantity, 0);
}

function withQuantity(state: State, place: Place, quantity: number, max: number): State {
  const selection = new Map(state.selection);
  selection.delete(place.index);
  if (quantity > 0 && countOf(selection) + quantity > max) return { ...state, full: true };
  if (quantity > 0) selection.set(place.index, quantity);
  return { selection, conflicts: new Set(), full: false };
}

function without(state: State, lost: number[]): State {
  const selection = new Map(state.selection);
  for (const index of lost) selection.delete(index);
  return { selection, conflicts: new Set(lost), full: false };
}

/** What a person has chosen on the map so far. Nothing is held yet. */
export function usePicks(model: ChartModel | undefined, availability: AvailabilityMap | undefined, max = 10): Picks {
  const [state, setState] = useState<State>(kEmpty);
  useEffect(() => setState(kEmpty), [model]);
  useEffect(() => {
    if (!model || !availability) return;
    setState((before) => {
      const lost = [...before.selection.keys()].filter((index) => !isFree(model.places[index]!, availability));
      return lost.length > 0 ? without(before, lost) : before;
    });
  }, [model, availability]);
  const toggle = useCallback((place: Place) => {
    setState((before) => {
      if (before.selection.has(place.index) && place.kind !== 'area') return withQuantity(before, place, 0, max);
      if (!isFree(place, availability)) return before;
      return withQuantity(before, place, (before.selection.get(place.index) ?? 0) + 1, max);
    });
  }, [availability, max]);
  const setQuantity = useCallback(
    (place: Place, quantity: number) => setState((before) => withQuantity(before, place, quantity, max)), [max]);
  const clear = useCallback(() => setState(kEmpty), []);
  const refuse = useCallback((error: unknown) => {
    if (!(error instanceof ApiError) || error.code !== 'seat-not-available') return false;
    const lost = error.objects.flatMap((label) => model?.byLabel.get(label) ?? []);
    setState((before) => without(before, lost));
    return lost.length > 0;
  }, [model]);
  return useMemo(() => {
    const places = [...state.selection.keys()].flatMap((index) => model?.places[index] ?? []);
    return {
      ...state,
      places,
      count: countOf(state.selection),
      max,
      toggle,
      setQuantity,
      clear,
      refuse,
      objects: () => places.map((place) => ({ label: place.label, quantity: String(state.selection.get(place.index) ?? 1) })),
      subtotal: (prices) => places.reduce<Money | undefined>((sum, place) => {
        const price = prices.get(model?.categories[place.category]?.key ?? '');
        const part = price && timesMoney(price, state.selection.get(place.index) ?? 1);
        return sum && part ? addMoney(sum, part) : (sum ?? part);
      }, undefined),
    };
  }, [state, model, max, toggle, setQuantity, clear, refuse]);
}
