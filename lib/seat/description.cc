#include "ticketing/seat/description.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>
#include <utility>

#include "lib/seat/chart_check.h"
#include "lib/seat/description_rows.h"
#include "lib/seat/json_reader.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

constexpr auto kRequired = ObjectReader::kRequired;
constexpr double kMetresMax = 2000;
constexpr int64_t kRowsPerTierMax = 200;
constexpr int64_t kSectionsPerSpanMax = 200;

// What sections, suites and areas have in common: where they belong.
struct Belonging {
  std::string stand, level, zone, category;
  std::vector<std::string> gates;
};

class DescriptionReader {
 public:
  explicit DescriptionReader(Faults& faults) : faults_(faults) {}

  Drawing Read(const Json& tree) {
    const Path root;
    ObjectReader reader(tree, root, faults_);
    ReadHead(reader);
    ReadCurves(reader);
    std::vector<Shape> shapes;
    reader.Items("shapes", &shapes, [this](ObjectReader& item, Shape* shape) {
      item.String("kind", &shape->kind, kRequired);
      item.String("label", &shape->label);
      ReadPlace(item, &shape->outline);
    });
    drawing_.shapes = std::move(shapes);
    std::vector<int> ignored;
    reader.Items("tiers", &ignored, [this](ObjectReader& item, int*) { ReadTier(item); });
    ignored.clear();
    reader.Items("suites", &ignored, [this](ObjectReader& item, int*) { ReadSuites(item); });
    reader.Items("areas", &drawing_.areas,
                 [this](ObjectReader& item, DrawnArea* area) { ReadArea(item, area); });
    reader.Finish();
    return std::move(drawing_);
  }

 private:
  struct Curve {
    Track track;
    bool degrees = false;  // positions are given in degrees, else in hundredths of the line
    double unit = 1;       // metres of the inner line per unit of position
  };

  // --- Head ---

  void ReadHead(ObjectReader& reader) {
    std::string ignored;
    reader.String("$schema", &ignored);
    std::string format;
    if (reader.String("format", &format, kRequired) && format != kDescriptionFormat) {
      faults_.Add(reader.path().Field("format"), "bad-format",
                  "must be \"" + std::string(kDescriptionFormat) + "\"");
    }
    reader.String("name", &drawing_.name, kRequired);
    reader.String("venue", &drawing_.venue);
    Metres focal;
    if (ReadMetres(reader, "focalPoint", &focal, kRequired)) drawing_.focal_point = ToPoint(focal);
    reader.Items(
        "categories", &drawing_.categories,
        [](ObjectReader& item, Category* category) {
          item.String("key", &category->key, kRequired);
          item.String("name", &category->name, kRequired);
          item.String("color", &category->color, kRequired);
        },
        kRequired);
    const auto named = [](ObjectReader& item, Named* out) {
      item.String("id", &out->id, kRequired);
      item.String("name", &out->name, kRequired);
    };
    reader.Items("gates", &drawing_.gates, named);
    reader.Items("zones", &drawing_.zones, [this](ObjectReader& item, Zone* zone) {
      item.String("id", &zone->id, kRequired);
      item.String("name", &zone->name, kRequired);
      Metres at;
      if (ReadMetres(item, "focalPoint", &at)) zone->focal_point = ToPoint(at);
    });
    reader.Items("stands", &drawing_.stands, named);
    reader.Items("levels", &drawing_.levels, named);
    for (const Category& category : drawing_.categories) categories_.insert(category.key);
    for (const Named& gate : drawing_.gates) gates_.insert(gate.id);
    for (const Zone& zone : drawing_.zones) zones_.insert(zone.id);
    for (const Named& stand : drawing_.stands) stands_.insert(stand.id);
    for (const Named& level : drawing_.levels) levels_.insert(level.id);
  }

  bool ReadMetres(ObjectReader& reader, std::string_view name, Metres* out,
                  ObjectReader::Need need = ObjectReader::kOptional) {
    const Json* value = reader.List(name, need);
    if (value == nullptr) return false;
    return ReadMetres(*value, reader.path().Field(name), out);
  }

