import type { ChartArea, ChartBooth, ChartDocument, ChartRow, ChartSeat, ChartSection, ChartTable, Point } from './document';
import { boundsOf, centreOf, hullOf, growBounds, type Bounds } from './geometry';

export type Kind = 'seat' | 'table' | 'booth' | 'suite' | 'area';
export type BlockKind = Exclude<Kind, 'seat'>;

/**
 * Everything that can be sold, by its number, as the platform numbers them: seats of rows, seats of tables, tables,
 * booths, suites, areas of sections, areas.
 */
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

/** A row, or the seats of a table. */
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

/** Tables sold whole, booths, suites and standing areas with what is drawn of them. */
export interface BlockModel {
  index: number;
  kind: BlockKind;
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
  /** All but areas: those with two bits each in the availability. */
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
    for (const row of section.rows ?? []) rows.push({ section: position, row, rank: row.rank ?? rows.length });
  });
  // Array.sort is stable: rows without a rank keep the order of the drawing.
  return rows.sort((a, b) => a.rank - b.rank);
}

/** The full label of something in a section. */
function labelIn(section: ChartSection | undefined, ...parts: string[]): string {
  return (section?.label ? [section.label, ...parts] : parts).join('-');
}

/** A polygon that looks like the board of a table, a little smaller than the circle of its seats. */
function circleOf([x, y]: Point, radius: number): Point[] {
  return Array.from({ length: 16 }, (_, corner): Point => {
    const angle = (corner * Math.PI) / 8;
    return [Math.round(x + radius * Math.cos(angle)), Math.round(y + radius * Math.sin(angle))];
  });
}

function rectangleOf([x, y]: Point, width: number, height: number): Point[] {
  const [w, h] = [width / 2, height / 2];
  return [[x - w, y - h], [x + w, y - h], [x + w, y + h], [x - w, y + h]];
}

class ModelBuilder {
  readonly places: Place[] = [];
  readonly rows: RowModel[] = [];
  readonly rowOf: number[] = [];
  /** Position in rows of the first table. */
  tablesFrom = 0;
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
    this.addSeats(position, row.label, row.seats, [row.category, section.category], section.gate);
  }

  addTableSeats(position: number, table: ChartTable): void {
    const section = this.document.sections![position]!;
    this.addSeats(position, table.label, table.seats, [table.category, section.category], table.gate || section.gate);
  }

  private addSeats(position: number, row: string, seats: ChartSeat[], categories: (string | undefined)[], gate?: string): void {
    const section = this.document.sections![position]!;
    this.rows.push({ section: position, label: row, first: this.places.length, count: seats.length });
    for (const seat of seats) {
      const attributes = seat.attributes ?? [];
      this.rowOf.push(this.rows.length - 1);
      this.places.push({
        index: this.places.length,
        kind: 'seat',
        label: labelIn(section, row, seat.label),
        section: section.label ?? '',
        row,
        seat: seat.label,
        category: this.category(seat.category, ...categories),
        gate: this.gate(gate),
        accessible: attributes.includes('accessible'),
        companion: attributes.includes('companion'),
        restrictedView: attributes.includes('restricted-view'),
        capacity: 1,
        x: seat.at[0],
        y: seat.at[1],
      });
    }
  }

  addTable(section: ChartSection, table: ChartTable): BlockModel {
    const people = (table.variable && table.maxPeople) || table.seats.length;
    return this.addBlock('table', { ...table, capacity: people, outline: circleOf(table.at, table.radius || 40) }, section);
  }

  addBooth(section: ChartSection, booth: ChartBooth): BlockModel {
    return this.addBlock('booth', { ...booth, outline: rectangleOf(booth.at, booth.width || 80, booth.height || 80) }, section);
  }

  addBlock(kind: BlockKind, area: ChartArea, section?: ChartSection): BlockModel {
    const outline = area.outline ?? [];
    const centre = centreOf(outline);
    const index = this.places.length;
    const label = labelIn(section, area.label);
    this.places.push({
      index,
      kind,
      label,
      section: area.name || label,
      row: '',
      seat: '',
      category: this.category(area.category, section?.category),
      gate: this.gate(area.gate || section?.gate),
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
      // Rows as drawn; tables come after all rows of the chart, so they keep their place behind them.
      const order = new Map((section.rows ?? []).map((row, index) => [row.label, index]));
      const placeOf = (row: number) => (row < this.tablesFrom ? order.get(this.rows[row]!.label) ?? 0 : Infinity);
      const rows = (rowsOf.get(position) ?? []).sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : placeOf(a) > placeOf(b) ? 1 : a - b));
      const points = rows.flatMap((row) => this.pointsOf(this.rows[row]!));
      const outline = section.outline?.length ? section.outline : hullOf(points, kSeatMargin);
      return {
        label: section.label ?? '',
        name: section.name || section.label || '',
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
  builder.tablesFrom = builder.rows.length;
  const drawn = document.sections ?? [];
  drawn.forEach((section, position) => section.tables?.forEach((table) => builder.addTableSeats(position, table)));
  const seatCount = builder.places.length;
  const tables = drawn.flatMap((section) => (section.tables ?? []).map((table) => ({ table, block: builder.addTable(section, table) })));
  const booths = drawn.flatMap((section) => (section.booths ?? []).map((booth) => builder.addBooth(section, booth)));
  const suites = (document.suites ?? []).map((suite) => builder.addBlock('suite', suite));
  const unitCount = builder.places.length;
  const areas = [
    ...drawn.flatMap((section) => (section.areas ?? []).map((area) => builder.addBlock('area', area, section))),
    ...(document.areas ?? []).map((area) => builder.addBlock('area', area)),
  ];
  // A table sold by seat is picked by its seats; one sold whole by its board.
  const blocks = [...tables.filter(({ table }) => table.whole).map(({ block }) => block), ...booths, ...suites, ...areas];
  const sections = builder.sectionModels();
  const shapes = (document.shapes ?? []).map((shape) => ({
    kind: shape.kind,
    label: shape.label ?? '',
    outline: shape.outline ?? [],
    centre: centreOf(shape.outline ?? []),
    bounds: boundsOf(shape.outline ?? []),
  }));
  const all = [...sections, ...blocks, ...shapes].filter((item) => item.outline.length > 0);
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
    blocks,
    shapes,
    bounds: all.reduce<Bounds>((sum, item) => growBounds(sum, item.bounds), boundsOf([])),
    byLabel: new Map(builder.places.map((place) => [place.label, place.index])),
    pitch: builder.pitch(),
  };
}
