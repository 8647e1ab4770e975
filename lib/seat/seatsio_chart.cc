#include "ticketing/seat/seatsio_chart.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "lib/seat/chart_check.h"
#include "lib/seat/finding_list.h"
#include "lib/seat/seatsio_geometry.h"
#include "lib/seat/seatsio_raw.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

constexpr std::string_view kStage = "stage";

bool IsUnlabeled(std::string_view label) {
  return label.empty() || label == "?";
}

SeatsioVenue VenueOf(const RawChart& raw) {
  const std::string& name = raw.venue_type;
  if (name == "ZONES" || name == "WITH_ZONES") return SeatsioVenue::kZones;
  if (name == "ROWS_WITH_SECTIONS" || name == "WITH_SECTIONS_AND_FLOORS") {
    return SeatsioVenue::kSectionsAndFloors;
  }
  if (name == "SIMPLE" || name == "ROWS_WITHOUT_SECTIONS") return SeatsioVenue::kSimple;
  // "MIXED" and names to come say nothing: the contents do.
  if (!raw.zones.empty()) return SeatsioVenue::kZones;
  const bool sections = std::any_of(raw.floors.begin(), raw.floors.end(),
                                    [](const RawFloor& floor) { return !floor.sections.empty(); });
  return sections || raw.has_floors ? SeatsioVenue::kSectionsAndFloors : SeatsioVenue::kSimple;
}

std::string_view TypeOf(ObjectKind kind) {
  return kind == ObjectKind::kArea    ? "generalAdmission"
         : kind == ObjectKind::kTable ? "table"
         : kind == ObjectKind::kBooth ? "booth"
                                      : "seat";
}

const std::string& FirstOf(const std::string& a, const std::string& b) {
  return a.empty() ? b : a;
}

// Where a list of rows, tables, booths and areas stands.
struct Place {
  const RawSection* section = nullptr;  // nullptr: beside all sections
  uint32_t floor = kNone;
  uint32_t zone = kNone;
  SeatsioPoint offset;
  std::optional<SeatsioPoint> focal_point;
};

class Importer {
 public:
  explicit Importer(const RawChart& raw) : raw_(raw) {}

  SeatsioChart Import() {
    out_.name = raw_.name;
    out_.stored_venue = raw_.venue_type;
    out_.venue = VenueOf(raw_);
    out_.zones = raw_.zones;
    AddCategories();
    scale_ = out_.scale = ScaleOf(raw_);
    AddHead();
    for (uint32_t i = 0; i < raw_.floors.size(); ++i) AddFloor(i);
    CheckTypesPerCategory();
    out_.findings = findings_.Take();
    return std::move(out_);
  }

 private:
  Point ToGrid(SeatsioPoint point) const {
    const auto whole = [this](double v) { return static_cast<int32_t>(std::lround(v * scale_)); };
    return {whole(point.x), whole(point.y)};
  }
  int32_t ToGrid(double length) const {
    return static_cast<int32_t>(
        std::min<double>(std::round(length * scale_), limits::kChartCoordinateMax));
  }

  void AddCategories() {
    for (const SeatsioCategory& category : raw_.categories) {
      const auto index = static_cast<uint32_t>(out_.categories.size());
      if (!categories_.emplace(category.key, index).second) continue;
      out_.categories.push_back(category);
    }
  }

  // Names that charts here would refuse get one that they take.
  static std::string NameOr(const std::string& name, const std::string& other) {
    return WhyBadText(name, limits::kNameBytesMax).empty() ? name : other;
  }

  void AddHead() {
    Drawing& d = out_.drawing;
    d.name = NameOr(raw_.name, "Untitled chart");
    for (const SeatsioCategory& category : out_.categories) {
      const bool color =
          category.color.size() == 7 && category.color[0] == '#' &&
          category.color.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string::npos;
      d.categories.push_back(
          {category.key, NameOr(category.label, category.key), color ? category.color : "#888888"});
    }
    std::set<std::string_view> keys;
    for (const SeatsioZone& zone : out_.zones) {
      zones_.emplace(zone.key, static_cast<uint32_t>(&zone - out_.zones.data()));
      if (!keys.insert(zone.key).second) continue;
      d.zones.push_back({zone.key, NameOr(zone.label, zone.key), std::nullopt});
      if (zone.focal_point) d.zones.back().focal_point = ToGrid(*zone.focal_point);
    }
    for (const RawFloor& floor : raw_.floors) {
      if (!focal_point_) focal_point_ = floor.focal_point;
    }
    const bool zoned = !out_.zones.empty() &&
                       std::all_of(out_.zones.begin(), out_.zones.end(),
                                   [](const SeatsioZone& zone) { return zone.focal_point; });
    out_.supports_best_available = focal_point_ || zoned;
    if (!out_.supports_best_available) {
      findings_.Add("VALIDATE_FOCAL_POINT", Severity::kWarning,
                    "The chart has no focal point: best available cannot be used", raw_.name);
    }
    d.focal_point = ToGrid(focal_point_ ? *focal_point_
                           : zoned      ? *out_.zones.front().focal_point
                                        : UpperMiddleOf(raw_));
  }

