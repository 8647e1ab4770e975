#include "ticketing/seat/chart.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "lib/seat/chart_check.h"
#include "lib/seat/seat_search.h"
#include "ticketing/base/assert.h"

namespace ticketing::seat {
namespace {

constexpr std::pair<SeatAttribute, std::string_view> kAttributes[] = {
    {kAccessible, "accessible"},
    {kCompanion, "companion"},
    {kRestrictedView, "restricted-view"},
    {kLiftUpArmrests, "lift-up-armrests"},
    {kHearingImpaired, "hearing-impaired"},
    {kSemiAmbulatory, "semi-ambulatory"},
    {kSignLanguage, "sign-language"},
    {kPlusSize, "plus-size"},
};

// Whole centimetres, rounded down. The square root of a double is off by at most one here; integers
// settle it, so that every machine ranks alike.
uint32_t Distance(Point a, Point b) {
  const int64_t dx = int64_t{a.x} - b.x;
  const int64_t dy = int64_t{a.y} - b.y;
  const int64_t square = dx * dx + dy * dy;
  auto root = static_cast<int64_t>(std::sqrt(static_cast<double>(square)));
  while (root * root > square) --root;
  while ((root + 1) * (root + 1) <= square) ++root;
  return static_cast<uint32_t>(root);
}

Point Middle(const std::vector<Point>& outline) {
  if (outline.empty()) return {};
  int64_t x = 0, y = 0;
  for (const Point& point : outline) {
    x += point.x;
    y += point.y;
  }
  const auto count = static_cast<int64_t>(outline.size());
  return {static_cast<int32_t>(x / count), static_cast<int32_t>(y / count)};
}

template <typename List, typename Member>
std::optional<uint32_t> PositionOf(const List& list, Member member, std::string_view value) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i].*member == value) return static_cast<uint32_t>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view NameOfAttribute(SeatAttribute attribute) {
  for (const auto& [bit, name] : kAttributes) {
    if (bit == attribute) return name;
  }
  return {};
}

uint16_t AttributeOfName(std::string_view name) {
  for (const auto& [bit, known] : kAttributes) {
    if (known == name) return bit;
  }
  return 0;
}

// Numbers the objects of a drawing that passed every check.
class ChartBuilder {
 public:
  explicit ChartBuilder(Drawing drawing) {
    chart_.drawing_ = std::move(drawing);
    const Drawing& d = chart_.drawing_;
    for (uint32_t i = 0; i < d.categories.size(); ++i) categories_[d.categories[i].key] = i;
    for (uint32_t i = 0; i < d.zones.size(); ++i) zones_[d.zones[i].id] = i;
    for (uint32_t i = 0; i < d.gates.size(); ++i) gates_[d.gates[i].id] = i;
  }

  Chart Build() {
    RankRows();
    for (const Row& row : chart_.rows_) AddSeats(row);
    chart_.seat_count_ = chart_.object_count();
    for (const DrawnArea& suite : chart_.drawing_.suites) AddArea(suite, ObjectKind::kSuite);
    chart_.unit_count_ = chart_.object_count();
    for (const DrawnArea& area : chart_.drawing_.areas) AddArea(area, ObjectKind::kArea);
    SortLabels();
    chart_.tables_ = std::make_shared<const SeatTables>(chart_);
    return std::move(chart_);
  }

 private:
  static uint32_t Look(const std::map<std::string_view, uint32_t>& map, std::string_view id) {
    const auto found = map.find(id);
    return found == map.end() ? kNone : found->second;
  }

  Point FocalPoint(uint32_t zone) const {
    const Drawing& d = chart_.drawing_;
    if (zone != kNone && d.zones[zone].focal_point) return *d.zones[zone].focal_point;
    return *d.focal_point;
  }

  // Rows in selling order. Without ranks in the drawing, the row with the nearest seat comes first.
  void RankRows() {
    struct Candidate {
      uint32_t key, section, row;
      auto operator<=>(const Candidate&) const = default;
    };
    std::vector<Candidate> order;
    std::vector<DrawnSection>& sections = chart_.drawing_.sections;
    for (uint32_t s = 0; s < sections.size(); ++s) {
      const Point focal = FocalPoint(Look(zones_, sections[s].zone));
      for (uint32_t r = 0; r < sections[s].rows.size(); ++r) {
        const DrawnRow& row = sections[s].rows[r];
        uint32_t key = kNone;
        for (const DrawnSeat& seat : row.seats) key = std::min(key, Distance(seat.at, focal));
        order.push_back({row.rank.value_or(key), s, r});
      }
    }
    std::sort(order.begin(), order.end());
    for (uint32_t rank = 0; rank < order.size(); ++rank) {
      sections[order[rank].section].rows[order[rank].row].rank = rank;
      chart_.rows_.push_back({order[rank].section, order[rank].row, 0, 0});
    }
  }

