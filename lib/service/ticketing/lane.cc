#include "lib/service/ticketing/lane.h"

#include <utility>

#include "ticketing/base/assert.h"
#include "ticketing/seat/availability.h"

namespace ticketing {
namespace {

constexpr size_t kBatchMax = 1024;
constexpr int kAttemptsMax = 50;  // lost races of one batch
// How old the knowledge that no other process moved the lane may be when a view is read.
constexpr Duration kViewFresh = Duration::Seconds(1);

using SeatKey = std::pair<uint32_t, uint64_t>;

Status Swap(SqlTransaction& tx, EventId event, uint64_t expected, const LaneState& next,
            bool& stale) {
  TICKETING_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute(
          "UPDATE lanes SET version = ?, inventory_version = ?, next_ordinal = ?,"
          " copy_version = ? WHERE event_id = ? AND version = ?",
          {static_cast<int64_t>(next.version), static_cast<int64_t>(next.inventory.version()),
           int64_t{next.next_ordinal}, static_cast<int64_t>(next.copy_version), event.ToSql(),
           static_cast<int64_t>(expected)}));
  if (rows == 1) return OkStatus();
  stale = true;
  return MakeError(ErrorCode::kPreconditionFailed, "Another process moved this event.");
}

Status WriteSeat(SqlTransaction& tx, EventId event, const seat::SeatRow& row) {
  if (row.status == seat::SeatStatus::kFree) {
    return tx
        .Execute("DELETE FROM seats WHERE event_id = ? AND idx = ? AND part = ?",
                 {event.ToSql(), int64_t{row.index}, static_cast<int64_t>(row.part)})
        .status();
  }
  return tx
      .Execute(
          "INSERT INTO seats (event_id, idx, part, status, quantity, hold_id, order_id)"
          " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event_id, idx, part) DO UPDATE SET"
          " status = excluded.status, quantity = excluded.quantity,"
          " hold_id = excluded.hold_id, order_id = excluded.order_id",
          {event.ToSql(), int64_t{row.index}, static_cast<int64_t>(row.part),
           static_cast<int64_t>(row.status), int64_t{row.quantity}, row.hold.ToSql(),
           row.order.ToSql()})
      .status();
}

Status WriteHold(SqlTransaction& tx, EventId event, const seat::Hold& hold,
                 const std::string* details) {
  if (hold.ended) return tx.Execute("DELETE FROM holds WHERE id = ?", {hold.id.ToSql()}).status();
  if (details == nullptr) {
    return tx
        .Execute("UPDATE holds SET expires_at = ? WHERE id = ?",
                 {hold.expires_at.micros, hold.id.ToSql()})
        .status();
  }
  return tx
      .Execute(
          "INSERT INTO holds (id, event_id, created_at, expires_at, details)"
          " VALUES (?, ?, ?, ?, ?)",
          {hold.id.ToSql(), event.ToSql(), hold.created_at.micros, hold.expires_at.micros,
           Blob{*details}})
      .status();
}

// Whether the engine failed, rather than refused one command's rows.
bool IsEngineFailure(const Status& status) {
  const ErrorCode code = CodeOf(status);
  return code == ErrorCode::kAborted || code == ErrorCode::kUnavailable ||
         code == ErrorCode::kDataLoss || code == ErrorCode::kDeadlineExceeded;
}

// What is stored of a lane, as one snapshot.
struct LaneRows {
  uint64_t version = 0;
  uint64_t inventory_version = 0;
  uint64_t copy_version = 0;
  uint32_t next_ordinal = 0;
  std::vector<seat::SeatRow> seats;
  std::vector<seat::Hold> holds;
};

Status ReadLane(SqlTransaction& tx, EventId event, LaneRows& out) {
  out = {};
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT version, inventory_version, next_ordinal, copy_version FROM lanes"
               " WHERE event_id = ?",
               {event.ToSql()}, [&](const SqlRow& row) {
                 out.version = static_cast<uint64_t>(row.Int(0));
                 out.inventory_version = static_cast<uint64_t>(row.Int(1));
                 out.next_ordinal = static_cast<uint32_t>(row.Int(2));
                 out.copy_version = static_cast<uint64_t>(row.Int(3));
                 return OkStatus();
               }));
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT idx, part, status, quantity, hold_id, order_id FROM seats"
               " WHERE event_id = ? ORDER BY idx, part",
               {event.ToSql()}, [&](const SqlRow& row) {
                 out.seats.push_back({.index = static_cast<uint32_t>(row.Int(0)),
                                      .part = static_cast<uint64_t>(row.Int(1)),
                                      .status = static_cast<seat::SeatStatus>(row.Int(2)),
                                      .quantity = static_cast<uint32_t>(row.Int(3)),
                                      .hold = HoldId::FromSql(row.Int(4)),
                                      .order = OrderId::FromSql(row.Int(5))});
                 return OkStatus();
               }));
  return tx.Query("SELECT id, created_at, expires_at FROM holds WHERE event_id = ? ORDER BY id",
                  {event.ToSql()}, [&](const SqlRow& row) {
                    out.holds.push_back({.id = HoldId::FromSql(row.Int(0)),
                                         .created_at = Timestamp{row.Int(1)},
                                         .expires_at = Timestamp{row.Int(2)}});
                    return OkStatus();
                  });
}

}  // namespace

