#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "lib/seat/seatsio_raw.h"
#include "ticketing/base/limits.h"
#include "ticketing/seat/seatsio_chart.h"

namespace ticketing::seat {
namespace {

constexpr int32_t kScale = 100;  // centimetres per unit of the file

// Centimetres in units of the file, with no digit lost: -12345 is "-123.45".
std::string Units(int64_t centimetres) {
  std::string text = centimetres < 0 ? "-" : "";
  const int64_t size = std::abs(centimetres);
  text += std::to_string(size / kScale);
  if (size % kScale == 0) return text;
  text += '.';
  text += static_cast<char>('0' + size % kScale / 10);
  if (size % 10 != 0) text += static_cast<char>('0' + size % 10);
  return text;
}

// Keys are numbers there where they can be: digits as a number is written, below 2^53.
bool IsNumber(std::string_view key) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
  return error == std::errc() && end == key.data() + key.size() && number < uint64_t{1} << 53 &&
         std::to_string(number) == key;
}

struct Box {
  Point low = {INT32_MAX, INT32_MAX};
  Point high = {INT32_MIN, INT32_MIN};
  void Add(Point p) {
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  bool empty() const { return low.x > high.x; }
};

class Exporter {
 public:
  explicit Exporter(const Chart& chart)
      : chart_(chart), d_(chart.drawing()), table_(chart.seat_count()), area_(chart.unit_count()) {
    booth_ = table_ + chart.table_count();
  }

  std::string Export() {
    Open('{');
    Text("name", d_.name);
    Name("version");
    Raw("22");
    Text("venueType", VenueType());
    WriteCategories();
    WriteZones();
    Name("subChart");
    WriteSubChart();
    Close('}');
    return std::move(out_) + "\n";
  }

 private:
  // --- JSON ---
  void Separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  void Open(char bracket) {
    Separate();
    out_ += bracket;
    first_ = true;
  }
  void Close(char bracket) {
    out_ += bracket;
    first_ = false;
  }
  void Name(std::string_view name) {
    Separate();
    out_.append("\"").append(name).append("\":");
    first_ = true;
  }
  void Raw(std::string_view value) {
    Separate();
    out_ += value;
  }
  void Text(std::string_view name, std::string_view text) {
    Name(name);
    Raw(nlohmann::json(text).dump());
  }
  void TextIfAny(std::string_view name, std::string_view text) {
    if (!text.empty()) Text(name, text);
  }
  void Flag(std::string_view name, bool set) {
    Name(name);
    Raw(set ? "true" : "false");
  }
  void Number(std::string_view name, int64_t number) {
    Name(name);
    Raw(std::to_string(number));
  }
  void Length(std::string_view name, int64_t centimetres) {
    Name(name);
    Raw(Units(centimetres));
  }
  void Key(std::string_view name, std::string_view key) {
    if (IsNumber(key)) {
      Name(name);
      Raw(key);
    } else {
      Text(name, key);
    }
  }
  void XY(Point point, Point origin) {
    Length("x", int64_t{point.x} - origin.x);
    Length("y", int64_t{point.y} - origin.y);
  }
  void At(std::string_view name, Point point, Point origin) {
    Name(name);
    Open('{');
    XY(point, origin);
    Close('}');
  }
  void Points(const std::vector<Point>& points, Point origin) {
    List("points", points, [&](const Point& point) { XY(point, origin); });
  }
  template <typename Items, typename Write>
  void List(std::string_view name, const Items& items, Write write) {
    Name(name);
    Open('[');
    for (const auto& item : items) {
      Open('{');
      write(item);
      Close('}');
    }
    Close(']');
  }

  // --- The chart ---
  std::string_view VenueType() const {
    bool labels = false;
    for (const DrawnSection& section : d_.sections) {
      if (!section.zone.empty() && !section.label.empty()) return "ZONES";
      labels |= !section.label.empty();
    }
    return labels ? "WITH_SECTIONS_AND_FLOORS" : "SIMPLE";
  }

  void WriteCategories() {
    uint64_t largest = 0;
    for (const Category& category : d_.categories) {
      if (IsNumber(category.key)) largest = std::max<uint64_t>(largest, std::stoull(category.key));
    }
    Name("categories");
    Open('{');
    List("list", d_.categories, [this](const Category& category) {
      Key("key", category.key);
      Text("label", category.name);
      Text("color", category.color);
      Flag("accessible", false);
    });
    Number("maxCategoryKey", static_cast<int64_t>(largest));
    Close('}');
  }

