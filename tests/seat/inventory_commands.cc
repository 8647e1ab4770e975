#include "tests/seat/inventory_commands.h"

#include <algorithm>
#include <sstream>

#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

using Kind = Command::Kind;

template <typename T>
T OneOf(Sequence& random, std::initializer_list<T> values) {
  return *(values.begin() + random.Below(static_cast<uint32_t>(values.size())));
}
std::string Text(Sequence& random, std::initializer_list<const char*> values) {
  return OneOf(random, values);
}

void PrintList(std::ostream& out, std::string_view name, const std::vector<std::string>& list) {
  if (list.empty()) return;
  out << " " << name;
  for (const std::string& text : list) out << " \"" << text << "\"";
}
void PrintAccess(std::ostream& out, const SaleAccess& access) {
  if (access.all_channels) out << " all-channels";
  PrintList(out, "channels", access.channels);
  if (!access.without_channel) out << " only-channels";
  if (access.ignore_for_sale) out << " ignore-for-sale";
}

SaleAccess RandomAccess(Sequence& random) {
  SaleAccess access;
  access.all_channels = random.Chance(25);
  if (random.Chance(40)) access.channels.push_back(Text(random, {"a", "b", "c", "unknown"}));
  if (random.Chance(20)) access.channels.push_back(Text(random, {"a", "b"}));
  access.without_channel = !random.Chance(15);
  access.ignore_for_sale = random.Chance(30);
  return access;
}

StatusNames RandomNames(Sequence& random) {
  StatusNames names;
  const uint32_t count = 1 + random.Below(2);
  for (uint32_t i = 0; i < count; ++i) {
    names.push_back(Text(random, {"free", "held", "booked", "resale", "kill", "press"}));
  }
  return names;
}

// Areas and tables come up more often than their number.
uint32_t RandomObject(Sequence& random, const Chart& chart) {
  const uint32_t seats = chart.row_seat_count();
  const uint32_t others = chart.object_count() - seats;
  if (others > 0 && random.Chance(45)) return seats + random.Below(others);
  if (seats > 0 && random.Chance(60)) return random.Below(std::min<uint32_t>(seats, 8));
  return random.Below(chart.object_count());
}

Pick RandomPick(Sequence& random, const Chart& chart) {
  Pick pick;
  pick.index = RandomObject(random, chart);
  if (random.Chance(1)) pick.index = chart.object_count() + random.Below(2);
  if (pick.index < chart.object_count() && !chart.IsUnit(pick.index)) {
    const Object& area = chart.object(pick.index);
    pick.quantity = 1 + random.Below(3);
    if (area.whole && random.Chance(90)) {
      pick.quantity = area.min_people + random.Below(area.max_people - area.min_people + 1);
    }
  }
  if (random.Chance(1)) pick.quantity = OneOf<int64_t>(random, {0, -1, 2, 7, INT64_MAX});
  return pick;
}

}  // namespace

Step RandomStep(Sequence& random, const Chart& chart, Timestamp now) {
  Step step;
  step.to = static_cast<SeatStatus>(random.Below(5));
  if (random.Chance(25)) step.to = SeatStatus::kHeld;
  const uint32_t count = 1 + random.Below(3);
  for (uint32_t i = 0; i < count; ++i) step.picks.push_back(RandomPick(random, chart));
  const bool held = step.to == SeatStatus::kHeld;
  if (held || random.Chance(35)) step.hold = {1 + random.Below(4)};
  if (step.to == SeatStatus::kCustom) step.custom = Text(random, {"kill", "kill", "press"});
  if (random.Chance(1)) step.custom = Text(random, {"", "booked", "free"});
  if (held) {
    step.expires_at = now + Duration::Seconds(1 + random.Below(600));
    if (random.Chance(2)) step.expires_at = now;
    if (random.Chance(2)) step.expires_at = Timestamp{INT64_MAX};
    if (random.Chance(10)) step.hold_max = Duration::Seconds(random.Below(700));
    if (random.Chance(1)) step.hold_max = Duration{INT64_MAX};
  }
  step.any_hold = random.Chance(25);
  if (random.Chance(80)) step.order = {1 + random.Below(3)};
  if (random.Chance(30)) step.order_name = Text(random, {"n1", "n2"});
  if (random.Chance(12)) step.of_order = {1 + random.Below(3)};
  if (random.Chance(12)) step.allowed_before = RandomNames(random);
  if (random.Chance(12)) step.rejected_before = RandomNames(random);
  if (random.Chance(40)) {
    for (size_t i = 0; i < step.picks.size(); ++i) {
      PickNote note;
      note.ticket_type = Text(random, {"", "adult", "child"});
      if (random.Chance(50)) note.extra = Text(random, {"", "x", "y"});
      step.notes.push_back(note);
    }
  }
  step.access = RandomAccess(random);
  step.refuse_orphans = random.Chance(15);
  step.keep_extra = random.Chance(30);
  return step;
}

