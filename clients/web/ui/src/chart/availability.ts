import type { Availability } from '../gen/messages';

/** The two bits of a seat or suite. */
export const State = { free: 0, held: 1, booked: 2, closed: 3 } as const;
export type State = (typeof State)[keyof typeof State];

/** Who may be sold what, at one version of the inventory. */
export interface AvailabilityMap {
  version: bigint;
  /** One per seat and suite, by number. */
  states: Uint8Array;
  /** Free places by the label of the area. */
  areas: Map<string, { free: number; capacity: number }>;
  categories: Map<string, { free: number; total: number }>;
}

export function bytesOfBase64(text: string): Uint8Array {
  const binary = atob(text);
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** Four to a byte, the first in the lowest bits. What the bytes do not reach counts as closed: never sell on a guess. */
export function unpackStates(bytes: Uint8Array, count: number): Uint8Array {
  const states = new Uint8Array(count).fill(State.closed);
  const known = Math.min(count, bytes.length * 4);
  for (let index = 0; index < known; index += 1) states[index] = (bytes[index >> 2]! >> ((index & 3) * 2)) & 3;
  return states;
}

export function decodeAvailability(answer: Availability): AvailabilityMap {
  return {
    version: BigInt(answer.version),
    states: unpackStates(bytesOfBase64(answer.states), answer.objects),
    areas: new Map(answer.areas.map((area) => [area.label, { free: Number(area.free), capacity: Number(area.capacity) }])),
    categories: new Map(answer.categories.map((row) => [row.category, { free: Number(row.free), total: Number(row.total) }])),
  };
}