  void AddFloor(uint32_t index) {
    const RawFloor& floor = raw_.floors[index];
    Place place;
    place.focal_point = floor.focal_point ? floor.focal_point : focal_point_;
    if (raw_.has_floors) {
      place.floor = index;
      out_.floors.push_back(floor.floor);
      AddLevel(floor.floor);
    }
    const size_t before = out_.objects.size();
    AddContents(place, floor);
    for (const RawSection& section : floor.sections) AddSection(place, section);
    for (const RawShape& shape : floor.shapes) AddShape(shape);
    if (raw_.has_floors && out_.objects.size() == before) {
      findings_.Add("VALIDATE_EMPTY_FLOOR", Severity::kWarning,
                    "There is nothing to book on a floor", floor.floor.name);
    }
  }

  void AddLevel(const SeatsioFloor& floor) {
    levels_.emplace_back();
    if (!WhyBadText(floor.name, limits::kLabelBytesMax).empty()) return;
    levels_.back() = floor.name;
    for (const Named& level : out_.drawing.levels) {
      if (level.id == floor.name) return;
    }
    out_.drawing.levels.push_back({floor.name, NameOr(floor.display_name, floor.name)});
  }

  void AddShape(const RawShape& shape) {
    if (shape.points.size() < 3 || shape.points.size() > limits::kOutlinePointsMax ||
        out_.drawing.shapes.size() >= limits::kShapesPerChartMax) {
      return;
    }
    Shape& to = out_.drawing.shapes.emplace_back();
    to.kind = shape.smart_type == kStage ? kStage : "structure";
    to.label = NameOr(shape.label, "");
    for (const SeatsioPoint& point : shape.points) to.outline.push_back(ToGrid(point));
  }

  void AddSection(Place place, const RawSection& section) {
    place.section = &section;
    place.offset = section.top_left;
    const auto zone = zones_.find(section.zone);
    if (!section.zone.empty() && zone != zones_.end()) {
      place.zone = zone->second;
      const SeatsioZone& found = out_.zones[place.zone];
      if (found.focal_point) place.focal_point = found.focal_point;
    }
    if (IsUnlabeled(section.label)) {
      findings_.Add(kUnlabeled, Severity::kError, kUnlabeledText, "section " + section.label);
    } else if (WhyBadText(section.label, limits::kLabelBytesMax).empty()) {
      // Also when nothing in it can be sold: it is part of the picture.
      SectionOf(place, section.label, "");
    }
    AddContents(place, section);
  }

  // The drawn section for things at `place`, with this label ("" for none) and entrance.
  DrawnSection& SectionOf(const Place& place, const std::string& label,
                          const std::string& entrance) {
    const std::string key =
        label.empty() ? '\1' + std::to_string(place.floor) + '\1' + entrance : label;
    const auto [found, added] = sections_.emplace(key, out_.drawing.sections.size());
    if (!added) return out_.drawing.sections[found->second];
    DrawnSection& section = out_.drawing.sections.emplace_back();
    section.label = label;
    if (place.floor != kNone) section.level = levels_[place.floor];
    if (place.zone != kNone) section.zone = out_.zones[place.zone].key;
    const RawSection* raw = place.section;
    section.gate = GateOf(raw != nullptr ? raw->entrance : entrance);
    if (raw == nullptr) return section;
    if (raw->display_label != label) section.name = NameOr(raw->display_label, "");
    if (categories_.contains(raw->category)) section.category = raw->category;
    if (raw->points.size() > limits::kOutlinePointsMax) return section;
    for (const SeatsioPoint& point : OutlineOf(*raw)) section.outline.push_back(ToGrid(point));
    return section;
  }

