// Faults of a document, each with its place: what chart and description readers collect instead of
// stopping at the first.
#ifndef TICKETING_LIB_SEAT_FAULTS_H_
#define TICKETING_LIB_SEAT_FAULTS_H_

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"

namespace ticketing::seat {

// A place in a document, as a chain of links on the stack: text is made only when there is a fault
// to report.
struct Path {
  const Path* parent = nullptr;
  std::string_view name;  // a field, or empty for an item of a list
  size_t index = 0;

  Path Field(std::string_view field) const { return {this, field, 0}; }
  Path Item(size_t item) const { return {this, {}, item}; }
  std::string ToString() const;  // "sections[3].rows[0]"; the root is ""
};

class Faults {
 public:
  // One fault per place: the first one found there is the cause, later ones are its echo.
  void Add(const Path& path, std::string_view code, std::string_view sentence);
  bool Has(const Path& path) const { return places_.contains(path.ToString()); }
  bool empty() const { return faults_.empty(); }
  // kChartInvalid with all of them, or OK.
  Status ToStatus(std::string_view what) const;

 private:
  std::vector<FieldError> faults_;
  std::set<std::string> places_;
  size_t dropped_ = 0;
};

// Text from outside, quoted for a message: shortened, never with control characters.
std::string Quoted(std::string_view text, size_t shown = 40);

// Why `text` cannot be a name or a label of at most `max` bytes; empty when it can. Control and
// direction characters are refused: they would make two different labels look the same on a ticket.
std::string WhyBadText(std::string_view text, size_t max);

}  // namespace ticketing::seat

#endif  // TICKETING_LIB_SEAT_FAULTS_H_
