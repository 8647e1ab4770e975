#include "lib/lane/store.h"

#include <algorithm>
#include <string>
#include <utility>

#include "lib/lane/commit_log.h"

namespace ticketing {
namespace lane {
namespace {

Status NoSuchLane(LaneId id) {
  return MakeError(ErrorCode::kNotFound, "There is no lane " + id.ToString() + ".");
}

// Everything of a lane but its log.
struct Stored {
  uint64_t version = 0;
  std::string head;
  std::vector<std::string> events;  // by slot
  std::vector<uint64_t> versions;   // of the lane, when `events` were written
  std::vector<LaneCounters> counters;
};

Status ReadRows(SqlTransaction& tx, LaneId id, Stored& out) {
  TICKETING_RETURN_IF_ERROR(tx.Query("SELECT version, head FROM lanes WHERE id = ?", {id.ToSql()},
                                     [&](const SqlRow& row) {
                                       out.version = static_cast<uint64_t>(row.Int(0));
                                       out.head = row.Bytes(1);
                                       return OkStatus();
                                     }));
  if (out.version == 0) return NoSuchLane(id);
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT slot, version, body FROM lane_snapshots WHERE lane_id = ? ORDER BY slot",
               {id.ToSql()}, [&](const SqlRow& row) {
                 if (row.Int(0) != static_cast<int64_t>(out.events.size()))
                   return DamagedLog(id, out.version);
                 out.versions.push_back(static_cast<uint64_t>(row.Int(1)));
                 out.events.push_back(row.Bytes(2));
                 return OkStatus();
               }));
  TICKETING_RETURN_IF_ERROR(tx.Query(
      "SELECT slot, next_ordinal, copy_version FROM lane_counters WHERE lane_id = ? ORDER BY slot",
      {id.ToSql()}, [&](const SqlRow& row) {
        if (row.Int(0) != static_cast<int64_t>(out.counters.size()))
          return DamagedLog(id, out.version);
        out.counters.push_back(
            {static_cast<uint32_t>(row.Int(1)), static_cast<uint64_t>(row.Int(2))});
        return OkStatus();
      }));
  if (out.events.empty() || out.counters.size() != out.events.size())
    return DamagedLog(id, out.version);
  return OkStatus();
}

// Plays the log back onto the snapshots.
class Replay {
 public:
  Replay(LaneId id, const Stored& stored, Memory& memory, std::vector<Recent>& recent)
      : id_(id), stored_(stored), memory_(memory), recent_(recent) {
    at_ = *std::ranges::min_element(stored.versions);
    for (uint32_t slot = 0; slot < stored.events.size(); ++slot) {
      recent_[slot].Reset(memory.state.seats.at(slot).version());
      memory.ledger.books[slot].snapshot_bytes = stored.events[slot].size();
    }
  }

  Status Run(SqlTransaction& tx) {
    TICKETING_RETURN_IF_ERROR(tx.Query(
        "SELECT version, body FROM lane_log WHERE lane_id = ? AND version > ? ORDER BY version",
        {id_.ToSql(), static_cast<int64_t>(at_)}, [&](const SqlRow& row) { return Commit(row); }));
    // A commit that is missing at the end is as bad as one in the middle.
    if (at_ != stored_.version) return DamagedLog(id_, at_ + 1);
    if (time_ != Timestamp()) return OkStatus();
    return tx.Query("SELECT body FROM lane_log WHERE lane_id = ? AND version = ?",
                    {id_.ToSql(), static_cast<int64_t>(at_)}, [&](const SqlRow& row) {
                      time_ = TimeOfLogBody(row.Bytes(0));
                      return OkStatus();
                    });
  }

  // Of the last commit; zero when there was none since the lane was made.
  Timestamp time() const { return time_; }

 private:
  Status Commit(const SqlRow& row) {
    at_ += 1;
    if (static_cast<uint64_t>(row.Int(0)) != at_) return DamagedLog(id_, at_);
    const std::string body = row.Bytes(1);
    time_ = TimeOfLogBody(body);
    for (uint32_t slot = 0; slot < stored_.versions.size(); ++slot) {
      if (at_ > stored_.versions[slot]) memory_.ledger.books[slot].all_bytes += body.size();
    }
    return ReadLogBody(id_, at_, body, [&](LogRecord& record) { return Command(record); });
  }

  Status Command(const LogRecord& record) {
    for (const seat::Changes& changes : record.changes) {
      if (changes.slot >= stored_.versions.size()) return DamagedLog(id_, at_);
      if (at_ <= stored_.versions[changes.slot]) continue;
      memory_.ledger.books[changes.slot].own_bytes += record.bytes;
      if (!memory_.state.seats.Restore(changes).ok()) return DamagedLog(id_, at_);
    }
    touches_.clear();
    AppendTouches(touches_, record.changes);
    for (const Touch& touch : touches_) {
      if (at_ > stored_.versions[touch.slot]) recent_[touch.slot].Add(touch);
    }
    return OkStatus();
  }

