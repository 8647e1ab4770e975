#include "ticketing/lane/event_lane.h"

#include <optional>
#include <utility>

#include "lib/lane/core.h"
#include "ticketing/env/wait.h"

namespace ticketing {

EventLane::EventLane(Env env, Database& database, LaneId id,
                     std::shared_ptr<const seat::Chart> chart)
    : core_(std::make_shared<Core>(env, database, id, std::move(chart))) {}

EventLane::~EventLane() = default;

void EventLane::Submit(LaneCommand command) {
  core_->Submit(std::move(command));
}

Status EventLane::Run(LaneApply apply) {
  return WaitFor([&](std::function<void(Status)> done) {
    Submit({std::move(apply), std::move(done)});
  });
}

Status EventLane::Ask(std::function<Status(const LaneState& state)> ask) {
  return Run([ask = std::move(ask)](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
    TICKETING_RETURN_IF_ERROR(ask(state));
    return LaneEffect{};
  });
}

Status EventLane::ExpireHolds() {
  if (!core_->IsExpiryDue()) return OkStatus();
  return Run([](LaneState&, Timestamp) { return LaneEffect{}; });
}

StatusOr<std::shared_ptr<const LaneView>> EventLane::View(uint32_t slot) {
  TICKETING_RETURN_IF_ERROR(ExpireHolds());
  TICKETING_ASSIGN_OR_RETURN(std::shared_ptr<const LaneView> view, core_->View(slot));
  // The first look at a lane may find holds that ran out while nobody looked.
  if (!core_->IsExpiryDue()) return view;
  TICKETING_RETURN_IF_ERROR(ExpireHolds());
  return core_->View(slot);
}

StatusOr<std::optional<std::string>> EventLane::Delta(uint64_t since, uint32_t slot) {
  TICKETING_RETURN_IF_ERROR(ExpireHolds());
  StatusOr<std::optional<std::string>> delta = core_->Delta(since, slot);
  if (!delta.ok() || !core_->IsExpiryDue()) return delta;
  TICKETING_RETURN_IF_ERROR(ExpireHolds());
  return core_->Delta(since, slot);
}

LaneId EventLane::id() const {
  return core_->id;
}

const seat::Chart& EventLane::chart() const {
  return *core_->chart;
}

const std::shared_ptr<const seat::Chart>& EventLane::shared_chart() const {
  return core_->chart;
}

}  // namespace ticketing
