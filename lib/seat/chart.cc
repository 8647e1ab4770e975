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

std::string_view NameOfKind(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kSeat:
      return "seat";
    case ObjectKind::kSuite:
      return "suite";
    case ObjectKind::kArea:
      return "area";
    case ObjectKind::kTable:
      return "table";
    case ObjectKind::kBooth:
      return "booth";
  }
  return {};
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
    chart_.row_seat_count_ = chart_.object_count();
    const std::vector<DrawnSection>& sections = chart_.drawing_.sections;
    EachPart(&DrawnSection::tables,
             [this](uint32_t section, uint32_t table) { AddTableSeats(section, table); });
    chart_.seat_count_ = chart_.object_count();
    for (uint32_t i = 0; i < chart_.table_places_.size(); ++i) AddTable(i);
    EachPart(&DrawnSection::booths, [&](uint32_t section, uint32_t booth) {
      AddBooth(section, sections[section].booths[booth]);
    });
    for (const DrawnArea& suite : chart_.drawing_.suites) AddArea(kNone, suite, ObjectKind::kSuite);
    chart_.unit_count_ = chart_.object_count();
    EachPart(&DrawnSection::areas, [&](uint32_t section, uint32_t area) {
      AddArea(section, sections[section].areas[area], ObjectKind::kArea);
    });
    for (const DrawnArea& area : chart_.drawing_.areas) AddArea(kNone, area, ObjectKind::kArea);
    SortLabels();
    chart_.tables_ = std::make_shared<const SeatTables>(chart_);
    return std::move(chart_);
  }

 private:
  static uint32_t Look(const std::map<std::string_view, uint32_t>& map, std::string_view id) {
    const auto found = map.find(id);
    return found == map.end() ? kNone : found->second;
  }

  // Calls `use` with the section and the position of each of its tables, booths or areas.
  template <typename Parts, typename Use>
  void EachPart(Parts parts, Use use) const {
    const std::vector<DrawnSection>& sections = chart_.drawing_.sections;
    for (uint32_t section = 0; section < sections.size(); ++section) {
      const size_t count = (sections[section].*parts).size();
      for (uint32_t i = 0; i < count; ++i) use(section, i);
    }
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
    Object object = InSection(at.section, ObjectKind::kSeat);
    object.row = rank;
    for (const DrawnSeat& seat : drawn.seats) {
      AddToRun(rank, object.place == 0 || seat.gap_before);
      AddSeat(object, seat, drawn.label, drawn.category);
    }
  }

  // An object with what it has of its section.
  Object InSection(uint32_t position, ObjectKind kind) const {
    const DrawnSection& section = chart_.drawing_.sections[position];
    Object object;
    object.kind = kind;
    object.section = position;
    object.zone = Look(zones_, section.zone);
    object.gate = Look(gates_, section.gate);
    object.category = Look(categories_, section.category);
    return object;
  }

  // Adds the seat at object.place, and makes `object` ready for the next.
  void AddSeat(Object& object, const DrawnSeat& seat, const std::string& row,
               const std::string& row_category) {
    const DrawnSection& section = chart_.drawing_.sections[object.section];
    const std::string& category = !seat.category.empty()  ? seat.category
                                  : !row_category.empty() ? row_category
                                                          : section.category;
    object.label = FullLabel(section.label, row, seat.label);
    object.attributes = seat.attributes;
    object.category = Look(categories_, category);
    Put(object, seat.at);
    chart_.objects_.push_back(object);
    ++object.place;
  }

  void Put(Object& object, Point at) const {
    object.at = at;
    object.distance = Distance(at, FocalPoint(object.zone));
  }

  void AddToRun(uint32_t rank, bool starts) {
    if (starts) chart_.runs_.push_back({chart_.object_count(), 0, rank});
    ++chart_.runs_.back().count;
    chart_.run_of_.push_back(static_cast<uint32_t>(chart_.runs_.size() - 1));
  }

  void AddTableSeats(uint32_t section, uint32_t position) {
    const DrawnTable& table = chart_.drawing_.sections[section].tables[position];
    Object object = InSection(section, ObjectKind::kSeat);
    if (!table.gate.empty()) object.gate = Look(gates_, table.gate);
    chart_.table_places_.push_back({section, position});
    chart_.tables_drawn_.push_back(
        {chart_.object_count(), static_cast<uint32_t>(table.seats.size())});
    for (const DrawnSeat& seat : table.seats) {
      AddToRun(kNone, object.place == 0);
      AddSeat(object, seat, table.label, table.category);
    }
  }

  // The table as a whole, whose seats are there already.
  void AddTable(uint32_t number) {
    const auto [section, position] = chart_.table_places_[number];
    const DrawnTable& table = chart_.drawing_.sections[section].tables[position];
    Object object = InSection(section, ObjectKind::kTable);
    object.label = JoinLabels(chart_.drawing_.sections[section].label, table.label);
    if (!table.gate.empty()) object.gate = Look(gates_, table.gate);
    if (!table.category.empty()) object.category = Look(categories_, table.category);
    const TableSeats seats = chart_.tables_drawn_[number];
    object.capacity = seats.count;
    SetParty(object, table.whole, table.variable, table.min_people, table.max_people);
    object.capacity = object.max_people;
    Put(object, table.at);
    for (uint32_t i = 0; i < seats.count; ++i) {
      chart_.objects_[seats.first + i].table = chart_.object_count();
    }
    chart_.objects_.push_back(std::move(object));
  }

  void AddBooth(uint32_t section, const DrawnBooth& booth) {
    Object object = InSection(section, ObjectKind::kBooth);
    object.label = JoinLabels(chart_.drawing_.sections[section].label, booth.label);
    object.whole = true;
    if (!booth.gate.empty()) object.gate = Look(gates_, booth.gate);
    if (!booth.category.empty()) object.category = Look(categories_, booth.category);
    Put(object, booth.at);
    chart_.objects_.push_back(std::move(object));
  }

  static void SetParty(Object& object, bool whole, bool variable, int64_t min, int64_t max) {
    object.whole = whole;
    object.variable = variable;
    object.min_people = object.max_people = object.capacity;
    if (!variable) return;
    object.min_people = min == 0 ? 1 : static_cast<uint32_t>(min);
    if (max != 0) object.max_people = static_cast<uint32_t>(max);
  }

  void AddArea(uint32_t section, const DrawnArea& area, ObjectKind kind) {
    Object object;
    std::string_view prefix;
    if (section != kNone) {
      object = InSection(section, kind);
      prefix = chart_.drawing_.sections[section].label;
    }
    object.label = JoinLabels(prefix, area.label);
    object.kind = kind;
    if (!area.category.empty()) object.category = Look(categories_, area.category);
    if (!area.zone.empty()) object.zone = Look(zones_, area.zone);
    if (!area.gate.empty()) object.gate = Look(gates_, area.gate);
    object.capacity = static_cast<uint32_t>(area.capacity);
    SetParty(object, area.whole || kind == ObjectKind::kSuite, area.variable, area.min_people,
             area.max_people);
    Put(object, Middle(area.outline));
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

StatusOr<Chart> BuildChart(Drawing drawing, Faults& faults, Chart::Empty empty) {
  CheckDrawing(drawing, faults, empty);
  TICKETING_RETURN_IF_ERROR(faults.ToStatus("the chart"));
  return ChartBuilder(std::move(drawing)).Build();
}

StatusOr<Chart> Chart::Build(Drawing drawing, Empty empty) {
  Faults faults;
  return BuildChart(std::move(drawing), faults, empty);
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

const DrawnTable& Chart::DrawnTableOf(uint32_t table_object) const {
  const TablePlace& place = table_places_[table_object - seat_count_];
  return drawing_.sections[place.section].tables[place.table];
}

std::string_view Chart::row_label_of(uint32_t index) const {
  const Object& o = object(index);
  if (o.kind == ObjectKind::kTable) return DrawnTableOf(index).label;
  if (o.table != kNone) return DrawnTableOf(o.table).label;
  if (o.row == kNone) return {};
  return drawing_.sections[o.section].rows[rows_[o.row].row].label;
}

std::string_view Chart::seat_label_of(uint32_t index) const {
  const Object& o = object(index);
  if (o.table != kNone) return DrawnTableOf(o.table).seats[o.place].label;
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
