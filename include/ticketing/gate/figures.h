// What staff want to see of the gates while people walk in: counts by gate and by zone.
#ifndef TICKETING_GATE_FIGURES_H_
#define TICKETING_GATE_FIGURES_H_

#include <cstdint>
#include <vector>

namespace ticketing {

// Scans of one gate, of all devices, as merged.
struct GateFigure {
  uint32_t event = 0;
  uint16_t gate = 0;      // number in the event copy; 0: no gate was named
  uint64_t admitted = 0;  // people who went in
  uint64_t refused = 0;
  uint64_t exits = 0;
  uint64_t lately = 0;  // scans of any kind since the time asked for
  bool operator==(const GateFigure&) const = default;
};

// People of one zone, which is the one of their tickets.
struct ZoneFigure {
  uint32_t event = 0;
  uint16_t zone = 0;
  uint64_t tickets = 0;  // in the event copy, whatever became of them
  uint64_t inside = 0;   // entries less exits
  bool operator==(const ZoneFigure&) const = default;
};

// Ordered by event and number; only gates and zones that have something to tell.
struct GateFigures {
  std::vector<GateFigure> gates;
  std::vector<ZoneFigure> zones;
};

}  // namespace ticketing

#endif  // TICKETING_GATE_FIGURES_H_
