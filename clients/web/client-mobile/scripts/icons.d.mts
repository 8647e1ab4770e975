/** A PNG of size by size pixels. */
export function icon(size: number, bleed: boolean): Buffer;