BestAvailableRequest RandomRequest(Sequence& random, const Chart& chart) {
  BestAvailableRequest request;
  request.quantity = 1 + random.Below(5);
  if (random.Chance(2)) request.quantity = OneOf<int64_t>(random, {0, -1, 51});
  if (random.Chance(25)) {
    const uint32_t object = random.Below(chart.object_count());
    request.categories.push_back(chart.category_of(object).key);
  }
  if (random.Chance(10)) {
    const std::string label(chart.section_label_of(random.Below(chart.object_count())));
    if (chart.FindSection(label)) request.sections.push_back(label);
  }
  request.accessible = random.Chance(10) ? 1 : 0;
  request.adjacent_only = random.Chance(40);
  request.avoid_orphans = random.Chance(60);
  request.areas = random.Chance(30);
  request.access = RandomAccess(random);
  return request;
}

SaleRules RandomRules(Sequence& random, const Chart& chart, Timestamp now) {
  SaleRules rules;
  rules.tables.mode = static_cast<TableSelling::Mode>(random.Below(4));
  std::map<uint32_t, uint32_t> left;
  for (uint32_t i = 0; i < chart.object_count(); ++i) {
    const Object& object = chart.object(i);
    if (object.kind == ObjectKind::kTable && random.Chance(50)) {
      rules.tables.whole[object.label] = random.Chance(50);
    }
    if (!chart.IsUnit(i)) left[i] = object.capacity;
  }
  if (random.Chance(60)) {
    for (const char* key : {"a", "b", "c"}) {
      Channel channel;
      channel.key = channel.name = key;
      if (random.Chance(30)) channel.quota = random.Below(5);
      if (random.Chance(30)) channel.access_codes = {"code"};
      rules.channels.push_back(channel);
    }
    for (uint32_t i = 0; i < chart.unit_count(); ++i) {
      if (random.Chance(35)) rules.channels[random.Below(3)].objects.push_back(i);
    }
    for (auto& [area, places] : left) {
      for (Channel& channel : rules.channels) {
        const uint32_t some = random.Below(places + 1);
        if (some > 0) channel.area_places[area] = some;
        places -= some;
      }
    }
  }
  if (random.Chance(35)) {
    rules.for_sale.emplace();
    rules.for_sale->only_listed = random.Chance(50);
    for (int i = 0; i < 6; ++i) {
      const uint32_t object = random.Below(chart.object_count());
      rules.for_sale->objects.push_back(chart.object(object).label);
    }
    for (const auto& [area, places] : left) {
      if (random.Chance(60)) {
        const std::string& label = chart.object(area).label;
        rules.for_sale->area_places[label] = random.Below(chart.object(area).capacity + 1);
      }
    }
    if (random.Chance(40)) rules.for_sale->categories = {"P"};
  }
  if (random.Chance(25)) {
    SaleWindow window;
    window.category = Text(random, {"", "P", "Q", "VIP"});
    if (random.Chance(70)) window.opens_at = now + Duration::Seconds(random.Below(200));
    if (random.Chance(70)) window.closes_at = now + Duration::Seconds(100 + random.Below(400));
    if (window.closes_at <= window.opens_at) window.closes_at = {};
    rules.windows = {window};
  }
  if (random.Chance(30)) {
    rules.categories = {{"VIP", "Very", "#000000"}};
    for (int i = 0; i < 5; ++i) {
      const uint32_t object = random.Below(chart.object_count());
      rules.object_categories[chart.object(object).label] = Text(random, {"VIP", "P"});
    }
  }
  return rules;
}

