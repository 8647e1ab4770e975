#include "ticketing/seat/report.h"

#include <map>

namespace ticketing::seat {
namespace {

constexpr std::string_view kFields[] = {"status",  "category", "section", "zone",     "gate",
                                        "channel", "order",    "kind",    "available"};

std::string_view ChannelKey(const Inventory& inventory, uint16_t id) {
  for (const Channel& channel : inventory.rules().channels) {
    if (channel.id == id && id != 0) return channel.key;
  }
  return {};
}

// What a line says of an object whatever its state.
ReportLine LineOf(const Inventory& inventory, uint32_t index) {
  const Chart& chart = inventory.chart();
  ReportLine line;
  line.index = index;
  line.label = chart.object(index).label;
  line.kind = NameOfKind(chart.object(index).kind);
  line.category = inventory.category(index);
  line.section = chart.section_label_of(index);
  line.zone = chart.zone_of(index);
  line.gate = chart.gate_of(index);
  return line;
}

void SetState(ReportLine& line, const SeatRow& row) {
  line.status = row.status == SeatStatus::kCustom ? row.custom : NameOfStatus(row.status);
  line.places = row.quantity;
  line.order = row.order;
  line.order_name = row.order_name;
  line.hold = row.hold;
  line.ticket_type = row.ticket_type;
}

void AddArea(const Inventory& inventory, uint32_t index, std::vector<ReportLine>& lines) {
  const ReportLine common = LineOf(inventory, index);
  for (const SeatRow& row : inventory.AreaRows(index)) {
    ReportLine line = common;
    SetState(line, row);
    line.channel = ChannelKey(inventory, row.channel);
    lines.push_back(std::move(line));
  }
  const uint32_t free = inventory.area(index).free();
  if (free == 0) return;
  ReportLine line = common;
  line.status = NameOfStatus(SeatStatus::kFree);
  line.places = free;
  line.available = inventory.for_sale(index);
  lines.push_back(std::move(line));
}

std::string KeyOf(const ReportLine& line, ReportField by) {
  switch (by) {
    case ReportField::kStatus:
      return line.status;
    case ReportField::kCategory:
      return std::string(line.category);
    case ReportField::kSection:
      return std::string(line.section);
    case ReportField::kZone:
      return std::string(line.zone);
    case ReportField::kGate:
      return std::string(line.gate);
    case ReportField::kChannel:
      return std::string(line.channel);
    case ReportField::kOrder:
      return line.order ? line.order.ToString() : line.order_name;
    case ReportField::kKind:
      return std::string(line.kind);
    case ReportField::kAvailable:
      break;
  }
  return line.available ? "yes" : "no";
}

void AppendCell(std::string& out, std::string_view text) {
  const bool formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos;
  const bool quoted = formula || text.find_first_of(",\"\r\n") != std::string_view::npos;
  if (quoted) out.push_back('"');
  if (formula) out.push_back('\'');
  for (const char c : text) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  if (quoted) out.push_back('"');
}

}  // namespace

std::string_view NameOfField(ReportField field) {
  return kFields[static_cast<size_t>(field)];
}

std::optional<ReportField> FieldOfName(std::string_view name) {
  for (size_t i = 0; i < std::size(kFields); ++i) {
    if (kFields[i] == name) return static_cast<ReportField>(i);
  }
  return std::nullopt;
}

std::vector<ReportLine> ReportLines(const Inventory& inventory) {
  const Chart& chart = inventory.chart();
  std::vector<ReportLine> lines;
  lines.reserve(chart.object_count());
  for (uint32_t unit = 0; unit < chart.unit_count(); ++unit) {
    // What was taken before the form of sale changed is still somebody's.
    if (!inventory.sold_here(unit) && inventory.status(unit) == SeatStatus::kFree) continue;
    ReportLine line = LineOf(inventory, unit);
    SetState(line, inventory.row(unit));
    line.channel = ChannelKey(inventory, inventory.channel(unit));
    line.available = inventory.PackedUnit(unit) == 0;
    lines.push_back(std::move(line));
  }
  for (uint32_t area = chart.unit_count(); area < chart.object_count(); ++area) {
    AddArea(inventory, area, lines);
  }
  return lines;
}

std::vector<ReportGroup> Summarise(const std::vector<ReportLine>& lines, ReportField by) {
  std::map<std::string, ReportGroup> groups;
  for (const ReportLine& line : lines) {
    ReportGroup& group = groups[KeyOf(line, by)];
    group.places += line.places;
    if (line.available) group.available += line.places;
    uint64_t& count = line.status == "free"     ? group.free
                      : line.status == "held"   ? group.held
                      : line.status == "booked" ? group.booked
                      : line.status == "resale" ? group.resale
                                                : group.custom;
    count += line.places;
  }
  std::vector<ReportGroup> out;
  for (auto& [key, group] : groups) {
    group.key = key;
    out.push_back(std::move(group));
  }
  return out;
}

std::string ReportCsv(const std::vector<ReportLine>& lines) {
  std::string out =
      "label,kind,status,places,available,category,section,zone,gate,channel,order,order_name,hold,"
      "ticket_type\r\n";
  for (const ReportLine& line : lines) {
    const std::string cells[] = {std::string(line.label),
                                 std::string(line.kind),
                                 line.status,
                                 std::to_string(line.places),
                                 line.available ? "yes" : "no",
                                 std::string(line.category),
                                 std::string(line.section),
                                 std::string(line.zone),
                                 std::string(line.gate),
                                 std::string(line.channel),
                                 line.order ? line.order.ToString() : std::string(),
                                 line.order_name,
                                 line.hold ? line.hold.ToString() : std::string(),
                                 line.ticket_type};
    for (size_t i = 0; i < std::size(cells); ++i) {
      if (i > 0) out.push_back(',');
      AppendCell(out, cells[i]);
    }
    out += "\r\n";
  }
  return out;
}

}  // namespace ticketing::seat
