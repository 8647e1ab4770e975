#include "ticketing/seat/event_set.h"

#include <algorithm>

#include "lib/seat/event_set_state.h"
#include "lib/seat/inventory_checks.h"
#include "ticketing/base/assert.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {

EventSet::EventSet(std::shared_ptr<const Chart> chart)
    : state_(std::make_unique<State>(std::move(chart))) {}
EventSet::~EventSet() = default;
EventSet::EventSet(EventSet&&) noexcept = default;
EventSet& EventSet::operator=(EventSet&&) noexcept = default;

size_t EventSet::size() const {
  return state_->entries.size();
}
const EventEntry& EventSet::entry(uint32_t slot) const {
  return state_->entries[slot];
}
const Inventory& EventSet::at(uint32_t slot) const {
  return state_->events[slot];
}
const std::vector<Override>& EventSet::overrides(uint32_t slot) const {
  return state_->overrides[slot];
}

std::optional<uint32_t> EventSet::SlotOf(EventId id) const {
  for (uint32_t slot = 0; slot < size(); ++slot) {
    if (state_->entries[slot].id == id) return slot;
  }
  return std::nullopt;
}

// --- Commands ---

// One command on several events: collects what changed, keeps blocks right after each step, and
// undoes everything unless it is finished.
class EventSet::Command {
 public:
  explicit Command(State& state) : s_(state), was_marked_(state.marked) {
    for (Inventory& event : s_.events) marks_.push_back(event.Mark());
  }
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  ~Command() {
    if (!finished_) {
      for (size_t i = 0; i < marks_.size(); ++i) s_.events[i].Rollback(marks_[i]);
    }
    if (was_marked_) return;
    for (Inventory& event : s_.events) event.Forget();
  }

  void Add(uint32_t slot, Changes changes) {
    changes.slot = slot;
    for (const SeatChange& change : changes.seats) s_.Refresh(change.row.index, touched_);
    out_.push_back(std::move(changes));
  }

  std::vector<Changes> Finish() {
    for (const uint32_t slot : touched_) {
      s_.events[slot].NoteVersion();
      Changes changes;
      changes.slot = slot;
      changes.version = s_.events[slot].version();
      out_.push_back(std::move(changes));
    }
    finished_ = true;
    return std::move(out_);
  }

 private:
  State& s_;
  const bool was_marked_;
  bool finished_ = false;
  std::vector<size_t> marks_;
  std::set<uint32_t> touched_;  // slots that only saw seats blocked or given back
  std::vector<Changes> out_;
};

StatusOr<std::vector<Changes>> EventSet::Apply(std::span<const EventStep> steps, Timestamp now) {
  if (steps.empty() || steps.size() > limits::kStepsPerCommandMax) {
    return InvalidField("steps", "must be 1 to " + std::to_string(limits::kStepsPerCommandMax));
  }
  for (const EventStep& step : steps) {
    if (step.slot < size() && !entry(step.slot).removed) continue;
    return MakeError(ErrorCode::kNotFound, "There is no such event.");
  }
  if (size() == 1 && steps.size() == 1) {
    TICKETING_ASSIGN_OR_RETURN(Changes changes, state_->events[0].Apply(steps[0].step, now));
    std::vector<Changes> all;
    all.push_back(std::move(changes));
    return all;
  }
  Command command(*state_);
  for (const EventStep& step : steps) {
    TICKETING_ASSIGN_OR_RETURN(Changes changes, state_->events[step.slot].Apply(step.step, now));
    changes.slot = step.slot;
    std::vector<std::string> full = state_->Overfull(changes);
    if (!full.empty()) {
      return AboutObjects(ErrorCode::kConflict, "a match has sold these places itself",
                          std::move(full));
    }
    command.Add(step.slot, std::move(changes));
  }
  return command.Finish();
}

