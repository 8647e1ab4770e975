// Counts for the status page.
#include <map>
#include <utility>

#include "lib/gate/figures_book.h"
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
    TICKETING_RETURN_IF_ERROR(figures_->Look(tx, env_.clock.Now()));
    figures_->AddTo(since, gates, zones);
    return tx.Query("SELECT event, zone, COUNT(*) FROM tickets GROUP BY event, zone", {},
                    [&](const SqlRow& row) {
                      zones[place(row)].tickets = static_cast<uint64_t>(row.Int(2));
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
