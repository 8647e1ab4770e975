// What one commit writes of one lane. Made in memory while commands are applied; written in a
// transaction, as often as that takes.
#ifndef TICKETING_LIB_LANE_SHEET_H_
#define TICKETING_LIB_LANE_SHEET_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/lane/commit_log.h"
#include "lib/lane/recent.h"
#include "lib/lane/store.h"
#include "ticketing/env/database.h"
#include "ticketing/lane/event_lane.h"

namespace ticketing::lane {

// How a transaction ended that wrote a sheet. Valid when it failed.
struct Verdict {
  static constexpr uint32_t kNobody = UINT32_MAX;

  bool stale = false;      // the lane's row had another version
  bool refused = false;    // some command's rows were refused
  uint32_t who = kNobody;  // that command, if known: else write one by one to find out
};

// One serves many commits, so that its memory is used again. Not thread-safe.
class Sheet {
 public:
  explicit Sheet(LaneId id) : id_(id) {}

  // Begins on the state as it is committed, and lets expired holds go.
  void Begin(Memory& memory, Timestamp now);
  // Takes over what a command did. `command` is its number, for Verdict.
  void Add(Memory& memory, uint32_t command, LaneEffect&& effect);
  // To be called after the last command. Counts the lane's version up if there is anything to
  // write.
  void End(Memory& memory);

  bool has_writes() const { return has_writes_; }
  bool head_changed() const { return head_changed_; }

  // The lane's own rows, if its row has the version that the sheet began with; without writes that
  // is checked all the same. May run more than once.
  Status WriteLane(SqlTransaction& tx, Verdict& verdict) const;
  // The rows of the commands. May run more than once.
  Status WriteRows(SqlTransaction& tx, bool one_by_one, Verdict& verdict) const;

  // What the commands changed, once committed.
  const std::vector<Touch>& touches() const { return touches_; }
  void ForgetTouches() { touches_.clear(); }

 private:
  // Rows of one statement, with the commands that brought them.
  struct Group {
    std::string_view sql;
    std::vector<SqlArgs> rows;
    std::vector<uint32_t> commands;
  };

  void AddRecord(Memory& memory, const LaneNote& note, std::span<const seat::Changes> changes);
  void AddInsert(uint32_t command, LaneInsert insert);
  void NoteUnsaidVersions(Memory& memory);
  void EndCounters(Memory& memory);
  void EndSnapshots(Memory& memory);
  Status WriteInserts(SqlTransaction& tx, bool one_by_one, Verdict& verdict) const;

  const LaneId id_;
  bool has_writes_ = false;
  bool head_changed_ = false;
  LogWriter log_;
  size_t empty_log_ = 0;  // its size without commands

  SqlArgs swap_;
  std::vector<SqlArgs> log_row_;
  std::vector<SqlArgs> counters_;
  std::vector<SqlArgs> snapshots_;
  std::vector<SqlArgs> moved_snapshots_;
  std::vector<Group> groups_;
  size_t group_count_ = 0;
  std::vector<std::pair<uint32_t, std::function<Status(SqlTransaction&)>>> rows_;
  std::vector<Touch> touches_;
};

}  // namespace ticketing::lane

#endif  // TICKETING_LIB_LANE_SHEET_H_
