import { State } from './availability';
import type { Point } from './document';
import { boundsMeet, visibleBounds, type Size, type View } from './geometry';
import type { PointGrid } from './grid';
import type { BlockModel, Place, SectionModel, ShapeModel } from './model';
import { freeBySection, stateOf, type Scene } from './scene';

/** Distance between neighbours on the screen, in pixels, from which seats are dots, then circles, then numbered. */
export const kDotPixels = 1.7;
export const kCirclePixels = 5;
export const kNumberPixels = 17;
const kDimmed = 0.16;

/** Draws one frame of the map. All coordinates it gets are the chart's; all sizes it draws are CSS pixels. */
export class Painter {
  private readonly context: CanvasRenderingContext2D;
  private readonly scene: Scene;
  private readonly view: View;
  private readonly size: Size;
  private readonly grid: PointGrid;
  private readonly seatPixels: number;

  constructor(context: CanvasRenderingContext2D, scene: Scene, view: View, size: Size, grid: PointGrid) {
    this.context = context;
    this.scene = scene;
    this.view = view;
    this.size = size;
    this.grid = grid;
    this.seatPixels = scene.model.pitch * view.scale;
  }

  /** Without `withSeats` only outlines: what is seen for a moment at the edges while the map moves. */
  paint(withSeats: boolean): void {
    this.context.fillStyle = this.scene.theme.background;
    this.context.fillRect(0, 0, this.size.width, this.size.height);
    const visible = visibleBounds(this.view, this.size);
    for (const shape of this.scene.model.shapes) if (boundsMeet(shape.bounds, visible)) this.paintShape(shape);
    this.paintSections();
    for (const block of this.scene.model.blocks) if (boundsMeet(block.bounds, visible)) this.paintBlock(block);
    if (withSeats && this.seatPixels >= kCirclePixels) this.paintCircles();
    else if (withSeats && this.seatPixels >= kDotPixels) this.paintDots();
    if (this.seatPixels < kNumberPixels) this.paintSectionLabels();
    if (this.seatPixels >= kCirclePixels) this.paintRowLabels();
    this.paintMarks();
  }

  private trace(outline: Point[]): void {
    const { context, view } = this;
    context.beginPath();
    outline.forEach(([x, y], index) => {
      const sx = x * view.scale + view.x;
      const sy = y * view.scale + view.y;
      if (index === 0) context.moveTo(sx, sy);
      else context.lineTo(sx, sy);
    });
    context.closePath();
  }

