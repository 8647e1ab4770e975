#include "ticketing/seat/chart_json.h"

#include <utility>

#include "lib/seat/chart_check.h"
#include "lib/seat/json_reader.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

constexpr auto kRequired = ObjectReader::kRequired;
constexpr int64_t kCoordinateMax = limits::kChartCoordinateMax;

void ReadFocalPoint(ObjectReader& reader, std::optional<Point>* out) {
  Point point;
  if (reader.At("focalPoint", &point)) *out = point;
}

void ReadNamed(ObjectReader& reader, Named* out) {
  reader.String("id", &out->id, kRequired);
  reader.String("name", &out->name, kRequired);
}

void ReadSeat(ObjectReader& reader, DrawnSeat* out) {
  reader.String("label", &out->label, kRequired);
  reader.At("at", &out->at, kRequired);
  reader.String("category", &out->category);
  reader.Bool("gap", &out->gap_before);
  std::vector<std::string> names;
  if (!reader.Strings("attributes", &names)) return;
  const Path path = reader.path().Field("attributes");
  for (size_t i = 0; i < names.size(); ++i) {
    const uint16_t attribute = AttributeOfName(names[i]);
    if (attribute == 0) {
      reader.faults().Add(path.Item(i), "bad-attribute", Quoted(names[i]) + " is not known");
    }
    out->attributes |= attribute;
  }
}

void ReadRow(ObjectReader& reader, DrawnRow* out) {
  reader.String("label", &out->label, kRequired);
  reader.String("category", &out->category);
  reader.Integer("curve", &out->curve, -kCoordinateMax, kCoordinateMax);
  uint32_t rank = 0;
  if (reader.Integer("rank", &rank, 0, limits::kRowsPerChartMax)) out->rank = rank;
  reader.Items("seats", &out->seats, ReadSeat, kRequired);
}

template <typename Part>
void ReadPart(ObjectReader& reader, Part* out) {
  reader.String("label", &out->label, kRequired);
  reader.String("name", &out->name);
  reader.String("stand", &out->stand);
  reader.String("level", &out->level);
  reader.String("zone", &out->zone);
  reader.String("gate", &out->gate);
  reader.String("category", &out->category);
  reader.Outline("outline", &out->outline);
}

void ReadArea(ObjectReader& reader, DrawnArea* out) {
  ReadPart(reader, out);
  reader.Integer("capacity", &out->capacity, 1, limits::kAreaCapacityMax, kRequired);
}

void ReadDrawing(ObjectReader& reader, Drawing* out) {
  std::string format;
  if (reader.String("format", &format, kRequired) && format != kChartFormat) {
    reader.faults().Add(reader.path().Field("format"), "bad-format",
                        "must be \"" + std::string(kChartFormat) + "\"");
  }
  reader.String("name", &out->name, kRequired);
  reader.String("venue", &out->venue);
  ReadFocalPoint(reader, &out->focal_point);
  reader.Items(
      "categories", &out->categories,
      [](ObjectReader& item, Category* category) {
        item.String("key", &category->key, kRequired);
        item.String("name", &category->name, kRequired);
        item.String("color", &category->color, kRequired);
      },
      kRequired);
  reader.Items("gates", &out->gates, ReadNamed);
  reader.Items("zones", &out->zones, [](ObjectReader& item, Zone* zone) {
    item.String("id", &zone->id, kRequired);
    item.String("name", &zone->name, kRequired);
    ReadFocalPoint(item, &zone->focal_point);
  });
  reader.Items("stands", &out->stands, ReadNamed);
  reader.Items("levels", &out->levels, ReadNamed);
  reader.Items("shapes", &out->shapes, [](ObjectReader& item, Shape* shape) {
    item.String("kind", &shape->kind, kRequired);
    item.String("label", &shape->label);
    item.Outline("outline", &shape->outline);
  });
  reader.Items("sections", &out->sections, [](ObjectReader& item, DrawnSection* section) {
    ReadPart(item, section);
    item.Items("rows", &section->rows, ReadRow);
  });
  reader.Items("suites", &out->suites, ReadArea);
  reader.Items("areas", &out->areas, ReadArea);
}

// Writes JSON by hand: a line per seat-bearing thing keeps a chart readable and its differences
// small, which no printer of trees offers.
class Writer {
 public:
  void Open(char bracket) {
    Separate();
    out_ += bracket;
    first_ = true;
  }
  void Close(char bracket) {
    out_ += bracket;
    first_ = false;
  }
  void Line() { line_ = true; }
  void Name(std::string_view name) {
    Separate();
    out_.append("\"").append(name).append("\": ");
    first_ = true;
  }
  void Text(std::string_view text) {
    Separate();
    out_ += Json(text).dump();
  }
  void Number(int64_t number) {
    Separate();
    out_ += std::to_string(number);
  }
  void Bool(bool value) {
    Separate();
    out_ += value ? "true" : "false";
  }
  void TextField(std::string_view name, std::string_view text) {
    if (text.empty()) return;
    Name(name);
    Text(text);
  }
  void NumberField(std::string_view name, int64_t number) {
    Name(name);
    Number(number);
  }
  void At(Point point) {
    Separate();
    out_ += '[' + std::to_string(point.x) + ", " + std::to_string(point.y) + ']';
  }
  void OutlineField(const std::vector<Point>& outline) {
    if (outline.empty()) return;
    Name("outline");
    Open('[');
    for (const Point& point : outline) At(point);
    Close(']');
  }
  std::string Take() { return std::move(out_) + "\n"; }

