// What staff see of a bastion: how many went in where, who is in reach, how far each log has come,
// and what needs somebody's eyes.
#ifndef TICKETING_LIB_SERVICE_BASTION_STATUS_PAGE_H_
#define TICKETING_LIB_SERVICE_BASTION_STATUS_PAGE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "lib/service/bastion/disk_watch.h"
#include "lib/service/bastion/gate_routes.h"
#include "ticketing/base/status.h"
#include "ticketing/gate/engine.h"

namespace ticketing {

struct CloudState {
  bool configured = false;
  bool reached = false;  // at the last try
  std::string problem;
};

struct DiskFigures {
  DiskState state = DiskState::kFine;
  std::optional<uint64_t> free_bytes;
  uint64_t warn_below = 0;
};

// What the pages are made of, beside the engine's own.
struct StatusInput {
  std::string name;
  CloudState cloud;
  std::map<DeviceId, DevicePresence> presence;
  std::string role;  // "first", "spare" (it follows another bastion) or "acting" (in its place)
  DiskFigures disk = {};
  std::string silent = {};  // why nothing is decided now; empty when it is
  bool log_whole = true;    // the own one, as far as is known
  bool log_forked = false;  // somebody has other entries under its numbers
};

// {"name", "device_id", "role", "cloud", "events", "admitted", "refused", "inside", "conflicts",
// "waiting_for_cloud", "per_minute",
// "gates": [{"event", "gate", "name", "admitted", "refused", "exits", "last_minute"}],
// "zones": [{"event", "zone", "name", "inside", "tickets"}],
// "devices": [{"id", "name", "bastion", "revoked", "entries", "entries_in_cloud", "lag",
// "seconds_ago", "battery" (both null when unknown), "disk_low"}], "decides", "silent_because",
// "log_whole", "log_forked", "disk": {"state": "fine", "low" or "full", "free_bytes" (null when
// unknown), "warn_below"},
// "conflict_list": the latest 50 of [{"event", "seat", "first_gate", "first_at", "second_gate",
// "second_at"}]}. Nothing personal and nothing secret: the page is open to everybody on the LAN.
StatusOr<std::string> StatusJson(GateEngine& engine, const StatusInput& input);
// The same as a page that renews itself, in Spanish ("es") or English ("en").
StatusOr<std::string> StatusHtml(GateEngine& engine, const StatusInput& input,
                                 std::string_view language);

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_BASTION_STATUS_PAGE_H_
