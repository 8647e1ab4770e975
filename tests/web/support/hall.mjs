/** A hall of a few hundred seats, two categories and a standing area: enough for every step of the walks. */
export function smallHall() {
  const section = (label, category, left) => ({
    label, category, zone: 'sala', gate: '1',
    rows: Array.from({ length: 12 }, (_, row) => ({
      label: String.fromCharCode(65 + row),
      seats: Array.from({ length: 16 }, (_unused, seat) => ({
        label: String(seat + 1), at: [left + seat * 55, 600 + row * 90], ...(row === 11 && seat === 0 ? { attributes: ['accessible'] } : {}),
      })),
    })),
  });
  return {
    format: 'ticketing-chart/1', name: 'Sala', venue: 'Sala', focalPoint: [0, 0],
    categories: [{ key: 'A', name: 'Platea', color: '#2f6fde' }, { key: 'B', name: 'General', color: '#2e8b57' }],
    gates: [{ id: '1', name: 'Puerta 1' }],
    zones: [{ id: 'sala', name: 'Sala' }],
    shapes: [{ kind: 'stage', label: 'Escenario', outline: [[-500, -300], [500, -300], [500, 200], [-500, 200]] }],
    sections: [section('Izquierda', 'B', -1500), section('Centro', 'A', -412), section('Derecha', 'B', 650)],
    areas: [{ label: 'De pie', capacity: 200, category: 'B', zone: 'sala', gate: '1', outline: [[-500, 2000], [500, 2000], [500, 2300], [-500, 2300]] }],
  };
}
