// Notes of passages by ticket, for a book that is told of every passage of a venue, each of them
// twice where two servers speak: what it asks most is whether it knows this already.
#ifndef TICKETING_LIB_GATE_NOTE_TABLE_H_
#define TICKETING_LIB_GATE_NOTE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ticketing/sync/passage_note.h"

namespace ticketing::gate {

// Rows are never given up: a note that does not count any more stays as one that does not. Not
// thread-safe.
class NoteTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  struct Row {
    PassageNote note;
    uint32_t next = kNone;  // of the same ticket
  };

  // The first row of a ticket, in the order in which they came, or kNone; `at(row).next` leads on.
  uint32_t First(TicketId ticket) const;
  const Row& at(uint32_t row) const { return rows_[row]; }
  PassageNote& NoteAt(uint32_t row) { return rows_[row].note; }
  void Append(const PassageNote& note);

  const std::vector<Row>& rows() const { return rows_; }

 private:
  size_t SlotOf(TicketId ticket) const;
  void Grow();

  std::vector<Row> rows_;
  std::vector<uint32_t> slots_;  // first row of a ticket or kNone; a power of two, never full
  size_t tickets_ = 0;
};

}  // namespace ticketing::gate

#endif  // TICKETING_LIB_GATE_NOTE_TABLE_H_