  const LaneId id_;
  const Stored& stored_;
  Memory& memory_;
  std::vector<Recent>& recent_;
  uint64_t at_ = 0;
  Timestamp time_;
  std::vector<Touch> touches_;
};

}  // namespace

Status LoadLane(SqlTransaction& tx, LaneId id, const std::shared_ptr<const seat::Chart>& chart,
                std::unique_ptr<Memory>& out, std::vector<Recent>& recent) {
  Stored stored;
  TICKETING_RETURN_IF_ERROR(ReadRows(tx, id, stored));
  StatusOr<seat::EventSet> seats = seat::EventSet::Load(chart, stored.head, stored.events);
  if (!seats.ok()) return DamagedLog(id, stored.version);
  auto memory = std::make_unique<Memory>(Memory{.state = {.seats = *std::move(seats)}});
  if (memory->state.seats.size() != stored.events.size()) return DamagedLog(id, stored.version);
  memory->ledger.books.resize(stored.events.size());
  recent.clear();
  recent.resize(stored.events.size());
  Replay replay(id, stored, *memory, recent);
  TICKETING_RETURN_IF_ERROR(replay.Run(tx));
  // Windows that opened or closed since are the first thing that the lane looks at.
  if (!memory->state.seats.Settle(replay.time()).ok()) return DamagedLog(id, stored.version);
  memory->ledger.version = stored.version;
  for (uint32_t slot = 0; slot < stored.events.size(); ++slot)
    memory->ledger.books[slot].said = memory->state.seats.at(slot).version();
  memory->ledger.counters = stored.counters;
  memory->state.counters = std::move(stored.counters);
  out = std::move(memory);
  return OkStatus();
}

Status ReadVersion(SqlTransaction& tx, LaneId id, uint64_t& version) {
  version = 0;
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT version FROM lanes WHERE id = ?", {id.ToSql()}, [&](const SqlRow& row) {
        version = static_cast<uint64_t>(row.Int(0));
        return OkStatus();
      }));
  return version == 0 ? NoSuchLane(id) : OkStatus();
}

Status LockLane(SqlTransaction& tx, LaneId id) {
  TICKETING_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute("UPDATE lanes SET version = version WHERE id = ?", {id.ToSql()}));
  return rows == 1 ? OkStatus() : NoSuchLane(id);
}

}  // namespace lane

std::vector<std::string> LaneSchema() {
  return {
      // Whoever commits must have found `version` as he knew it. `head` is EventSet::EncodeHead.
      "CREATE TABLE lanes (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, head BLOB NOT NULL)",
      // One row per commit: what it changed, with who and why. Never changed, never deleted.
      "CREATE TABLE lane_log (lane_id INTEGER NOT NULL, version INTEGER NOT NULL,"
      " body BLOB NOT NULL, PRIMARY KEY (lane_id, version))",
      // One row per event: EventSet::EncodeEvent after the commit that made the lane's `version`.
      "CREATE TABLE lane_snapshots (lane_id INTEGER NOT NULL, slot INTEGER NOT NULL,"
      " version INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (lane_id, slot))",
      "CREATE TABLE lane_counters (lane_id INTEGER NOT NULL, slot INTEGER NOT NULL,"
      " next_ordinal INTEGER NOT NULL, copy_version INTEGER NOT NULL,"
      " PRIMARY KEY (lane_id, slot))",
  };
}

Status EventLane::Create(SqlTransaction& tx, LaneId id, std::shared_ptr<const seat::Chart> chart,
                         seat::EventKind kind, const seat::SaleRules& rules, Timestamp now) {
  seat::EventSet seats(std::move(chart));
  TICKETING_RETURN_IF_ERROR(seats.Add(id, kind).status());
  TICKETING_RETURN_IF_ERROR(seats.SetRules(0, rules, now));
  TICKETING_RETURN_IF_ERROR(tx.Execute("INSERT INTO lanes (id, version, head) VALUES (?, 1, ?)",
                                       {id.ToSql(), Blob{seats.EncodeHead()}})
                                .status());
  TICKETING_RETURN_IF_ERROR(
      tx.Execute("INSERT INTO lane_snapshots (lane_id, slot, version, body) VALUES (?, 0, 1, ?)",
                 {id.ToSql(), Blob{seats.EncodeEvent(0)}})
          .status());
  const LaneCounters counters;
  return tx
      .Execute(
          "INSERT INTO lane_counters (lane_id, slot, next_ordinal, copy_version)"
          " VALUES (?, 0, ?, ?)",
          {id.ToSql(), int64_t{counters.next_ordinal}, static_cast<int64_t>(counters.copy_version)})
      .status();
}

}  // namespace ticketing