  bool ReadMetres(const Json& value, const Path& path, Metres* out) {
    const auto fits = [](const Json& number) {
      return number.is_number() && std::abs(number.get<double>()) <= kMetresMax;
    };
    if (!value.is_array() || value.size() != 2 || !fits(value[0]) || !fits(value[1])) {
      faults_.Add(path, "wrong-type", "must be [x, y] in metres, within 2000 of the origin");
      return false;
    }
    *out = {value[0].get<double>(), value[1].get<double>()};
    return true;
  }

  // --- Curves and places ---

  void ReadCurves(ObjectReader& reader) {
    std::vector<int> ignored;
    reader.Items("curves", &ignored, [this](ObjectReader& item, int*) {
      std::string id, kind;
      item.String("id", &id, kRequired);
      item.String("kind", &kind, kRequired);
      std::optional<Curve> curve;
      if (kind == "bowl") {
        curve = ReadBowl(item);
      } else if (kind == "arc") {
        curve = ReadArc(item);
      } else {
        faults_.Add(item.path().Field("kind"), "bad-kind", "must be bowl or arc");
        item.Ignore();
      }
      if (!curve) {
        broken_curves_.insert(id);
      } else if (!curves_.emplace(id, *std::move(curve)).second) {
        faults_.Add(item.path().Field("id"), "duplicate-id", Quoted(id) + " is used twice");
      }
    });
  }

