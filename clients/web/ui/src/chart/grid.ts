import type { Bounds } from './geometry';

/** Finds points near a place: buckets of one size over the plane, in one flat array. */
export class PointGrid {
  private readonly cell: number;
  private readonly left: number;
  private readonly top: number;
  private readonly columns: number;
  private readonly rows: number;
  private readonly starts: Int32Array;
  private readonly items: Int32Array;
  private readonly xs: Float64Array;
  private readonly ys: Float64Array;

  constructor(points: readonly { x: number; y: number }[], bounds: Bounds, cell: number) {
    this.cell = Math.max(cell, 1);
    this.left = Number.isFinite(bounds.left) ? bounds.left : 0;
    this.top = Number.isFinite(bounds.top) ? bounds.top : 0;
    this.columns = this.span(bounds.right - bounds.left);
    this.rows = this.span(bounds.bottom - bounds.top);
    this.xs = Float64Array.from(points, (point) => point.x);
    this.ys = Float64Array.from(points, (point) => point.y);
    const cells = Int32Array.from(points, (point) => this.cellAt(this.column(point.x), this.row(point.y)));
    this.starts = new Int32Array(this.columns * this.rows + 1);
    for (const index of cells) this.starts[index + 1]! += 1;
    for (let i = 1; i < this.starts.length; i += 1) this.starts[i]! += this.starts[i - 1]!;
    const next = this.starts.slice();
    this.items = new Int32Array(points.length);
    cells.forEach((index, point) => {
      this.items[next[index]!] = point;
      next[index]! += 1;
    });
  }

  private span(length: number): number {
    return Number.isFinite(length) ? Math.min(Math.max(Math.ceil(length / this.cell) + 1, 1), 2000) : 1;
  }

  private column(x: number): number {
    return Math.min(Math.max(Math.floor((x - this.left) / this.cell), 0), this.columns - 1);
  }

  private row(y: number): number {
    return Math.min(Math.max(Math.floor((y - this.top) / this.cell), 0), this.rows - 1);
  }

  private cellAt(column: number, row: number): number {
    return row * this.columns + column;
  }

  /** Calls `visit` with every point of the cells that the bounds touch; a few outside may be among them. */
  forEachIn(bounds: Bounds, visit: (index: number) => void): void {
    const right = this.column(bounds.right);
    const bottom = this.row(bounds.bottom);
    for (let row = this.row(bounds.top); row <= bottom; row += 1) {
      const end = this.starts[this.cellAt(right, row) + 1]!;
      for (let i = this.starts[this.cellAt(this.column(bounds.left), row)]!; i < end; i += 1) visit(this.items[i]!);
    }
  }

  /** The point nearest to (x, y) within `radius` that `accept` takes, or -1. */
  nearest(x: number, y: number, radius: number, accept: (index: number) => boolean = () => true): number {
    let best = -1;
    let bestSquare = radius * radius;
    this.forEachIn({ left: x - radius, right: x + radius, top: y - radius, bottom: y + radius }, (index) => {
      const square = (this.xs[index]! - x) ** 2 + (this.ys[index]! - y) ** 2;
      if (square <= bestSquare && accept(index)) {
        best = index;
        bestSquare = square;
      }
    });
    return best;
  }
}
