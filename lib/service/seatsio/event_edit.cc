#include "lib/service/seatsio/event_edit.h"

#include <utility>
#include <vector>

#include "lib/service/seatsio/event_log.h"

namespace ticketing::seatsio {
namespace {

constexpr int kAttemptsMax = 20;

// New rules of one slot.
struct SlotRules {
  uint32_t slot = 0;
  seat::SaleRules rules;
};

StatusOr<Json> EditOnce(const Context& context, EventStore& events, const Principal& principal,
                        std::string_view key, const EventEdit& edit) {
  TICKETING_ASSIGN_OR_RETURN(const EventRow event, events.Find(principal, key));
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<const ChartView> view, events.View(event));
  Json config = event.config;
  TICKETING_RETURN_IF_ERROR(edit.config(config));
  std::vector<SlotRules> changed;
  TICKETING_ASSIGN_OR_RETURN(seat::SaleRules rules, RulesOf(config, event.season_config, *view));
  changed.push_back({event.slot, std::move(rules)});
  std::vector<EventRow> below;
  if (event.kind == seat::EventKind::kSeason) {
    TICKETING_ASSIGN_OR_RETURN(below, events.Query("WHERE e.season_id = ?", {event.id}));
    for (const EventRow& match : below) {
      TICKETING_ASSIGN_OR_RETURN(seat::SaleRules theirs, RulesOf(match.config, config, *view));
      changed.push_back({match.slot, std::move(theirs)});
    }
  }
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<EventLane> lane, events.Lane(event));
  const SqlFunction rows = [&](SqlTransaction& tx) -> Status {
    const Timestamp now = context.env.clock.Now();
    TICKETING_RETURN_IF_ERROR(UpdateConfig(tx, event, config, now));
    if (event.season != 0)
      TICKETING_RETURN_IF_ERROR(CheckConfig(tx, event.season, event.season_version));
    for (const EventRow& match : below)
      TICKETING_RETURN_IF_ERROR(TouchConfig(tx, match.id, match.config_version));
    if (edit.rows) TICKETING_RETURN_IF_ERROR(edit.rows(tx, event));
    if (edit.log_type.empty()) return OkStatus();
    return AppendLog(tx, principal.workspace, principal.workspace_key, edit.log_type, event.key,
                     now);
  };
  TICKETING_RETURN_IF_ERROR(lane->Run([&](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    LaneEffect effect;
    effect.note = {principal.workspace_key, "api", ""};
    effect.rows = rows;
    for (const SlotRules& one : changed) {
      if (one.slot < state.seats.size() && state.seats.at(one.slot).rules() == one.rules) continue;
      Status status = state.seats.SetRules(one.slot, one.rules, now);
      if (!status.ok() && !effect.head) return status;
      effect.head = true;
      // Rules that were set before this one go back only with the transaction.
      if (!status.ok()) effect.rows = [status](SqlTransaction&) { return status; };
    }
    return effect;
  }));
  return config;
}

}  // namespace

StatusOr<Json> EditEvent(const Context& context, EventStore& events, const Principal& principal,
                         std::string_view key, const EventEdit& edit) {
  for (int attempt = 1;; ++attempt) {
    StatusOr<Json> config = EditOnce(context, events, principal, key, edit);
    if (CodeOf(config.status()) != ErrorCode::kPreconditionFailed || attempt == kAttemptsMax)
      return config;
  }
}

}  // namespace ticketing::seatsio
