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

void ReadTableSeat(ObjectReader& reader, DrawnSeat* out) {
  reader.String("label", &out->label, kRequired);
  reader.At("at", &out->at, kRequired);
  reader.String("category", &out->category);
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

void ReadSeat(ObjectReader& reader, DrawnSeat* out) {
  reader.Bool("gap", &out->gap_before);
  ReadTableSeat(reader, out);
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
  reader.String("name", &out->name);
  reader.String("stand", &out->stand);
  reader.String("level", &out->level);
  reader.String("zone", &out->zone);
  reader.String("gate", &out->gate);
  reader.String("category", &out->category);
  reader.Outline("outline", &out->outline);
}

template <typename Part>
void ReadParty(ObjectReader& reader, Part* out) {
  reader.Bool("whole", &out->whole);
  reader.Bool("variable", &out->variable);
  reader.Integer("minPeople", &out->min_people, 1, limits::kAreaCapacityMax);
  reader.Integer("maxPeople", &out->max_people, 1, limits::kAreaCapacityMax);
}

void ReadArea(ObjectReader& reader, DrawnArea* out) {
  reader.String("label", &out->label, kRequired);
  ReadPart(reader, out);
  reader.Integer("capacity", &out->capacity, 1, limits::kAreaCapacityMax, kRequired);
  ReadParty(reader, out);
}

// What a table has in common with a booth.
template <typename Part>
void ReadSold(ObjectReader& reader, Part* out) {
  reader.String("label", &out->label, kRequired);
  reader.String("category", &out->category);
  reader.String("gate", &out->gate);
  reader.At("at", &out->at, kRequired);
}

void ReadTable(ObjectReader& reader, DrawnTable* out) {
  ReadSold(reader, out);
  reader.Integer("radius", &out->radius, 0, kCoordinateMax);
  ReadParty(reader, out);
  reader.Items("seats", &out->seats, ReadTableSeat, kRequired);
}

void ReadBooth(ObjectReader& reader, DrawnBooth* out) {
  ReadSold(reader, out);
  reader.Integer("width", &out->width, 0, kCoordinateMax);
  reader.Integer("height", &out->height, 0, kCoordinateMax);
}

void ReadSection(ObjectReader& reader, DrawnSection* out) {
  reader.OptionalText("label", &out->label);
  ReadPart(reader, out);
  reader.Items("rows", &out->rows, ReadRow);
  reader.Items("tables", &out->tables, ReadTable);
  reader.Items("booths", &out->booths, ReadBooth);
  reader.Items("areas", &out->areas, ReadArea);
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
  reader.Items("sections", &out->sections, ReadSection);
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
  void FlagField(std::string_view name, bool set) {
    if (!set) return;
    Name(name);
    Separate();
    out_ += "true";
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

void WriteNamed(Writer& w, const Named& item) {
  w.TextField("id", item.id);
  w.TextField("name", item.name);
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
  w.FlagField("gap", seat.gap_before);
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

void WriteRow(Writer& w, const DrawnRow& row) {
  w.TextField("label", row.label);
  w.TextField("category", row.category);
  if (row.curve != 0) w.NumberField("curve", row.curve);
  if (row.rank) w.NumberField("rank", *row.rank);
  w.Name("seats");
  w.Open('[');
  for (const DrawnSeat& seat : row.seats) WriteSeat(w, seat);
  w.Close(']');
}

template <typename Part>
void WriteParty(Writer& w, const Part& part) {
  w.FlagField("whole", part.whole);
  w.FlagField("variable", part.variable);
  if (part.min_people != 0) w.NumberField("minPeople", part.min_people);
  if (part.max_people != 0) w.NumberField("maxPeople", part.max_people);
}

template <typename Part>
void WriteSold(Writer& w, const Part& part) {
  w.TextField("label", part.label);
  w.TextField("category", part.category);
  w.TextField("gate", part.gate);
  w.Name("at");
  w.At(part.at);
}

void WriteTable(Writer& w, const DrawnTable& table) {
  WriteSold(w, table);
  if (table.radius != 0) w.NumberField("radius", table.radius);
  WriteParty(w, table);
  w.Name("seats");
  w.Open('[');
  for (const DrawnSeat& seat : table.seats) WriteSeat(w, seat);
  w.Close(']');
}

void WriteBooth(Writer& w, const DrawnBooth& booth) {
  WriteSold(w, booth);
  if (booth.width != 0) w.NumberField("width", booth.width);
  if (booth.height != 0) w.NumberField("height", booth.height);
}

void WriteArea(Writer& w, const DrawnArea& area) {
  WritePart(w, area);
  w.NumberField("capacity", area.capacity);
  WriteParty(w, area);
}

// A list of objects, each on its line.
template <typename List, typename Write>
void WriteList(Writer& w, std::string_view name, const List& list, Write write) {
  if (list.empty()) return;
  w.Name(name);
  w.Open('[');
  for (const auto& item : list) {
    w.Line();
    w.Open('{');
    write(w, item);
    w.Close('}');
  }
  w.Close(']');
}

void WriteSection(Writer& w, const DrawnSection& section) {
  WritePart(w, section);
  WriteList(w, "rows", section.rows, WriteRow);
  WriteList(w, "tables", section.tables, WriteTable);
  WriteList(w, "booths", section.booths, WriteBooth);
  WriteList(w, "areas", section.areas, WriteArea);
}

// A list of the drawing itself: its name begins a line too.
template <typename List, typename Write>
void WriteTopList(Writer& w, std::string_view name, const List& list, Write write) {
  if (!list.empty()) w.Line();
  WriteList(w, name, list, write);
}

void WriteHead(Writer& w, const Drawing& d) {
  w.TextField("format", kChartFormat);
  w.TextField("name", d.name);
  w.TextField("venue", d.venue);
  w.Name("focalPoint");
  w.At(*d.focal_point);
  // Required, so that it is there when it is empty too.
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
  WriteTopList(w, "gates", d.gates, WriteNamed);
  WriteTopList(w, "zones", d.zones, [](Writer& writer, const Zone& zone) {
    writer.TextField("id", zone.id);
    writer.TextField("name", zone.name);
    if (!zone.focal_point) return;
    writer.Name("focalPoint");
    writer.At(*zone.focal_point);
  });
  WriteTopList(w, "stands", d.stands, WriteNamed);
  WriteTopList(w, "levels", d.levels, WriteNamed);
  WriteTopList(w, "shapes", d.shapes, [](Writer& writer, const Shape& shape) {
    writer.TextField("kind", shape.kind);
    writer.TextField("label", shape.label);
    writer.OutlineField(shape.outline);
  });
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
  WriteTopList(w, "sections", d.sections, WriteSection);
  WriteTopList(w, "suites", d.suites, WriteArea);
  WriteTopList(w, "areas", d.areas, WriteArea);
  w.Close('}');
  return w.Take();
}

}  // namespace ticketing::seat
