// The chart file, format "ticketing-chart/1", as include/ticketing/seat/chart_json.h describes it. Lengths are centimetres,
// x to the right and y down.

export type Point = [number, number];

export interface ChartNamed {
  id: string;
  name?: string;
}

export interface ChartCategory {
  key: string;
  name?: string;
  color?: string;
}

export interface ChartSeat {
  label: string;
  at: Point;
  category?: string;
  gap?: boolean;
  attributes?: string[];
}

export interface ChartRow {
  label: string;
  category?: string;
  rank?: number;
  seats: ChartSeat[];
}

/** Seats around a table, sold one by one or, when `whole`, together. */
export interface ChartTable {
  label: string;
  at: Point;
  radius?: number;
  category?: string;
  gate?: string;
  whole?: boolean;
  variable?: boolean;
  minPeople?: number;
  maxPeople?: number;
  seats: ChartSeat[];
}

export interface ChartBooth {
  label: string;
  at: Point;
  width?: number;
  height?: number;
  category?: string;
  gate?: string;
}

export interface ChartSection {
  /** May be absent: the labels of what is in it then have no such part. */
  label?: string;
  name?: string;
  zone?: string;
  gate?: string;
  category?: string;
  outline?: Point[];
  rows?: ChartRow[];
  tables?: ChartTable[];
  booths?: ChartBooth[];
  areas?: ChartArea[];
}

/** A suite or a standing area. */
export interface ChartArea {
  label: string;
  name?: string;
  zone?: string;
  gate?: string;
  category?: string;
  capacity?: number;
  outline?: Point[];
}

export interface ChartShape {
  kind: string;
  label?: string;
  outline?: Point[];
}

export interface ChartDocument {
  format: string;
  name: string;
  venue?: string;
  focalPoint?: Point;
  categories: ChartCategory[];
  gates?: ChartNamed[];
  zones?: ChartNamed[];
  shapes?: ChartShape[];
  sections?: ChartSection[];
  suites?: ChartArea[];
  areas?: ChartArea[];
}
