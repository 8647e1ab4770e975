#include "lib/gate/feed.h"

#include <algorithm>

#include "lib/gate/scan_store.h"

namespace ticketing::gate {
namespace {

// Arrivals that are kept: a match of 25,000 people; about 10 MB.
constexpr uint64_t kArrivalsKept = 60'000;

PassageNote InZone(const ScanRecord& record, uint16_t zone) {
  PassageNote note = NoteOf(record);
  note.zone = zone;
  return note;
}

}  // namespace

Status Feed::Load(SqlTransaction& tx, uint64_t from, uint64_t to) {
  return LoadArrivals(tx, from, to, [&](uint64_t arrival, uint16_t zone, const ScanRecord& record) {
    if (!IsWorthANote(record)) return;
    Item item;
    item.arrival = arrival;
    item.scan = {record.told.scan, record.told.scanner};
    item.teller = record.told.device;
    AppendPassageNote(InZone(record, zone), item.note);
    const auto [last, fresh] = last_.emplace(item.scan, arrival);
    if (!fresh) {
      const auto before = std::lower_bound(
          items_.begin(), items_.end(), last->second,
          [](const Item& other, uint64_t wanted) { return other.arrival < wanted; });
      if (before != items_.end() && before->arrival == last->second) before->again = arrival;
      last->second = arrival;
    }
    items_.push_back(std::move(item));
  });
}

// Makes the items those behind `from`, if that is not too far back, up to the newest. A program
// that has just begun is asked for the last minute by nearly everybody: it reads that, not a whole
// match.
Status Feed::Reach(SqlTransaction& tx, uint64_t from, uint64_t newest) {
  const uint64_t oldest = newest - std::min(newest, kArrivalsKept);
  if (!started_ || (from < begin_ && oldest < begin_)) {
    started_ = false;
    items_.clear();
    last_.clear();
    // Twice as far as asked: whoever asks for ever more makes it begin again a few times, not
    // often.
    const uint64_t span = 2 * (newest - std::min(from, newest)) + kPassageNotesMax;
    begin_ = end_ = std::max(oldest, newest - std::min(newest, span));
  }
  if (newest > end_) {
    started_ = false;  // half of it is worse than nothing
    TICKETING_RETURN_IF_ERROR(Load(tx, end_, newest));
    end_ = newest;
  }
  started_ = true;
  return OkStatus();
}

StatusOr<std::string> Feed::Read(SqlTransaction& tx, uint64_t from, uint64_t to, uint64_t newest,
                                 DeviceId left_out) {
  const std::lock_guard lock(mutex_);
  TICKETING_RETURN_IF_ERROR(Reach(tx, from, newest));
  while (!items_.empty() && items_.front().arrival + kArrivalsKept < end_) {
    const auto last = last_.find(items_.front().scan);
    if (last != last_.end() && last->second == items_.front().arrival) last_.erase(last);
    begin_ = items_.front().arrival;
    items_.pop_front();
  }
  std::string notes;
  if (from < begin_) {
    // From before what is kept, as for a handheld that was away for days.
    TICKETING_RETURN_IF_ERROR(
        LoadArrivals(tx, from, to, [&](uint64_t, uint16_t zone, const ScanRecord& record) {
          if (IsWorthANote(record) && record.told.device != left_out) {
            AppendPassageNote(InZone(record, zone), notes);
          }
        }));
    return notes;
  }
  auto item =
      std::lower_bound(items_.begin(), items_.end(), from + 1,
                       [](const Item& other, uint64_t wanted) { return other.arrival < wanted; });
  for (; item != items_.end() && item->arrival <= to; ++item) {
    const bool told_again = item->again != 0 && item->again <= to;
    if (!told_again && item->teller != left_out) notes += item->note;
  }
  return notes;
}

}  // namespace ticketing::gate