  void WriteZones() {
    Name("zones");
    Open('{');
    List("list", d_.zones, [this](const Zone& zone) {
      Text("key", zone.id);
      Text("label", zone.name);
      if (zone.focal_point) At("focalPoint", *zone.focal_point, {});
    });
    Close('}');
  }

  // Sections without a label are no sections there: what they have stands beside the others.
  void WriteSubChart() {
    Open('{');
    const Box box = BoxOfAll();
    Length("width", box.empty() ? 0 : int64_t{box.high.x} - std::min(box.low.x, 0));
    Length("height", box.empty() ? 0 : int64_t{box.high.y} - std::min(box.low.y, 0));
    At("focalPoint", *d_.focal_point, {});
    // Objects are numbered by their place in the drawing, so each is written with its number.
    std::string rows, tables, booths, areas, sections;
    for (const DrawnSection& section : d_.sections) {
      if (!section.label.empty()) {
        Into(&sections, [&] { WriteSection(section); });
        continue;
      }
      const std::string_view entrance = NameOfGate(section.gate);
      Into(&rows, [&] { WriteRows(section, {}, entrance); });
      Into(&tables, [&] { WriteTables(section, {}, entrance); });
      Into(&booths, [&] { WriteBooths(section, {}, entrance); });
      Into(&areas, [&] { WriteAreas(section.areas, {}, entrance, false); });
    }
    area_ = chart_.object_count() - static_cast<uint32_t>(d_.areas.size());
    Into(&areas, [&] { WriteAreas(d_.areas, {}, "", false); });
    area_ = chart_.unit_count() - static_cast<uint32_t>(d_.suites.size());
    Into(&areas, [&] { WriteAreas(d_.suites, {}, "", true); });
    PutList("rows", rows);
    PutList("tables", tables);
    PutList("booths", booths);
    PutList("generalAdmissionAreas", areas);
    PutList("sections", sections);
    List("shapes", d_.shapes, [this](const Shape& shape) {
      Text("type", "polygon");
      TextIfAny("smartType", shape.kind == "stage" ? "stage" : "");
      TextIfAny("label", shape.label);
      Points(shape.outline, {});
    });
    Close('}');
  }

  // Writes items of a list that is put in its place later.
  template <typename Write>
  void Into(std::string* list, Write write) {
    const bool first = std::exchange(first_, list->empty());
    std::swap(out_, *list);
    write();
    std::swap(out_, *list);
    first_ = first;
  }
  void PutList(std::string_view name, std::string_view items) {
    Name(name);
    Raw("[");
    out_.append(items).append("]");
  }

  Box BoxOfAll() const {
    Box box;
    for (const DrawnSection& section : d_.sections) {
      for (const Point& point : section.outline) box.Add(point);
    }
    for (const Object& object : chart_.objects()) box.Add(object.at);
    return box;
  }

  static Box BoxOf(const DrawnSection& section) {
    Box box;
    for (const Point& point : section.outline) box.Add(point);
    if (!box.empty()) return box;
    for (const DrawnRow& row : section.rows) {
      for (const DrawnSeat& seat : row.seats) box.Add(seat.at);
    }
    for (const DrawnTable& table : section.tables) box.Add(table.at);
    for (const DrawnBooth& booth : section.booths) box.Add(booth.at);
    for (const DrawnArea& area : section.areas) {
      for (const Point& point : area.outline) box.Add(point);
    }
    return box.empty() ? Box{{0, 0}, {0, 0}} : box;
  }

  std::string_view NameOfGate(std::string_view id) const {
    for (const Named& gate : d_.gates) {
      if (gate.id == id) return gate.name;
    }
    return {};
  }

  void WriteSection(const DrawnSection& section) {
    const Point corner = BoxOf(section).low;
    Open('{');
    Text("label", section.label);
    if (section.name != section.label) TextIfAny("displayLabel", section.name);
    if (!section.category.empty()) Key("categoryKey", section.category);
    TextIfAny("entrance", NameOfGate(section.gate));
    TextIfAny("zone", section.zone);
    At("topLeft", corner, {});
    Points(section.outline, {});
    Name("subChart");
    Open('{');
    Name("rows");
    Open('[');
    WriteRows(section, corner, "");
    Close(']');
    Name("tables");
    Open('[');
    WriteTables(section, corner, "");
    Close(']');
    Name("booths");
    Open('[');
    WriteBooths(section, corner, "");
    Close(']');
    Name("generalAdmissionAreas");
    Open('[');
    WriteAreas(section.areas, corner, "", false);
    Close(']');
    Close('}');
    Close('}');
  }