  // The gate of an entrance's name; empty when there are more than a chart may have.
  std::string GateOf(const std::string& entrance) {
    std::vector<Named>& gates = out_.drawing.gates;
    if (!WhyBadText(entrance, limits::kLabelBytesMax).empty()) return {};
    if (gates_.contains(entrance)) return entrance;
    if (gates.size() >= limits::kGatesPerChartMax) return {};
    gates_.insert(entrance);
    gates.push_back({entrance, entrance});
    return entrance;
  }

  void AddContents(const Place& place, const RawContents& contents) {
    for (const RawRow& row : contents.rows) AddRow(place, row);
    for (const RawTable& table : contents.tables) AddTable(place, table);
    for (const RawBooth& booth : contents.booths) AddBooth(place, booth);
    for (const RawArea& area : contents.areas) AddArea(place, area);
  }

  // An object of `part` that stands at `at`, in `holder` (a row or table, or nullptr).
  SeatsioObject& AddObject(const Place& place, const RawPart& part, const RawPart* holder,
                           ObjectKind kind, SeatsioPoint at) {
    SeatsioObject& object = out_.objects.emplace_back();
    object.kind = kind;
    object.own = {FirstOf(part.display_label, part.label), part.label, std::string(TypeOf(kind))};
    object.displayed_type = part.displayed_type;
    object.entrance = part.entrance;
    std::string category = part.category;
    if (holder != nullptr) {
      object.parent = {FirstOf(holder->display_label, holder->label), holder->label, ""};
      object.parent_displayed_type = holder->displayed_type;
      if (object.entrance.empty()) object.entrance = holder->entrance;
      if (category.empty()) category = holder->category;
    }
    if (place.section != nullptr) {
      object.section_id = place.section->label;
      object.section_label = FirstOf(place.section->display_label, place.section->label);
      if (object.entrance.empty()) object.entrance = place.section->entrance;
      if (category.empty()) category = place.section->category;
    }
    const auto found = categories_.find(category);
    if (found != categories_.end()) object.category = found->second;
    object.zone = place.zone;
    object.floor = place.floor;
    object.x = place.offset.x + at.x;
    object.y = place.offset.y + at.y;
    if (place.focal_point)
      object.distance = SeatsioDistance({object.x, object.y}, *place.focal_point);
    return object;
  }

  static bool IsBad(const std::string& label) {
    return !label.empty() && !WhyBadText(label, limits::kLabelBytesMax).empty();
  }
  bool IsAtWholeTable(const SeatsioObject& object) const {
    return object.table != kNone && out_.objects[object.table].whole;
  }

  // Settles the full label and whether the object can be sold; `fit` says that what holds it can.
  void Finish(SeatsioObject& object, bool fit) {
    object.label = object.parent.type.empty()
                       ? JoinLabels(object.section_id, object.own.id)
                       : FullLabel(object.section_id, object.parent.id, object.own.id);
    const auto refuse = [&](std::string_view code, std::string_view message) {
      object.bookable = false;
      findings_.Add(code, Severity::kError, message, object.label);
    };
    if (!fit) object.bookable = false;
    if (IsUnlabeled(object.own.id)) {
      refuse(kUnlabeled, kUnlabeledText);
    } else if (fit && !labels_.insert(object.label).second) {
      refuse("VALIDATE_DUPLICATE_LABELS", "Several objects have the same label");
    } else if (IsBad(object.section_id) || IsBad(object.parent.id) || IsBad(object.own.id) ||
               IsBad(object.label)) {
      refuse("bad-label", "Labels are too long, or have control characters or spaces at an end");
    }
    if (object.category == kNone) {
      refuse("VALIDATE_OBJECTS_WITHOUT_CATEGORIES", "Objects have no category");
    } else if (object.kind == ObjectKind::kTable ? object.whole : !IsAtWholeTable(object)) {
      types_[object.category].insert(object.kind);
    }
  }

