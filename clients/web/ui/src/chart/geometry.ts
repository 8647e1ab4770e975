import type { Point } from './document';

export interface Bounds {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The bounds of nothing are inside out, so that growing them by anything gives that thing. */
export function boundsOf(points: Point[]): Bounds {
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const [x, y] of points) {
    bounds.left = Math.min(bounds.left, x);
    bounds.top = Math.min(bounds.top, y);
    bounds.right = Math.max(bounds.right, x);
    bounds.bottom = Math.max(bounds.bottom, y);
  }
  return bounds;
}

export function growBounds(a: Bounds, b: Bounds): Bounds {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

export function boundsMeet(a: Bounds, b: Bounds): boolean {
  return a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom;
}

/** The centroid of a polygon; the mean of the points where it has no surface. */
export function centreOf(points: Point[]): Point {
  if (points.length === 0) return [0, 0];
  let area = 0;
  let x = 0;
  let y = 0;
  for (let i = 0; i < points.length; i += 1) {
    const [ax, ay] = points[i]!;
    const [bx, by] = points[(i + 1) % points.length]!;
    const cross = ax * by - bx * ay;
    area += cross;
    x += (ax + bx) * cross;
    y += (ay + by) * cross;
  }
  if (Math.abs(area) > 1) return [x / (3 * area), y / (3 * area)];
  const sum = points.reduce<Point>(([sx, sy], [px, py]) => [sx + px, sy + py], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}

/** Even-odd rule. */
export function isInside(points: Point[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = points.length - 1; i < points.length; j = i, i += 1) {
    const [ax, ay] = points[i]!;
    const [bx, by] = points[j]!;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** The convex hull (Andrew's monotone chain), pushed out from its centre by about `margin`. */
export function hullOf(points: Point[], margin: number): Point[] {
  if (points.length === 0) return [];
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (list: Point[]): Point[] => {
    const chain: Point[] = [];
    for (const point of list) {
      while (chain.length > 1 && turn(chain[chain.length - 2]!, chain[chain.length - 1]!, point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  const hull = [...half(sorted), ...half(sorted.reverse())];
  const [cx, cy] = centreOf(hull.length ? hull : points);
  const corners = hull.length >= 3 ? hull : points;
  return corners.map(([x, y]) => {
    const length = Math.hypot(x - cx, y - cy) || 1;
    return [x + ((x - cx) / length) * margin, y + ((y - cy) / length) * margin];
  });
}

function turn(a: Point, b: Point, c: Point): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/** How the chart lies on the screen: screen = chart * scale + offset, in CSS pixels. */
export interface View {
  scale: number;
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

export function fitView(bounds: Bounds, size: Size, padding = 24): View {
  if (bounds.left > bounds.right) return { scale: 1, x: size.width / 2, y: size.height / 2 };
  const width = Math.max(bounds.right - bounds.left, 1);
  const height = Math.max(bounds.bottom - bounds.top, 1);
  const room = { width: Math.max(size.width - 2 * padding, 10), height: Math.max(size.height - 2 * padding, 10) };
  const scale = Math.min(room.width / width, room.height / height);
  return {
    scale,
    x: size.width / 2 - ((bounds.left + bounds.right) / 2) * scale,
    y: size.height / 2 - ((bounds.top + bounds.bottom) / 2) * scale,
  };
}

/** Zooms by `factor` within limits; the chart's point under the screen's point (x, y) stays there. */
export function zoomView(view: View, factor: number, x: number, y: number, limits: { min: number; max: number }): View {
  const scale = Math.min(Math.max(view.scale * factor, limits.min), limits.max);
  const ratio = scale / view.scale;
  return { scale, x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio };
}

export function panView(view: View, dx: number, dy: number): View {
  return { ...view, x: view.x + dx, y: view.y + dy };
}

/** Keeps at least the middle of the window on the chart, so that nobody loses it. */
export function clampView(view: View, bounds: Bounds, size: Size): View {
  const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
  return {
    scale: view.scale,
    x: clamp(view.x, size.width / 2 - bounds.right * view.scale, size.width / 2 - bounds.left * view.scale),
    y: clamp(view.y, size.height / 2 - bounds.bottom * view.scale, size.height / 2 - bounds.top * view.scale),
  };
}

export function toChart(view: View, x: number, y: number): Point {
  return [(x - view.x) / view.scale, (y - view.y) / view.scale];
}

export function visibleBounds(view: View, size: Size): Bounds {
  const [left, top] = toChart(view, 0, 0);
  const [right, bottom] = toChart(view, size.width, size.height);
  return { left, top, right, bottom };
}