  std::optional<Curve> ReadBowl(ObjectReader& item) {
    BowlShape shape;
    const auto number = [&](std::string_view name, double* out) {
      return item.Number(name, out, 0.1, 100'000, kRequired);
    };
    if (!number("length", &shape.length) || !number("width", &shape.width) ||
        !number("sideRadius", &shape.side_radius) || !number("endRadius", &shape.end_radius) ||
        !number("cornerRadius", &shape.corner_radius)) {
      return std::nullopt;
    }
    std::optional<Track> track = Track::Bowl(shape);
    if (!track) {
      faults_.Add(item.path(), "bad-outline",
                  "arcs of these radii do not meet: try a smaller cornerRadius, or larger radii "
                  "of sides and ends");
      return std::nullopt;
    }
    const double unit = track->length() / 100;
    return Curve{*std::move(track), false, unit};
  }

  std::optional<Curve> ReadArc(ObjectReader& item) {
    Metres center;
    double radius = 0, direction = 90;
    const bool placed = ReadMetres(item, "center", &center, kRequired);
    const bool sized = item.Number("radius", &radius, 0.1, kMetresMax, kRequired);
    item.Number("direction", &direction, -360, 360);
    if (!placed || !sized) return std::nullopt;
    constexpr double kDegree = std::numbers::pi / 180;
    return Curve{Track::Circle(center, radius, direction * kDegree), true, radius * kDegree};
  }

  const Curve* ReadCurve(ObjectReader& reader) {
    std::string id;
    if (!reader.String("curve", &id, kRequired)) return nullptr;
    const auto found = curves_.find(id);
    if (found != curves_.end()) return &found->second;
    if (!broken_curves_.contains(id)) {
      faults_.Add(reader.path().Field("curve"), "unknown-curve",
                  "no curve is called " + Quoted(id));
    }
    return nullptr;
  }

  // "from" and "to" as positions on the curve.
  bool ReadExtent(ObjectReader& reader, const Curve& curve, double* from, double* to) {
    const double most = curve.degrees ? 180 : 100;
    const bool begins = reader.Number("from", from, -most, most, kRequired);
    const bool ends = reader.Number("to", to, -most, most, kRequired);
    if (!begins || !ends) return false;
    if (*to <= *from) {
      faults_.Add(reader.path().Field("to"), "out-of-range", "must be greater than from");
      return false;
    }
    *from *= curve.unit;
    *to *= curve.unit;
    return true;
  }

  struct BandPlan {
    const Curve* curve = nullptr;
    double from = 0, to = 0, offset = 0, depth = 0;
    std::vector<Point> Outline() const {
      return Band(curve->track, from, to, offset, offset + depth);
    }
  };

  bool ReadBand(ObjectReader& reader, std::string_view name, BandPlan* out) {
    const Json* value = reader.Object(name);
    if (value == nullptr) return false;
    const Path path = reader.path().Field(name);
    ObjectReader band(*value, path, faults_);
    out->curve = ReadCurve(band);
    const bool offset = band.Number("offset", &out->offset, -500, kMetresMax, kRequired);
    const bool depth = band.Number("depth", &out->depth, 0.1, 500, kRequired);
    const Curve wrong{Track::Circle({}, 1, 0), false, 1};
    const bool extent = ReadExtent(band, out->curve ? *out->curve : wrong, &out->from, &out->to);
    band.Finish();
    return out->curve != nullptr && offset && depth && extent;
  }

  // The one of "rectangle", "polygon" and "band" that is there, as an outline.
  void ReadPlace(ObjectReader& reader, std::vector<Point>* outline) {
    BandPlan band;
    if (ReadBand(reader, "band", &band)) *outline = band.Outline();
    if (const Json* value = reader.Object("rectangle")) {
      const Path path = reader.path().Field("rectangle");
      ObjectReader rectangle(*value, path, faults_);
      Metres center, size;
      const bool placed = ReadMetres(rectangle, "center", &center, kRequired);
      if (ReadMetres(rectangle, "size", &size, kRequired) && placed) {
        const double x = std::abs(size.x) / 2, y = std::abs(size.y) / 2;
        *outline = {ToPoint({center.x - x, center.y - y}), ToPoint({center.x + x, center.y - y}),
                    ToPoint({center.x + x, center.y + y}), ToPoint({center.x - x, center.y + y})};
      }
      rectangle.Finish();
    }
    if (const Json* polygon = reader.List("polygon")) {
      const Path path = reader.path().Field("polygon");
      for (size_t i = 0; i < polygon->size(); ++i) {
        Metres at;
        if (ReadMetres((*polygon)[i], path.Item(i), &at)) outline->push_back(ToPoint(at));
      }
    }
  }

  // --- Belonging ---

  void Known(const Path& path, std::string_view id, const std::set<std::string>& known,
             std::string_view kind) {
    if (id.empty() || known.contains(std::string(id))) return;
    faults_.Add(path, "unknown-" + std::string(kind),
                "no " + std::string(kind) + " is called " + Quoted(id));
  }

  void ReadBelonging(ObjectReader& reader, Belonging* out) {
    const auto read = [&](std::string_view name, std::string* to,
                          const std::set<std::string>& known,
                          ObjectReader::Need need = ObjectReader::kOptional) {
      if (reader.String(name, to, need)) Known(reader.path().Field(name), *to, known, name);
    };
    read("stand", &out->stand, stands_);
    read("level", &out->level, levels_);
    read("zone", &out->zone, zones_);
    read("category", &out->category, categories_, kRequired);
    if (!reader.Strings("gates", &out->gates)) return;
    const Path path = reader.path().Field("gates");
    for (size_t i = 0; i < out->gates.size(); ++i) {
      Known(path.Item(i), out->gates[i], gates_, "gate");
    }
  }

  // Puts number `i` of `count` in its place; gates serve equal shares in their order.
  template <typename Part>
  static void Belong(const Belonging& belonging, size_t i, size_t count, Part* part) {
    part->stand = belonging.stand;
    part->level = belonging.level;
    part->zone = belonging.zone;
    part->category = belonging.category;
    if (!belonging.gates.empty()) {
      part->gate = belonging.gates[i * belonging.gates.size() / count];
    }
  }

  // A label or name with "{n}" where the number goes.
  void ReadPattern(ObjectReader& reader, std::string_view name, int64_t count, std::string* out,
                   ObjectReader::Need need = ObjectReader::kOptional) {
    if (!reader.String(name, out, need)) return;
    if (count <= 1 || out->find("{n}") != std::string::npos) return;
    faults_.Add(reader.path().Field(name), "bad-label",
                "needs {n} where the number goes, for there are several");
  }

  static std::string Numbered(std::string pattern, int64_t n) {
    const size_t at = pattern.find("{n}");
    if (at != std::string::npos) pattern.replace(at, 3, std::to_string(n));
    return pattern;
  }

  // --- Tiers ---

  void ReadLabels(ObjectReader& reader, std::string_view name, LabelScheme* out) {
    const Json* value = reader.Object(name);
    if (value == nullptr) return;
    const Path path = reader.path().Field(name);
    ObjectReader labels(*value, path, faults_);
    std::string style = "numbers";
    labels.String("style", &style);
    if (style != "numbers" && style != "letters") {
      faults_.Add(path.Field("style"), "bad-kind", "must be numbers or letters");
    }
    out->letters = style == "letters";
    labels.Int("first", &out->first, 1, 1'000'000);
    labels.Int("step", &out->step, 1, 100);
    labels.Strings("skip", &out->skip);
    labels.String("prefix", &out->prefix);
    labels.Finish();
    if (out->skip.size() > 100) faults_.Add(path.Field("skip"), "too-many", "at most 100");
  }

  bool ReadRange(ObjectReader& reader, std::string_view name, int64_t rows, RowRange* out,
                 ObjectReader::Need need = ObjectReader::kOptional) {
    const Json* list = reader.List(name, need);
    if (list == nullptr || rows == 0) return false;  // no rows: that is the fault
    const bool whole =
        list->size() == 2 && (*list)[0].is_number_integer() && (*list)[1].is_number_integer();
    const RowRange range =
        whole ? RowRange{(*list)[0].get<int64_t>(), (*list)[1].get<int64_t>()} : RowRange{};
    if (!whole || range.first < 1 || range.last < range.first || range.last > rows) {
      faults_.Add(reader.path().Field(name), "out-of-range",
                  "must be [first, last], rows from 1 to " + std::to_string(rows));
      return false;
    }
    *out = range;
    return true;
  }

  void ReadTier(ObjectReader& reader) {
    Tier tier;
    const Curve* curve = ReadCurve(reader);
    reader.Number("offset", &tier.offset, 0, kMetresMax, kRequired);
    reader.Int("rows", &tier.rows, 1, kRowsPerTierMax, kRequired);
    reader.Number("rowSpacing", &tier.row_spacing, 0.3, 10);
    reader.Number("seatSpacing", &tier.seat_spacing, 0.2, 10);
    reader.Number("aisle", &tier.aisle, 0, 20);
    reader.Int("innerAisles", &tier.inner_aisles, 0, 20);
    std::string direction = "clockwise";
    reader.String("numbering", &direction);
    if (direction != "clockwise" && direction != "counterclockwise") {
      faults_.Add(reader.path().Field("numbering"), "bad-kind",
                  "must be clockwise or counterclockwise");
    }
    tier.counterclockwise = direction == "counterclockwise";
    tier.row_labels.letters = true;
    ReadLabels(reader, "rowLabels", &tier.row_labels);
    ReadLabels(reader, "seatLabels", &tier.seat_labels);
    if (curve != nullptr) tier.track = &curve->track;
    std::vector<int> ignored;
    reader.Items(
        "spans", &ignored, [&](ObjectReader& item, int*) { ReadSpan(item, curve, tier); },
        kRequired);
  }

  void ReadPlan(ObjectReader& reader, const Tier& tier, SectionPlan* plan) {
    reader.Items("rowCategories", &plan->categories, [&](ObjectReader& item, CategoryRange* range) {
      ReadRange(item, "rows", tier.rows, &range->rows, kRequired);
      item.String("category", &range->category, kRequired);
      Known(item.path().Field("category"), range->category, categories_, "category");
    });
    ReadRange(reader, "restrictedView", tier.rows, &plan->restricted);
    if (const Json* value = reader.Object("accessible")) {
      const Path path = reader.path().Field("accessible");
      ObjectReader item(*value, path, faults_);
      item.Int("row", &plan->accessible_row, 1, std::max<int64_t>(tier.rows, 1), kRequired);
      item.Int("pairs", &plan->accessible_pairs, 1, 100, kRequired);
      item.Finish();
    }
    if (const Json* value = reader.Object("stairway")) {
      const Path path = reader.path().Field("stairway");
      ObjectReader item(*value, path, faults_);
      ReadRange(item, "rows", tier.rows, &plan->cutout, kRequired);
      item.Number("width", &plan->cutout_width, 0.1, 100, kRequired);
      item.Finish();
    }
  }

  void ReadSpan(ObjectReader& reader, const Curve* curve, const Tier& tier) {
    Belonging belonging;
    std::string label, name;
    int64_t count = 1, first = 1;
    double from = 0, to = 0;
    ReadBelonging(reader, &belonging);
    reader.Int("sections", &count, 1, kSectionsPerSpanMax);
    reader.Int("first", &first, 0, 1'000'000);
    ReadPattern(reader, "label", count, &label, kRequired);
    ReadPattern(reader, "name", count, &name);
    const Curve wrong{Track::Circle({}, 1, 0), false, 1};
    const bool extent = ReadExtent(reader, curve != nullptr ? *curve : wrong, &from, &to);
    SectionPlan plan;
    ReadPlan(reader, tier, &plan);
    if (curve == nullptr || !extent || tier.rows == 0) return;
    if (drawing_.sections.size() + static_cast<size_t>(count) > limits::kSectionsPerChartMax) {
      faults_.Add(reader.path(), "too-many", "more sections than a chart may have");
      return;
    }
    for (int64_t i = 0; i < count; ++i) {
      DrawnSection section;
      section.label = Numbered(label, first + i);
      section.name = Numbered(name, first + i);
      Belong(belonging, static_cast<size_t>(i), static_cast<size_t>(count), &section);
      plan.from = from + (to - from) * static_cast<double>(i) / static_cast<double>(count);
      plan.to = from + (to - from) * static_cast<double>(i + 1) / static_cast<double>(count);
      DrawRows(tier, plan, &section);
      for (const DrawnRow& row : section.rows) seats_ += row.seats.size();
      if (section.rows.empty()) {
        faults_.Add(reader.path(), "no-room", "there is no room for a seat");
        return;
      }
      if (seats_ > limits::kSeatsPerChartMax) {
        faults_.Add(reader.path(), "too-many", "more seats than a chart may have");
        return;
      }
      drawing_.sections.push_back(std::move(section));
    }
  }

  // --- Suites and areas ---

  void ReadSuites(ObjectReader& reader) {
    Belonging belonging;
    std::string label, name;
    int64_t count = 1, first = 1, capacity = 0;
    ReadBelonging(reader, &belonging);
    reader.Int("count", &count, 1, kSectionsPerSpanMax);
    reader.Int("first", &first, 0, 1'000'000);
    ReadPattern(reader, "label", count, &label, kRequired);
    ReadPattern(reader, "name", count, &name);
    reader.Int("capacity", &capacity, 1, limits::kAreaCapacityMax, kRequired);
    BandPlan band;
    const bool placed = ReadBand(reader, "band", &band);
    const double step = (band.to - band.from) / static_cast<double>(count);
    const double from = band.from;
    for (int64_t i = 0; i < count; ++i) {
      DrawnArea suite;
      suite.label = Numbered(label, first + i);
      suite.name = Numbered(name, first + i);
      suite.capacity = capacity;
      Belong(belonging, static_cast<size_t>(i), static_cast<size_t>(count), &suite);
      if (placed) {
        // A wall between suites.
        band.from = from + step * (static_cast<double>(i) + 0.04);
        band.to = from + step * (static_cast<double>(i) + 0.96);
        suite.outline = band.Outline();
      }
      drawing_.suites.push_back(std::move(suite));
    }
  }

  void ReadArea(ObjectReader& reader, DrawnArea* area) {
    Belonging belonging;
    ReadBelonging(reader, &belonging);
    Belong(belonging, 0, 1, area);
    reader.String("label", &area->label, kRequired);
    reader.String("name", &area->name);
    reader.Int("capacity", &area->capacity, 1, limits::kAreaCapacityMax, kRequired);
    ReadPlace(reader, &area->outline);
  }

  Faults& faults_;
  Drawing drawing_;
  std::map<std::string, Curve> curves_;
  std::set<std::string> broken_curves_;
  std::set<std::string> categories_, gates_, zones_, stands_, levels_;
  size_t seats_ = 0;
};

}  // namespace

StatusOr<Drawing> ParseDescription(std::string_view json) {
  if (json.size() > limits::kBodyBytesMax) {
    return MakeError(ErrorCode::kPayloadTooLarge, "the description is larger than one may be");
  }
  Faults faults;
  const std::optional<Json> tree = ParseJsonText(json, faults);
  if (!tree) return faults.ToStatus("the description");
  Drawing drawing = DescriptionReader(faults).Read(*tree);
  TICKETING_RETURN_IF_ERROR(faults.ToStatus("the description"));
  return drawing;
}

}  // namespace ticketing::seat
