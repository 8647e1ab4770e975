#include <algorithm>
#include <utility>
#include <vector>

#include "lib/lane/core.h"
#include "lib/lane/guarded.h"
#include "ticketing/base/assert.h"

namespace ticketing {
namespace {

using Core = EventLane::Core;
using ApplyTogether =
    std::function<StatusOr<std::vector<LaneEffect>>(std::span<LaneState* const>, Timestamp)>;

// As for a batch of one lane (core.cc).
constexpr int kOpenAttempts = 6;
constexpr int kAttemptsMax = 20;

// Keeps lanes to itself as long as it lives.
class Parked {
 public:
  // In the order of ids, whoever comes: nobody waits for somebody who waits for him.
  explicit Parked(std::vector<Core*> by_id) : lanes_(std::move(by_id)) {
    for (Core* lane : lanes_) lane->Park();
  }
  ~Parked() {
    for (Core* lane : lanes_) lane->Unpark();
  }
  Parked(const Parked&) = delete;
  Parked& operator=(const Parked&) = delete;

  const std::vector<Core*>& lanes() const { return lanes_; }

 private:
  const std::vector<Core*> lanes_;
};

class Together {
 public:
  // `place` says where the lanes stand in the order of `apply`.
  Together(const Parked& parked, std::vector<size_t> place, const ApplyTogether& apply)
      : lanes_(parked.lanes()), place_(std::move(place)), apply_(apply) {}

  Status Run() {
    for (int attempt = 1; attempt <= kAttemptsMax; ++attempt) {
      stale_ = false;
      refused_ = false;
      Status status = attempt <= kOpenAttempts ? RunOpen() : RunLocked();
      if (status.ok()) {
        for (Core* lane : lanes_) lane->Publish();
        return status;
      }
      if (!refused_) Drop();
      if (!stale_ && (refused_ || CodeOf(status) != ErrorCode::kAborted)) return status;
    }
    return MakeError(ErrorCode::kAborted,
                     "Others kept changing these events. Nothing was done; try again.");
  }

 private:
  Status RunOpen() {
    for (Core* lane : lanes_) {
      if (lane->memory != nullptr) continue;
      TICKETING_RETURN_IF_ERROR(
          Database().Read([&](SqlTransaction& tx) { return lane->Load(tx); }));
    }
    Mark();
    Status status = Apply();
    if (status.ok() && has_writes_) {
      status = Database().Write([this](SqlTransaction& tx) { return Write(tx); });
      if (refused_) RollBack(/*applied=*/true);
    } else {
      if (refused_) RollBack(/*applied=*/false);
      Status current = CheckCurrent();
      if (!current.ok()) {
        refused_ = false;
        return current;
      }
    }
    if (status.ok()) {
      for (Core* lane : lanes_) lane->memory->state.seats.Forget();
    }
    return status;
  }

  // Everything in one transaction, which nobody can overtake.
  Status RunLocked() {
    return Database().Write([this](SqlTransaction& tx) -> Status {
      Drop();
      refused_ = false;
      for (Core* lane : lanes_) TICKETING_RETURN_IF_ERROR(lane::LockLane(tx, lane->id));
      for (Core* lane : lanes_) TICKETING_RETURN_IF_ERROR(lane->Load(tx));
      Status status = Apply();
      if (status.ok() && has_writes_) status = Write(tx);
      if (!status.ok()) Drop();
      return status;
    });
  }

  // What was refused, or changed nothing, holds only for the versions of now, of all lanes at one
  // moment.
  Status CheckCurrent() {
    return Database().Read([this](SqlTransaction& tx) -> Status {
      for (Core* lane : lanes_) {
        uint64_t version = 0;
        TICKETING_RETURN_IF_ERROR(lane::ReadVersion(tx, lane->id, version));
        if (lane->memory != nullptr && lane->memory->ledger.version == version) continue;
        stale_ = true;
        return MakeError(ErrorCode::kPreconditionFailed, "Another process moved this event.");
      }
      return OkStatus();
    });
  }