  void AddSeats(const Row& at) {
    const auto rank = static_cast<uint32_t>(&at - chart_.rows_.data());
    const DrawnSection& section = chart_.drawing_.sections[at.section];
    const DrawnRow& drawn = section.rows[at.row];
    Row& row = chart_.rows_[rank];
    row.first = chart_.object_count();
    row.count = static_cast<uint32_t>(drawn.seats.size());
    Object object;
    object.kind = ObjectKind::kSeat;
    object.section = at.section;
    object.zone = Look(zones_, section.zone);
    object.gate = Look(gates_, section.gate);
    object.row = rank;
    const Point focal = FocalPoint(object.zone);
    for (const DrawnSeat& seat : drawn.seats) {
      const std::string& category = !seat.category.empty()    ? seat.category
                                    : !drawn.category.empty() ? drawn.category
                                                              : section.category;
      object.label = FullLabel(section.label, drawn.label, seat.label);
      object.attributes = seat.attributes;
      object.category = Look(categories_, category);
      object.distance = Distance(seat.at, focal);
      object.at = seat.at;
      AddToRun(rank, object.place == 0 || seat.gap_before);
      chart_.objects_.push_back(object);
      ++object.place;
    }
  }

  void AddToRun(uint32_t rank, bool starts) {
    if (starts) chart_.runs_.push_back({chart_.object_count(), 0, rank});
    ++chart_.runs_.back().count;
    chart_.run_of_.push_back(static_cast<uint32_t>(chart_.runs_.size() - 1));
  }

  void AddArea(const DrawnArea& area, ObjectKind kind) {
    Object object;
    object.label = area.label;
    object.kind = kind;
    object.category = Look(categories_, area.category);
    object.zone = Look(zones_, area.zone);
    object.gate = Look(gates_, area.gate);
    object.capacity = static_cast<uint32_t>(area.capacity);
    object.at = Middle(area.outline);
    object.distance = Distance(object.at, FocalPoint(object.zone));
    chart_.objects_.push_back(std::move(object));
  }

  void SortLabels() {
    std::vector<uint32_t>& order = chart_.by_label_;
    order.resize(chart_.object_count());
    for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [this](uint32_t a, uint32_t b) {
      return chart_.objects_[a].label < chart_.objects_[b].label;
    });
  }

  Chart chart_;
  std::map<std::string_view, uint32_t> categories_, zones_, gates_;
};

StatusOr<Chart> BuildChart(Drawing drawing, Faults& faults) {
  CheckDrawing(drawing, faults);
  TICKETING_RETURN_IF_ERROR(faults.ToStatus("the chart"));
  return ChartBuilder(std::move(drawing)).Build();
}

StatusOr<Chart> Chart::Build(Drawing drawing) {
  Faults faults;
  return BuildChart(std::move(drawing), faults);
}

std::optional<uint32_t> Chart::Find(std::string_view label) const {
  const auto found = std::lower_bound(
      by_label_.begin(), by_label_.end(), label,
      [this](uint32_t index, std::string_view wanted) { return objects_[index].label < wanted; });
  if (found == by_label_.end() || objects_[*found].label != label) return std::nullopt;
  return *found;
}

std::optional<uint32_t> Chart::FindCategory(std::string_view key) const {
  return PositionOf(drawing_.categories, &Category::key, key);
}
std::optional<uint32_t> Chart::FindZone(std::string_view id) const {
  return PositionOf(drawing_.zones, &Zone::id, id);
}
std::optional<uint32_t> Chart::FindSection(std::string_view label) const {
  return PositionOf(drawing_.sections, &DrawnSection::label, label);
}

const Category& Chart::category_of(uint32_t index) const {
  return drawing_.categories[object(index).category];
}

std::string_view Chart::section_label_of(uint32_t index) const {
  const Object& o = object(index);
  return o.section == kNone ? std::string_view() : drawing_.sections[o.section].label;
}

std::string_view Chart::row_label_of(uint32_t index) const {
  const Object& o = object(index);
  if (o.row == kNone) return {};
  return drawing_.sections[o.section].rows[rows_[o.row].row].label;
}

std::string_view Chart::seat_label_of(uint32_t index) const {
  const Object& o = object(index);
  if (o.row == kNone) return {};
  return drawing_.sections[o.section].rows[rows_[o.row].row].seats[o.place].label;
}

std::string_view Chart::zone_of(uint32_t index) const {
  const Object& o = object(index);
  return o.zone == kNone ? std::string_view() : drawing_.zones[o.zone].id;
}

std::string_view Chart::gate_of(uint32_t index) const {
  const Object& o = object(index);
  return o.gate == kNone ? std::string_view() : drawing_.gates[o.gate].id;
}

}  // namespace ticketing::seat
