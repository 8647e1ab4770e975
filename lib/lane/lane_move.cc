#include "ticketing/lane/lane_move.h"

#include "lib/lane/commit_log.h"
#include "lib/lane/store.h"
#include "ticketing/base/assert.h"

namespace ticketing {

Status MoveLane(SqlTransaction& tx, LaneId from, LaneId to, const LaneState& state, Timestamp now) {
  TICKETING_ASSERT(state.counters.size() == state.seats.size());
  uint64_t before = 0;
  TICKETING_RETURN_IF_ERROR(lane::ReadVersion(tx, from, before));
  const auto version = static_cast<int64_t>(before + 1);
  for (const std::string_view sql :
       {"DELETE FROM lanes WHERE id = ?", "DELETE FROM lane_snapshots WHERE lane_id = ?",
        "DELETE FROM lane_counters WHERE lane_id = ?"}) {
    TICKETING_RETURN_IF_ERROR(tx.Execute(sql, {from.ToSql()}).status());
  }
  TICKETING_RETURN_IF_ERROR(tx.Execute("INSERT INTO lanes (id, version, head) VALUES (?, ?, ?)",
                                       {to.ToSql(), version, Blob{state.seats.EncodeHead()}})
                                .status());
  // An empty commit says when that was.
  lane::LogWriter log;
  log.Begin(now, {});
  TICKETING_RETURN_IF_ERROR(
      tx.Execute("INSERT INTO lane_log (lane_id, version, body) VALUES (?, ?, ?)",
                 {to.ToSql(), version, Blob{log.Take()}})
          .status());
  std::vector<SqlArgs> snapshots, counters;
  for (uint32_t slot = 0; slot < state.seats.size(); ++slot) {
    snapshots.push_back({to.ToSql(), int64_t{slot}, version, Blob{state.seats.EncodeEvent(slot)}});
    counters.push_back({to.ToSql(), int64_t{slot}, int64_t{state.counters[slot].next_ordinal},
                        static_cast<int64_t>(state.counters[slot].copy_version)});
  }
  TICKETING_RETURN_IF_ERROR(
      tx.ExecuteMany(
            "INSERT INTO lane_snapshots (lane_id, slot, version, body) VALUES (?, ?, ?, ?)",
            snapshots)
          .status());
  return tx
      .ExecuteMany(
          "INSERT INTO lane_counters (lane_id, slot, next_ordinal, copy_version)"
          " VALUES (?, ?, ?, ?)",
          counters)
      .status();
}

}  // namespace ticketing