std::vector<Command> RandomCommands(uint64_t seed, const Chart& chart, int count) {
  Sequence random(seed);
  std::vector<Command> commands;
  Timestamp now = Timestamp::FromSeconds(1'000'000);
  for (int i = 0; i < count; ++i) {
    if (random.Chance(50)) now = now + Duration::Seconds(random.Below(60));
    Command command;
    command.now = now;
    const uint32_t dice = random.Below(100);
    command.kind = dice < 56   ? Kind::kApply
                   : dice < 66 ? Kind::kBest
                   : dice < 71 ? Kind::kExtend
                   : dice < 75 ? Kind::kRelease
                   : dice < 81 ? Kind::kBook
                   : dice < 87 ? Kind::kExpire
                   : dice < 90 ? Kind::kExtra
                   : dice < 94 ? Kind::kRules
                   : dice < 96 ? Kind::kMark
                   : dice < 98 ? Kind::kRollback
                               : Kind::kForget;
    command.step = RandomStep(random, chart, now);
    command.request = RandomRequest(random, chart);
    command.hold = {1 + random.Below(4)};
    command.order = {1 + random.Below(3)};
    command.expires_at = now + Duration::Seconds(random.Below(600));
    if (random.Chance(3)) command.expires_at = Timestamp{INT64_MAX};
    if (random.Chance(10)) command.hold_max = Duration::Seconds(random.Below(700));
    command.index = random.Below(chart.object_count());
    command.extra = Text(random, {"", "x", "z"});
    if (command.kind == Kind::kRules) command.rules = RandomRules(random, chart, now);
    commands.push_back(command);
  }
  return commands;
}

Drawing RandomDrawing(uint64_t seed) {
  Sequence random(seed);
  Drawing drawing = SmallDrawing();
  drawing.suites.resize(random.Below(3));
  drawing.areas[0].capacity = 1 + random.Below(6);
  drawing.areas[1].whole = random.Chance(50);
  drawing.areas[1].variable = drawing.areas[1].whole && random.Chance(70);
  if (drawing.areas[1].variable) drawing.areas[1].min_people = 2;
  int32_t y = 300;
  for (DrawnSection& section : drawing.sections) {
    section.rows.clear();
    const uint32_t rows = 1 + random.Below(2);
    for (uint32_t r = 0; r < rows; ++r, y += 90) {
      section.rows.push_back(MakeRow("R" + std::to_string(r), 0, y, 2 + random.Below(7)));
      for (size_t i = 0; i < section.rows[r].seats.size(); ++i) {
        DrawnSeat& seat = section.rows[r].seats[i];
        seat.gap_before = i > 0 && random.Chance(15);
        if (random.Chance(10)) seat.attributes = OneOf<uint16_t>(random, {kAccessible, kCompanion});
        if (random.Chance(20)) seat.category = Text(random, {"P", "Q", "G"});
      }
    }
    const uint32_t tables = random.Below(3);
    for (uint32_t t = 0; t < tables; ++t, y += 300) {
      section.tables.push_back(MakeTable("T" + std::to_string(t), 400 * t, y, 2 + random.Below(3)));
      section.tables[t].whole = random.Chance(50);
    }
  }
  return drawing;
}

// --- Printing.