StatusOr<std::vector<Changes>> EventSet::HoldBestAvailable(uint32_t slot, HoldId hold,
                                                           const BestAvailableRequest& request,
                                                           Timestamp expires_at, Timestamp now,
                                                           BestAvailable* found) {
  if (slot >= size() || entry(slot).removed) {
    return MakeError(ErrorCode::kNotFound, "There is no such event.");
  }
  TICKETING_ASSIGN_OR_RETURN(BestAvailable best, at(slot).FindBestAvailable(request));
  EventStep step{slot, Step::ToHold(hold, best.picks, expires_at)};
  step.step.access = request.access;
  TICKETING_ASSIGN_OR_RETURN(std::vector<Changes> changes, Apply({&step, 1}, now));
  if (found != nullptr) *found = std::move(best);
  return changes;
}

// Does something to a hold on every event where it has something.
template <typename Do>
StatusOr<std::vector<Changes>> EventSet::ForHold(HoldId hold, Do what) {
  if (size() == 1) {
    TICKETING_ASSIGN_OR_RETURN(Changes changes, what(state_->events[0]));
    std::vector<Changes> all;
    all.push_back(std::move(changes));
    return all;
  }
  Command command(*state_);
  bool found = false;
  for (uint32_t slot = 0; slot < size(); ++slot) {
    if (!at(slot).FindHold(hold)) continue;
    found = true;
    TICKETING_ASSIGN_OR_RETURN(Changes changes, what(state_->events[slot]));
    command.Add(slot, std::move(changes));
  }
  if (!found) return NoSuchHold();
  return command.Finish();
}

StatusOr<std::vector<Changes>> EventSet::Extend(HoldId hold, Timestamp expires_at, Timestamp now,
                                                Duration hold_max) {
  return ForHold(hold,
                 [&](Inventory& event) { return event.Extend(hold, expires_at, now, hold_max); });
}

StatusOr<std::vector<Changes>> EventSet::Release(HoldId hold) {
  return ForHold(hold, [&](Inventory& event) { return event.Release(hold); });
}

StatusOr<std::vector<Changes>> EventSet::Book(HoldId hold, OrderId order, Timestamp now) {
  return ForHold(hold, [&](Inventory& event) { return event.Book(hold, order, now); });
}

std::vector<Changes> EventSet::ExpireHolds(Timestamp now) {
  const std::optional<Timestamp> due = NextExpiry();
  if (!due || *due > now) return {};
  Command command(*state_);
  for (uint32_t slot = 0; slot < size(); ++slot) {
    const uint64_t before = at(slot).version();
    Changes changes = state_->events[slot].ExpireHolds(now);
    if (changes.version != before) command.Add(slot, std::move(changes));
  }
  return command.Finish();
}

StatusOr<std::vector<Changes>> EventSet::SetExtra(uint32_t slot, uint32_t index,
                                                  std::string extra) {
  if (slot >= size() || entry(slot).removed) {
    return MakeError(ErrorCode::kNotFound, "There is no such event.");
  }
  TICKETING_ASSIGN_OR_RETURN(Changes changes,
                             state_->events[slot].SetExtra(index, std::move(extra)));
  changes.slot = slot;
  std::vector<Changes> all;
  all.push_back(std::move(changes));
  return all;
}

std::optional<Timestamp> EventSet::NextExpiry() const {
  std::optional<Timestamp> next;
  for (const Inventory& event : state_->events) {
    const std::optional<Timestamp> due = event.NextExpiry();
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

// --- Undo ---

EventSet::Savepoint EventSet::Mark() {
  state_->marked = true;
  Savepoint savepoint;
  for (Inventory& event : state_->events) savepoint.marks.push_back(event.Mark());
  return savepoint;
}

void EventSet::Rollback(const Savepoint& savepoint) {
  TICKETING_ASSERT(savepoint.marks.size() == size());
  for (size_t i = 0; i < size(); ++i) state_->events[i].Rollback(savepoint.marks[i]);
}

void EventSet::Forget() {
  state_->marked = false;
  for (Inventory& event : state_->events) event.Forget();
}

}  // namespace ticketing::seat
