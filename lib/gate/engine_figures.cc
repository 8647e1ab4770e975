// Counts for the status page.
#include <algorithm>
#include <map>
#include <utility>

#include "ticketing/gate/engine.h"

namespace ticketing {

StatusOr<GateFigures> GateEngine::Figures(Timestamp since) {
  using Place = std::pair<uint32_t, uint16_t>;
  std::map<Place, GateFigure> gates;
  std::map<Place, ZoneFigure> zones;
  const auto place = [](const SqlRow& row) {
    return Place{static_cast<uint32_t>(row.Int(0)), static_cast<uint16_t>(row.Int(1))};
  };
  const Status done = database_->Read([&](SqlTransaction& tx) -> Status {
    gates.clear();
    zones.clear();
    TICKETING_RETURN_IF_ERROR(
        tx.Query("SELECT event, gate, outcome, counts, direction, COUNT(*), "
                 "SUM(CASE WHEN at >= ? THEN 1 ELSE 0 END) FROM scans "
                 "GROUP BY event, gate, outcome, counts, direction",
                 {since.micros}, [&](const SqlRow& row) {
                   GateFigure& gate = gates[place(row)];
                   const auto count = static_cast<uint64_t>(row.Int(5));
                   gate.lately += static_cast<uint64_t>(row.Int(6));
                   if (row.Int(2) == kLogRefused) {
                     gate.refused += count;
                   } else if (row.Int(3) != 0) {
                     (row.Int(4) == kLogExitWay ? gate.exits : gate.admitted) += count;
                   }
                   return OkStatus();
                 }));
    TICKETING_RETURN_IF_ERROR(
        tx.Query("SELECT event, zone, COUNT(*) FROM tickets GROUP BY event, zone", {},
                 [&](const SqlRow& row) {
                   zones[place(row)].tickets = static_cast<uint64_t>(row.Int(2));
                   return OkStatus();
                 }));
    return tx.Query(
        "SELECT s.event, t.zone, SUM(CASE WHEN s.direction = ? THEN -1 ELSE 1 END) FROM scans s "
        "JOIN tickets t ON t.event = s.event AND t.ticket = s.ticket WHERE s.counts = 1 "
        "GROUP BY s.event, t.zone",
        {int64_t{kLogExitWay}}, [&](const SqlRow& row) {
          zones[place(row)].inside = static_cast<uint64_t>(std::max<int64_t>(row.Int(2), 0));
          return OkStatus();
        });
  });
  TICKETING_RETURN_IF_ERROR(done);
  GateFigures figures;
  for (auto& [key, gate] : gates) {
    gate.event = key.first;
    gate.gate = key.second;
    figures.gates.push_back(gate);
  }
  for (auto& [key, zone] : zones) {
    zone.event = key.first;
    zone.zone = key.second;
    figures.zones.push_back(zone);
  }
  return figures;
}

}  // namespace ticketing
