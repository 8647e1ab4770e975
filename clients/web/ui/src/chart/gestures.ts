import type { KeyboardEvent, RefObject } from 'react';
import { kPickPixels, type MapEngine, type Target } from './engine';
import type { ChartModel, Place } from './model';

export interface MapGestureHandlers {
  engine: RefObject<MapEngine | null>;
  hover: (target: Target, x: number, y: number) => void;
  tap: (target: Target) => void;
}

/** A pointer that moved less is a tap. */
const kTapPixels = 6;
const kFingerPixels = 14;
const kPanStep = 80;

interface Pointer {
  x: number;
  y: number;
  startX: number;
  startY: number;
}

class PointerTracker {
  private readonly canvas: HTMLCanvasElement;
  private readonly handlers: MapGestureHandlers;
  private readonly pointers = new Map<number, Pointer>();
  private dragged = false;

  constructor(canvas: HTMLCanvasElement, handlers: MapGestureHandlers) {
    this.canvas = canvas;
    this.handlers = handlers;
  }

  private at(event: { clientX: number; clientY: number }): { x: number; y: number } {
    const box = this.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private target(event: PointerEvent): Target {
    const { x, y } = this.at(event);
    return this.handlers.engine.current?.targetAt(x, y, event.pointerType === 'mouse' ? 0 : kFingerPixels);
  }

  down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const { x, y } = this.at(event);
    this.canvas.setPointerCapture(event.pointerId);
    if (this.pointers.size === 0) this.dragged = false;
    this.pointers.set(event.pointerId, { x, y, startX: x, startY: y });
    if (this.pointers.size > 1) this.dragged = true;
  };

  move = (event: PointerEvent): void => {
    const pointer = this.pointers.get(event.pointerId);
    const { x, y } = this.at(event);
    if (!pointer) {
      if (event.pointerType === 'mouse') this.showHover(event, x, y);
      return;
    }
    const before = { ...pointer };
    pointer.x = x;
    pointer.y = y;
    if (this.pointers.size === 2) this.pinch(event.pointerId, before);
    else if (this.dragged || Math.hypot(x - pointer.startX, y - pointer.startY) > kTapPixels) this.drag(before, x, y);
  };

  private showHover(event: PointerEvent, x: number, y: number): void {
    const target = this.target(event);
    this.canvas.style.cursor = target ? 'pointer' : 'grab';
    this.handlers.hover(target, x, y);
  }

  private drag(before: Pointer, x: number, y: number): void {
    if (!this.dragged) this.handlers.hover(undefined, 0, 0);
    this.dragged = true;
    this.canvas.style.cursor = 'grabbing';
    this.handlers.engine.current?.pan(x - before.x, y - before.y);
  }

  private pinch(movedId: number, before: Pointer): void {
    const other = [...this.pointers.entries()].find(([id]) => id !== movedId)?.[1];
    const moved = this.pointers.get(movedId);
    if (!other || !moved) return;
    const was = Math.hypot(before.x - other.x, before.y - other.y) || 1;
    const is = Math.hypot(moved.x - other.x, moved.y - other.y) || 1;
    // What lay between the fingers stays between them.
    const engine = this.handlers.engine.current;
    engine?.zoom(is / was, (before.x + other.x) / 2, (before.y + other.y) / 2);
    engine?.pan((moved.x - before.x) / 2, (moved.y - before.y) / 2);
  }

  up = (event: PointerEvent): void => {
    const wasDown = this.pointers.delete(event.pointerId);
    this.canvas.style.cursor = '';
    if (wasDown && !this.dragged && event.type === 'pointerup') this.handlers.tap(this.target(event));
  };

  leave = (): void => {
    if (this.pointers.size === 0) this.handlers.hover(undefined, 0, 0);
  };

  wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const { x, y } = this.at(event);
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 18 : 1;
    const factor = Math.exp(-event.deltaY * unit * (event.ctrlKey ? 0.01 : 0.0016));
    this.handlers.hover(undefined, 0, 0);
    this.handlers.engine.current?.zoom(factor, x, y);
  };
}

export function listenToPointers(canvas: HTMLCanvasElement, handlers: MapGestureHandlers): () => void {
  const tracker = new PointerTracker(canvas, handlers);
  const stop = new AbortController();
  const options = { signal: stop.signal };
  canvas.addEventListener('pointerdown', tracker.down, options);
  canvas.addEventListener('pointermove', tracker.move, options);
  canvas.addEventListener('pointerup', tracker.up, options);
  canvas.addEventListener('pointercancel', tracker.up, options);
  canvas.addEventListener('pointerleave', tracker.leave, options);
  canvas.addEventListener('wheel', tracker.wheel, { ...options, passive: false });
  return () => stop.abort();
}

const kDirections: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Carries out a key pressed on the map. Tells whether it was one of the map's. */
export function handleMapKey(
  event: KeyboardEvent, engine: MapEngine | null, model: ChartModel, cursor: number, setCursor: (seat: number) => void,
  pick: (place: Place) => void,
): boolean {
  if (!engine || event.altKey || event.ctrlKey || event.metaKey) return false;
  const direction = kDirections[event.key];
  if (direction && event.shiftKey) {
    engine.pan(-direction[0] * kPanStep, -direction[1] * kPanStep);
    return true;
  }
  if (direction) {
    const next = engine.seatBeside(cursor, ...direction);
    const place = model.places[next];
    setCursor(next);
    if (place) engine.showPlace(place);
    return true;
  }
  if (event.key === '+' || event.key === '=') engine.zoomSmoothly(1.6);
  else if (event.key === '-') engine.zoomSmoothly(1 / 1.6);
  else if (event.key === '0' || event.key === 'Home') engine.showAll();
  else if (event.key === 'Escape') setCursor(-1);
  else if (event.key === 'Enter' || event.key === ' ') {
    const place = model.places[cursor];
    if (place && engine.seatPixels >= kPickPixels) pick(place);
  } else return false;
  return true;
}
