#include "lib/lane/core.h"

#include <algorithm>
#include <utility>

#include "lib/lane/guarded.h"
#include "ticketing/base/assert.h"
#include "ticketing/seat/availability.h"

namespace ticketing {
namespace {

constexpr size_t kBatchMax = 1024;
// Lost races of one batch before it keeps the others out while it is applied: a lane that loads
// more slowly than another one commits would never win.
constexpr int kOpenAttempts = 6;
constexpr int kAttemptsMax = 20;
// A batch with many refused commands is made small, so that finding each does not run all of it.
constexpr int kRefusalsMax = 4;
constexpr size_t kSmallBatch = 32;
// How old the knowledge that no other process moved the lane may be when a view is read.
constexpr Duration kViewFresh = Duration::Seconds(1);

// A table that is taken closes its seats, and a seat its table.
void AddTables(const seat::Chart& chart, std::vector<uint32_t>& changed) {
  const size_t named = changed.size();
  for (size_t i = 0; i < named; ++i) {
    const seat::Object& object = chart.object(changed[i]);
    if (object.table != seat::kNone) changed.push_back(object.table);
    if (object.kind != seat::ObjectKind::kTable) continue;
    const seat::TableSeats seats = chart.seats_of_table(changed[i]);
    for (uint32_t seat = 0; seat < seats.count; ++seat) changed.push_back(seats.first + seat);
  }
}

}  // namespace

EventLane::Core::Core(Env the_env, Database& the_database, LaneId the_id,
                      std::shared_ptr<const seat::Chart> the_chart)
    : env(the_env),
      database(the_database),
      id(the_id),
      chart(std::move(the_chart)),
      sheet_(the_id) {}

void EventLane::Core::Submit(LaneCommand command) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(command));
    ++submitted_;
    if (running_) return;
    running_ = true;
  }
  RunQueue();
}

void EventLane::Core::RunQueue() {
  while (TakeBatch()) {
    if (Proceed()) return;
  }
}

// Makes the next batch: true. False when there is none or the lane was handed over.
bool EventLane::Core::TakeBatch() {
  while (true) {
    std::vector<Waiting*> looks;
    {
      const std::lock_guard lock(mutex_);
      const bool parks = !parkings_.empty();
      if (parks && parkings_.front()->position <= answered_) {
        parkings_.front()->reached = true;
        parkings_.pop_front();
        changed_.notify_all();
        return false;
      }
      if (begin_ == pending_.size()) {
        pending_.clear();
        begin_ = 0;
        pending_.swap(queue_);
        outcomes_.assign(pending_.size(), OkStatus());
        taken_out_.assign(pending_.size(), false);
      }
      const bool idle = pending_.empty();
      if (idle && looks_.empty()) {
        running_ = false;
        return false;
      }
      // A batch that comes about serves them too; without a state they have waited long enough.
      if (idle || memory == nullptr) looks.swap(looks_);
      if (looks.empty()) {
        size_t size = std::min(kBatchMax, pending_.size() - begin_);
        if (parks) size = std::min<size_t>(size, parkings_.front()->position - answered_);
        end_ = begin_ + size;
        attempts_ = 0;
        refusals_ = 0;
        one_by_one_ = false;
        return true;
      }
    }
    const Status status = Refresh();
    if (status.ok()) Publish();
    Serve(looks, status);
  }
}

// Applies the batch and hands it to the database: true. False when all of it was answered.
bool EventLane::Core::Proceed() {
  while (true) {
    if (attempts_++ >= kAttemptsMax) {
      memory.reset();
      Answer(MakeError(ErrorCode::kAborted,
                       "Others kept changing this event. Nothing was done; try again."));
      return false;
    }
    if (attempts_ > kOpenAttempts) return ProceedLocked();
    if (memory == nullptr) {
      const Status loaded = database.Read([this](SqlTransaction& tx) { return Load(tx); });
      if (!loaded.ok()) {
        Answer(loaded);
        return false;
      }
    }
    if (!ApplyBatch()) {
      --attempts_;
      continue;
    }
    verdict_ = {};  // the database may fail before it asks for what to write
    if (sheet_.has_writes()) {
      database.WriteAsync(
          [self = shared_from_this()](SqlTransaction& tx) { return self->WriteSheet(tx); },
          [self = shared_from_this()](const Status& status) { self->Finish(status); });
      return true;
    }
    if (AnswerWithoutWriting()) return false;
  }
}

Status EventLane::Core::WriteSheet(SqlTransaction& tx) {
  verdict_ = {};
  TICKETING_RETURN_IF_ERROR(sheet_.WriteLane(tx, verdict_));
  return sheet_.WriteRows(tx, one_by_one_, verdict_);
}