  static bool SectionIsFit(const Place& place) {
    return place.section == nullptr || !IsUnlabeled(place.section->label);
  }
  bool CanHold(const Place& place, const RawPart& holder, std::string_view what) {
    if (IsUnlabeled(holder.label)) {
      findings_.Add(kUnlabeled, Severity::kError, kUnlabeledText,
                    std::string(what) + " " + holder.label);
    }
    return !IsUnlabeled(holder.label) && SectionIsFit(place);
  }
  // Adds the seats of a row or table to the objects, and those that can be sold to `drawn`.
  template <typename Holder>
  void AddSeats(const Place& place, const Holder& holder, std::string_view type, uint32_t table,
                bool fit, std::vector<DrawnSeat>* drawn) {
    for (const RawSeat& seat : holder.seats) {
      const auto index = static_cast<uint32_t>(out_.objects.size());
      SeatsioObject& object = AddObject(place, seat, &holder, ObjectKind::kSeat, seat.at);
      object.parent.type = type;
      object.attributes = seat.attributes;
      object.table = table;
      if constexpr (std::is_same_v<Holder, RawRow>) {
        if (!holder.section_label.empty() && place.section == nullptr) {
          object.section_id = holder.section_label;
          object.section_label = FirstOf(holder.section_display_label, holder.section_label);
        }
        if (&seat != &holder.seats.front()) {
          object.left = index - 1;
          out_.objects[index - 1].right = index;
        }
      }
      Finish(object, fit);
      if (!object.bookable) continue;
      DrawnSeat& to = drawn->emplace_back();
      to.label = seat.label;
      to.at = ToGrid({object.x, object.y});
      to.category = out_.categories[object.category].key;
      to.attributes = seat.attributes;
    }
  }

  // What most seats share is said once.
  static std::string TakeCategory(std::vector<DrawnSeat>& seats) {
    std::string category = seats.front().category;
    for (DrawnSeat& seat : seats) {
      if (seat.category == category) seat.category.clear();
    }
    return category;
  }

  void AddRow(const Place& place, const RawRow& row) {
    const bool fit = CanHold(place, row, "row") && row.section_label != "?";
    const auto first = out_.objects.size();
    DrawnRow drawn;
    drawn.label = row.label;
    AddSeats(place, row, "row", kNone, fit, &drawn.seats);
    if (drawn.seats.empty()) return;
    drawn.category = TakeCategory(drawn.seats);
    const std::string& label = place.section != nullptr ? place.section->label : row.section_label;
    SectionOf(place, label, out_.objects[first].entrance).rows.push_back(std::move(drawn));
  }

  // Areas that are open to many parties may say how large a party is; it means nothing for them.
  static bool IsWhole(const RawParty& party, ObjectKind kind) {
    return party.whole || (party.variable && kind != ObjectKind::kArea);
  }

  template <typename Drawn>
  void SetParty(const RawParty& party, const SeatsioObject& object, int64_t most, Drawn* drawn) {
    drawn->whole = IsWhole(party, object.kind);
    drawn->variable = party.variable && drawn->whole;
    if (!drawn->variable) return;
    // A table may take more people than it has seats, an area no more than its places.
    const int64_t limit = object.kind == ObjectKind::kArea ? most : limits::kAreaCapacityMax;
    drawn->max_people = std::min(party.max_people, limit);
    drawn->min_people =
        std::min(party.min_people, drawn->max_people == 0 ? most : drawn->max_people);
    if (drawn->min_people == party.min_people && drawn->max_people == party.max_people) return;
    findings_.Add("bad-occupancy", Severity::kWarning,
                  "The smallest party is larger than the largest, or than the area", object.label);
  }

  void SetParty(const RawParty& party, SeatsioObject* object) {
    object->whole = IsWhole(party, object->kind);
    object->variable = party.variable;
    object->min_people = party.min_people;
    object->max_people = party.max_people;
  }

  void AddTable(const Place& place, const RawTable& raw) {
    RawTable table = raw;
    for (const RawSeat& seat : table.seats) {
      if (table.category.empty()) table.category = seat.category;
      if (table.entrance.empty()) table.entrance = seat.entrance;
    }
    bool fit = SectionIsFit(place);
    const auto index = static_cast<uint32_t>(out_.objects.size());
    SeatsioObject& object = AddObject(place, table, nullptr, ObjectKind::kTable, table.center);
    SetParty(table, &object);
    object.seats = static_cast<uint32_t>(table.seats.size());
    Finish(object, fit);
    fit = object.bookable;
    DrawnTable drawn;
    drawn.label = table.label;
    drawn.at = ToGrid({object.x, object.y});
    drawn.radius = ToGrid(table.radius);
    if (object.category != kNone) drawn.category = out_.categories[object.category].key;
    SetParty(table, object, std::max<int64_t>(object.seats, 1), &drawn);
    AddSeats(place, raw, "table", index, fit, &drawn.seats);
    SeatsioObject& added = out_.objects[index];
    if (fit && drawn.seats.empty()) {
      added.bookable = false;
      findings_.Add("empty-table", Severity::kError, "A table has no seats", added.label);
    }
    if (!added.bookable) return;
    for (DrawnSeat& seat : drawn.seats) {
      if (seat.category == drawn.category) seat.category.clear();
    }
    DrawnSection& section = SectionOf(place, added.section_id, added.entrance);
    const std::string gate = GateOf(added.entrance);
    if (gate != section.gate) drawn.gate = gate;
    section.tables.push_back(std::move(drawn));
  }

