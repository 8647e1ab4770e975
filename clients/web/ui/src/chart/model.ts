import type { ChartArea, ChartDocument, ChartRow, Point } from './document';
import { boundsOf, centreOf, hullOf, growBounds, type Bounds } from './geometry';

export type Kind = 'seat' | 'suite' | 'area';

/** Everything that can be sold, by its number: seats, then suites, then areas, as the platform numbers them. */
export interface Place {
  index: number;
  kind: Kind;
  label: string;
  section: string;
  row: string;
  seat: string;
  category: number;
  gate: string;
  accessible: boolean;
  companion: boolean;
  restrictedView: boolean;
  capacity: number;
  x: number;
  y: number;
}

export interface RowModel {
  section: number;
  label: string;
  first: number;
  count: number;
}

export interface SectionModel {
  label: string;
  name: string;
  gate: string;
  /** The one that most of its seats have, for the colour from afar. */
  category: number;
  outline: Point[];
  centre: Point;
  bounds: Bounds;
  /** Positions in ChartModel.rows, front to back as drawn. */
  rows: number[];
  seatCount: number;
}

export interface Category {
  key: string;
  name: string;
  color: string;
}

/** Suites and standing areas with what is drawn of them. */
export interface BlockModel {
  index: number;
  kind: 'suite' | 'area';
  outline: Point[];
  centre: Point;
  bounds: Bounds;
}

export interface ShapeModel {
  kind: string;
  label: string;
  outline: Point[];
  centre: Point;
  bounds: Bounds;
}

export interface ChartModel {
  name: string;
  venue: string;
  categories: Category[];
  places: Place[];
  /** Seats and suites: those with two bits each in the availability. */
  unitCount: number;
  seatCount: number;
  rows: RowModel[];
  /** Row of each seat, as a position in rows. */
  rowOf: Int32Array;
  sections: SectionModel[];
  blocks: BlockModel[];
  shapes: ShapeModel[];
  bounds: Bounds;
  byLabel: Map<string, number>;
  /** Typical distance between neighbours, in centimetres. */
  pitch: number;
}

const kFallbackColors = ['#2f6fde', '#c2571a', '#2e8b57', '#9b4dca', '#b8860b', '#c8385a', '#20808d', '#6b7280'];
const kSeatMargin = 60;

interface NumberedRow {
  section: number;
  row: ChartRow;
  rank: number;
}

function rowsByRank(document: ChartDocument): NumberedRow[] {
  const rows: NumberedRow[] = [];
  (document.sections ?? []).forEach((section, position) => {
    for (const row of section.rows) rows.push({ section: position, row, rank: row.rank ?? rows.length });
  });
  // Array.sort is stable: rows without a rank keep the order of the drawing.
  return rows.sort((a, b) => a.rank - b.rank);
}

class ModelBuilder {
  readonly places: Place[] = [];
  readonly rows: RowModel[] = [];
  readonly rowOf: number[] = [];
  private readonly document: ChartDocument;
  private readonly categories: Map<string, number>;
  private readonly gates: Map<string, string>;

  constructor(document: ChartDocument) {
    this.document = document;
    this.categories = new Map(document.categories.map((category, index) => [category.key, index]));
    this.gates = new Map((document.gates ?? []).map((gate) => [gate.id, gate.name || gate.id]));
  }

  private category(...keys: (string | undefined)[]): number {
    const key = keys.find((candidate) => candidate);
    return this.categories.get(key ?? '') ?? 0;
  }

  private gate(id: string | undefined): string {
    return this.gates.get(id ?? '') ?? id ?? '';
  }

  addRow({ section: position, row }: NumberedRow): void {
    const section = this.document.sections![position]!;
    this.rows.push({ section: position, label: row.label, first: this.places.length, count: row.seats.length });
    for (const seat of row.seats) {
      const attributes = seat.attributes ?? [];
      this.rowOf.push(this.rows.length - 1);
      this.places.push({
        index: this.places.length,
        kind: 'seat',
        label: `${section.label}-${row.label}-${seat.label}`,
        section: section.label,
        row: row.label,
        seat: seat.label,
        category: this.category(seat.category, row.category, section.category),
        gate: this.gate(section.gate),
        accessible: attributes.includes('accessible'),
        companion: attributes.includes('companion'),
        restrictedView: attributes.includes('restricted-view'),
        capacity: 1,
        x: seat.at[0],
        y: seat.at[1],
      });
    }
  }

