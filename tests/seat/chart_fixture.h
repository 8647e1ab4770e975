// Small charts for the tests of the seat engine.
#ifndef TICKETING_TESTS_SEAT_CHART_FIXTURE_H_
#define TICKETING_TESTS_SEAT_CHART_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "ticketing/seat/chart.h"
#include "ticketing/seat/inventory.h"

namespace ticketing::seat {

// A row of `count` seats half a metre apart, its middle at (x, y).
inline DrawnRow MakeRow(std::string label, int32_t x, int32_t y, int count) {
  DrawnRow row;
  row.label = std::move(label);
  for (int i = 0; i < count; ++i) {
    DrawnSeat seat;
    seat.label = std::to_string(i + 1);
    seat.at = {x + (2 * i - count + 1) * 25, y};
    row.seats.push_back(seat);
  }
  return row;
}

// Failures show rows as people read them.
inline void PrintTo(const SeatRow& row, std::ostream* out) {
  *out << "#" << row.index << " " << NameOfStatus(row.status) << row.custom << " x" << row.quantity
       << " hold " << row.hold.value << " order " << row.order.value << row.order_name
       << " channel " << row.channel << " type " << row.ticket_type
       << (row.resale ? " resale" : "");
}
inline void PrintTo(const Hold& hold, std::ostream* out) {
  *out << "hold " << hold.id.value << " " << hold.created_at.seconds() << "-"
       << hold.expires_at.seconds() << (hold.ended ? " ended" : "");
}

// Two sections before a stage at the origin: "Norte" with rows A (8 seats) and B (10, an aisle
// before the 6th, the last two a wheelchair place and its companion), "Sur" with row A (6); two
// suites; two standing areas of 5 and 3.
inline Drawing SmallDrawing() {
  Drawing d;
  d.name = "Small";
  d.venue = "House";
  d.focal_point = Point{0, 0};
  d.categories = {{"P", "Plus", "#112233"}, {"Q", "Basic", "#445566"}, {"G", "General", "#778899"}};
  d.gates = {{"1", "Puerta 1"}, {"2", "Puerta 2"}};
  d.zones = {{"n", "North", std::nullopt}, {"s", "South", std::nullopt}};
  d.stands = {{"n", "North stand"}};
  d.levels = {{"low", "Low"}};
  d.shapes = {{"stage", "Stage", {{-300, -200}, {300, -200}, {300, 0}, {-300, 0}}}};
  DrawnSection norte;
  norte.label = "Norte";
  norte.name = "Norte bajo";
  norte.stand = "n";
  norte.level = "low";
  norte.zone = "n";
  norte.gate = "1";
  norte.category = "P";
  norte.outline = {{-400, 200}, {400, 200}, {400, 500}, {-400, 500}};
  DrawnRow b = MakeRow("B", 0, 400, 10);
  b.category = "Q";
  b.curve = 12;
  b.seats[5].gap_before = true;
  b.seats[8].attributes = kAccessible;
  b.seats[9].attributes = kCompanion;
  // Drawn before A: the order of the file is not the order of selling.
  norte.rows = {b, MakeRow("A", 0, 300, 8)};
  DrawnSection sur;
  sur.label = "Sur";
  sur.zone = "s";
  sur.gate = "2";
  sur.category = "Q";
  sur.rows = {MakeRow("A", 0, 900, 6)};
  sur.rows[0].seats[5].category = "P";
  sur.rows[0].seats[5].attributes = kRestrictedView;
  d.sections = {sur, norte};
  d.suites = {{"Palco 1", "", "", "", "n", "1", "P", 12, {}},
              {"Palco 2", "", "", "", "s", "2", "P", 8, {}}};
  d.areas = {{"Pie 1", "", "", "", "n", "1", "G", 5, {{-900, 0}, {-500, 0}, {-500, 400}}},
             {"Pie 2", "", "", "", "s", "2", "G", 3, {{500, 0}, {900, 0}, {900, 400}}}};
  return d;
}

// A table with `count` seats around (x, y).
inline DrawnTable MakeTable(std::string label, int32_t x, int32_t y, int count) {
  DrawnTable table;
  table.label = std::move(label);
  table.at = {x, y};
  table.radius = 60;
  for (int i = 0; i < count; ++i) {
    DrawnSeat seat;
    seat.label = std::to_string(i + 1);
    seat.at = {x + (i % 2 == 0 ? 80 : -80), y + 50 * i};
    table.seats.push_back(seat);
  }
  return table;
}

// SmallDrawing, and: in "Norte" the tables T1 (4 seats, the last a wheelchair place, category Q)
// and T2 (3, sold whole to 2 or 3 people, gate 2), booth B1 and area GA1 (10, sold whole); in a
// section without a label row A (2) and table T1 (2).
inline Drawing MixedDrawing() {
  Drawing d = SmallDrawing();
  DrawnSection& norte = d.sections[1];
  norte.tables = {MakeTable("T1", -300, 600, 4), MakeTable("T2", 300, 600, 3)};
  norte.tables[0].category = "Q";
  norte.tables[0].seats[3].attributes = kAccessible;
  norte.tables[1].whole = norte.tables[1].variable = true;
  norte.tables[1].min_people = 2;
  norte.tables[1].gate = "2";
  DrawnBooth booth;
  booth.label = "B1";
  booth.at = {0, 700};
  booth.width = 300;
  booth.height = 200;
  booth.category = "G";
  norte.booths = {booth};
  DrawnArea area;
  area.label = "GA1";
  area.capacity = 10;
  area.outline = {{-100, 800}, {100, 800}, {100, 900}, {-100, 900}};
  area.whole = true;
  norte.areas = {area};
  DrawnSection plain;
  plain.category = "G";
  plain.rows = {MakeRow("A", 0, 2000, 2)};
  plain.tables = {MakeTable("T1", 500, 2000, 2)};
  d.sections.push_back(plain);
  return d;
}

inline std::shared_ptr<const Chart> MakeChart(Drawing drawing) {
  StatusOr<Chart> chart = Chart::Build(std::move(drawing));
  EXPECT_TRUE(chart.ok()) << chart.status();
  return std::make_shared<const Chart>(*std::move(chart));
}

inline std::shared_ptr<const Chart> SmallChart() {
  return MakeChart(SmallDrawing());
}

// The picks of some labels, each once.
inline std::vector<Pick> Picks(const Chart& chart, std::initializer_list<std::string> labels) {
  std::vector<Pick> picks;
  for (const std::string& label : labels) {
    const auto index = chart.Find(label);
    EXPECT_TRUE(index.has_value()) << label;
    picks.push_back({index.value_or(0), 1});
  }
  return picks;
}

// The same sequence for the same seed on every machine (SplitMix64).
class Sequence {
 public:
  explicit Sequence(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
  uint32_t Below(uint32_t bound) { return static_cast<uint32_t>(Next() % bound); }
  bool Chance(uint32_t percent) { return Below(100) < percent; }

 private:
  uint64_t state_;
};

}  // namespace ticketing::seat

#endif  // TICKETING_TESTS_SEAT_CHART_FIXTURE_H_