struct EventLane::Batch {
  std::vector<LaneCommand> commands;
  std::vector<std::pair<LaneCommand, Status>> taken_out;
  int attempts = 0;

  // Of the last Prepare.
  uint64_t expected_version = 0;
  std::vector<Status> outcomes;  // of the commands, as applied
  std::map<SeatKey, seat::SeatRow> seats;
  std::map<HoldId, seat::Hold> holds;
  std::map<HoldId, std::string> details;
  std::vector<std::pair<size_t, std::function<Status(SqlTransaction&)>>> rows;

  // Of the last run of the transaction.
  bool stale = false;
  std::optional<size_t> refused;  // the command whose rows were refused

  bool HasRows() const { return !seats.empty() || !holds.empty() || !rows.empty(); }

  void Reset(uint64_t version) {
    expected_version = version;
    outcomes.assign(commands.size(), OkStatus());
    seats.clear();
    holds.clear();
    details.clear();
    rows.clear();
  }

  void Add(const seat::Changes& changes) {
    for (const seat::SeatRow& row : changes.seats)
      seats.insert_or_assign({row.index, row.part}, row);
    for (const seat::Hold& hold : changes.holds) holds.insert_or_assign(hold.id, hold);
  }

  // `failure` replaces the answer of every command that is still in the batch.
  void Answer(const Status& failure) {
    for (auto& [command, status] : taken_out) command.done(status);
    for (size_t i = 0; i < commands.size(); ++i)
      commands[i].done(failure.ok() ? outcomes[i] : failure);
  }
};

EventLane::EventLane(Env env, Database& database, EventId event,
                     std::shared_ptr<const seat::Chart> chart)
    : env_(env), database_(database), event_(event), chart_(std::move(chart)) {}

EventLane::~EventLane() = default;

void EventLane::Submit(LaneCommand command) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(command));
    if (running_) return;
    running_ = true;
  }
  RunQueue();
}

Status EventLane::Run(LaneApply apply) {
  std::mutex mutex;
  std::condition_variable answered;
  std::optional<Status> answer;
  Submit({std::move(apply), [&](Status status) {
            const std::lock_guard lock(mutex);
            answer = std::move(status);
            answered.notify_one();
          }});
  std::unique_lock lock(mutex);
  answered.wait(lock, [&] { return answer.has_value(); });
  return *std::move(answer);
}