// Everything in one transaction, which nobody can overtake.
bool EventLane::Core::ProceedLocked() {
  verdict_ = {};
  database.WriteAsync(
      [self = shared_from_this()](SqlTransaction& tx) -> Status {
        self->memory.reset();
        TICKETING_RETURN_IF_ERROR(lane::LockLane(tx, self->id));
        TICKETING_RETURN_IF_ERROR(self->Load(tx));
        if (!self->ApplyBatch()) return MakeError(ErrorCode::kAborted, "A command failed; again.");
        if (!self->sheet_.has_writes()) return OkStatus();
        return self->WriteSheet(tx);
      },
      [self = shared_from_this()](const Status& status) { self->Finish(status); });
  return true;
}

// Refusals and questions hold only for the version of now. False when that is another one.
bool EventLane::Core::AnswerWithoutWriting() {
  const StatusOr<bool> current = IsCurrent();
  if (!current.ok()) {
    memory.reset();
    Answer(current.status());
    return true;
  }
  if (!*current) {
    memory.reset();
    return false;
  }
  Publish();
  Answer(OkStatus());
  return true;
}

// False when a command threw, which may have left the state half changed: it is taken out, and the
// rest is to be applied again to a state that is loaded anew. Without this the lane would stand.
bool EventLane::Core::ApplyBatch() {
  const Timestamp now = env.clock.Now();
  sheet_.Begin(*memory, now);
  for (size_t i = begin_; i < end_; ++i) {
    if (taken_out_[i]) continue;
    auto given = lane::Guarded([&] { return pending_[i].apply(memory->state, now); });
    if (!given) {
      taken_out_[i] = true;
      outcomes_[i] = lane::Threw();
      memory.reset();
      sheet_.ForgetTouches();
      return false;
    }
    if (given->ok()) {
      outcomes_[i] = OkStatus();
      sheet_.Add(*memory, static_cast<uint32_t>(i), **std::move(given));
    } else {
      outcomes_[i] = given->status();
    }
  }
  sheet_.End(*memory);
  return true;
}

void EventLane::Core::Finish(const Status& status) {
  if (status.ok()) {
    Publish();
    Answer(OkStatus());
    return RunQueue();
  }
  const lane::Verdict verdict = verdict_;
  memory.reset();  // it holds what was not committed
  bool again = verdict.stale || CodeOf(status) == ErrorCode::kAborted;
  if (verdict.refused) {
    again = true;
    if (verdict.who == lane::Verdict::kNobody) {
      one_by_one_ = true;
      --attempts_;
    } else {
      TakeOut(status);
    }
  }
  if (again) {
    if (Proceed()) return;
  } else {
    env.log.Error("lane commit failed",
                  {{"lane", id.ToString()}, {"cause", std::string(MessageOf(status))}});
    Answer(status);
  }
  RunQueue();
}

void EventLane::Core::TakeOut(const Status& status) {
  taken_out_[verdict_.who] = true;
  outcomes_[verdict_.who] = status;
  attempts_ = 0;
  if (++refusals_ >= kRefusalsMax) end_ = std::min(end_, begin_ + kSmallBatch);
}

// `failure` replaces the answer of every command whose own rows were not refused.
void EventLane::Core::Answer(const Status& failure) {
  for (; begin_ < end_; ++begin_, ++answered_) {
    LaneCommand command = std::move(pending_[begin_]);
    command.apply = nullptr;
    command.done(failure.ok() || taken_out_[begin_] ? outcomes_[begin_] : failure);
  }
}

Status EventLane::Core::Load(SqlTransaction& tx) {
  memory.reset();
  return lane::LoadLane(tx, id, chart, memory, recent_);
}

StatusOr<bool> EventLane::Core::IsCurrent() {
  uint64_t version = 0;
  TICKETING_RETURN_IF_ERROR(
      database.Read([&](SqlTransaction& tx) { return lane::ReadVersion(tx, id, version); }));
  return version == memory->ledger.version;
}

Status EventLane::Core::Refresh() {
  bool current = false;
  if (memory != nullptr) {
    StatusOr<bool> answer = IsCurrent();
    if (!answer.ok()) memory.reset();
    TICKETING_RETURN_IF_ERROR(answer.status());
    current = *answer;
  }
  if (current) return OkStatus();
  sheet_.ForgetTouches();
  return database.Read([this](SqlTransaction& tx) { return Load(tx); });
}