  void AddBooth(const Place& place, const RawBooth& booth) {
    SeatsioObject& object = AddObject(place, booth, nullptr, ObjectKind::kBooth, booth.center);
    Finish(object, SectionIsFit(place));
    if (!object.bookable) return;
    DrawnBooth drawn;
    drawn.label = booth.label;
    drawn.at = ToGrid({object.x, object.y});
    drawn.width = ToGrid(booth.width);
    drawn.height = ToGrid(booth.height);
    AddSold(place, object, &DrawnSection::booths, std::move(drawn));
  }

  void AddArea(const Place& place, const RawArea& area) {
    SeatsioObject& object = AddObject(place, area, nullptr, ObjectKind::kArea, MiddleOf(area));
    SetParty(area, &object);
    object.capacity = area.capacity;
    Finish(object, SectionIsFit(place));
    if (area.capacity < 1) {
      object.bookable = false;
      findings_.Add("no-capacity", Severity::kError, "An area has no places", object.label);
    }
    if (!object.bookable) return;
    DrawnArea drawn;
    drawn.label = area.label;
    drawn.capacity = area.capacity;
    SetParty(area, object, area.capacity, &drawn);
    for (const SeatsioPoint& point : OutlineOf(area)) {
      drawn.outline.push_back(ToGrid({place.offset.x + point.x, place.offset.y + point.y}));
    }
    const bool suite = area.displayed_type == "suite" && area.whole && place.section == nullptr;
    if (!suite) return AddSold(place, object, &DrawnSection::areas, std::move(drawn));
    drawn.whole = false;  // suites are
    drawn.category = out_.categories[object.category].key;
    drawn.gate = GateOf(object.entrance);
    if (place.floor != kNone) drawn.level = levels_[place.floor];
    out_.drawing.suites.push_back(std::move(drawn));
  }

  template <typename Drawn>
  void AddSold(const Place& place, const SeatsioObject& object,
               std::vector<Drawn> DrawnSection::*list, Drawn drawn) {
    DrawnSection& section = SectionOf(place, object.section_id, object.entrance);
    drawn.category = out_.categories[object.category].key;
    const std::string gate = GateOf(object.entrance);
    if (gate != section.gate) drawn.gate = gate;
    (section.*list).push_back(std::move(drawn));
  }

  void CheckTypesPerCategory() {
    for (const auto& [category, kinds] : types_) {
      if (kinds.size() < 2) continue;
      findings_.Add("VALIDATE_OBJECT_TYPES_PER_CATEGORY", Severity::kWarning,
                    "Objects of different types have the same category",
                    out_.categories[category].key);
    }
  }

  static constexpr std::string_view kUnlabeled = "VALIDATE_UNLABELED_OBJECTS";
  static constexpr std::string_view kUnlabeledText = "Objects have no label";

  const RawChart& raw_;
  SeatsioChart out_;
  FindingList findings_;
  int32_t scale_ = 100;
  std::optional<SeatsioPoint> focal_point_;
  std::unordered_map<std::string, uint32_t> categories_, zones_;
  std::unordered_map<std::string, size_t> sections_;  // positions in the drawing
  std::unordered_set<std::string> labels_, gates_;
  std::vector<std::string> levels_;  // ids, by floor
  std::map<uint32_t, std::set<ObjectKind>> types_;
};

}  // namespace

std::string_view NameOfVenue(SeatsioVenue venue) {
  switch (venue) {
    case SeatsioVenue::kSimple:
      return "SIMPLE";
    case SeatsioVenue::kSectionsAndFloors:
      return "WITH_SECTIONS_AND_FLOORS";
    case SeatsioVenue::kZones:
      return "WITH_ZONES";
  }
  return {};
}

StatusOr<SeatsioChart> ParseSeatsioChart(std::string_view json) {
  if (json.size() > limits::kChartBodyBytesMax) {
    return MakeError(ErrorCode::kPayloadTooLarge, "the chart is larger than a chart may be");
  }
  Faults faults;
  RawChart raw;
  if (!ReadSeatsioJson(json, &raw, faults)) return faults.ToStatus("the chart");
  return Importer(raw).Import();
}

}  // namespace ticketing::seat
