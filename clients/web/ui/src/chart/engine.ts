import { clampView, fitView, isInside, panView, toChart, zoomView, type Size, type View } from './geometry';
import type { Bounds } from './geometry';
import { PointGrid } from './grid';
import type { Place } from './model';
import { kCirclePixels, Painter } from './painter';
import type { Scene } from './scene';

/** Above so many circles in sight a moving map shows its last picture and redraws when it rests. */
const kLiveCirclesMax = 3500;
const kRestMs = 90;
const kFlightMs = 260;
const kSeatPixelsMax = 46;
/** From here on a click means a seat; farther away it means "go there". */
export const kPickPixels = 6;

export type Target = { kind: 'place'; place: Place } | { kind: 'section'; section: number } | undefined;

interface Flight {
  from: View;
  to: View;
  start: number;
}

/** The moving part of the seat map: where one looks, what one points at, and when to draw. Knows nothing of React. */
export class MapEngine {
  private readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private readonly grid: PointGrid;
  private readonly picture = document.createElement('canvas');
  private pictureView: View | undefined;
  private scene: Scene;
  private size: Size = { width: 1, height: 1 };
  private view: View = { scale: 1, x: 0, y: 0 };
  private flight: Flight | undefined;
  private frame = 0;
  private restTimer = 0;
  private moving = false;
  private fitted = false;
  /** Told after the view changed. */
  onView: ((zoomedIn: boolean) => void) | undefined;

