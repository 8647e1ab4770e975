// Checks and refusals that commands share.
#ifndef TICKETING_LIB_SEAT_INVENTORY_CHECKS_H_
#define TICKETING_LIB_SEAT_INVENTORY_CHECKS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/seat/inventory.h"

namespace ticketing::seat {

std::string ItemField(std::string_view list, size_t i, std::string_view field = {});
Status InvalidFields(std::string_view message, std::vector<FieldError> fields);
Status AboutObjects(ErrorCode code, std::string_view message, std::vector<std::string> labels);

Status CheckCount(size_t count);
// What is wrong with a list of picks whatever the state of the inventory.
Status CheckPicks(const Chart& chart, std::span<const Pick> picks);
// Expiries that are in the past or beyond the ceiling, counted from the creation of the hold.
Status CheckExpiry(Timestamp expires_at, Timestamp created_at, Timestamp now, Duration hold_max);

Status HoldExpired();
Status NoSuchHold();

}  // namespace ticketing::seat

#endif  // TICKETING_LIB_SEAT_INVENTORY_CHECKS_H_
