// A bowl of about 25,000 seats for looking at the clients while the platform is not there. Not the reference stadium.
const kCategories = [
  { key: 'A', name: 'Platea', color: '#2f6fde' },
  { key: 'B', name: 'Preferente', color: '#0f9d83' },
  { key: 'C', name: 'General', color: '#e0872b' },
  { key: 'D', name: 'Cabecera', color: '#9b4dca' },
  { key: 'P', name: 'Palco', color: '#c8385a' },
  { key: 'G', name: 'De pie', color: '#6d7f1f' },
];

function point(angle, radius, stretch) {
  // A superellipse: straight along the sides, round in the corners, as a stadium is.
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const k = (Math.abs(c) ** 4 + Math.abs(s) ** 4) ** -0.25;
  return [Math.round(c * k * (radius + stretch)), Math.round(s * k * radius)];
}

function sectionOf(ring, index, count) {
  const { first, rows, radius, category, pitch } = ring;
  const from = (index / count) * Math.PI * 2 + 0.012;
  const to = ((index + 1) / count) * Math.PI * 2 - 0.012;
  const stretch = 1900;
  const label = `${['Sur', 'Poniente', 'Norte', 'Oriente'][Math.floor((((from + to) / 2 + Math.PI / 4) / (Math.PI / 2))) % 4]} ${first + index}`;
  const made = [];
  for (let row = 0; row < rows; row += 1) {
    const r = radius + row * 85;
    const a = point(from, r, stretch);
    const b = point(to, r, stretch);
    const length = Math.hypot(a[0] - b[0], a[1] - b[1]);
    const n = Math.max(4, Math.floor(length / pitch));
    const seats = [];
    for (let seat = 0; seat < n; seat += 1) {
      const at = point(from + ((to - from) * (seat + 0.5)) / n, r, stretch);
      seats.push({ label: String(seat + 1), at, ...(row === 0 && seat < 2 ? { attributes: ['accessible'] } : {}), ...(seat === n >> 1 ? { gap: true } : {}) });
    }
    made.push({ label: String.fromCharCode(65 + row), rank: row * 1000 + ring.rank + index, seats });
  }
  const steps = 8;
  const arc = (r) => Array.from({ length: steps + 1 }, (_, i) => point(from + ((to - from) * i) / steps, r, stretch));
  const outline = [...arc(radius - 70), ...arc(radius + rows * 85 - 20).reverse()];
  return { label, name: label, gate: String(1 + (index % 8)), zone: 'z', category, outline, rows: made };
}

export function makeChart() {
  const rings = [
    { first: 101, count: 36, rows: 18, radius: 4700, category: 'A', pitch: 55, rank: 0 },
    { first: 201, count: 40, rows: 16, radius: 6900, category: 'B', pitch: 55, rank: 100 },
    { first: 301, count: 44, rows: 12, radius: 8700, category: 'C', pitch: 60, rank: 200 },
  ];
  const sections = rings.flatMap((ring) => Array.from({ length: ring.count }, (_, index) => {
    const made = sectionOf(ring, index, ring.count);
    return /Norte|Sur/.test(made.label) ? made : { ...made, category: ring.category === 'C' ? 'D' : ring.category };
  }));
  const box = (x, y, w, h) => [[x, y], [x + w, y], [x + w, y + h], [x, y + h]];
  return {
    format: 'ticketing-chart/1', name: 'Estadio', venue: 'Estadio Nacional', focalPoint: [0, 0], categories: kCategories,
    gates: Array.from({ length: 8 }, (_, i) => ({ id: String(i + 1), name: `Puerta ${i + 1}` })),
    zones: [{ id: 'z', name: 'Tribuna' }],
    shapes: [{ kind: 'pitch', label: 'Cancha', outline: box(-5250, -3400, 10500, 6800) }],
    sections,
    suites: Array.from({ length: 12 }, (_, i) => ({ label: `Palco ${i + 1}`, capacity: 12, category: 'P', gate: '8', outline: box(-4200 + i * 700, -6620, 640, 260) })),
    areas: [
      { label: 'Pie Oriente', capacity: 1500, category: 'G', gate: '2', outline: box(5500, -2500, 700, 5000) },
      { label: 'Pie Poniente', capacity: 1500, category: 'G', gate: '6', outline: box(-6200, -2500, 700, 5000) },
    ],
  };
}