void EventLane::RunQueue() {
  while (true) {
    const auto batch = std::make_shared<Batch>();
    {
      const std::lock_guard lock(mutex_);
      if (queue_.empty()) {
        running_ = false;
        changed_.notify_all();
        return;
      }
      while (!queue_.empty() && batch->commands.size() < kBatchMax) {
        batch->commands.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
    }
    if (Proceed(batch)) return;
  }
}

// Applies the batch and hands it to the database: true. False when all of it was answered.
bool EventLane::Proceed(const std::shared_ptr<Batch>& batch) {
  while (true) {
    Status failure =
        batch->attempts++ < kAttemptsMax
            ? Prepare(*batch)
            : MakeError(ErrorCode::kAborted,
                        "Others kept changing this event. Nothing was done; try again.");
    if (failure.ok() && batch->HasRows()) {
      database_.WriteAsync([this, batch](SqlTransaction& tx) { return WriteBatch(tx, *batch); },
                           [this, batch](const Status& status) { Finish(batch, status); });
      return true;
    }
    // Nothing to write: refusals and questions, which hold only for the version of now.
    bool current = false;
    if (failure.ok()) {
      StatusOr<bool> answer = IsCurrent();
      if (answer.ok()) current = *answer;
      failure = answer.status();
    }
    if (failure.ok() && !current) {
      state_.reset();
      continue;
    }
    if (failure.ok()) {
      Publish(false);
    } else {
      state_.reset();
    }
    batch->Answer(failure);
    return false;
  }
}

void EventLane::Finish(const std::shared_ptr<Batch>& batch, const Status& status) {
  if (status.ok()) {
    Publish(false);
    batch->Answer(OkStatus());
    RunQueue();
    return;
  }
  state_.reset();  // it holds what was not committed
  if (batch->refused) {
    const auto at = batch->commands.begin() + static_cast<std::ptrdiff_t>(*batch->refused);
    batch->taken_out.emplace_back(std::move(*at), status);
    batch->commands.erase(at);
    if (Proceed(batch)) return;
  } else if (batch->stale) {
    if (Proceed(batch)) return;
  } else {
    env_.log.Error("lane commit failed",
                   {{"event", event_.ToString()}, {"cause", std::string(MessageOf(status))}});
    batch->Answer(status);
  }
  RunQueue();
}

Status EventLane::Prepare(Batch& batch) {
  if (state_ == nullptr) TICKETING_RETURN_IF_ERROR(Load());
  const Timestamp now = env_.clock.Now();
  batch.Reset(state_->version);
  batch.Add(state_->inventory.ExpireHolds(now));
  for (size_t i = 0; i < batch.commands.size(); ++i) {
    StatusOr<LaneEffect> effect = batch.commands[i].apply(*state_, now);
    if (!effect.ok()) {
      batch.outcomes[i] = std::move(effect).status();
      continue;
    }
    for (const seat::Changes& changes : effect->changes) batch.Add(changes);
    batch.details.merge(effect->details);
    if (effect->rows) batch.rows.emplace_back(i, std::move(effect->rows));
  }
  if (batch.HasRows()) state_->version += 1;
  return OkStatus();
}

Status EventLane::WriteBatch(SqlTransaction& tx, Batch& batch) const {
  batch.stale = false;
  batch.refused.reset();
  TICKETING_RETURN_IF_ERROR(Swap(tx, event_, batch.expected_version, *state_, batch.stale));
  for (const auto& [key, row] : batch.seats) TICKETING_RETURN_IF_ERROR(WriteSeat(tx, event_, row));
  for (const auto& [id, hold] : batch.holds) {
    const auto details = batch.details.find(id);
    TICKETING_RETURN_IF_ERROR(
        WriteHold(tx, event_, hold, details == batch.details.end() ? nullptr : &details->second));
  }
  for (const auto& [command, rows] : batch.rows) {
    Status status = rows(tx);
    if (status.ok()) continue;
    if (!IsEngineFailure(status)) batch.refused = command;
    return status;
  }
  return OkStatus();
}

Status EventLane::Load() {
  LaneRows rows;
  const Status read =
      database_.Read([&](SqlTransaction& tx) { return ReadLane(tx, event_, rows); });
  TICKETING_RETURN_IF_ERROR(read);
  if (rows.version == 0) return MakeError(ErrorCode::kDataLoss, "The event has no lane row.");
  TICKETING_ASSIGN_OR_RETURN(
      seat::Inventory inventory,
      seat::Inventory::Load(chart_, rows.seats, rows.holds, rows.inventory_version));
  state_ = std::make_unique<LaneState>(
      LaneState{std::move(inventory), rows.version, rows.next_ordinal, rows.copy_version});
  return OkStatus();
}

StatusOr<bool> EventLane::IsCurrent() {
  bool current = false;
  TICKETING_RETURN_IF_ERROR(database_.Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT version FROM lanes WHERE event_id = ?", {event_.ToSql()},
                    [&](const SqlRow& row) {
                      current = static_cast<uint64_t>(row.Int(0)) == state_->version;
                      return OkStatus();
                    });
  }));
  return current;
}

