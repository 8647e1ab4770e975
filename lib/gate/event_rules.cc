#include "ticketing/gate/event_rules.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

namespace ticketing {
namespace {

template <typename Thing>
RuleVocabulary::Lookup NumberById(const std::vector<Thing>& things) {
  return [&things](std::string_view id) -> std::optional<uint16_t> {
    const auto found = std::ranges::find(things, id, &Thing::id);
    if (found == things.end()) return std::nullopt;
    return found->number;
  };
}

}  // namespace

StatusOr<GateRules> RulesOfEvent(const EventHeader& header) {
  return GateRules::Parse(header.rules, {.product = NumberById(header.ticket_types),
                                         .gate = NumberById(header.gates),
                                         .zone = NumberById(header.zones),
                                         .doors_open_at = header.doors_open_at,
                                         .starts_at = header.starts_at,
                                         .ends_at = header.ends_at,
                                         .utc_offset_minutes = header.utc_offset_minutes});
}

}  // namespace ticketing
