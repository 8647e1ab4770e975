#include "lib/seat/chart_check.h"

#include <algorithm>
#include <array>
#include <set>

#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

using Ids = std::set<std::string_view>;

bool IsColor(std::string_view text) {
  return text.size() == 7 && text[0] == '#' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

class Checker {
 public:
  Checker(const Drawing& drawing, Faults& faults, Chart::Empty empty)
      : drawing_(drawing), faults_(faults), empty_(empty) {}

  void Run() {
    CheckHead();
    CheckLists();
    CheckShapes();
    CheckSections();
    CheckAreas(root_.Field("suites"), drawing_.suites, true, {});
    CheckAreas(root_.Field("areas"), drawing_.areas, false, {});
    CheckTotals();
    CheckLabels();
    CheckRanks();
  }

 private:
  void Text(const Path& path, std::string_view text, size_t max) {
    const std::string why = WhyBadText(text, max);
    if (!why.empty()) faults_.Add(path, "bad-text", why);
  }
  void OptionalText(const Path& path, std::string_view text, size_t max) {
    if (!text.empty()) Text(path, text, max);
  }
  void TooMany(const Path& path, size_t count, size_t max) {
    if (count <= max) return;
    faults_.Add(path, "too-many",
                std::to_string(count) + " are more than the limit of " + std::to_string(max));
  }
  void At(const Path& path, Point point) {
    const auto outside = [](int32_t v) {
      return v > limits::kChartCoordinateMax || v < -limits::kChartCoordinateMax;
    };
    if (!outside(point.x) && !outside(point.y)) return;
    faults_.Add(path, "out-of-range",
                "coordinates must lie within " + std::to_string(limits::kChartCoordinateMax) +
                    " centimetres of the origin");
  }
  void Outline(const Path& path, const std::vector<Point>& outline) {
    TooMany(path, outline.size(), limits::kOutlinePointsMax);
    if (!outline.empty() && outline.size() < 3) {
      faults_.Add(path, "bad-outline", "a polygon needs three points or more");
    }
    for (size_t i = 0; i < outline.size(); ++i) At(path.Item(i), outline[i]);
  }
  void Reference(const Path& path, std::string_view id, const Ids& known, std::string_view kind,
                 std::string_view list) {
    if (id.empty() || known.contains(id) || faults_.Has(Path{nullptr, list})) return;
    faults_.Add(path, "unknown-" + std::string(kind),
                "no " + std::string(kind) + " is called " + Quoted(id));
  }

  void CheckHead() {
    Text(root_.Field("name"), drawing_.name, limits::kNameBytesMax);
    OptionalText(root_.Field("venue"), drawing_.venue, limits::kNameBytesMax);
    const Path focal = root_.Field("focalPoint");
    if (!drawing_.focal_point) {
      faults_.Add(focal, "no-focal-point", "best available needs the point that all look at");
    } else {
      At(focal, *drawing_.focal_point);
    }
  }

  template <typename List>
  Ids CheckIds(std::string_view name, const List& list, size_t max,
               std::string_view id_field = "id") {
    const Path path = root_.Field(name);
    TooMany(path, list.size(), max);
    Ids ids;
    for (size_t i = 0; i < list.size(); ++i) {
      const Path item = path.Item(i);
      const Path field = item.Field(id_field);
      std::string_view id;
      if constexpr (requires { list[i].key; }) {
        id = list[i].key;
      } else {
        id = list[i].id;
      }
      Text(field, id, limits::kLabelBytesMax);
      Text(item.Field("name"), list[i].name, limits::kNameBytesMax);
      if (!id.empty() && !ids.insert(id).second) {
        faults_.Add(field, "duplicate-id", Quoted(id) + " is used twice");
      }
    }
    return ids;
  }

  void CheckLists() {
    const Path categories = root_.Field("categories");
    categories_ =
        CheckIds("categories", drawing_.categories, limits::kCategoriesPerChartMax, "key");
    for (size_t i = 0; i < drawing_.categories.size(); ++i) {
      if (IsColor(drawing_.categories[i].color)) continue;
      const Path item = categories.Item(i);
      faults_.Add(item.Field("color"), "bad-color", "must be like \"#c8102e\"");
    }
    gates_ = CheckIds("gates", drawing_.gates, limits::kGatesPerChartMax);
    zones_ = CheckIds("zones", drawing_.zones, limits::kGatesPerChartMax);
    const Path zones = root_.Field("zones");
    for (size_t i = 0; i < drawing_.zones.size(); ++i) {
      const Path item = zones.Item(i);
      if (drawing_.zones[i].focal_point) {
        At(item.Field("focalPoint"), *drawing_.zones[i].focal_point);
      }
    }
    stands_ = CheckIds("stands", drawing_.stands, limits::kGatesPerChartMax);
    levels_ = CheckIds("levels", drawing_.levels, limits::kGatesPerChartMax);
  }

  void CheckShapes() {
    static constexpr std::array<std::string_view, 4> kKinds = {"pitch", "stage", "structure",
                                                               "text"};
    const Path path = root_.Field("shapes");
    TooMany(path, drawing_.shapes.size(), limits::kShapesPerChartMax);
    for (size_t i = 0; i < drawing_.shapes.size(); ++i) {
      const Path item = path.Item(i);
      const Shape& shape = drawing_.shapes[i];
      if (std::find(kKinds.begin(), kKinds.end(), shape.kind) == kKinds.end()) {
        faults_.Add(item.Field("kind"), "bad-kind", "must be pitch, stage, structure or text");
      }
      OptionalText(item.Field("label"), shape.label, limits::kNameBytesMax);
      if (shape.outline.empty()) {
        faults_.Add(item.Field("outline"), "bad-outline", "a shape needs an outline");
      }
      Outline(item.Field("outline"), shape.outline);
    }
  }

  // What a section has in common with an area.
  template <typename Part>
  void CheckPart(const Path& path, const Part& part) {
    OptionalText(path.Field("name"), part.name, limits::kNameBytesMax);
    Reference(path.Field("stand"), part.stand, stands_, "stand", "stands");
    Reference(path.Field("level"), part.level, levels_, "level", "levels");
    Reference(path.Field("zone"), part.zone, zones_, "zone", "zones");
    Reference(path.Field("gate"), part.gate, gates_, "gate", "gates");
    Reference(path.Field("category"), part.category, categories_, "category", "categories");
    Outline(path.Field("outline"), part.outline);
  }

  void CheckSections() {
    const Path path = root_.Field("sections");
    TooMany(path, drawing_.sections.size(), limits::kSectionsPerChartMax);
    std::set<std::string_view> labels;
    for (size_t s = 0; s < drawing_.sections.size(); ++s) {
      const Path item = path.Item(s);
      const DrawnSection& section = drawing_.sections[s];
      OptionalText(item.Field("label"), section.label, limits::kLabelBytesMax);
      CheckPart(item, section);
      if (!section.label.empty() && !labels.insert(section.label).second) {
        faults_.Add(item.Field("label"), "duplicate-label",
                    "two sections are called " + Quoted(section.label));
      }
      const Path rows = item.Field("rows");
      for (size_t r = 0; r < section.rows.size(); ++r) {
        CheckRow(rows.Item(r), section, section.rows[r]);
      }
      const Path tables = item.Field("tables");
      for (size_t i = 0; i < section.tables.size(); ++i) {
        CheckTable(tables.Item(i), section, section.tables[i]);
      }
      const Path booths = item.Field("booths");
      for (size_t i = 0; i < section.booths.size(); ++i) {
        CheckBooth(booths.Item(i), section, section.booths[i]);
      }
      CheckAreas(item.Field("areas"), section.areas, false, section.category);
    }
  }

  void CheckRow(const Path& path, const DrawnSection& section, const DrawnRow& row) {
    ++row_count_;
    seat_count_ += row.seats.size();
    Text(path.Field("label"), row.label, limits::kLabelBytesMax);
    Reference(path.Field("category"), row.category, categories_, "category", "categories");
    At(path.Field("curve"), {row.curve, 0});
    const Path seats = path.Field("seats");
    if (row.seats.empty()) faults_.Add(seats, "empty-row", "a row needs seats");
    TooMany(seats, row.seats.size(), limits::kSeatsPerRowMax);
    const bool inherits = !row.category.empty() || !section.category.empty();
    for (size_t i = 0; i < row.seats.size(); ++i) {
      CheckSeat(seats.Item(i), row.seats[i], inherits, "row");
    }
  }

  void CheckSeat(const Path& path, const DrawnSeat& seat, bool inherits, std::string_view holder) {
    Text(path.Field("label"), seat.label, limits::kLabelBytesMax);
    At(path.Field("at"), seat.at);
    // Most seats inherit: the look-up is only for those that do not.
    if (!seat.category.empty()) {
      Reference(path.Field("category"), seat.category, categories_, "category", "categories");
    } else if (!inherits) {
      faults_.Add(
          path.Field("category"), "no-category",
          "neither the seat nor its " + std::string(holder) + " nor its section has a category");
    }
  }

  void Size(const Path& path, int32_t size) {
    if (size >= 0 && size <= limits::kChartCoordinateMax) return;
    faults_.Add(path, "out-of-range",
                "must be 0 to " + std::to_string(limits::kChartCoordinateMax));
  }

  // What a table has in common with a booth.
  template <typename Part>
  void CheckSold(const Path& path, const DrawnSection& section, const Part& part) {
    Text(path.Field("label"), part.label, limits::kLabelBytesMax);
    Reference(path.Field("category"), part.category, categories_, "category", "categories");
    Reference(path.Field("gate"), part.gate, gates_, "gate", "gates");
    At(path.Field("at"), part.at);
    if (part.category.empty() && section.category.empty()) {
      faults_.Add(path.Field("category"), "no-category",
                  "neither it nor its section has a category");
    }
  }

  void CheckTable(const Path& path, const DrawnSection& section, const DrawnTable& table) {
    ++table_count_;
    seat_count_ += table.seats.size();
    CheckSold(path, section, table);
    Size(path.Field("radius"), table.radius);
    CheckParty(path, table, table.whole, table.seats.size(), limits::kAreaCapacityMax);
    const Path seats = path.Field("seats");
    if (table.seats.empty()) faults_.Add(seats, "empty-table", "a table needs seats");
    TooMany(seats, table.seats.size(), limits::kSeatsPerTableMax);
    for (size_t i = 0; i < table.seats.size(); ++i) {
      const Path item = seats.Item(i);
      // Without any category the fault is the table's.
      CheckSeat(item, table.seats[i], true, "table");
      if (!table.seats[i].gap_before) continue;
      faults_.Add(item.Field("gap"), "bad-gap", "there are no aisles at a table");
    }
  }

  void CheckBooth(const Path& path, const DrawnSection& section, const DrawnBooth& booth) {
    ++booth_count_;
    CheckSold(path, section, booth);
    Size(path.Field("width"), booth.width);
    Size(path.Field("height"), booth.height);
  }

  // The party that may take a table, a suite or an area; `places` is how many it has.
  template <typename Part>
  void CheckParty(const Path& path, const Part& part, bool whole, uint64_t places, int64_t most) {
    if (part.variable && !whole) {
      faults_.Add(path.Field("variable"), "bad-occupancy", "only what is sold whole can vary");
    }
    const auto people = [&](std::string_view name, int64_t number) {
      if (number == 0) return;
      if (!part.variable) {
        faults_.Add(path.Field(name), "bad-occupancy", "needs \"variable\": true");
      } else if (number < 1 || number > most) {
        faults_.Add(path.Field(name), "out-of-range", "must be 1 to " + std::to_string(most));
      }
    };
    people("minPeople", part.min_people);
    people("maxPeople", part.max_people);
    const int64_t max = part.max_people != 0 ? part.max_people : static_cast<int64_t>(places);
    if (part.variable && part.min_people > max) {
      faults_.Add(path.Field("minPeople"), "bad-occupancy",
                  "must be at most " + std::to_string(max) + ", the most people");
    }
  }

  void CheckAreas(const Path& path, const std::vector<DrawnArea>& areas, bool suites,
                  std::string_view category) {
    area_count_ += areas.size();
    TooMany(path, areas.size(), limits::kAreasPerChartMax);
    for (size_t i = 0; i < areas.size(); ++i) {
      const Path item = path.Item(i);
      const DrawnArea& area = areas[i];
      Text(item.Field("label"), area.label, limits::kLabelBytesMax);
      CheckPart(item, area);
      if (area.category.empty() && category.empty()) {
        faults_.Add(item.Field("category"), "no-category", "it must have one");
      }
      if (area.capacity < 1 || area.capacity > limits::kAreaCapacityMax) {
        faults_.Add(item.Field("capacity"), "out-of-range",
                    "must be 1 to " + std::to_string(limits::kAreaCapacityMax));
      } else {
        CheckParty(item, area, area.whole || suites, static_cast<uint64_t>(area.capacity),
                   area.capacity);
      }
    }
  }

  void CheckTotals() {
    TooMany(root_.Field("sections"), seat_count_, limits::kSeatsPerChartMax);
    TooMany(root_.Field("sections"), row_count_, limits::kRowsPerChartMax);
    TooMany(root_.Field("sections"), table_count_, limits::kTablesPerChartMax);
    TooMany(root_.Field("sections"), booth_count_, limits::kBoothsPerChartMax);
    TooMany(root_.Field("sections"), area_count_, 2 * limits::kAreasPerChartMax);
    if (empty_ == Chart::kMayNotBeEmpty && seat_count_ + booth_count_ + area_count_ == 0) {
      faults_.Add(root_.Field("sections"), "no-objects", "nothing in this chart can be sold");
    }
  }

  // Full labels, across everything that is sold.
  void CheckLabels() {
    if (seat_count_ > limits::kSeatsPerChartMax) return;
    std::vector<Place> places;
    CollectPlaces(places);
    std::stable_sort(places.begin(), places.end(),
                     [](const Place& a, const Place& b) { return a.label < b.label; });
    for (size_t i = 0; i < places.size(); ++i) {
      const Place& place = places[i];
      if (place.label.size() > limits::kLabelBytesMax) {
        WithPath(place, [&](const Path& path) {
          faults_.Add(path, "bad-text",
                      "the full label " + Quoted(place.label) + " is longer than " +
                          std::to_string(limits::kLabelBytesMax) + " bytes");
        });
      }
      if (i == 0 || places[i - 1].label != place.label) continue;
      std::string other;
      WithPath(places[i - 1], [&](const Path& path) { other = path.ToString(); });
      WithPath(place, [&](const Path& path) {
        faults_.Add(path, "duplicate-label",
                    Quoted(place.label) + " is also the label of " + other);
      });
    }
  }

  static constexpr size_t kNothing = static_cast<size_t>(-1);
  // Something with a full label: list[item], or list[item].group[member].seats[seat].
  struct Place {
    std::string label;
    std::string_view list;
    size_t item = 0;
    std::string_view group = {};
    size_t member = 0, seat = kNothing;
  };

  void CollectPlaces(std::vector<Place>& places) const {
    const Path path = root_.Field("sections");
    for (size_t s = 0; s < drawing_.sections.size(); ++s) {
      // A part that is wrong or missing has its own fault already; joining it would only echo it.
      const Path item = path.Item(s);
      if (drawing_.sections[s].label.empty() && faults_.Has(item.Field("label"))) continue;
      CollectSection(places, s);
    }
    for (size_t i = 0; i < drawing_.suites.size(); ++i) {
      if (!drawing_.suites[i].label.empty()) {
        places.push_back({drawing_.suites[i].label, "suites", i});
      }
    }
    for (size_t i = 0; i < drawing_.areas.size(); ++i) {
      if (!drawing_.areas[i].label.empty()) places.push_back({drawing_.areas[i].label, "areas", i});
    }
  }

  void CollectSection(std::vector<Place>& places, size_t s) const {
    const DrawnSection& section = drawing_.sections[s];
    const auto seats = [&](std::string_view group, const auto& holders, bool whole) {
      for (size_t h = 0; h < holders.size(); ++h) {
        const std::string& holder = holders[h].label;
        if (holder.empty()) continue;
        for (size_t i = 0; i < holders[h].seats.size(); ++i) {
          const std::string& seat = holders[h].seats[i].label;
          if (seat.empty()) continue;
          places.push_back({FullLabel(section.label, holder, seat), "sections", s, group, h, i});
        }
        if (whole) places.push_back({JoinLabels(section.label, holder), "sections", s, group, h});
      }
    };
    const auto others = [&](std::string_view group, const auto& parts) {
      for (size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].label.empty()) continue;
        places.push_back({JoinLabels(section.label, parts[i].label), "sections", s, group, i});
      }
    };
    seats("rows", section.rows, false);
    seats("tables", section.tables, true);
    others("booths", section.booths);
    others("areas", section.areas);
  }

  template <typename Use>
  void WithPath(const Place& place, Use use) const {
    const Path list = root_.Field(place.list);
    const Path item = list.Item(place.item);
    if (place.group.empty()) return use(item.Field("label"));
    const Path group = item.Field(place.group);
    const Path member = group.Item(place.member);
    if (place.seat == kNothing) return use(member.Field("label"));
    const Path seats = member.Field("seats");
    const Path seat = seats.Item(place.seat);
    use(seat.Field("label"));
  }

  // Ranks are the numbers 0 .. rows-1, each once, or absent altogether.
  void CheckRanks() {
    size_t ranked = 0;
    std::vector<bool> seen(row_count_);
    const Path path = root_.Field("sections");
    for (size_t s = 0; s < drawing_.sections.size(); ++s) {
      const Path item = path.Item(s);
      const Path rows = item.Field("rows");
      for (size_t r = 0; r < drawing_.sections[s].rows.size(); ++r) {
        const std::optional<uint32_t>& rank = drawing_.sections[s].rows[r].rank;
        if (!rank) continue;
        ++ranked;
        const Path row = rows.Item(r);
        if (*rank >= row_count_) {
          faults_.Add(row.Field("rank"), "bad-rank",
                      "must be less than the number of rows, " + std::to_string(row_count_));
        } else if (seen[*rank]) {
          faults_.Add(row.Field("rank"), "bad-rank",
                      "two rows have the rank " + std::to_string(*rank));
        } else {
          seen[*rank] = true;
        }
      }
    }
    if (ranked != 0 && ranked != row_count_) {
      faults_.Add(path, "bad-rank", "all rows must have a rank, or none");
    }
  }

  const Drawing& drawing_;
  Faults& faults_;
  const Chart::Empty empty_;
  const Path root_;
  Ids categories_, gates_, zones_, stands_, levels_;
  size_t row_count_ = 0;
  size_t seat_count_ = 0;
  size_t table_count_ = 0;
  size_t booth_count_ = 0;
  size_t area_count_ = 0;  // and suites
};

}  // namespace

void CheckDrawing(const Drawing& drawing, Faults& faults, Chart::Empty empty) {
  Checker(drawing, faults, empty).Run();
}

std::string JoinLabels(std::string_view section, std::string_view own) {
  if (section.empty()) return std::string(own);
  std::string label;
  label.reserve(section.size() + own.size() + 1);
  return label.append(section).append("-").append(own);
}

std::string FullLabel(std::string_view section, std::string_view row, std::string_view seat) {
  std::string label;
  label.reserve(section.size() + row.size() + seat.size() + 2);
  if (!section.empty()) label.append(section).append("-");
  return label.append(row).append("-").append(seat);
}

}  // namespace ticketing::seat
