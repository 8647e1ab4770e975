// Draws the app's icon as PNG files: a rounded ticket with a check mark, from distance functions, so that no image tool is
// needed and no picture is kept in git.
import { deflateSync } from 'node:zlib';

const kBlue = [36, 64, 200];
const kWhite = [255, 255, 255];

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

function encodePng(size, pixelAt) {
  const raw = Buffer.alloc(size * (size * 4 + 1));
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) raw.set(pixelAt(x, y), y * (size * 4 + 1) + 1 + x * 4);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(raw, { level: 9 })), chunk('IEND', Buffer.alloc(0))]);
}

/** Signed distances in a square from -1 to 1; negative is inside. */
function roundedBox(x, y, width, height, radius) {
  const dx = Math.abs(x) - width + radius;
  const dy = Math.abs(y) - height + radius;
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - radius;
}

function segment(x, y, ax, ay, bx, by) {
  const t = Math.min(Math.max(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2), 0), 1);
  return Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay));
}

function mix(a, b, share) {
  return a.map((value, index) => Math.round(value + (b[index] - value) * share));
}

/** `bleed` fills the whole square, for systems that cut the shape themselves. */
export function icon(size, bleed) {
  const scale = bleed ? 0.78 : 1;
  const edge = 2 / size;
  const cover = (distance) => Math.min(Math.max(0.5 - distance / edge, 0), 1);
  return encodePng(size, (px, py) => {
    const x = ((px + 0.5) / size) * 2 - 1;
    const y = ((py + 0.5) / size) * 2 - 1;
    const [u, v] = [x / scale, y / scale];
    const notches = Math.min(Math.hypot(u - 0.68, v), Math.hypot(u + 0.68, v)) - 0.17;
    const ticket = Math.max(roundedBox(u, v, 0.68, 0.5, 0.14), -notches) * scale;
    const check = (Math.min(segment(u, v, -0.26, 0.02, -0.07, 0.21), segment(u, v, -0.07, 0.21, 0.3, -0.2)) - 0.07) * scale;
    const color = mix(mix(kBlue, kWhite, cover(ticket)), kBlue, cover(check));
    const alpha = bleed ? 255 : Math.round(255 * cover(roundedBox(x, y, 1, 1, 0.42)));
    return [...color, alpha];
  });
}
