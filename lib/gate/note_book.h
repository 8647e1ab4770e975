// What a handheld knows of others' passages, in memory: about 100 bytes each. The engine keeps the
// same on disk, as it came, and reads it back when it starts.
#ifndef TICKETING_LIB_GATE_NOTE_BOOK_H_
#define TICKETING_LIB_GATE_NOTE_BOOK_H_

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "lib/gate/note_table.h"
#include "ticketing/admission/decision.h"
#include "ticketing/env/database.h"
#include "ticketing/sync/merge.h"
#include "ticketing/sync/passage_note.h"

namespace ticketing::gate {

// Thread-safe.
class NoteBook {
 public:
  // `touched_by_all`: Touch is called for every ticket of which a scan is stored.
  explicit NoteBook(DeviceId self, bool touched_by_all = false)
      : self_(self), touched_by_all_(touched_by_all) {}

  // What is to be stored: the tickets whose conflicts are to be looked at, and the notes that said
  // something new; and what to call Settled with once it is.
  struct Changed {
    std::set<TicketId> tickets;
    std::string notes;
    uint64_t round = 0;
  };
  // Later notes about a scan replace earlier ones; one that is known as it is changes nothing.
  // Gives the tickets of which more than one passage may be known now, or fewer than before, and
  // what earlier calls gave that was not settled.
  Changed Apply(const std::vector<PassageNote>& notes);
  void Settled(uint64_t round);
  // Whether all this was heard before, and nothing is left to be stored.
  bool KnowsAll(const std::vector<PassageNote>& notes) const;
  // There are scans of this ticket in the database beside the notes.
  void Touch(TicketId ticket);
  bool MayHaveScans(TicketId ticket) const;

  // Those that count, in no particular order.
  std::vector<PassageNote> OfTicket(TicketId ticket) const;
  std::optional<PassageNote> Find(TicketId ticket, ScanId scan, DeviceId scanner) const;
  // Those of our own scans: the few whose answer was lost.
  std::vector<PassageNote> OfSelf() const;
  // All of them, by ticket and scan.
  std::vector<PassageNote> All() const;

  // Of others' scans.
  struct Totals {
    std::map<uint16_t, uint64_t> reasons;
    uint64_t entries = 0;
    uint64_t exits = 0;
  };
  Totals totals() const;
  // Entries of others less their exits, where the event limits its zones.
  int64_t InZone(uint32_t event, uint16_t zone) const;

 private:
  void Count(const PassageNote& note, int64_t by);
  enum class News { kNone, kNote, kTicket };  // kTicket: the note and its ticket's conflicts
  News ApplyOne(const PassageNote& note);
  uint32_t RowOf(const PassageNote& note) const;

  const DeviceId self_;
  const bool touched_by_all_;
  mutable std::mutex mutex_;
  NoteTable table_;
  std::unordered_set<uint64_t> touched_;
  std::map<TicketId, uint64_t> unsettled_;  // with the call of Apply that last changed it
  std::deque<std::pair<uint64_t, PassageNote>> unsaved_;  // with the call that brought them
  uint64_t round_ = 0;
  std::map<ScanId, PassageNote> own_;
  Totals totals_;
  std::map<std::pair<uint32_t, uint16_t>, int64_t> zones_;
};

// The scans of a ticket in the logs that are here, and the passages that only a note tells of;
// sorted. Inside a transaction of the caller; the same for its counted passages.
StatusOr<std::vector<ScanRecord>> KnownScans(SqlTransaction& tx, const NoteBook& notes,
                                             TicketId ticket);
StatusOr<std::vector<Passage>> HistoryOf(SqlTransaction& tx, const NoteBook& notes,
                                         TicketId ticket);

}  // namespace ticketing::gate

#endif  // TICKETING_LIB_GATE_NOTE_BOOK_H_
