#include "ticketing/seat/chart_svg.h"
#include "ticketing/base/html.h"

#include <algorithm>
#include <vector>

namespace ticketing::seat {
namespace {

std::string Units(int64_t centimetres) {
  return std::to_string(centimetres);
}

std::string Outline(const std::vector<Point>& outline) {
  std::string path;
  for (const Point& point : outline) {
    path += (path.empty() ? "M" : "L") + Units(point.x) + " " + Units(point.y);
  }
  return path + "Z";
}

struct Box {
  Point low = {INT32_MAX, INT32_MAX};
  Point high = {INT32_MIN, INT32_MIN};
  void Add(Point p) {
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  void Add(const std::vector<Point>& outline) {
    for (const Point& point : outline) Add(point);
  }
  Point middle() const { return {(low.x + high.x) / 2, (low.y + high.y) / 2}; }
};

// Opposite corners around a thing that is drawn about its middle. Sums stay far below the limits of
// 32 bits: coordinates and sizes are at most limits::kChartCoordinateMax.
std::vector<Point> Corners(const DrawnTable& table) {
  return {{table.at.x - table.radius, table.at.y - table.radius},
          {table.at.x + table.radius, table.at.y + table.radius}};
}
std::vector<Point> Corners(const DrawnBooth& booth) {
  return {{booth.at.x - booth.width / 2, booth.at.y - booth.height / 2},
          {booth.at.x + booth.width / 2, booth.at.y + booth.height / 2}};
}

Box BoxOf(const Chart& chart) {
  Box box;
  const Drawing& d = chart.drawing();
  for (const Shape& shape : d.shapes) box.Add(shape.outline);
  for (const DrawnSection& section : d.sections) {
    box.Add(section.outline);
    for (const DrawnArea& area : section.areas) box.Add(area.outline);
    for (const DrawnTable& table : section.tables) box.Add(Corners(table));
    for (const DrawnBooth& booth : section.booths) box.Add(Corners(booth));
  }
  for (const DrawnArea& suite : d.suites) box.Add(suite.outline);
  for (const DrawnArea& area : d.areas) box.Add(area.outline);
  for (const Object& object : chart.objects()) {
    if (object.kind == ObjectKind::kSeat) box.Add(object.at);
  }
  box.Add(*d.focal_point);
  return box;
}

// A label in the middle of an outline, as large as fits but not larger than `most`.
std::string Label(const std::vector<Point>& outline, std::string_view text, int64_t most,
                  std::string_view style) {
  Box box;
  box.Add(outline);
  const Point at = box.middle();
  // A letter is about 0.6 of its height wide.
  const int64_t width = int64_t{box.high.x} - box.low.x;
  const auto letters = static_cast<int64_t>(std::max<size_t>(text.size(), 1));
  const int64_t size = std::max<int64_t>(std::min(most, width * 14 / (10 * letters)), 20);
  std::string out = "<text x=\"" + Units(at.x) + "\" y=\"" + Units(at.y) + "\" font-size=\"";
  out += std::to_string(size);
  return out.append("\" ").append(style).append(">").append(EscapeHtml(text)).append("</text>\n");
}

void DrawShapes(const Drawing& d, std::string& out) {
  for (const Shape& shape : d.shapes) {
    const std::string_view fill = shape.kind == "pitch"   ? "#7fb77e"
                                  : shape.kind == "stage" ? "#3b3b46"
                                  : shape.kind == "text"  ? "none"
                                                          : "#e4e2dc";
    const std::string_view ink = shape.kind == "stage" || shape.kind == "pitch" ? "#fff" : "#666";
    out.append("<path d=\"").append(Outline(shape.outline)).append("\" fill=\"").append(fill);
    out.append("\"/>\n");
    out += Label(shape.outline, shape.label, 500, "class=\"t\" fill=\"" + std::string(ink) + "\"");
  }
}

void DrawAreas(const Chart& chart, uint32_t first, const std::vector<DrawnArea>& areas,
               int64_t most, std::string& out) {
  for (uint32_t i = 0; i < areas.size(); ++i) {
    if (areas[i].outline.empty()) continue;
    out.append("<path d=\"").append(Outline(areas[i].outline)).append("\" fill=\"");
    out.append(chart.category_of(first + i).color).append("\" fill-opacity=\".75\"><title>");
    out.append(EscapeHtml(areas[i].label)).append("</title></path>\n");
    // The number alone fits on a suite.
    const size_t space = areas[i].label.rfind(' ');
    const bool small = most < 150 && space != std::string::npos;
    out += Label(areas[i].outline,
                 small ? std::string_view(areas[i].label).substr(space + 1) : areas[i].label, most,
                 "class=\"t\" fill=\"#fff\"");
  }
}

// The boards of tables and the floors of booths, under their seats. What has no size gets one that
// can be seen.
void DrawTablesAndBooths(const Chart& chart, std::string& out) {
  constexpr int32_t kSmallest = 40;
  uint32_t index = chart.seat_count();
  const auto title = [&](uint32_t object) {
    out.append("\" fill=\"").append(chart.category_of(object).color);
    out.append("\" fill-opacity=\".35\"><title>").append(EscapeHtml(chart.object(object).label));
    out.append("</title>");
  };
  for (const DrawnSection& section : chart.drawing().sections) {
    for (const DrawnTable& table : section.tables) {
      out += "<circle cx=\"" + Units(table.at.x) + "\" cy=\"" + Units(table.at.y) + "\" r=\"" +
             Units(std::max(table.radius, kSmallest));
      title(index++);
      out += "</circle>\n";
      out += Label(Corners(table), table.label, 60, "class=\"t\" fill=\"#222\"");
    }
  }
  for (const DrawnSection& section : chart.drawing().sections) {
    for (DrawnBooth booth : section.booths) {
      booth.width = std::max(booth.width, kSmallest);
      booth.height = std::max(booth.height, kSmallest);
      const std::vector<Point> corners = Corners(booth);
      out += "<rect x=\"" + Units(corners[0].x) + "\" y=\"" + Units(corners[0].y) + "\" width=\"" +
             Units(booth.width) + "\" height=\"" + Units(booth.height);
      title(index++);
      out += "</rect>\n";
      out += Label(corners, booth.label, 60, "class=\"t\" fill=\"#222\"");
    }
  }
}

void DrawSeats(const Chart& chart, std::string& out) {
  std::vector<std::string> paths(chart.drawing().categories.size());
  std::string wheelchairs;
  for (const Object& object : chart.objects()) {
    if (object.kind != ObjectKind::kSeat) continue;
    std::string& path = object.attributes & kAccessible ? wheelchairs : paths[object.category];
    path += "M" + Units(object.at.x) + " " + Units(object.at.y) + "h0";
  }
  for (size_t i = 0; i < paths.size(); ++i) {
    out.append("<path class=\"s\" stroke=\"").append(chart.drawing().categories[i].color);
    out.append("\" d=\"").append(paths[i]).append("\"/>\n");
  }
  out.append("<path class=\"s\" stroke=\"#0b3d91\" style=\"stroke-width:70\" d=\"");
  out.append(wheelchairs).append("\"/>\n");
}

}  // namespace

std::string ToSvg(const Chart& chart) {
  const Drawing& d = chart.drawing();
  const Box box = BoxOf(chart);
  constexpr int64_t kMargin = 500;
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"";
  out += Units(box.low.x - kMargin) + " " + Units(box.low.y - kMargin) + " ";
  out += Units(int64_t{box.high.x} - box.low.x + 2 * kMargin) + " ";
  out += Units(int64_t{box.high.y} - box.low.y + 2 * kMargin) + "\">\n";
  out +=
      "<style>.t{font-family:sans-serif;text-anchor:middle;dominant-baseline:central}"
      ".s{fill:none;stroke-width:40;stroke-linecap:round}"
      ".o{fill:#f1efe9;stroke:#cfcabd;stroke-width:8}</style>\n";
  out += "<title>" + EscapeHtml(d.name) + "</title>\n";
  out +=
      "<rect x=\"-2000000\" y=\"-2000000\" width=\"4000000\" height=\"4000000\" "
      "fill=\"#fbfaf7\"/>\n";
  DrawShapes(d, out);
  for (const DrawnSection& section : d.sections) {
    if (section.outline.empty()) continue;
    out += "<path class=\"o\" d=\"" + Outline(section.outline) + "\"/>\n";
  }
  uint32_t area = chart.unit_count();
  for (const DrawnSection& section : d.sections) {
    DrawAreas(chart, area, section.areas, 220, out);
    area += static_cast<uint32_t>(section.areas.size());
  }
  DrawTablesAndBooths(chart, out);
  DrawSeats(chart, out);
  DrawAreas(chart, chart.unit_count() - static_cast<uint32_t>(d.suites.size()), d.suites, 110, out);
  DrawAreas(chart, area, d.areas, 220, out);
  for (const DrawnSection& section : d.sections) {
    if (section.outline.empty() || section.label.empty()) continue;
    out += Label(section.outline, section.label, 150,
                 "class=\"t\" fill=\"#222\" stroke=\"#fff\" stroke-width=\"30\" "
                 "paint-order=\"stroke\"");
  }
  return out + "</svg>\n";
}

}  // namespace ticketing::seat