  addBlock(kind: 'suite' | 'area', area: ChartArea): BlockModel {
    const outline = area.outline ?? [];
    const centre = centreOf(outline);
    const index = this.places.length;
    this.places.push({
      index,
      kind,
      label: area.label,
      section: area.name || area.label,
      row: '',
      seat: '',
      category: this.category(area.category),
      gate: this.gate(area.gate),
      accessible: false,
      companion: false,
      restrictedView: false,
      capacity: area.capacity ?? 1,
      x: centre[0],
      y: centre[1],
    });
    return { index, kind, outline, centre, bounds: boundsOf(outline) };
  }

  sectionModels(): SectionModel[] {
    const rowsOf = new Map<number, number[]>();
    this.rows.forEach((row, index) => rowsOf.set(row.section, [...(rowsOf.get(row.section) ?? []), index]));
    return (this.document.sections ?? []).map((section, position) => {
      const order = new Map(section.rows.map((row, index) => [row.label, index]));
      const rows = (rowsOf.get(position) ?? []).sort(
        (a, b) => (order.get(this.rows[a]!.label) ?? 0) - (order.get(this.rows[b]!.label) ?? 0));
      const points = rows.flatMap((row) => this.pointsOf(this.rows[row]!));
      const outline = section.outline?.length ? section.outline : hullOf(points, kSeatMargin);
      return {
        label: section.label,
        name: section.name || section.label,
        gate: this.gate(section.gate),
        category: this.commonCategory(rows),
        outline,
        centre: centreOf(outline),
        bounds: boundsOf(outline),
        rows,
        seatCount: points.length,
      };
    });
  }

  private pointsOf(row: RowModel): Point[] {
    return this.places.slice(row.first, row.first + row.count).map((place) => [place.x, place.y]);
  }

  private commonCategory(rows: number[]): number {
    const counts = new Map<number, number>();
    for (const row of rows) {
      const { first, count } = this.rows[row]!;
      for (let seat = first; seat < first + count; seat += 1) {
        const category = this.places[seat]!.category;
        counts.set(category, (counts.get(category) ?? 0) + 1);
      }
    }
    return [...counts.entries()].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
  }

  /** The median distance between neighbours of a row. */
  pitch(): number {
    const distances: number[] = [];
    for (const row of this.rows) {
      for (let seat = row.first + 1; seat < row.first + row.count; seat += 7) {
        const a = this.places[seat - 1]!;
        const b = this.places[seat]!;
        distances.push(Math.hypot(a.x - b.x, a.y - b.y));
      }
    }
    distances.sort((a, b) => a - b);
    return distances[distances.length >> 1] || 50;
  }
}

/** Numbers a chart's places as the platform does, and works out what drawing them needs. */
export function buildModel(document: ChartDocument): ChartModel {
  const builder = new ModelBuilder(document);
  for (const row of rowsByRank(document)) builder.addRow(row);
  const seatCount = builder.places.length;
  const suites = (document.suites ?? []).map((suite) => builder.addBlock('suite', suite));
  const unitCount = builder.places.length;
  const areas = (document.areas ?? []).map((area) => builder.addBlock('area', area));
  const sections = builder.sectionModels();
  const shapes = (document.shapes ?? []).map((shape) => ({
    kind: shape.kind,
    label: shape.label ?? '',
    outline: shape.outline ?? [],
    centre: centreOf(shape.outline ?? []),
    bounds: boundsOf(shape.outline ?? []),
  }));
  const all = [...sections, ...suites, ...areas, ...shapes].filter((item) => item.outline.length > 0);
  return {
    name: document.name,
    venue: document.venue ?? '',
    categories: document.categories.map((category, index) => ({
      key: category.key,
      name: category.name || category.key,
      color: category.color ?? kFallbackColors[index % kFallbackColors.length]!,
    })),
    places: builder.places,
    unitCount,
    seatCount,
    rows: builder.rows,
    rowOf: Int32Array.from(builder.rowOf),
    sections,
    blocks: [...suites, ...areas],
    shapes,
    bounds: all.reduce<Bounds>((sum, item) => growBounds(sum, item.bounds), boundsOf([])),
    byLabel: new Map(builder.places.map((place) => [place.label, place.index])),
    pitch: builder.pitch(),
  };
}
