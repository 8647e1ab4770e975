#include "lib/lane/sheet.h"

#include <algorithm>
#include <utility>

namespace ticketing::lane {
namespace {

// A snapshot is due when the log that a load would have to play back is longer than this, and than
// twice the last snapshot: what snapshots cost stays in proportion to the log.
constexpr uint64_t kOwnLogMin = 256 << 10;
// The log of a lane is read from its oldest snapshot on, so quiet events follow from time to time.
constexpr uint64_t kAllLogMin = 8 * kOwnLogMin;

constexpr std::string_view kSwap = "UPDATE lanes SET version = ? WHERE id = ? AND version = ?";
constexpr std::string_view kSwapHead =
    "UPDATE lanes SET version = ?, head = ? WHERE id = ? AND version = ?";
constexpr std::string_view kLog = "INSERT INTO lane_log (lane_id, version, body) VALUES (?, ?, ?)";
constexpr std::string_view kCounters =
    "INSERT INTO lane_counters (lane_id, slot, next_ordinal, copy_version) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (lane_id, slot) DO UPDATE SET next_ordinal = excluded.next_ordinal,"
    " copy_version = excluded.copy_version";
constexpr std::string_view kSnapshot =
    "INSERT INTO lane_snapshots (lane_id, slot, version, body) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (lane_id, slot) DO UPDATE SET version = excluded.version, body = excluded.body";
constexpr std::string_view kMovedSnapshot =
    "UPDATE lane_snapshots SET version = ? WHERE lane_id = ? AND slot = ?";

// Whether the engine failed, rather than refused one command's rows.
bool IsEngineFailure(const Status& status) {
  const ErrorCode code = CodeOf(status);
  return code == ErrorCode::kAborted || code == ErrorCode::kUnavailable ||
         code == ErrorCode::kDataLoss || code == ErrorCode::kDeadlineExceeded;
}

SqlValue Sql(uint64_t value) {
  return static_cast<int64_t>(value);
}

}  // namespace

void Sheet::Begin(Memory& memory, Timestamp now) {
  std::string buffer;
  if (!log_row_.empty()) buffer = std::move(std::get<Blob>(log_row_[0][2]).bytes);
  log_.Begin(now, std::move(buffer));
  empty_log_ = log_.size();
  has_writes_ = false;
  head_changed_ = false;
  log_row_.clear();
  counters_.clear();
  snapshots_.clear();
  moved_snapshots_.clear();
  for (Group& group : groups_) {
    group.rows.clear();
    group.commands.clear();
  }
  group_count_ = 0;
  rows_.clear();
  touches_.clear();
  const std::vector<seat::Changes> expired = memory.state.seats.ExpireHolds(now);
  static const LaneNote kExpired{.origin = "hold expired"};
  if (!expired.empty()) AddRecord(memory, kExpired, expired);
}

void Sheet::AddRecord(Memory& memory, const LaneNote& note,
                      std::span<const seat::Changes> changes) {
  const size_t before = log_.size();
  log_.Add(note, changes);
  const size_t bytes = log_.size() - before;
  for (const seat::Changes& one : changes) {
    SlotBook& book = memory.ledger.books[one.slot];
    book.said = one.version;
    book.own_bytes += bytes;
  }
  AppendTouches(touches_, changes);
}

void Sheet::AddInsert(uint32_t command, LaneInsert insert) {
  Group* group = nullptr;
  for (size_t i = 0; i < group_count_ && group == nullptr; ++i) {
    if (groups_[i].sql == insert.sql) group = &groups_[i];
  }
  if (group == nullptr) {
    if (group_count_ == groups_.size()) groups_.emplace_back();
    group = &groups_[group_count_++];
    group->sql = insert.sql;
  }
  group->rows.push_back(std::move(insert.args));
  group->commands.push_back(command);
}

void Sheet::Add(Memory& memory, uint32_t command, LaneEffect&& effect) {
  if (effect.head) {
    head_changed_ = true;
    const seat::EventSet& seats = memory.state.seats;
    memory.ledger.books.resize(seats.size());
    if (memory.state.counters.size() < seats.size()) memory.state.counters.resize(seats.size());
    for (uint32_t slot = 0; slot < seats.size(); ++slot)
      touches_.push_back({seats.at(slot).version(), slot, Touch::kEverything});
  }
  if (!effect.changes.empty()) AddRecord(memory, effect.note, effect.changes);
  for (LaneInsert& insert : effect.inserts) AddInsert(command, std::move(insert));
  if (effect.rows) rows_.emplace_back(command, std::move(effect.rows));
}

// Rules and sale windows change what an inventory shows, and so its version, without a change of
// any row.
void Sheet::NoteUnsaidVersions(Memory& memory) {
  std::vector<seat::Changes> unsaid;
  for (uint32_t slot = 0; slot < memory.ledger.books.size(); ++slot) {
    const uint64_t version = memory.state.seats.at(slot).version();
    if (memory.ledger.books[slot].said == version) continue;
    unsaid.push_back({.slot = slot, .version = version});
  }
  if (!unsaid.empty()) AddRecord(memory, {}, unsaid);
}

void Sheet::EndCounters(Memory& memory) {
  std::vector<LaneCounters>& stored = memory.ledger.counters;
  const std::vector<LaneCounters>& now = memory.state.counters;
  for (size_t slot = 0; slot < now.size(); ++slot) {
    if (slot < stored.size() && stored[slot] == now[slot]) continue;
    counters_.push_back(
        {id_.ToSql(), Sql(slot), int64_t{now[slot].next_ordinal}, Sql(now[slot].copy_version)});
  }
  if (!counters_.empty()) stored = now;
}

void Sheet::EndSnapshots(Memory& memory) {
  const uint64_t version = memory.ledger.version;
  const uint64_t log = log_.size() - empty_log_;
  bool moves = false;
  for (SlotBook& book : memory.ledger.books) {
    book.all_bytes += log;
    moves = moves || book.own_bytes > std::max(kOwnLogMin, 2 * book.snapshot_bytes) ||
            book.all_bytes > std::max(kAllLogMin, 16 * book.snapshot_bytes) ||
            book.snapshot_bytes == 0;
  }
  if (!moves) return;
  for (uint32_t slot = 0; slot < memory.ledger.books.size(); ++slot) {
    SlotBook& book = memory.ledger.books[slot];
    if (book.snapshot_bytes != 0 && book.own_bytes == 0) {
      // Nothing happened to it: what it has is as good as new.
      moved_snapshots_.push_back({Sql(version), id_.ToSql(), Sql(slot)});
      book.all_bytes = 0;
    } else if (book.snapshot_bytes == 0 ||
               book.own_bytes > std::max(kOwnLogMin, 2 * book.snapshot_bytes) ||
               book.all_bytes > std::max(kAllLogMin, 16 * book.snapshot_bytes)) {
      std::string body = memory.state.seats.EncodeEvent(slot);
      book = {.said = book.said, .snapshot_bytes = body.size()};
      snapshots_.push_back({id_.ToSql(), Sql(slot), Sql(version), Blob{std::move(body)}});
    }
  }
}

void Sheet::End(Memory& memory) {
  NoteUnsaidVersions(memory);
  EndCounters(memory);
  has_writes_ = log_.size() > empty_log_ || head_changed_ || !counters_.empty() ||
                group_count_ > 0 || !rows_.empty();
  const uint64_t expected = memory.ledger.version;
  if (has_writes_) {
    memory.ledger.version += 1;
    EndSnapshots(memory);
    log_row_.push_back({id_.ToSql(), Sql(memory.ledger.version), Blob{log_.Take()}});
  }
  swap_.clear();
  swap_.emplace_back(Sql(memory.ledger.version));
  if (head_changed_) swap_.emplace_back(Blob{memory.state.seats.EncodeHead()});
  swap_.emplace_back(id_.ToSql());
  swap_.emplace_back(Sql(expected));
}

Status Sheet::WriteLane(SqlTransaction& tx, Verdict& verdict) const {
  TICKETING_ASSIGN_OR_RETURN(const int64_t rows,
                             tx.Execute(head_changed_ ? kSwapHead : kSwap, swap_));
  if (rows != 1) {
    verdict.stale = true;
    return MakeError(ErrorCode::kPreconditionFailed, "Another process moved this event.");
  }
  TICKETING_RETURN_IF_ERROR(tx.ExecuteMany(kLog, log_row_).status());
  TICKETING_RETURN_IF_ERROR(tx.ExecuteMany(kCounters, counters_).status());
  TICKETING_RETURN_IF_ERROR(tx.ExecuteMany(kSnapshot, snapshots_).status());
  return tx.ExecuteMany(kMovedSnapshot, moved_snapshots_).status();
}

Status Sheet::WriteInserts(SqlTransaction& tx, bool one_by_one, Verdict& verdict) const {
  for (size_t i = 0; i < group_count_; ++i) {
    const Group& group = groups_[i];
    if (!one_by_one) {
      Status status = tx.ExecuteMany(group.sql, group.rows).status();
      if (status.ok()) continue;
      verdict.refused = !IsEngineFailure(status);
      if (group.rows.size() == 1) verdict.who = group.commands[0];
      return status;
    }
    for (size_t row = 0; row < group.rows.size(); ++row) {
      Status status = tx.Execute(group.sql, group.rows[row]).status();
      if (status.ok()) continue;
      verdict.refused = !IsEngineFailure(status);
      verdict.who = group.commands[row];
      return status;
    }
  }
  return OkStatus();
}

Status Sheet::WriteRows(SqlTransaction& tx, bool one_by_one, Verdict& verdict) const {
  TICKETING_RETURN_IF_ERROR(WriteInserts(tx, one_by_one, verdict));
  for (const auto& [command, rows] : rows_) {
    Status status = rows(tx);
    if (status.ok()) continue;
    verdict.refused = !IsEngineFailure(status);
    verdict.who = command;
    return status;
  }
  return OkStatus();
}

}  // namespace ticketing::lane