  void Mark() {
    marks_.clear();
    ledgers_.clear();
    for (Core* lane : lanes_) {
      marks_.push_back(lane->memory->state.seats.Mark());
      ledgers_.push_back(lane->memory->ledger);
    }
  }

  void RollBack(bool applied) {
    for (size_t i = 0; i < lanes_.size(); ++i) {
      Core& lane = *lanes_[i];
      // What changes the list of events, their rules or overrides cannot be taken back.
      if (applied && lane.sheet().head_changed()) {
        lane.Drop();
        continue;
      }
      lane.memory->state.seats.Rollback(marks_[i]);
      lane.memory->state.seats.Forget();
      lane.memory->ledger = ledgers_[i];
      lane.memory->state.counters = ledgers_[i].counters;
      lane.sheet().ForgetTouches();
    }
  }

  void Drop() {
    for (Core* lane : lanes_) lane->Drop();
  }

  Status Apply() {
    const Timestamp now = lanes_.front()->env.clock.Now();
    std::vector<LaneState*> states(lanes_.size());
    for (size_t i = 0; i < lanes_.size(); ++i) {
      lanes_[i]->sheet().Begin(*lanes_[i]->memory, now);
      states[place_[i]] = &lanes_[i]->memory->state;
    }
    auto given = lane::Guarded([&] { return apply_(states, now); });
    if (!given) return lane::Threw();  // not refused: what is in memory is dropped
    StatusOr<std::vector<LaneEffect>> effects = *std::move(given);
    refused_ = !effects.ok();
    has_writes_ = false;
    TICKETING_RETURN_IF_ERROR(effects.status());
    TICKETING_ASSERT(effects->size() == lanes_.size());
    for (size_t i = 0; i < lanes_.size(); ++i) {
      lane::Sheet& sheet = lanes_[i]->sheet();
      sheet.Add(*lanes_[i]->memory, 0, std::move((*effects)[place_[i]]));
      sheet.End(*lanes_[i]->memory);
      has_writes_ = has_writes_ || sheet.has_writes();
    }
    return OkStatus();
  }

  Status Write(SqlTransaction& tx) {
    lane::Verdict verdict;
    Status status = WriteAll(tx, verdict);
    stale_ = verdict.stale;
    refused_ = verdict.refused;
    return status;
  }

  Status WriteAll(SqlTransaction& tx, lane::Verdict& verdict) {
    // A lane to which nothing happens must still be as `apply` saw it.
    for (Core* lane : lanes_) TICKETING_RETURN_IF_ERROR(lane->sheet().WriteLane(tx, verdict));
    for (Core* lane : lanes_)
      TICKETING_RETURN_IF_ERROR(lane->sheet().WriteRows(tx, /*one_by_one=*/false, verdict));
    return OkStatus();
  }

  ticketing::Database& Database() { return lanes_.front()->database; }

  const std::vector<Core*>& lanes_;
  const std::vector<size_t> place_;
  const ApplyTogether& apply_;
  // Of the last attempt.
  bool has_writes_ = false;
  bool stale_ = false;    // a lane had another version
  bool refused_ = false;  // by `apply` or by rows; what was done is undone, or dropped
  std::vector<seat::EventSet::Savepoint> marks_;
  std::vector<lane::Ledger> ledgers_;
};

}  // namespace

Status RunTogether(std::span<EventLane* const> lanes, const ApplyTogether& apply) {
  TICKETING_ASSERT(!lanes.empty());
  std::vector<size_t> place(lanes.size());
  for (size_t i = 0; i < place.size(); ++i) place[i] = i;
  std::ranges::sort(place, {}, [&](size_t i) { return lanes[i]->id(); });
  std::vector<Core*> by_id;
  for (const size_t i : place) {
    TICKETING_ASSERT(&lanes[i]->core_->database == &lanes[0]->core_->database);
    TICKETING_ASSERT(by_id.empty() || by_id.back()->id != lanes[i]->id());
    by_id.push_back(lanes[i]->core_.get());
  }
  const Parked parked(std::move(by_id));
  return Together(parked, std::move(place), apply).Run();
}

}  // namespace ticketing
