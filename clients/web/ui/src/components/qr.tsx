import encodeQr from 'qr';
import { useMemo, type ReactNode } from 'react';

/**
 * The dark modules of a ticket code as one SVG path, with the four light modules around that the standard asks for. Ticket
 * codes are digits and capitals, which alphanumeric mode packs tightest; anything else falls back to bytes.
 */
export function qrPath(text: string): { size: number; path: string } {
  const encoding = /^[0-9A-Z $%*+\-./:]+$/.test(text) ? 'alphanumeric' : 'byte';
  const rows = encodeQr(text, 'raw', { ecc: 'medium', encoding, border: 4 });
  let path = '';
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x += 1) {
      if (!row[x]) continue;
      const start = x;
      while (row[x + 1]) x += 1;
      path += `M${start} ${y}h${x + 1 - start}v1h-${x + 1 - start}z`;
    }
  });
  return { size: rows.length, path };
}

export function QrCode({ text, label }: { text: string; label: string }): ReactNode {
  const { size, path } = useMemo(() => qrPath(text), [text]);
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