 private:
  void Separate() {
    if (!first_) out_ += line_ ? "," : ", ";
    if (line_) out_ += '\n';
    first_ = line_ = false;
  }

  std::string out_;
  bool first_ = true;
  bool line_ = false;
};

void WriteNamed(Writer& w, std::string_view list, const std::vector<Named>& items) {
  if (items.empty()) return;
  w.Line();
  w.Name(list);
  w.Open('[');
  for (const Named& item : items) {
    w.Line();
    w.Open('{');
    w.TextField("id", item.id);
    w.TextField("name", item.name);
    w.Close('}');
  }
  w.Close(']');
}

template <typename Part>
void WritePart(Writer& w, const Part& part) {
  w.TextField("label", part.label);
  w.TextField("name", part.name);
  w.TextField("stand", part.stand);
  w.TextField("level", part.level);
  w.TextField("zone", part.zone);
  w.TextField("gate", part.gate);
  w.TextField("category", part.category);
  w.OutlineField(part.outline);
}

void WriteSeat(Writer& w, const DrawnSeat& seat) {
  w.Open('{');
  w.TextField("label", seat.label);
  w.Name("at");
  w.At(seat.at);
  w.TextField("category", seat.category);
  if (seat.gap_before) {
    w.Name("gap");
    w.Bool(true);
  }
  if (seat.attributes != 0) {
    w.Name("attributes");
    w.Open('[');
    for (uint16_t bit = kAccessible; bit <= kPlusSize; bit = static_cast<uint16_t>(bit << 1)) {
      if (seat.attributes & bit) w.Text(NameOfAttribute(static_cast<SeatAttribute>(bit)));
    }
    w.Close(']');
  }
  w.Close('}');
}

void WriteSections(Writer& w, const std::vector<DrawnSection>& sections) {
  if (sections.empty()) return;
  w.Line();
  w.Name("sections");
  w.Open('[');
  for (const DrawnSection& section : sections) {
    w.Line();
    w.Open('{');
    WritePart(w, section);
    w.Name("rows");
    w.Open('[');
    for (const DrawnRow& row : section.rows) {
      w.Line();
      w.Open('{');
      w.TextField("label", row.label);
      w.TextField("category", row.category);
      if (row.curve != 0) w.NumberField("curve", row.curve);
      if (row.rank) w.NumberField("rank", *row.rank);
      w.Name("seats");
      w.Open('[');
      for (const DrawnSeat& seat : row.seats) WriteSeat(w, seat);
      w.Close(']');
      w.Close('}');
    }
    w.Close(']');
    w.Close('}');
  }
  w.Close(']');
}

void WriteAreas(Writer& w, std::string_view list, const std::vector<DrawnArea>& areas) {
  if (areas.empty()) return;
  w.Line();
  w.Name(list);
  w.Open('[');
  for (const DrawnArea& area : areas) {
    w.Line();
    w.Open('{');
    WritePart(w, area);
    w.NumberField("capacity", area.capacity);
    w.Close('}');
  }
  w.Close(']');
}

void WriteHead(Writer& w, const Drawing& d) {
  w.TextField("format", kChartFormat);
  w.TextField("name", d.name);
  w.TextField("venue", d.venue);
  w.Name("focalPoint");
  w.At(*d.focal_point);
  w.Line();
  w.Name("categories");
  w.Open('[');
  for (const Category& category : d.categories) {
    w.Line();
    w.Open('{');
    w.TextField("key", category.key);
    w.TextField("name", category.name);
    w.TextField("color", category.color);
    w.Close('}');
  }
  w.Close(']');
  WriteNamed(w, "gates", d.gates);
  if (!d.zones.empty()) {
    w.Line();
    w.Name("zones");
    w.Open('[');
    for (const Zone& zone : d.zones) {
      w.Line();
      w.Open('{');
      w.TextField("id", zone.id);
      w.TextField("name", zone.name);
      if (zone.focal_point) {
        w.Name("focalPoint");
        w.At(*zone.focal_point);
      }
      w.Close('}');
    }
    w.Close(']');
  }
  WriteNamed(w, "stands", d.stands);
  WriteNamed(w, "levels", d.levels);
}

}  // namespace

StatusOr<Chart> ParseChart(std::string_view json) {
  if (json.size() > limits::kChartBodyBytesMax) {
    return MakeError(ErrorCode::kPayloadTooLarge, "the chart is larger than a chart may be");
  }
  Faults faults;
  Drawing drawing;
  const std::optional<Json> tree = ParseJsonText(json, faults);
  if (!tree) return faults.ToStatus("the chart");
  const Path root;
  ObjectReader reader(*tree, root, faults);
  ReadDrawing(reader, &drawing);
  reader.Finish();
  return BuildChart(std::move(drawing), faults);
}

std::string ToJson(const Chart& chart) {
  const Drawing& d = chart.drawing();
  Writer w;
  w.Open('{');
  WriteHead(w, d);
  if (!d.shapes.empty()) {
    w.Line();
    w.Name("shapes");
    w.Open('[');
    for (const Shape& shape : d.shapes) {
      w.Line();
      w.Open('{');
      w.TextField("kind", shape.kind);
      w.TextField("label", shape.label);
      w.OutlineField(shape.outline);
      w.Close('}');
    }
    w.Close(']');
  }
  WriteSections(w, d.sections);
  WriteAreas(w, "suites", d.suites);
  WriteAreas(w, "areas", d.areas);
  w.Close('}');
  return w.Take();
}

}  // namespace ticketing::seat
