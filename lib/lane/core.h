// The machine behind EventLane.
//
// One party at a time is the runner: whoever set `running_`. It alone touches what is marked as the
// runner's. It is the thread that submits into an idle lane, then the thread of the database that
// reports its commit, or a thread that has the lane parked to itself. It hands over under the mutex
// or through the database's queue, so no field needs more protection than that.
#ifndef TICKETING_LIB_LANE_CORE_H_
#define TICKETING_LIB_LANE_CORE_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "lib/lane/recent.h"
#include "lib/lane/sheet.h"
#include "lib/lane/store.h"
#include "ticketing/lane/event_lane.h"

namespace ticketing {

struct EventLane::Core : std::enable_shared_from_this<EventLane::Core> {
 public:
  Core(Env env, Database& database, LaneId id, std::shared_ptr<const seat::Chart> chart);

  void Submit(LaneCommand command);

  // Runs `look` on a committed state that was current a moment ago. It gets the slot's inventory.
  Status Look(const std::function<Status(Core&)>& look);
  StatusOr<std::shared_ptr<const LaneView>> View(uint32_t slot);
  StatusOr<std::optional<std::string>> Delta(uint64_t since, uint32_t slot);
  bool IsExpiryDue();

  // --- For commands that span lanes. Between Park and Unpark the caller is the runner.

  void Park();  // waits until what was submitted before is answered
  void Unpark();
  // Loads the lane unless the state in memory is the committed one.
  Status Refresh();
  Status Load(SqlTransaction& tx);
  void Drop() { memory.reset(); }
  lane::Sheet& sheet() { return sheet_; }
  // Tells readers of the state, which is committed, and of what `sheet` changed.
  void Publish();

  const Env env;
  Database& database;
  const LaneId id;
  const std::shared_ptr<const seat::Chart> chart;
  std::unique_ptr<lane::Memory> memory;  // the runner's; null: to be loaded

 private:
  struct Parking {
    uint64_t position = 0;  // after so many commands
    bool reached = false;
  };
  struct Waiting {
    const std::function<Status(Core&)>* look = nullptr;
    Status status;
    bool served = false;
  };

  void RunQueue();
  bool TakeBatch();
  void Serve(const std::vector<Waiting*>& looks, const Status& failure);
  bool Proceed();
  bool ProceedLocked();
  Status WriteSheet(SqlTransaction& tx);
  bool AnswerWithoutWriting();
  bool ApplyBatch();
  void Finish(const Status& status);
  void TakeOut(const Status& status);
  void Answer(const Status& failure);
  StatusOr<bool> IsCurrent();
  std::shared_ptr<const LaneView> MakeView(uint32_t slot);
  Status CheckSlot(uint32_t slot) const;

  // --- The runner's.

  // The batch is [begin_, end_) of `pending_`.
  std::vector<LaneCommand> pending_;
  std::vector<Status> outcomes_;  // of `pending_`, as applied
  std::vector<bool> taken_out_;   // of `pending_`: the outcome is that of its rows
  size_t begin_ = 0;
  size_t end_ = 0;
  uint64_t answered_ = 0;
  int attempts_ = 0;
  int refusals_ = 0;
  bool one_by_one_ = false;
  lane::Sheet sheet_;
  lane::Verdict verdict_;
  std::vector<lane::Recent> recent_;  // by slot, of the committed state

  // --- Everybody's, under the mutex.

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<LaneCommand> queue_;
  uint64_t submitted_ = 0;
  std::deque<Parking*> parkings_;
  std::vector<Waiting*> looks_;
  bool running_ = false;
  // Of the last state that is known to be committed.
  std::vector<uint64_t> committed_;  // versions, by slot
  std::vector<std::shared_ptr<const LaneView>> views_;
  std::optional<Timestamp> next_expiry_;
  Duration checked_at_;
  bool checked_ = false;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_LANE_CORE_H_
