import { describe, expect, it } from 'vitest';
import { State, bytesOfBase64, decodeAvailability, unpackStates } from '../src/chart/availability';
import type { ChartDocument } from '../src/chart/document';
import { PointGrid } from '../src/chart/grid';
import { buildModel } from '../src/chart/model';
import { inkOn } from '../src/chart/painter';
import { freeBySection, isFree } from '../src/chart/scene';
import type { Availability } from '../src/gen/messages';

function kChart(): ChartDocument {
  return {
    format: 'ticketing-chart/1',
    name: 'Sala',
    focalPoint: [0, 0],
    categories: [{ key: 'A', name: 'Platea', color: '#112233' }, { key: 'B' }, { key: 'C', name: 'Palcos' }],
    gates: [{ id: '1', name: 'Puerta 1' }],
    sections: [
      {
        label: 'Norte', gate: '1', category: 'A',
        rows: [
          { label: 'A', rank: 2, seats: [{ label: '1', at: [0, 100] }, { label: '2', at: [50, 100], category: 'B' }] },
          { label: 'B', rank: 3, category: 'C', seats: [{ label: '1', at: [0, 200] }] },
        ],
      },
      {
        label: 'Sur', category: 'B',
        rows: [
          { label: 'A', rank: 1, seats: [{ label: '7', at: [0, 900], attributes: ['accessible'] }, { label: '8', at: [50, 900] }] },
          { label: 'B', rank: 0, seats: [{ label: '9', at: [0, 800] }] },
        ],
      },
    ],
    suites: [{ label: 'Palco 1', capacity: 12, category: 'C', outline: [[0, 0], [10, 0], [10, 10]] }],
    areas: [{ label: 'Pie', capacity: 500, category: 'A' }],
  };
}

function kAvailability(states: number[]): Availability {
  const bytes = new Uint8Array(Math.ceil(states.length / 4));
  states.forEach((state, index) => { bytes[index >> 2]! |= state << ((index & 3) * 2); });
  return {
    event_id: 'evt', version: '9007199254740993', objects: states.length, states: btoa(String.fromCharCode(...bytes)),
    areas: [{ label: 'Pie', free: '3', capacity: '500' }], categories: [{ category: 'A', free: '2', total: '4' }],
  };
}

describe('numbers of places', () => {
  it('follow the rank of rows over all sections, then suites, then areas', () => {
    const labels = buildModel(kChart()).places.map((place) => place.label);
    expect(labels).toEqual(['Sur-B-9', 'Sur-A-7', 'Sur-A-8', 'Norte-A-1', 'Norte-A-2', 'Norte-B-1', 'Palco 1', 'Pie']);
  });

  it('go on with tables, booths and areas of sections, where a section may have no label', () => {
    const chart = kChart();
    chart.sections![0]!.tables = [
      { label: 'T1', at: [0, 0], category: 'B', seats: [{ label: '1', at: [0, 80] }, { label: '2', at: [0, -80] }] }];
    chart.sections![0]!.areas = [{ label: 'Bar', capacity: 40 }];
    chart.sections!.push({
      category: 'C',
      rows: [{ label: 'A', rank: 4, seats: [{ label: '1', at: [0, 0] }] }],
      tables: [{ label: 'T1', at: [0, 0], whole: true, gate: '1', seats: [{ label: '1', at: [0, 80] }] }],
      booths: [{ label: 'B1', at: [100, 0] }],
    });
    const model = buildModel(chart);
    expect(model.places.slice(6).map((place) => `${place.kind} ${place.label}`)).toEqual([
      'seat A-1', 'seat Norte-T1-1', 'seat Norte-T1-2', 'seat T1-1', 'table Norte-T1', 'table T1', 'booth B1',
      'suite Palco 1', 'area Norte-Bar', 'area Pie',
    ]);
    expect([model.seatCount, model.unitCount]).toEqual([10, 14]);
    expect(model.places[7]).toMatchObject({ category: 1, gate: 'Puerta 1', row: 'T1', seat: '1', section: 'Norte' });
    expect(model.places[11]).toMatchObject({ category: 2, gate: 'Puerta 1', capacity: 1 });
    expect(model.blocks.map((block) => block.index)).toEqual([11, 12, 13, 14, 15]);
    expect(model.sections[0]!.rows.map((row) => model.rows[row]!.label)).toEqual(['A', 'B', 'T1']);
    expect(model.sections[2]!.seatCount).toBe(2);
  });

  it('know seats from units', () => {
    const model = buildModel(kChart());
    expect([model.seatCount, model.unitCount]).toEqual([6, 7]);
    expect(model.byLabel.get('Norte-A-2')).toBe(4);
  });

  it('take the category of the seat, else of the row, else of the section', () => {
    const model = buildModel(kChart());
    const category = (label: string) => model.categories[model.places[model.byLabel.get(label)!]!.category]!.key;
    expect([category('Norte-A-1'), category('Norte-A-2'), category('Norte-B-1'), category('Sur-A-7')]).toEqual(['A', 'B', 'C', 'B']);
  });

  it('carry what a person needs to know', () => {
    const model = buildModel(kChart());
    expect(model.places[1]).toMatchObject({ accessible: true, section: 'Sur', row: 'A', seat: '7' });
    expect(model.places[3]!.gate).toBe('Puerta 1');
    expect(model.places[6]).toMatchObject({ kind: 'suite', capacity: 12 });
    expect(model.pitch).toBe(50);
  });
});

