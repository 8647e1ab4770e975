import decodeQR from 'qr/decode.js';
import { describe, expect, it } from 'vitest';
import { qrPath } from '../src/components/qr';

/** Paints the path as a camera would see it: some pixels a module. */
function imageOf({ size, path }: { size: number; path: string }, pixels = 4) {
  const side = size * pixels;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1/g)) {
    for (let py = Number(y) * pixels; py < (Number(y) + 1) * pixels; py += 1) {
      for (let px = Number(x) * pixels; px < (Number(x) + Number(width)) * pixels; px += 1) data.fill(0, (py * side + px) * 4, (py * side + px) * 4 + 3);
    }
  }
  return { width: side, height: side, data };
}

const kCode = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.repeat(5).slice(0, 141);

describe('QR codes', () => {
  it('can be read back', () => {
    expect(decodeQR(imageOf(qrPath(kCode)))).toBe(kCode);
  });

  it('are version 6 for a static ticket code: 41 modules and a margin of 4', () => {
    expect(qrPath(kCode).size).toBe(41 + 8);
  });

  it('grow when alphanumeric mode is not possible, and still can be read', () => {
    const lower = kCode.toLowerCase();
    expect(qrPath(lower).size).toBeGreaterThan(49);
    expect(decodeQR(imageOf(qrPath(lower)))).toBe(lower);
  });
});