// Tells readers of the state, which is committed.
void EventLane::Publish(bool with_view) {
  const std::lock_guard lock(mutex_);
  committed_ = state_->inventory.version();
  next_expiry_ = state_->inventory.NextExpiry();
  checked_at_ = env_.clock.Monotonic();
  if (!with_view && !view_wanted_) return;
  if (view_ == nullptr || view_->version != *committed_) {
    auto view = std::make_shared<LaneView>();
    view->version = *committed_;
    view->map = seat::PackAvailability(state_->inventory);
    view->categories = state_->inventory.TotalsByCategory();
    view_ = std::move(view);
  }
  view_wanted_ = false;
  ++view_count_;
  changed_.notify_all();
}

Status EventLane::Refresh() {
  bool current = false;
  if (state_ != nullptr) {
    TICKETING_ASSIGN_OR_RETURN(current, IsCurrent());
  }
  if (!current) TICKETING_RETURN_IF_ERROR(Load());
  Publish(true);
  return OkStatus();
}

StatusOr<std::shared_ptr<const LaneView>> EventLane::CurrentView() {
  std::unique_lock lock(mutex_);
  while (true) {
    const bool fresh = committed_ && env_.clock.Monotonic() - checked_at_ < kViewFresh;
    if (fresh && view_ != nullptr && view_->version == *committed_) return view_;
    if (!running_) {
      running_ = true;
      lock.unlock();
      const Status status = Refresh();
      if (!status.ok()) state_.reset();
      RunQueue();
      TICKETING_RETURN_IF_ERROR(status);
      lock.lock();
      return view_;
    }
    view_wanted_ = true;
    const uint64_t seen = view_count_;
    changed_.wait(lock, [&] { return view_count_ != seen || !running_; });
    if (view_count_ != seen) return view_;
  }
}

bool EventLane::IsExpiryDue() {
  const Timestamp now = env_.clock.Now();
  const std::lock_guard lock(mutex_);
  return next_expiry_ && *next_expiry_ <= now;
}

Status EventLane::ExpireHolds() {
  if (!IsExpiryDue()) return OkStatus();
  return Run([](LaneState&, Timestamp) { return LaneEffect{}; });
}

StatusOr<std::shared_ptr<const LaneView>> EventLane::View() {
  TICKETING_RETURN_IF_ERROR(ExpireHolds());
  TICKETING_ASSIGN_OR_RETURN(std::shared_ptr<const LaneView> view, CurrentView());
  // The first look at a lane may find holds that ran out while nobody looked.
  if (!IsExpiryDue()) return view;
  TICKETING_RETURN_IF_ERROR(ExpireHolds());
  return CurrentView();
}

}  // namespace ticketing
