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

export interface ChartSection {
  label: string;
  name?: string;
  zone?: string;
  gate?: string;
  category?: string;
  outline?: Point[];
  rows: ChartRow[];
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
