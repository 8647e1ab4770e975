#include "ticketing/seat/inspect.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lib/seat/finding_list.h"

namespace ticketing::seat {
namespace {

// Sections without a label have their place in the list for a name, as in a path of the file.
std::string NameOf(const DrawnSection& section, size_t position) {
  if (!section.label.empty()) return section.label;
  if (!section.name.empty()) return section.name;
  return "sections[" + std::to_string(position) + "]";
}

bool IsEmpty(const DrawnSection& section) {
  return section.rows.empty() && section.tables.empty() && section.booths.empty() &&
         section.areas.empty();
}

class Inspector {
 public:
  explicit Inspector(const Chart& chart) : chart_(chart), d_(chart.drawing()) {}

  std::vector<Finding> Run() {
    CheckGates();
    CheckSections();
    CheckCategories();
    CheckPlaces();
    return findings_.Take();
  }

 private:
  void Warn(std::string_view code, std::string_view message, std::string_view object) {
    findings_.Add(code, Severity::kWarning, message, object);
  }

  void CheckGates() {
    const auto& objects = chart_.objects();
    if (std::none_of(objects.begin(), objects.end(),
                     [](const Object& object) { return object.gate != kNone; })) {
      return;
    }
    const auto warn = [this](std::string_view name) {
      Warn("no-gate", "Others have a gate, these have none", name);
    };
    // What is in a section is named by it, once; tables and areas may have a gate of their own.
    std::vector<bool> named(d_.sections.size());
    for (const Object& object : objects) {
      if (object.gate != kNone) continue;
      if (object.section == kNone) {
        warn(object.label);
      } else {
        named[object.section] = true;
      }
    }
    for (size_t i = 0; i < named.size(); ++i) {
      if (named[i]) warn(NameOf(d_.sections[i], i));
    }
  }

  void CheckSections() {
    for (size_t i = 0; i < d_.sections.size(); ++i) {
      if (!IsEmpty(d_.sections[i])) continue;
      Warn("empty-section", "There is nothing to sell in these sections",
           NameOf(d_.sections[i], i));
    }
  }

  void CheckCategories() {
    std::vector<unsigned> kinds(d_.categories.size());
    for (const Object& object : chart_.objects()) {
      // A table is sold in one of two ways: only that one counts.
      const bool hidden = object.kind == ObjectKind::kTable
                              ? !object.whole
                              : object.table != kNone && chart_.object(object.table).whole;
      // A category that only the hidden way has is in use all the same.
      kinds[object.category] |= hidden ? kHidden : 1u << static_cast<unsigned>(object.kind);
    }
    for (size_t i = 0; i < kinds.size(); ++i) {
      if (kinds[i] == 0) {
        Warn("unused-category", "Nothing has these categories", d_.categories[i].key);
      }
    }
    for (size_t i = 0; i < kinds.size(); ++i) {
      const unsigned shown = kinds[i] & ~kHidden;
      if ((shown & (shown - 1)) != 0) {
        Warn("mixed-category", "Objects of different kinds have these categories",
             d_.categories[i].key);
      }
    }
  }

  // Seats by the square they lie in. Only seats that overlap no other are kept, so that a square
  // has a handful at most and the work stays linear, even with all seats on one point.
  void CheckPlaces() {
    std::unordered_map<std::string_view, int64_t> levels;
    std::unordered_map<uint64_t, std::vector<Point>> squares;
    for (uint32_t seat = 0; seat < chart_.seat_count(); ++seat) {
      const Object& object = chart_.object(seat);
      const std::string& level = d_.sections[object.section].level;
      const int64_t floor =
          levels.emplace(level, static_cast<int64_t>(levels.size())).first->second;
      if (Overlaps(squares, floor, object.at)) {
        Warn("overlapping-seats", "These seats are in the place of others", object.label);
      } else {
        squares[SquareOf(floor, object.at, 0, 0)].push_back(object.at);
      }
    }
  }

  static uint64_t SquareOf(int64_t floor, Point at, int64_t right, int64_t down) {
    // All numbers are far below 2^20: coordinates are bounded, and so are levels.
    constexpr int64_t kFar = 1 << 20;
    const int64_t x = (at.x + kFar) / kSeatsOverlapBelow + right;
    const int64_t y = (at.y + kFar) / kSeatsOverlapBelow + down;
    return static_cast<uint64_t>(floor << 42 | x << 21 | y);
  }

  static bool Overlaps(const std::unordered_map<uint64_t, std::vector<Point>>& squares,
                       int64_t floor, Point at) {
    for (const auto& [right, down] : kAround) {
      const auto found = squares.find(SquareOf(floor, at, right, down));
      if (found == squares.end()) continue;
      for (const Point& other : found->second) {
        const int64_t dx = int64_t{at.x} - other.x;
        const int64_t dy = int64_t{at.y} - other.y;
        if (dx * dx + dy * dy < int64_t{kSeatsOverlapBelow} * kSeatsOverlapBelow) return true;
      }
    }
    return false;
  }

  static constexpr std::pair<int, int> kAround[] = {{0, 0},   {-1, 0}, {1, 0},  {0, -1}, {0, 1},
                                                    {-1, -1}, {1, -1}, {-1, 1}, {1, 1}};
  static constexpr unsigned kHidden = 1u << 31;

  const Chart& chart_;
  const Drawing& d_;
  FindingList findings_;
};

}  // namespace

std::vector<Finding> Inspect(const Chart& chart) {
  return Inspector(chart).Run();
}

}  // namespace ticketing::seat
