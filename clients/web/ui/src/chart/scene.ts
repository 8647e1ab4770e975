import type { AvailabilityMap } from './availability';
import { State } from './availability';
import type { ChartModel, Place } from './model';

/** How the map looks, read from the style sheet so that light, dark and print agree with the page. */
export interface MapTheme {
  background: string;
  surface: string;
  line: string;
  ink: string;
  muted: string;
  taken: string;
  accent: string;
  onAccent: string;
  danger: string;
  pitch: string;
  pitchLine: string;
  font: string;
}

export function readTheme(element: Element): MapTheme {
  const style = getComputedStyle(element);
  const value = (name: string, fallback: string) => style.getPropertyValue(name).trim() || fallback;
  return {
    background: value('--map-background', '#f6f7f9'),
    surface: value('--map-surface', '#ffffff'),
    line: value('--map-line', '#cfd5de'),
    ink: value('--map-ink', '#171c26'),
    muted: value('--map-muted', '#5b6472'),
    taken: value('--map-taken', '#b9c0cb'),
    accent: value('--map-selected', '#12161f'),
    onAccent: value('--map-on-selected', '#ffffff'),
    danger: value('--map-conflict', '#b3261e'),
    pitch: value('--map-pitch', '#dcefe0'),
    pitchLine: value('--map-pitch-line', '#9ccaa7'),
    font: style.fontFamily || 'sans-serif',
  };
}

/** Everything a frame shows. */
export interface Scene {
  model: ChartModel;
  availability: AvailabilityMap | undefined;
  /** Quantities by number of the place. */
  selection: ReadonlyMap<number, number>;
  /** Seats that somebody else was faster to get. */
  conflicts: ReadonlySet<number>;
  /** When set, other categories step back. */
  category: number | undefined;
  hover: number;
  cursor: number;
  theme: MapTheme;
}

export function stateOf(place: Place, availability: AvailabilityMap | undefined): State {
  if (!availability) return State.closed;
  if (place.kind !== 'area') return (availability.states[place.index] ?? State.closed) as State;
  return (availability.areas.get(place.label)?.free ?? 0) > 0 ? State.free : State.booked;
}

export function isFree(place: Place, availability: AvailabilityMap | undefined): boolean {
  return stateOf(place, availability) === State.free;
}

/** Free seats of every section, in the order of model.sections. */
export function freeBySection(model: ChartModel, availability: AvailabilityMap | undefined): Int32Array {
  const free = new Int32Array(model.sections.length);
  if (!availability) return free;
  for (let seat = 0; seat < model.seatCount; seat += 1) {
    if (availability.states[seat] === State.free) free[model.rows[model.rowOf[seat]!]!.section]! += 1;
  }
  return free;
}
