// Reports of an event: what every object is and whose, as lines, as sums by any of their fields,
// and as a table for spreadsheets.
//
// Lines: one per unit that is sold in the event's form (a whole table or its seats, not both); for
// an area one per group of places with the same state and owner, and one for those that are free.
#ifndef TICKETING_SEAT_REPORT_H_
#define TICKETING_SEAT_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/seat/inventory.h"

namespace ticketing::seat {

struct ReportLine {
  uint32_t index = 0;
  std::string_view label;  // these point into the chart or the rules: keep the inventory
  std::string_view kind;   // NameOfKind
  std::string_view category, section, zone, gate, channel;  // keys; empty: none
  std::string status;  // "free", "held", "booked", "resale" or a custom one
  uint32_t places = 1;
  bool available = false;  // to the public, now
  OrderId order;
  std::string order_name;
  HoldId hold;
  std::string ticket_type;
};
std::vector<ReportLine> ReportLines(const Inventory& inventory);

enum class ReportField : uint8_t {
  kStatus,
  kCategory,
  kSection,
  kZone,
  kGate,
  kChannel,
  kOrder,  // the id, or the name in another system
  kKind,
  kAvailable,  // "yes" or "no"
};
std::string_view NameOfField(ReportField field);  // "status"
std::optional<ReportField> FieldOfName(std::string_view name);

// Places with the same value of a field, by status.
struct ReportGroup {
  std::string key;  // empty: those without
  uint64_t places = 0, free = 0, held = 0, booked = 0, resale = 0, custom = 0, available = 0;
  bool operator==(const ReportGroup&) const = default;
};
// In the order of their keys.
std::vector<ReportGroup> Summarise(const std::vector<ReportLine>& lines, ReportField by);

// RFC 4180 in UTF-8 with a header line. A text that a spreadsheet would take for a formula begins
// with an apostrophe.
std::string ReportCsv(const std::vector<ReportLine>& lines);

}  // namespace ticketing::seat

#endif  // TICKETING_SEAT_REPORT_H_