std::string DescribeStep(const Step& step, const Chart& chart) {
  std::ostringstream out;
  out << "to " << NameOfStatus(step.to);
  if (!step.custom.empty()) out << " \"" << step.custom << "\"";
  for (size_t i = 0; i < step.picks.size(); ++i) {
    const Pick& pick = step.picks[i];
    out << " [#" << pick.index;
    if (pick.index < chart.object_count()) out << " " << chart.object(pick.index).label;
    out << " x" << pick.quantity;
    if (i < step.notes.size()) {
      out << " type \"" << step.notes[i].ticket_type << "\"";
      if (step.notes[i].extra) out << " extra \"" << *step.notes[i].extra << "\"";
    }
    out << "]";
  }
  if (step.hold) out << " hold " << step.hold.value;
  if (step.expires_at.micros != 0) out << " until " << step.expires_at.micros;
  if (step.hold_max.micros != 0) out << " hold-max " << step.hold_max.micros;
  if (step.any_hold) out << " any-hold";
  if (step.order) out << " order " << step.order.value;
  if (!step.order_name.empty()) out << " named \"" << step.order_name << "\"";
  if (step.of_order) out << " of-order " << step.of_order.value;
  PrintList(out, "allowed", step.allowed_before);
  PrintList(out, "rejected", step.rejected_before);
  PrintAccess(out, step.access);
  if (step.refuse_orphans) out << " refuse-orphans";
  if (step.keep_extra) out << " keep-extra";
  return out.str();
}

std::string DescribeRules(const SaleRules& rules) {
  std::ostringstream out;
  out << "tables " << static_cast<int>(rules.tables.mode);
  for (const auto& [label, whole] : rules.tables.whole) out << " " << label << "=" << whole;
  for (const Channel& channel : rules.channels) {
    out << "; channel " << channel.key << " objects";
    for (const uint32_t object : channel.objects) out << " " << object;
    for (const auto& [area, places] : channel.area_places) out << " #" << area << "x" << places;
    if (channel.quota) out << " quota " << *channel.quota;
    if (!channel.access_codes.empty()) out << " with code";
  }
  if (rules.for_sale) {
    out << "; " << (rules.for_sale->only_listed ? "for sale" : "not for sale");
    PrintList(out, "objects", rules.for_sale->objects);
    for (const auto& [area, places] : rules.for_sale->area_places) {
      out << " " << area << "x" << places;
    }
    PrintList(out, "categories", rules.for_sale->categories);
  }
  for (const SaleWindow& window : rules.windows) {
    out << "; window \"" << window.category << "\" " << window.opens_at.micros << "-"
        << window.closes_at.micros;
  }
  for (const auto& [label, key] : rules.object_categories) out << "; " << label << " is " << key;
  return out.str();
}

std::string Describe(const Command& command, const Chart& chart) {
  std::ostringstream out;
  out << "at " << command.now.micros << ": ";
  switch (command.kind) {
    case Kind::kApply:
      out << "apply " << DescribeStep(command.step, chart);
      break;
    case Kind::kBest:
      out << "best " << command.request.quantity << " for hold " << command.hold.value << " until "
          << command.expires_at.micros;
      PrintList(out, "categories", command.request.categories);
      PrintList(out, "sections", command.request.sections);
      if (command.request.accessible != 0) out << " accessible " << command.request.accessible;
      if (command.request.adjacent_only) out << " adjacent-only";
      if (command.request.avoid_orphans) out << " avoid-orphans";
      if (command.request.areas) out << " areas";
      PrintAccess(out, command.request.access);
      break;
    case Kind::kExtend:
      out << "extend " << command.hold.value << " to " << command.expires_at.micros << " max "
          << command.hold_max.micros;
      break;
    case Kind::kRelease:
      out << "release " << command.hold.value;
      break;
    case Kind::kBook:
      out << "book " << command.hold.value << " for " << command.order.value;
      break;
    case Kind::kExpire:
      out << "expire";
      break;
    case Kind::kExtra:
      out << "extra of #" << command.index << " \"" << command.extra << "\"";
      break;
    case Kind::kRules:
      out << "rules " << DescribeRules(command.rules);
      break;
    case Kind::kMark:
      out << "mark";
      break;
    case Kind::kRollback:
      out << "roll back";
      break;
    case Kind::kForget:
      out << "forget";
      break;
  }
  return out.str();
}

}  // namespace ticketing::seat
