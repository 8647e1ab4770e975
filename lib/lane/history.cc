#include "ticketing/lane/history.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "lib/lane/commit_log.h"

namespace ticketing {
namespace {

constexpr int kPositionBits = 20;

// The entries of one commit, in order. Positions count all of them, wanted or not.
class CommitEntries {
 public:
  CommitEntries(uint64_t version, const HistoryQuery& query, std::vector<HistoryEntry>& out)
      : next_(version << kPositionBits), query_(query), out_(out) {}

  void Add(const lane::LogRecord& record) {
    for (const seat::Changes& changes : record.changes) Add(record, changes);
  }

 private:
  void Add(const lane::LogRecord& record, const seat::Changes& changes) {
    const auto& seats = changes.seats;
    for (size_t i = 0; i < seats.size();) {
      size_t end = i + 1;
      while (end < seats.size() && seats[end].row.index == seats[i].row.index) ++end;
      AddObject(record, changes, {&seats[i], end - i});
      i = end;
    }
    for (const seat::ExtraChange& extra : changes.extras) {
      const bool told = std::ranges::any_of(
          seats, [&](const seat::SeatChange& seat) { return seat.row.index == extra.index; });
      if (told) continue;
      HistoryEntry entry = Entry(record, changes, extra.index);
      entry.row.quantity = 0;
      Give(std::move(entry));
    }
  }

  // A unit has one row. In an area the rows that became fewer say where the places came from, those
  // that became more where they went.
  void AddObject(const lane::LogRecord& record, const seat::Changes& changes,
                 std::span<const seat::SeatChange> rows) {
    std::vector<std::pair<const seat::SeatChange*, uint32_t>> gone;
    for (const seat::SeatChange& change : rows) {
      if (change.row.quantity < change.quantity_was)
        gone.emplace_back(&change, change.quantity_was - change.row.quantity);
    }
    for (const seat::SeatChange& change : rows) {
      if (change.row.quantity < change.quantity_was) continue;
      // A unit's quantity stays 1; so does that of places whose owner alone is told anew.
      uint32_t left = change.row.quantity - change.quantity_was;
      if (left == 0) {
        HistoryEntry entry = Entry(record, changes, change.row.index);
        entry.was = change.was;
        entry.row = change.row;
        Give(std::move(entry));
        continue;
      }
      while (left > 0) {
        HistoryEntry entry = Entry(record, changes, change.row.index);
        entry.row = change.row;
        entry.row.quantity = left;
        if (!gone.empty()) {
          entry.was = gone.front().first->row.status;
          entry.row.quantity = std::min(left, gone.front().second);
          gone.front().second -= entry.row.quantity;
          if (gone.front().second == 0) gone.erase(gone.begin());
        }
        left -= entry.row.quantity;
        Give(std::move(entry));
      }
    }
    for (const auto& [change, quantity] : gone) {
      HistoryEntry entry = Entry(record, changes, change->row.index);
      entry.was = change->row.status;
      entry.row = change->row;
      entry.row.status = seat::SeatStatus::kFree;
      entry.row.quantity = quantity;
      Give(std::move(entry));
    }
  }

  HistoryEntry Entry(const lane::LogRecord& record, const seat::Changes& changes, uint32_t index) {
    HistoryEntry entry{.at = record.at, .slot = changes.slot, .note = record.note};
    entry.row.index = index;
    for (const seat::ExtraChange& extra : changes.extras) {
      if (extra.index == index) entry.extra = extra.extra;
    }
    return entry;
  }

  void Give(HistoryEntry entry) {
    entry.id = next_++;
    if (query_.slot && entry.slot != *query_.slot) return;
    if (query_.index && entry.row.index != *query_.index) return;
    if (entry.id >= query_.before || entry.id <= query_.after) return;
    out_.push_back(std::move(entry));
  }

  uint64_t next_;
  const HistoryQuery& query_;
  std::vector<HistoryEntry>& out_;
};

}  // namespace

Status ReadHistory(SqlTransaction& tx, LaneId lane, const HistoryQuery& query,
                   const std::function<bool(const HistoryEntry&)>& use) {
  bool stopped = false;
  std::vector<HistoryEntry> entries;
  const Status read = tx.Query(
      "SELECT version, body FROM lane_log WHERE lane_id = ? AND version >= ? AND version <= ?"
      " ORDER BY version DESC",
      {lane.ToSql(), static_cast<int64_t>(query.after >> kPositionBits),
       static_cast<int64_t>(query.before >> kPositionBits)},
      [&](const SqlRow& row) -> Status {
        const auto version = static_cast<uint64_t>(row.Int(0));
        entries.clear();
        CommitEntries commit(version, query, entries);
        TICKETING_RETURN_IF_ERROR(
            lane::ReadLogBody(lane, version, row.Bytes(1), [&](lane::LogRecord& record) {
              commit.Add(record);
              return OkStatus();
            }));
        for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
          stopped = !use(*entry);
          // The only way to end a query early is an error.
          if (stopped) return MakeError(ErrorCode::kAborted, "That was enough.");
        }
        return OkStatus();
      });
  return stopped ? OkStatus() : read;
}

}  // namespace ticketing
