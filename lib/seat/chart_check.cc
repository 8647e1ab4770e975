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
  Checker(const Drawing& drawing, Faults& faults) : drawing_(drawing), faults_(faults) {}

  void Run() {
    CheckHead();
    CheckLists();
    CheckShapes();
    CheckSections();
    CheckAreas("suites", drawing_.suites);
    CheckAreas("areas", drawing_.areas);
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
    Text(path.Field("label"), part.label, limits::kLabelBytesMax);
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
      CheckPart(item, section);
      if (!section.label.empty() && !labels.insert(section.label).second) {
        faults_.Add(item.Field("label"), "duplicate-label",
                    "two sections are called " + Quoted(section.label));
      }
      const Path rows = item.Field("rows");
      for (size_t r = 0; r < section.rows.size(); ++r) {
        CheckRow(rows.Item(r), section, section.rows[r]);
      }
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
    for (size_t i = 0; i < row.seats.size(); ++i) {
      const Path item = seats.Item(i);
      const DrawnSeat& seat = row.seats[i];
      Text(item.Field("label"), seat.label, limits::kLabelBytesMax);
      At(item.Field("at"), seat.at);
      if (seat.category.empty() && row.category.empty() && section.category.empty()) {
        faults_.Add(item.Field("category"), "no-category",
                    "neither the seat nor its row nor its section has a category");
      }
      // Most seats inherit: the look-up is only for those that do not.
      if (!seat.category.empty()) {
        Reference(item.Field("category"), seat.category, categories_, "category", "categories");
      }
    }
  }

  void CheckAreas(std::string_view name, const std::vector<DrawnArea>& areas) {
    const Path path = root_.Field(name);
    TooMany(path, areas.size(), limits::kAreasPerChartMax);
    for (size_t i = 0; i < areas.size(); ++i) {
      const Path item = path.Item(i);
      CheckPart(item, areas[i]);
      if (areas[i].category.empty()) {
        faults_.Add(item.Field("category"), "no-category", "it must have one");
      }
      if (areas[i].capacity < 1 || areas[i].capacity > limits::kAreaCapacityMax) {
        faults_.Add(item.Field("capacity"), "out-of-range",
                    "must be 1 to " + std::to_string(limits::kAreaCapacityMax));
      }
    }
  }

  void CheckTotals() {
    TooMany(root_.Field("sections"), seat_count_, limits::kSeatsPerChartMax);
    TooMany(root_.Field("sections"), row_count_, limits::kRowsPerChartMax);
    if (seat_count_ + drawing_.suites.size() + drawing_.areas.size() == 0) {
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

  struct Place {
    std::string label;
    std::string_view list;
    size_t item = 0, row = 0, seat = 0;
  };

  void CollectPlaces(std::vector<Place>& places) const {
    for (size_t s = 0; s < drawing_.sections.size(); ++s) {
      const DrawnSection& section = drawing_.sections[s];
      for (size_t r = 0; r < section.rows.size(); ++r) {
        const DrawnRow& row = section.rows[r];
        for (size_t i = 0; i < row.seats.size(); ++i) {
          // A part that is missing has its own fault already; joining it would only echo it.
          if (section.label.empty() || row.label.empty() || row.seats[i].label.empty()) continue;
          places.push_back(
              {FullLabel(section.label, row.label, row.seats[i].label), "sections", s, r, i});
        }
      }
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

  template <typename Use>
  void WithPath(const Place& place, Use use) const {
    const Path list = root_.Field(place.list);
    const Path item = list.Item(place.item);
    if (place.list != "sections") return use(item.Field("label"));
    const Path rows = item.Field("rows");
    const Path row = rows.Item(place.row);
    const Path seats = row.Field("seats");
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
  const Path root_;
  Ids categories_, gates_, zones_, stands_, levels_;
  size_t row_count_ = 0;
  size_t seat_count_ = 0;
};

}  // namespace

void CheckDrawing(const Drawing& drawing, Faults& faults) {
  Checker(drawing, faults).Run();
}

std::string FullLabel(std::string_view section, std::string_view row, std::string_view seat) {
  std::string label;
  label.reserve(section.size() + row.size() + seat.size() + 2);
  return label.append(section).append("-").append(row).append("-").append(seat);
}

}  // namespace ticketing::seat
