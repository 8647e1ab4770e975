#include "lib/gate/note_book.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "lib/gate/scan_store.h"

namespace ticketing::gate {
namespace {

// A scan id is its scanner's.
bool IsSame(const PassageNote& a, const PassageNote& b) {
  return a.scan == b.scan && a.scanner == b.scanner;
}

}  // namespace

void NoteBook::Count(const PassageNote& note, int64_t by) {
  if (note.scanner == self_) {
    by > 0 ? (void)own_.insert_or_assign(note.scan, note) : (void)own_.erase(note.scan);
    return;
  }
  totals_.reasons[note.reason] += static_cast<uint64_t>(by);
  (note.exit ? totals_.exits : totals_.entries) += static_cast<uint64_t>(by);
  if (note.zone != 0) zones_[{note.event, note.zone}] += note.exit ? -by : by;
}

std::set<TicketId> NoteBook::Apply(const std::vector<PassageNote>& notes) {
  std::set<TicketId> changed;
  const std::lock_guard lock(mutex_);
  for (const PassageNote& note : notes) {
    const auto [begin, end] = by_ticket_.equal_range(note.ticket.value);
    const auto known =
        std::find_if(begin, end, [&](const auto& row) { return IsSame(row.second, note); });
    const bool alone = begin == end || (known != end && std::next(begin) == end);
    if (!alone || (known != end && !note.counts) || touched_.contains(note.ticket.value)) {
      changed.insert(note.ticket);
    }
    if (known != end) {
      Count(known->second, -1);
      if (note.counts) {
        known->second = note;
      } else {
        by_ticket_.erase(known);
      }
    } else if (note.counts) {
      by_ticket_.emplace(note.ticket.value, note);
    }
    if (note.counts) Count(note, 1);
  }
  return changed;
}

void NoteBook::Touch(TicketId ticket) {
  const std::lock_guard lock(mutex_);
  touched_.insert(ticket.value);
}

std::vector<PassageNote> NoteBook::OfTicket(TicketId ticket) const {
  const std::lock_guard lock(mutex_);
  const auto [begin, end] = by_ticket_.equal_range(ticket.value);
  std::vector<PassageNote> notes;
  for (auto row = begin; row != end; ++row) notes.push_back(row->second);
  return notes;
}

std::optional<PassageNote> NoteBook::Find(TicketId ticket, ScanId scan, DeviceId scanner) const {
  const std::lock_guard lock(mutex_);
  const auto [begin, end] = by_ticket_.equal_range(ticket.value);
  for (auto row = begin; row != end; ++row) {
    if (row->second.scan == scan && row->second.scanner == scanner) return row->second;
  }
  return std::nullopt;
}

std::vector<PassageNote> NoteBook::OfSelf() const {
  const std::lock_guard lock(mutex_);
  std::vector<PassageNote> notes;
  for (const auto& [scan, note] : own_) notes.push_back(note);
  return notes;
}

std::vector<PassageNote> NoteBook::All() const {
  std::vector<PassageNote> notes;
  {
    const std::lock_guard lock(mutex_);
    notes.reserve(by_ticket_.size());
    for (const auto& [ticket, note] : by_ticket_) notes.push_back(note);
  }
  std::sort(notes.begin(), notes.end(), [](const PassageNote& a, const PassageNote& b) {
    return std::tie(a.ticket, a.scan, a.scanner) < std::tie(b.ticket, b.scan, b.scanner);
  });
  return notes;
}

NoteBook::Totals NoteBook::totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

int64_t NoteBook::InZone(uint32_t event, uint16_t zone) const {
  const std::lock_guard lock(mutex_);
  const auto found = zones_.find({event, zone});
  return found == zones_.end() ? 0 : found->second;
}

StatusOr<std::vector<ScanRecord>> KnownScans(SqlTransaction& tx, const NoteBook& notes,
                                             TicketId ticket) {
  TICKETING_ASSIGN_OR_RETURN(std::vector<ScanRecord> scans, LoadScansOfTicket(tx, ticket));
  const size_t logged = scans.size();
  for (const PassageNote& note : notes.OfTicket(ticket)) {
    const auto end = scans.begin() + static_cast<std::ptrdiff_t>(logged);
    const bool known = std::any_of(scans.begin(), end, [&](const ScanRecord& scan) {
      return scan.told.scan == note.scan && scan.told.scanner == note.scanner;
    });
    if (!known) scans.push_back(RecordOf(note));
  }
  if (scans.size() > logged) SortScans(scans);
  return scans;
}

StatusOr<std::vector<Passage>> HistoryOf(SqlTransaction& tx, const NoteBook& notes,
                                         TicketId ticket) {
  if (notes.OfTicket(ticket).empty()) return LoadPassages(tx, ticket);
  TICKETING_ASSIGN_OR_RETURN(const std::vector<ScanRecord> scans, KnownScans(tx, notes, ticket));
  std::vector<Passage> history;
  for (const ScanRecord& scan : scans) {
    if (!scan.counts()) continue;
    Passage passage;
    passage.scan = scan.told.scan;
    passage.at = scan.told.at;
    passage.gate = scan.told.gate;
    passage.device = scan.told.scanner;
    passage.direction = static_cast<Direction>(scan.told.direction);
    passage.issue = scan.told.issue;
    history.push_back(passage);
  }
  return history;
}

}  // namespace ticketing::gate