  constructor(canvas: HTMLCanvasElement, scene: Scene) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d', { alpha: false })!;
    this.scene = scene;
    const seats = scene.model.places.slice(0, scene.model.seatCount);
    this.grid = new PointGrid(seats, scene.model.bounds, scene.model.pitch * 8);
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.restTimer);
  }

  setScene(scene: Scene): void {
    this.scene = scene;
    this.pictureView = undefined;
    this.draw();
  }

  resize(width: number, height: number): void {
    if (width < 1 || height < 1) return;
    const ratio = Math.min(globalThis.devicePixelRatio || 1, 2);
    this.size = { width, height };
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.pictureView = undefined;
    if (!this.fitted || this.atHome) this.setView(this.home);
    else this.setView(this.view);
    this.fitted = true;
  }

  private get home(): View {
    return fitView(this.scene.model.bounds, this.size);
  }

  private get limits(): { min: number; max: number } {
    return { min: this.home.scale * 0.9, max: Math.max(kSeatPixelsMax / this.scene.model.pitch, this.home.scale * 2) };
  }

  private atHome = true;

  get seatPixels(): number {
    return this.scene.model.pitch * this.view.scale;
  }

  private setView(view: View): void {
    this.view = clampView(view, this.scene.model.bounds, this.size);
    this.atHome = Math.abs(this.view.scale / this.home.scale - 1) < 0.02;
    this.onView?.(!this.atHome);
    this.draw();
  }

  private move(view: View): void {
    this.flight = undefined;
    this.rest();
    this.setView(view);
  }

  /** Remembers that the map moves, and draws it in full once it has been still for a moment. */
  private rest(): void {
    this.moving = true;
    clearTimeout(this.restTimer);
    this.restTimer = window.setTimeout(() => {
      this.moving = false;
      this.draw();
    }, kRestMs);
  }

  pan(dx: number, dy: number): void {
    this.move(panView(this.view, dx, dy));
  }

  zoom(factor: number, x = this.size.width / 2, y = this.size.height / 2): void {
    this.move(zoomView(this.view, factor, x, y, this.limits));
  }

  zoomSmoothly(factor: number): void {
    const from = this.flight?.to ?? this.view;
    this.fly(zoomView(from, factor, this.size.width / 2, this.size.height / 2, this.limits));
  }

  showAll(): void {
    this.fly(this.home);
  }

  showBounds(bounds: Bounds): void {
    const view = fitView(bounds, this.size, 32);
    const scale = Math.min(view.scale, this.limits.max);
    const [cx, cy] = [(bounds.left + bounds.right) / 2, (bounds.top + bounds.bottom) / 2];
    this.fly({ scale, x: this.size.width / 2 - cx * scale, y: this.size.height / 2 - cy * scale });
  }

  /** Brings a place into sight, near enough to tell seats apart. */
  showPlace(place: Place): void {
    const scale = Math.min(Math.max(this.view.scale, 20 / this.scene.model.pitch), this.limits.max);
    const [x, y] = [place.x * this.view.scale + this.view.x, place.y * this.view.scale + this.view.y];
    const margin = 60;
    const isSeen = x > margin && y > margin && x < this.size.width - margin && y < this.size.height - margin;
    if (isSeen && scale === this.view.scale) return;
    this.fly({ scale, x: this.size.width / 2 - place.x * scale, y: this.size.height / 2 - place.y * scale });
  }

  private fly(to: View): void {
    if (globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches) {
      this.move(to);
      return;
    }
    this.flight = { from: this.view, to: clampView(to, this.scene.model.bounds, this.size), start: performance.now() };
    this.rest();
    this.draw();
  }

  private step(): void {
    if (!this.flight) return;
    const { from, to, start } = this.flight;
    const t = Math.min((performance.now() - start) / kFlightMs, 1);
    const ease = 1 - (1 - t) ** 3;
    // Scales change by ratio, so that near and far feel equally fast.
    const scale = from.scale * (to.scale / from.scale) ** ease;
    const share = Math.abs(to.scale - from.scale) < 1e-9 ? ease : (scale - from.scale) / (to.scale - from.scale);
    if (t >= 1) this.flight = undefined;
    this.rest();
    this.setView({ scale, x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share });
  }

  /** What lies under a point of the canvas. `reach` is how far a finger may miss, in pixels. */
  targetAt(x: number, y: number, reach: number): Target {
    const [cx, cy] = toChart(this.view, x, y);
    const { model } = this.scene;
    if (this.seatPixels >= kPickPixels) {
      const radius = Math.max(model.pitch * 0.6, reach / this.view.scale);
      const seat = this.grid.nearest(cx, cy, radius);
      if (seat >= 0) return { kind: 'place', place: model.places[seat]! };
    }
    const block = model.blocks.find((candidate) => isInside(candidate.outline, cx, cy));
    if (block) return { kind: 'place', place: model.places[block.index]! };
    const section = model.sections.findIndex((candidate) => isInside(candidate.outline, cx, cy));
    return section >= 0 ? { kind: 'section', section } : undefined;
  }

  /** The seat one step from `from` in a direction of the screen; from nowhere, the one nearest to the middle of the view. */
  seatBeside(from: number, dx: number, dy: number): number {
    const { places, pitch, bounds } = this.scene.model;
    const whole = Math.hypot(bounds.right - bounds.left, bounds.bottom - bounds.top);
    const start = places[from];
    const [x, y] = start ? [start.x, start.y] : toChart(this.view, this.size.width / 2, this.size.height / 2);
    const accept = (index: number): boolean => {
      if (!start) return true;
      if (index === from) return false;
      const [ox, oy] = [places[index]!.x - x, places[index]!.y - y];
      const along = ox * dx + oy * dy;
      return along > 0 && Math.abs(ox * dy - oy * dx) <= along;
    };
    for (const radius of [pitch * 3, pitch * 12, pitch * 60, whole]) {
      const found = this.grid.nearest(x, y, radius, accept);
      if (found >= 0) return found;
    }
    return from;
  }

  private draw(): void {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (this.flight) this.step();
      this.paint();
    });
  }

  private paint(): void {
    const ratio = this.canvas.width / this.size.width;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const painter = new Painter(this.context, this.scene, this.view, this.size, this.grid);
    if (this.moving && this.pictureView && this.isCostly()) {
      painter.paint(false);
      this.paintPicture();
      return;
    }
    painter.paint(true);
    this.keepPicture();
  }

  private isCostly(): boolean {
    if (this.seatPixels < kCirclePixels) return false;
    const share = (this.home.scale / this.view.scale) ** 2;
    return this.scene.model.seatCount * share > kLiveCirclesMax;
  }

  private keepPicture(): void {
    if (this.picture.width !== this.canvas.width || this.picture.height !== this.canvas.height) {
      this.picture.width = this.canvas.width;
      this.picture.height = this.canvas.height;
    }
    this.picture.getContext('2d', { alpha: false })!.drawImage(this.canvas, 0, 0);
    this.pictureView = this.view;
  }

  private paintPicture(): void {
    const from = this.pictureView!;
    const ratio = this.view.scale / from.scale;
    const { width, height } = this.size;
    this.context.drawImage(this.picture, this.view.x - from.x * ratio, this.view.y - from.y * ratio, width * ratio, height * ratio);
  }
}
