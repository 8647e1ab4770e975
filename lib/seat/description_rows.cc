#include "lib/seat/description_rows.h"

#include <algorithm>
#include <cmath>

#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

constexpr double kWheelchairWidth = 1.0;  // metres

std::string Letters(int64_t n) {
  std::string text;
  for (; n > 0; n = (n - 1) / 26) text.insert(text.begin(), static_cast<char>('A' + (n - 1) % 26));
  return text;
}

// One place along a row: a seat, with its width and what is before it.
struct Slot {
  double width = 0;
  double gap = 0;  // metres of aisle before it
  uint16_t attributes = 0;
};

// Fills `room` metres: wheelchair places with their companions first, by the aisle, then seats; the
// inner aisles part the seats equally.
std::vector<Slot> FillRow(const Tier& tier, double room, int64_t pairs) {
  std::vector<Slot> slots;
  room -= static_cast<double>(tier.inner_aisles) * tier.aisle;
  for (int64_t i = 0; i < pairs; ++i) {
    if (room < kWheelchairWidth + tier.seat_spacing) break;
    slots.push_back({kWheelchairWidth, 0, kAccessible});
    slots.push_back({tier.seat_spacing, 0, kCompanion});
    room -= kWheelchairWidth + tier.seat_spacing;
  }
  while (room >= tier.seat_spacing && slots.size() < limits::kSeatsPerRowMax) {
    slots.push_back({tier.seat_spacing, 0, 0});
    room -= tier.seat_spacing;
  }
  const auto parts = static_cast<size_t>(tier.inner_aisles) + 1;
  for (size_t k = 1; k < parts; ++k) {
    const size_t at = slots.size() * k / parts;
    if (at > 0 && at < slots.size()) slots[at].gap = tier.aisle;
  }
  return slots;
}

double WidthOf(const std::vector<Slot>& slots) {
  double width = 0;
  for (const Slot& slot : slots) width += slot.gap + slot.width;
  return width;
}

// How far the middle of a row bulges from its chord.
int32_t Bulge(const std::vector<DrawnSeat>& seats) {
  const Point a = seats.front().at, b = seats.back().at, m = seats[seats.size() / 2].at;
  const double dx = b.x - a.x, dy = b.y - a.y;
  const double chord = std::hypot(dx, dy);
  if (chord < 1) return 0;
  return static_cast<int32_t>(std::lround(std::abs(dx * (m.y - a.y) - dy * (m.x - a.x)) / chord));
}

void DrawRow(const Tier& tier, const SectionPlan& plan, int64_t ordinal, DrawnRow* row) {
  const double offset = tier.offset + (static_cast<double>(ordinal) - 0.5) * tier.row_spacing;
  const double whole = tier.track->Length(plan.from, plan.to, offset);
  const double room = whole - tier.aisle;
  const int64_t pairs = ordinal == plan.accessible_row ? plan.accessible_pairs : 0;
  const std::vector<Slot> slots = FillRow(tier, room, pairs);
  const uint16_t view = plan.restricted.Has(ordinal) ? uint16_t{kRestrictedView} : uint16_t{0};
  double along = (whole - WidthOf(slots)) / 2;
  bool cut = false;
  for (const Slot& slot : slots) {
    along += slot.gap + slot.width / 2;
    const double position = tier.track->Advance(plan.from, along, offset);
    const bool missing =
        plan.cutout.Has(ordinal) && std::abs(along - whole / 2) < plan.cutout_width / 2;
    along += slot.width / 2;
    if (missing) {
      cut = true;
      continue;
    }
    DrawnSeat seat;
    seat.at = ToPoint(tier.track->At(position, offset));
    seat.attributes = slot.attributes | view;
    seat.gap_before = !row->seats.empty() && (slot.gap > 0 || cut);
    cut = false;
    row->seats.push_back(std::move(seat));
  }
}

void LabelSeats(const Tier& tier, DrawnRow* row) {
  std::vector<DrawnSeat>& seats = row->seats;
  if (tier.counterclockwise) {
    // A gap belongs to the seat after it: turned around, to the one that was before it.
    for (size_t i = 0; i + 1 < seats.size(); ++i) seats[i].gap_before = seats[i + 1].gap_before;
    seats.back().gap_before = false;
    std::reverse(seats.begin(), seats.end());
  }
  LabelMaker labels(tier.seat_labels);
  for (DrawnSeat& seat : seats) seat.label = labels.Next();
}

}  // namespace

std::string LabelMaker::Next() {
  while (true) {
    const std::string text = scheme_.letters ? Letters(next_) : std::to_string(next_);
    next_ += scheme_.step;
    if (std::find(scheme_.skip.begin(), scheme_.skip.end(), text) == scheme_.skip.end()) {
      return scheme_.prefix + text;
    }
  }
}

void DrawRows(const Tier& tier, const SectionPlan& plan, DrawnSection* section) {
  LabelMaker labels(tier.row_labels);
  for (int64_t ordinal = 1; ordinal <= tier.rows; ++ordinal) {
    DrawnRow row;
    row.label = labels.Next();
    for (const CategoryRange& range : plan.categories) {
      if (range.rows.Has(ordinal)) row.category = range.category;
    }
    DrawRow(tier, plan, ordinal, &row);
    if (row.seats.empty()) continue;
    LabelSeats(tier, &row);
    row.curve = Bulge(row.seats);
    section->rows.push_back(std::move(row));
  }
  const Track& track = *tier.track;
  const double depth = static_cast<double>(tier.rows) * tier.row_spacing;
  // Half of the aisle belongs to the neighbour.
  const double trim = tier.aisle * 0.35;
  const double inner = track.Length(plan.from, plan.to, tier.offset);
  const double scale = (plan.to - plan.from) / std::max(inner, 0.1);
  section->outline = Band(track, plan.from + trim * scale, plan.to - trim * scale, tier.offset,
                          tier.offset + depth);
}

}  // namespace ticketing::seat