  void WriteCategory(uint32_t object) {
    Key("categoryKey", chart_.category_of(object).key);
    Text("categoryLabel", chart_.category_of(object).name);
  }

  void WriteSeat(const DrawnSeat& seat, uint32_t object, Point origin, std::string_view entrance) {
    Open('{');
    Text("label", seat.label);
    XY(seat.at, origin);
    WriteCategory(object);
    TextIfAny("entrance", entrance);
    for (uint16_t bit = kAccessible; bit <= kPlusSize; bit = static_cast<uint16_t>(bit << 1)) {
      if (seat.attributes & bit) Flag(SeatsioFieldOf(static_cast<SeatAttribute>(bit)), true);
    }
    Close('}');
  }

  // A row ends at an aisle: there, whoever is next in the list is the neighbour.
  void WriteRows(const DrawnSection& section, Point origin, std::string_view entrance) {
    for (const DrawnRow& row : section.rows) {
      const uint32_t first = chart_.rows()[*row.rank].first;
      for (size_t i = 0; i < row.seats.size(); ++i) {
        if (i == 0 || row.seats[i].gap_before) {
          if (i != 0) CloseSeats();
          Open('{');
          Text("label", row.label);
          Name("seats");
          Open('[');
        }
        WriteSeat(row.seats[i], first + static_cast<uint32_t>(i), origin, entrance);
      }
      CloseSeats();
    }
  }
  void CloseSeats() {
    Close(']');
    Close('}');
  }

  void WriteEntrance(const std::string& gate, std::string_view inherited) {
    TextIfAny("entrance", gate.empty() ? inherited : NameOfGate(gate));
  }

  template <typename Part>
  void WriteParty(const Part& part, bool whole) {
    Flag("bookAsAWhole", whole);
    Flag("variableOccupancy", part.variable);
    if (part.min_people != 0) Number("minOccupancy", part.min_people);
    if (part.max_people != 0) Number("maxOccupancy", part.max_people);
  }

  void WriteTables(const DrawnSection& section, Point origin, std::string_view entrance) {
    for (const DrawnTable& table : section.tables) {
      const uint32_t object = table_++;
      Open('{');
      Text("label", table.label);
      Text("type", "round");
      At("center", table.at, origin);
      Length("radius", table.radius);
      Key("categoryKey", chart_.category_of(object).key);
      WriteEntrance(table.gate, entrance);
      WriteParty(table, table.whole);
      Name("seats");
      Open('[');
      uint32_t seat = chart_.seats_of_table(object).first;
      for (const DrawnSeat& drawn : table.seats) WriteSeat(drawn, seat++, origin, "");
      CloseSeats();
    }
  }

  void WriteBooths(const DrawnSection& section, Point origin, std::string_view entrance) {
    for (const DrawnBooth& booth : section.booths) {
      Open('{');
      Text("label", booth.label);
      WriteCategory(booth_++);
      WriteEntrance(booth.gate, entrance);
      At("center", booth.at, origin);
      Length("width", booth.width);
      Length("height", booth.height);
      Close('}');
    }
  }

  void WriteAreas(const std::vector<DrawnArea>& areas, Point origin, std::string_view entrance,
                  bool suites) {
    for (const DrawnArea& area : areas) {
      const uint32_t object = area_++;
      Open('{');
      Text("label", area.label);
      if (suites) Text("displayObjectType", "suite");
      WriteCategory(object);
      WriteEntrance(area.gate, entrance);
      Number("capacity", area.capacity);
      WriteParty(area, area.whole || suites);
      Text("type", "polygon");
      At("center", chart_.object(object).at, origin);
      Points(area.outline, origin);
      Close('}');
    }
  }

  const Chart& chart_;
  const Drawing& d_;
  std::string out_;
  bool first_ = true;
  // The numbers of the next table, booth and area.
  uint32_t table_, booth_, area_;
};

}  // namespace

std::string ToSeatsioChart(const Chart& chart) {
  return Exporter(chart).Export();
}

}  // namespace ticketing::seat
