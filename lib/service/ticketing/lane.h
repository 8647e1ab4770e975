// The event lane: the one way the seats, holds and orders of an event change.
//
// A lane keeps the inventory of its event in memory. Commands queue; one batch is in flight at a
// time. A batch is applied to the inventory in memory, and then written in one transaction that
// first compares and swaps the version of the lane's row.
//
// Invariants, which tests/service_ticketing/lane_test.cc attacks:
//   1. Nobody hears an answer, good or bad, before the commit that it rests on: a refusal is only
//      believed when the lane's row still had the version it was computed from.
//   2. Memory is never ahead of what a reader may see: views are made of committed states only.
//   3. What is written is what the inventory said has changed, with the rows of the same command,
//      all in one transaction. A seat that is sold has its order, and the order has its tickets.
//   4. When a commit fails or another process moved the version, the state in memory is dropped and
//      loaded again, and the commands are applied anew. Correctness rests on the database alone;
//      two lanes of one event are slower, never wrong.
//   5. A command whose rows are refused is taken out alone; the rest of its batch goes on.
//
// The lane has no thread. A batch starts on the thread that submits into an idle lane and goes on
// where the database reports commits.
#ifndef TICKETING_LIB_SERVICE_TICKETING_LANE_H_
#define TICKETING_LIB_SERVICE_TICKETING_LANE_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ticketing/env/database.h"
#include "ticketing/env/env.h"
#include "ticketing/seat/inventory.h"

namespace ticketing {

// What a lane owns. Commands change it; an error must leave it as it was.
struct LaneState {
  seat::Inventory inventory;
  uint64_t version = 0;       // of the lane's row: one per commit
  uint32_t next_ordinal = 0;  // of the event's tickets
  uint64_t copy_version = 0;  // of the event copy for the gates
};

// What one command did.
struct LaneEffect {
  std::vector<seat::Changes> changes;           // of the inventory, in order
  std::map<HoldId, std::string> details;        // of new holds: what their rows say
  std::function<Status(SqlTransaction&)> rows;  // the command's own rows; may be null
};

// Runs in the order of submission and, after a lost race, more than once: it must depend on its
// captured values, the state and the time alone, and overwrite what it hands out.
using LaneApply = std::function<StatusOr<LaneEffect>(LaneState& state, Timestamp now)>;

struct LaneCommand {
  LaneApply apply;
  // Called once, after the commit, on any thread. It must not block.
  std::function<void(Status)> done;
};

// A committed state, for readers.
struct LaneView {
  uint64_t version = 0;  // of the inventory
  std::string map;       // seat::PackAvailability
  std::vector<seat::CategoryTotals> categories;
};

// Thread-safe. The database must have called every `done` before the lane goes.
class EventLane {
 public:
  EventLane(Env env, Database& database, EventId event, std::shared_ptr<const seat::Chart> chart);
  ~EventLane();

  // Errors that `done` may get beside those of the command: kAborted after too many lost races,
  // and those of the database, after which the command may or may not have had its effect.
  void Submit(LaneCommand command);

  // The same, waiting for the answer. Not to be called where the database reports commits.
  Status Run(LaneApply apply);

  // The state of a moment ago at most: expired holds are let go first, and other processes' commits
  // are seen within a second.
  StatusOr<std::shared_ptr<const LaneView>> View();

  // Lets expired holds go, if any are due.
  Status ExpireHolds();

  const seat::Chart& chart() const { return *chart_; }

 private:
  struct Batch;

  // The runner is whoever set running_; it alone touches state_.
  void RunQueue();
  bool Proceed(const std::shared_ptr<Batch>& batch);
  void Finish(const std::shared_ptr<Batch>& batch, const Status& status);
  Status Prepare(Batch& batch);
  Status Refresh();
  Status Load();
  StatusOr<bool> IsCurrent();
  void Publish(bool with_view);
  Status WriteBatch(SqlTransaction& tx, Batch& batch) const;

  bool IsExpiryDue();
  StatusOr<std::shared_ptr<const LaneView>> CurrentView();

  Env env_;
  Database& database_;
  const EventId event_;
  const std::shared_ptr<const seat::Chart> chart_;
  std::unique_ptr<LaneState> state_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<LaneCommand> queue_;
  bool running_ = false;
  bool view_wanted_ = false;  // a reader waits for the next committed state
  std::shared_ptr<const LaneView> view_;
  uint64_t view_count_ = 0;
  // Of the last state that is known to be committed.
  std::optional<uint64_t> committed_;
  std::optional<Timestamp> next_expiry_;
  Duration checked_at_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_LANE_H_
