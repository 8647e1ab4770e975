import { describe, expect, it } from 'vitest';
import { boundsMeet, boundsOf, centreOf, clampView, fitView, hullOf, isInside, panView, toChart, zoomView } from '../src/chart/geometry';
import type { Point } from '../src/chart/document';

const kSquare: Point[] = [[0, 0], [100, 0], [100, 100], [0, 100]];

describe('outlines', () => {
  it('finds the centroid, not the mean of the corners', () => {
    // One side has many points; the mean would be pulled towards it.
    const lopsided: Point[] = [[0, 0], [25, 0], [50, 0], [75, 0], [100, 0], [100, 100], [0, 100]];
    expect(centreOf(lopsided)).toEqual([50, 50]);
  });

  it('falls back to the mean where there is no surface', () => {
    expect(centreOf([[0, 0], [10, 0]])).toEqual([5, 0]);
    expect(centreOf([])).toEqual([0, 0]);
  });

  it('tells inside from outside, in a notch too', () => {
    const notched: Point[] = [[0, 0], [100, 0], [100, 100], [60, 100], [60, 40], [40, 40], [40, 100], [0, 100]];
    expect(isInside(kSquare, 50, 80)).toBe(true);
    expect(isInside(notched, 50, 80)).toBe(false);
    expect(isInside(notched, 20, 80)).toBe(true);
    expect(isInside(kSquare, 101, 50)).toBe(false);
  });

  it('draws a hull around points that leaves none outside', () => {
    const points: Point[] = [[0, 0], [100, 0], [50, 50], [100, 100], [0, 100], [20, 60]];
    const hull = hullOf(points, 10);
    expect(hull).toHaveLength(4);
    for (const [x, y] of points) expect(isInside(hull, x, y)).toBe(true);
  });

  it('meets at an edge and not beside it', () => {
    const a = boundsOf(kSquare);
    expect(boundsMeet(a, { left: 100, top: 0, right: 200, bottom: 50 })).toBe(true);
    expect(boundsMeet(a, { left: 101, top: 0, right: 200, bottom: 50 })).toBe(false);
  });
});

describe('the view', () => {
  const size = { width: 800, height: 600 };
  const bounds = { left: -1000, top: -500, right: 1000, bottom: 500 };

  it('fits the whole chart, centred', () => {
    const view = fitView(bounds, size, 0);
    expect(view.scale).toBeCloseTo(0.4);
    expect(toChart(view, 400, 300)).toEqual([0, 0]);
    expect(toChart(view, 0, 300)[0]).toBeCloseTo(-1000);
  });

  it('keeps the point under the pointer while zooming, and its limits', () => {
    const view = fitView(bounds, size);
    const [x, y] = toChart(view, 123, 456);
    const nearer = zoomView(view, 3, 123, 456, { min: 0.01, max: 100 });
    expect(toChart(nearer, 123, 456)[0]).toBeCloseTo(x);
    expect(toChart(nearer, 123, 456)[1]).toBeCloseTo(y);
    expect(zoomView(view, 1e9, 0, 0, { min: 0.01, max: 2 }).scale).toBe(2);
    expect(zoomView(view, 1e-9, 0, 0, { min: 0.01, max: 2 }).scale).toBe(0.01);
  });

  it('cannot be lost by panning', () => {
    const lost = panView(fitView(bounds, size), 1e6, -1e6);
    const [x, y] = toChart(clampView(lost, bounds, size), 400, 300);
    expect(x).toBeCloseTo(bounds.left);
    expect(y).toBeCloseTo(bounds.bottom);
  });

  it('survives a chart of nothing', () => {
    expect(fitView(boundsOf([]), size)).toEqual({ scale: 1, x: 400, y: 300 });
  });
});