  private text(text: string, [x, y]: Point, pixels: number, color: string, weight = 600, halo = ''): void {
    const { context, view } = this;
    context.font = `${weight} ${pixels}px ${this.scene.theme.font}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    const sx = x * view.scale + view.x;
    const sy = y * view.scale + view.y;
    if (halo) {
      context.strokeStyle = halo;
      context.lineWidth = pixels / 3.2;
      context.lineJoin = 'round';
      context.strokeText(text, sx, sy);
    }
    context.fillStyle = color;
    context.fillText(text, sx, sy);
  }

  private paintShape(shape: ShapeModel): void {
    const { context, scene } = this;
    const isPitch = shape.kind === 'pitch';
    if (shape.outline.length > 2) {
      this.trace(shape.outline);
      context.fillStyle = isPitch ? scene.theme.pitch : scene.theme.surface;
      context.fill();
      context.strokeStyle = isPitch ? scene.theme.pitchLine : scene.theme.line;
      context.lineWidth = 1.25;
      context.stroke();
      if (isPitch) this.paintPitchLines(shape);
    }
    const width = (shape.bounds.right - shape.bounds.left) * this.view.scale;
    const pixels = Math.min(Math.max(width / 12, 9), 22);
    if (shape.label && width > 40) this.text(shape.label, shape.centre, pixels, scene.theme.muted, 500);
  }

  /** The halfway line and the circle, when the pitch has the shape of one. */
  private paintPitchLines(shape: ShapeModel): void {
    const { context, view } = this;
    const { left, right, top, bottom } = shape.bounds;
    const along = right - left >= bottom - top;
    const [cx, cy] = [((left + right) / 2) * view.scale + view.x, ((top + bottom) / 2) * view.scale + view.y];
    const half = ((along ? bottom - top : right - left) / 2) * view.scale;
    context.beginPath();
    context.moveTo(along ? cx : cx - half, along ? cy - half : cy);
    context.lineTo(along ? cx : cx + half, along ? cy + half : cy);
    context.moveTo(cx + half * 0.27, cy);
    context.arc(cx, cy, half * 0.27, 0, Math.PI * 2);
    context.stroke();
  }

  private isDimmed(category: number): boolean {
    return this.scene.category !== undefined && this.scene.category !== category;
  }

  private paintSections(): void {
    const { context, scene, view, size } = this;
    const visible = visibleBounds(view, size);
    const free = freeBySection(scene.model, scene.availability);
    scene.model.sections.forEach((section, index) => {
      if (section.outline.length < 3 || !boundsMeet(section.bounds, visible)) return;
      const share = section.seatCount > 0 ? free[index]! / section.seatCount : 0;
      this.trace(section.outline);
      context.fillStyle = scene.theme.surface;
      context.fill();
      context.globalAlpha = this.sectionAlpha(section, share);
      context.fillStyle = share > 0 ? this.color(section.category) : scene.theme.taken;
      context.fill();
      context.globalAlpha = 1;
      context.strokeStyle = scene.theme.line;
      context.lineWidth = 1;
      context.stroke();
    });
  }

  /** From afar the tint tells how much is free; near, the seats tell it and the tint only shows the section. */
  private sectionAlpha(section: SectionModel, share: number): number {
    if (this.isDimmed(section.category)) return 0.04;
    if (this.seatPixels >= kDotPixels) return 0.08;
    return share > 0 ? 0.3 + 0.6 * share : 0.35;
  }

  private color(category: number): string {
    return this.scene.model.categories[category]?.color ?? this.scene.theme.muted;
  }

  private paintBlock(block: BlockModel): void {
    const { context, scene } = this;
    const place = scene.model.places[block.index]!;
    const selected = scene.selection.has(block.index);
    const free = stateOf(place, scene.availability) === State.free;
    if (block.outline.length > 2) {
      this.trace(block.outline);
      context.fillStyle = scene.theme.surface;
      context.fill();
      context.globalAlpha = selected ? 1 : this.isDimmed(place.category) ? 0.06 : free ? 0.72 : 0.2;
      context.fillStyle = selected ? scene.theme.accent : free ? this.color(place.category) : scene.theme.taken;
      context.fill();
      context.globalAlpha = 1;
      context.strokeStyle = selected ? scene.theme.accent : free ? this.color(place.category) : scene.theme.line;
      context.lineWidth = block.index === scene.hover ? 2.5 : 1.25;
      context.stroke();
      if (!free && !selected) this.paintBlockCross(block);
    }
    this.paintBlockLabel(block, place, selected);
  }

  /** Sold out: crossed out, as a booked seat is. */
  private paintBlockCross({ outline, centre }: BlockModel): void {
    const { context, scene, view } = this;
    const [cx, cy] = [centre[0] * view.scale + view.x, centre[1] * view.scale + view.y];
    context.strokeStyle = scene.theme.taken;
    context.lineWidth = 1;
    context.beginPath();
    for (const corner of [outline[0]!, outline[outline.length >> 1]!]) {
      context.moveTo(cx, cy);
      context.lineTo(corner[0] * view.scale + view.x, corner[1] * view.scale + view.y);
    }
    context.stroke();
  }

  private paintBlockLabel(block: BlockModel, place: Place, selected: boolean): void {
    const { scene, view } = this;
    const width = (block.bounds.right - block.bounds.left) * view.scale;
    const height = (block.bounds.bottom - block.bounds.top) * view.scale;
    const pixels = Math.min(15, height * 0.5, (width / Math.max(place.section.length, 4)) * 1.55);
    if (pixels < 7) return;
    const color = selected ? scene.theme.onAccent : scene.theme.ink;
    this.text(place.section, block.centre, pixels, color, 650, selected ? '' : scene.theme.surface);
  }

  /** Small seats: squares, the cheapest thing a canvas draws; what is taken is smaller and grey. */
  private paintDots(): void {
    const { context, scene, view } = this;
    const side = Math.max(this.seatPixels * 0.74, 1.2);
    const small = Math.max(side * 0.5, 0.8);
    let lastColor = '';
    this.grid.forEachIn(visibleBounds(view, this.size), (index) => {
      const place = scene.model.places[index]!;
      const free = scene.availability?.states[index] === State.free;
      const color = free ? this.color(place.category) : scene.theme.taken;
      const width = free && !this.isDimmed(place.category) ? side : small;
      if (color !== lastColor) {
        context.fillStyle = color;
        lastColor = color;
      }
      context.fillRect(place.x * view.scale + view.x - width / 2, place.y * view.scale + view.y - width / 2, width, width);
    });
  }

  private paintCircles(): void {
    const { scene, view, size } = this;
    const margin = scene.model.pitch;
    const visible = visibleBounds(view, size);
    const wider = {
      left: visible.left - margin,
      top: visible.top - margin,
      right: visible.right + margin,
      bottom: visible.bottom + margin,
    };
    this.grid.forEachIn(wider, (index) => this.paintSeat(scene.model.places[index]!));
  }

  private paintSeat(place: Place): void {
    const { context, scene, view } = this;
    const x = place.x * view.scale + view.x;
    const y = place.y * view.scale + view.y;
    const radius = this.seatPixels * 0.4;
    if (scene.selection.has(place.index)) return;  // drawn last, on top
    const state = scene.availability?.states[place.index] ?? State.closed;
    context.globalAlpha = this.isDimmed(place.category) ? kDimmed : 1;
    if (state === State.free) this.paintFreeSeat(place, x, y, radius);
    else this.paintTakenSeat(state, x, y, radius);
    context.globalAlpha = 1;
  }

  private paintFreeSeat(place: Place, x: number, y: number, radius: number): void {
    const { context } = this;
    context.fillStyle = this.color(place.category);
    context.beginPath();
    if (place.accessible) context.roundRect(x - radius, y - radius, radius * 2, radius * 2, radius * 0.35);
    else context.arc(x, y, radius, 0, Math.PI * 2);
    context.fill();
    if (this.seatPixels < kNumberPixels) return;
    const text = place.accessible ? '♿︎' : place.seat;
    const pixels = Math.min(radius * (text.length > 2 ? 0.75 : 0.95), 15);
    this.text(text, [place.x, place.y], pixels, inkOn(this.color(place.category)), 650);
  }

  /** Taken: a ring instead of a disc; booked has a cross, held by somebody a dot, so that shape tells it too. */
  private paintTakenSeat(state: number, x: number, y: number, radius: number): void {
    const { context, scene } = this;
    const inner = radius * 0.72;
    context.strokeStyle = scene.theme.taken;
    context.lineWidth = Math.max(radius * 0.16, 0.8);
    context.beginPath();
    context.arc(x, y, inner, 0, Math.PI * 2);
    if (state === State.booked && this.seatPixels >= 9) {
      const arm = inner * 0.42;
      context.moveTo(x - arm, y - arm);
      context.lineTo(x + arm, y + arm);
      context.moveTo(x + arm, y - arm);
      context.lineTo(x - arm, y + arm);
    }
    context.stroke();
    if (state !== State.held) return;
    context.fillStyle = scene.theme.taken;
    context.beginPath();
    context.arc(x, y, inner * 0.38, 0, Math.PI * 2);
    context.fill();
  }

  private paintSectionLabels(): void {
    const { scene, view, size } = this;
    const visible = visibleBounds(view, size);
    for (const section of scene.model.sections) {
      if (!boundsMeet(section.bounds, visible)) continue;
      const width = (section.bounds.right - section.bounds.left) * view.scale;
      const height = (section.bounds.bottom - section.bounds.top) * view.scale;
      const text = this.seatPixels > 2.4 && width > section.label.length * 8 ? section.label : shortLabel(section.label);
      const pixels = Math.min(14, Math.max(width, height) / 4, (width / Math.max(text.length, 3)) * 1.9);
      if (pixels < 6.5) continue;
      this.text(text, section.centre, pixels, scene.theme.ink, 700, scene.theme.surface);
    }
  }

  /** The letter of a row before its first seat and behind its last. */
  private paintRowLabels(): void {
    if (this.seatPixels < 9) return;
    const { scene } = this;
    const visible = visibleBounds(this.view, this.size);
    for (const row of scene.model.rows) {
      const first = scene.model.places[row.first];
      const second = scene.model.places[row.first + 1];
      if (!first || !second || row.count < 2) continue;
      if (first.x < visible.left || first.x > visible.right || first.y < visible.top || first.y > visible.bottom) continue;
      const at: Point = [first.x * 2 - second.x, first.y * 2 - second.y];
      this.text(row.label, at, Math.min(this.seatPixels * 0.55, 13), scene.theme.muted, 600, scene.theme.surface);
    }
  }

  /** The chosen seats, those that were lost, the pointer and the keyboard's cursor: always on top. */
  private paintMarks(): void {
    const { scene } = this;
    for (const index of scene.selection.keys()) this.paintSelected(scene.model.places[index]);
    for (const index of scene.conflicts) this.paintRing(scene.model.places[index], scene.theme.danger, 2.5, 1.25);
    if (scene.hover >= 0) this.paintRing(scene.model.places[scene.hover], scene.theme.ink, 2, 1.2);
    if (scene.cursor >= 0) this.paintRing(scene.model.places[scene.cursor], scene.theme.ink, 3, 1.5);
  }

  private paintSelected(place: Place | undefined): void {
    if (!place || place.kind !== 'seat') return;
    const { context, scene, view } = this;
    const x = place.x * view.scale + view.x;
    const y = place.y * view.scale + view.y;
    const radius = Math.max(this.seatPixels * 0.47, 4);
    context.beginPath();
    context.arc(x, y, radius + 1.5, 0, Math.PI * 2);
    context.fillStyle = scene.theme.surface;
    context.fill();
    context.beginPath();
    context.arc(x, y, radius, 0, Math.PI * 2);
    context.fillStyle = scene.theme.accent;
    context.fill();
    context.strokeStyle = scene.theme.onAccent;
    context.lineWidth = Math.max(radius * 0.2, 1.2);
    context.lineCap = 'round';
    context.beginPath();
    context.moveTo(x - radius * 0.42, y + radius * 0.02);
    context.lineTo(x - radius * 0.1, y + radius * 0.34);
    context.lineTo(x + radius * 0.44, y - radius * 0.32);
    context.stroke();
  }

  private paintRing(place: Place | undefined, color: string, width: number, spread: number): void {
    if (!place || place.kind !== 'seat') return;
    const { context, view } = this;
    const radius = Math.max(this.seatPixels * 0.42 * spread, 4);
    context.strokeStyle = color;
    context.lineWidth = width;
    context.beginPath();
    context.arc(place.x * view.scale + view.x, place.y * view.scale + view.y, radius, 0, Math.PI * 2);
    context.stroke();
  }
}

/** "104" of "Norte 104", for where there is no room for more. */
function shortLabel(label: string): string {
  return /(\S+)$/.exec(label)?.[1] ?? label;
}

/** Black or white, whichever is easier to read on `color` ("#rrggbb"). */
export function inkOn(color: string): string {
  const channel = (start: number) => {
    const value = Number.parseInt(color.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return luminance > 0.3 ? '#10131a' : '#ffffff';
}