describe('availability', () => {
  it('reads two bits a seat, the first in the lowest', () => {
    expect([...unpackStates(Uint8Array.of(0b11100100, 0b01), 5)]).toEqual([State.free, State.held, State.booked, State.closed, State.held]);
  });

  it('never sells what the bytes do not reach', () => {
    expect([...unpackStates(Uint8Array.of(0), 6)]).toEqual([0, 0, 0, 0, State.closed, State.closed]);
  });

  it('keeps versions beyond what a double holds', () => {
    expect(decodeAvailability(kAvailability([0])).version).toBe(9007199254740993n);
    expect([...bytesOfBase64('AP8Q')]).toEqual([0, 255, 16]);
  });

  it('counts per section and knows areas', () => {
    const model = buildModel(kChart());
    const map = decodeAvailability(kAvailability([0, 1, 0, 2, 0, 3, 0]));
    expect([...freeBySection(model, map)]).toEqual([1, 2]);
    expect(isFree(model.places[7]!, map)).toBe(true);
    expect(isFree(model.places[1]!, map)).toBe(false);
    expect(isFree(model.places[0]!, undefined)).toBe(false);
  });
});

describe('the grid', () => {
  const points = Array.from({ length: 2000 }, (_, index) => ({ x: (index % 50) * 50, y: Math.floor(index / 50) * 80 }));
  const bounds = { left: 0, top: 0, right: 2450, bottom: 3120 };
  const grid = new PointGrid(points, bounds, 300);

  it('finds the nearest as a search of all points does', () => {
    for (const [x, y] of [[0, 0], [1234, 777], [2449, 3119], [613, 1590]] as const) {
      const distances = points.map((point) => Math.hypot(point.x - x, point.y - y));
      const best = distances.indexOf(Math.min(...distances));
      expect(grid.nearest(x, y, 200)).toBe(best);
    }
  });

  it('respects the radius and the caller', () => {
    expect(grid.nearest(-500, -500, 100)).toBe(-1);
    expect(grid.nearest(0, 0, 100, (index) => index !== 0)).toBe(1);
  });

  it('visits every point of an area once', () => {
    const seen: number[] = [];
    grid.forEachIn(bounds, (index) => seen.push(index));
    expect(seen.sort((a, b) => a - b)).toEqual(points.map((_, index) => index));
  });
});

describe('ink', () => {
  it('is dark on light colours and light on dark ones', () => {
    expect(inkOn('#ffe45c')).toBe('#10131a');
    expect(inkOn('#2440c8')).toBe('#ffffff');
  });
});
