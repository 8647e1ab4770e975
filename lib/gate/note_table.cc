#include "lib/gate/note_table.h"

#include <algorithm>
#include <utility>

namespace ticketing::gate {
namespace {

constexpr size_t kSlotsMin = 64;

// Ids are random but for what their makers let them follow: all bits count.
uint64_t Spread(uint64_t id) {
  id *= 0x9e3779b97f4a7c15;
  return id ^ (id >> 32);
}

}  // namespace

size_t NoteTable::SlotOf(TicketId ticket) const {
  const size_t mask = slots_.size() - 1;
  size_t slot = Spread(ticket.value) & mask;
  while (slots_[slot] != kNone && rows_[slots_[slot]].note.ticket != ticket) {
    slot = (slot + 1) & mask;
  }
  return slot;
}

uint32_t NoteTable::First(TicketId ticket) const {
  return slots_.empty() ? kNone : slots_[SlotOf(ticket)];
}

void NoteTable::Grow() {
  std::vector<uint32_t> before =
      std::exchange(slots_, std::vector<uint32_t>(std::max(kSlotsMin, slots_.size() * 2), kNone));
  for (const uint32_t row : before) {
    if (row != kNone) slots_[SlotOf(rows_[row].note.ticket)] = row;
  }
}

void NoteTable::Append(const PassageNote& note) {
  if (2 * (tickets_ + 1) > slots_.size()) Grow();
  const auto fresh = static_cast<uint32_t>(rows_.size());
  uint32_t& first = slots_[SlotOf(note.ticket)];
  rows_.push_back({note, kNone});
  if (first == kNone) {
    first = fresh;
    ++tickets_;
    return;
  }
  uint32_t last = first;
  while (rows_[last].next != kNone) last = rows_[last].next;
  rows_[last].next = fresh;
}

}  // namespace ticketing::gate
