// What staff see of a bastion: which events are here, which devices, and how far each log has come.
#ifndef TICKETING_LIB_SERVICE_BASTION_STATUS_PAGE_H_
#define TICKETING_LIB_SERVICE_BASTION_STATUS_PAGE_H_

#include <string>

#include "ticketing/base/status.h"
#include "ticketing/gate/engine.h"

namespace ticketing {

struct CloudState {
  bool configured = false;
  bool reached = false;  // at the last try
  std::string problem;
};

// {"name", "device_id", "cloud", "events", "admitted", "refused", "inside", "conflicts",
// "waiting_for_cloud", "devices":
// [{"id", "name", "bastion", "revoked", "entries", "entries_in_cloud"}]}. Nothing personal and
// nothing secret: the page is open to everybody on the LAN.
StatusOr<std::string> StatusJson(GateEngine& engine, const std::string& name,
                                 const CloudState& cloud);
// The same as a page that renews itself.
StatusOr<std::string> StatusHtml(GateEngine& engine, const std::string& name,
                                 const CloudState& cloud);

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_BASTION_STATUS_PAGE_H_
