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

uint32_t NoteBook::RowOf(const PassageNote& note) const {
  uint32_t row = table_.First(note.ticket);
  while (row != NoteTable::kNone && !IsSame(table_.at(row).note, note)) row = table_.at(row).next;
  return row;
}

NoteBook::News NoteBook::ApplyOne(const PassageNote& note) {
  const uint32_t known = RowOf(note);
  if (known == NoteTable::kNone) {
    if (note.counts) {
      table_.Append(note);
      Count(note, 1);
    }
  } else {
    PassageNote& mine = table_.NoteAt(known);
    if (mine == note || (!mine.counts && !note.counts)) return News::kNone;
    if (mine.counts) Count(mine, -1);
    mine = note;
    if (note.counts) Count(note, 1);
  }
  bool look = (known != NoteTable::kNone && !note.counts) || touched_.contains(note.ticket.value);
  for (uint32_t row = table_.First(note.ticket); row != NoteTable::kNone && !look;) {
    const NoteTable::Row& other = table_.at(row);
    look = other.note.counts && !IsSame(other.note, note);
    row = other.next;
  }
  return look ? News::kTicket : News::kNote;
}

NoteBook::Changed NoteBook::Apply(const std::vector<PassageNote>& notes) {
  const std::lock_guard lock(mutex_);
  ++round_;
  for (const PassageNote& note : notes) {
    const News news = ApplyOne(note);
    if (news != News::kNone) unsaved_.emplace_back(round_, note);
    if (news == News::kTicket) unsettled_[note.ticket] = round_;
  }
  Changed changed;
  changed.round = round_;
  for (const auto& [ticket, round] : unsettled_) changed.tickets.insert(ticket);
  for (const auto& [round, note] : unsaved_) AppendPassageNote(note, changed.notes);
  return changed;
}

void NoteBook::Settled(uint64_t round) {
  const std::lock_guard lock(mutex_);
  std::erase_if(unsettled_, [round](const auto& entry) { return entry.second <= round; });
  while (!unsaved_.empty() && unsaved_.front().first <= round) unsaved_.pop_front();
}

bool NoteBook::KnowsAll(const std::vector<PassageNote>& notes) const {
  const std::lock_guard lock(mutex_);
  return unsettled_.empty() && unsaved_.empty() &&
         std::ranges::all_of(notes, [this](const PassageNote& note) {
           const uint32_t row = RowOf(note);
           return row != NoteTable::kNone && table_.at(row).note == note;
         });
}

void NoteBook::Touch(TicketId ticket) {
  const std::lock_guard lock(mutex_);
  touched_.insert(ticket.value);
}

bool NoteBook::MayHaveScans(TicketId ticket) const {
  if (!touched_by_all_) return true;
  const std::lock_guard lock(mutex_);
  return touched_.contains(ticket.value);
}

std::vector<PassageNote> NoteBook::OfTicket(TicketId ticket) const {
  const std::lock_guard lock(mutex_);
  std::vector<PassageNote> notes;
  for (uint32_t row = table_.First(ticket); row != NoteTable::kNone; row = table_.at(row).next) {
    if (table_.at(row).note.counts) notes.push_back(table_.at(row).note);
  }
  return notes;
}

std::optional<PassageNote> NoteBook::Find(TicketId ticket, ScanId scan, DeviceId scanner) const {
  for (const PassageNote& note : OfTicket(ticket)) {
    if (note.scan == scan && note.scanner == scanner) return note;
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
    for (const NoteTable::Row& row : table_.rows()) {
      if (row.note.counts) notes.push_back(row.note);
    }
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
  if (notes.OfTicket(ticket).empty()) {
    if (!notes.MayHaveScans(ticket)) return std::vector<Passage>();
    return LoadPassages(tx, ticket);
  }
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