void EventLane::Core::Publish() {
  const seat::EventSet& seats = memory->state.seats;
  while (recent_.size() < seats.size()) {
    recent_.emplace_back();
    recent_.back().Reset(seats.at(static_cast<uint32_t>(recent_.size() - 1)).version());
  }
  for (const lane::Touch& touch : sheet_.touches()) recent_[touch.slot].Add(touch);
  sheet_.ForgetTouches();
  std::vector<Waiting*> looks;
  {
    const std::lock_guard lock(mutex_);
    committed_.resize(seats.size());
    for (uint32_t slot = 0; slot < seats.size(); ++slot)
      committed_[slot] = seats.at(slot).version();
    next_expiry_ = seats.NextExpiry();
    checked_at_ = env.clock.Monotonic();
    checked_ = true;
    looks.swap(looks_);
  }
  if (!looks.empty()) Serve(looks, OkStatus());
}

// --- Readers.

void EventLane::Core::Serve(const std::vector<Waiting*>& looks, const Status& failure) {
  for (Waiting* waiting : looks) waiting->status = failure.ok() ? (*waiting->look)(*this) : failure;
  const std::lock_guard lock(mutex_);
  for (Waiting* waiting : looks) waiting->served = true;
  changed_.notify_all();
}

Status EventLane::Core::Look(const std::function<Status(Core&)>& look) {
  std::unique_lock lock(mutex_);
  if (running_) {
    Waiting waiting{.look = &look};
    looks_.push_back(&waiting);
    changed_.wait(lock, [&] { return waiting.served; });
    return waiting.status;
  }
  running_ = true;
  lock.unlock();
  Status status = Refresh();
  if (status.ok()) {
    Publish();
    status = look(*this);
  }
  RunQueue();
  return status;
}

Status EventLane::Core::CheckSlot(uint32_t slot) const {
  if (slot < memory->state.seats.size()) return OkStatus();
  return MakeError(ErrorCode::kNotFound, "There is no such event.");
}

std::shared_ptr<const LaneView> EventLane::Core::MakeView(uint32_t slot) {
  const seat::Inventory& inventory = memory->state.seats.at(slot);
  {
    const std::lock_guard lock(mutex_);
    if (slot < views_.size() && views_[slot] != nullptr &&
        views_[slot]->version == inventory.version())
      return views_[slot];
  }
  auto view = std::make_shared<LaneView>();
  view->version = inventory.version();
  view->map = seat::PackAvailability(inventory);
  view->categories = inventory.TotalsByCategory();
  const std::lock_guard lock(mutex_);
  if (views_.size() <= slot) views_.resize(slot + 1);
  views_[slot] = view;
  return view;
}

StatusOr<std::shared_ptr<const LaneView>> EventLane::Core::View(uint32_t slot) {
  {
    const std::lock_guard lock(mutex_);
    const bool fresh = checked_ && env.clock.Monotonic() - checked_at_ < kViewFresh;
    if (fresh && slot < views_.size() && slot < committed_.size() && views_[slot] != nullptr &&
        views_[slot]->version == committed_[slot])
      return views_[slot];
  }
  std::shared_ptr<const LaneView> view;
  const Status status = Look([&](Core& core) {
    TICKETING_RETURN_IF_ERROR(core.CheckSlot(slot));
    view = core.MakeView(slot);
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(status);
  return view;
}

StatusOr<std::optional<std::string>> EventLane::Core::Delta(uint64_t since, uint32_t slot) {
  std::optional<std::string> delta;
  const Status status = Look([&](Core& core) {
    TICKETING_RETURN_IF_ERROR(core.CheckSlot(slot));
    const seat::Inventory& inventory = core.memory->state.seats.at(slot);
    if (since > inventory.version()) return OkStatus();  // from a database that was lost
    std::optional<std::vector<uint32_t>> changed = core.recent_[slot].Since(since);
    if (!changed) return OkStatus();
    AddTables(*core.chart, *changed);
    delta = seat::PackDelta(inventory, since, *changed);
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(status);
  return delta;
}

bool EventLane::Core::IsExpiryDue() {
  const Timestamp now = env.clock.Now();
  const std::lock_guard lock(mutex_);
  return next_expiry_ && *next_expiry_ <= now;
}

// --- Parking.

void EventLane::Core::Park() {
  std::unique_lock lock(mutex_);
  if (!running_) {
    running_ = true;
    return;
  }
  Parking parking{.position = submitted_};
  parkings_.push_back(&parking);
  changed_.wait(lock, [&] { return parking.reached; });
}

void EventLane::Core::Unpark() {
  RunQueue();
}

}  // namespace ticketing
