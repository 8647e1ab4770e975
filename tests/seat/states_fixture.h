// An inventory of the mixed chart with short words for its commands.
#ifndef TICKETING_TESTS_SEAT_STATES_FIXTURE_H_
#define TICKETING_TESTS_SEAT_STATES_FIXTURE_H_

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "tests/seat/chart_fixture.h"
#include "ticketing/seat/inventory.h"

namespace ticketing::seat {

inline constexpr Timestamp At(int64_t seconds) {
  return Timestamp::FromSeconds(seconds);
}
inline constexpr HoldId kAnn = {11};
inline constexpr HoldId kBob = {12};
inline constexpr OrderId kOrder = {21};

class StatesTest : public testing::Test {
 protected:
  uint32_t Index(const std::string& label) { return chart_->Find(label).value(); }
  Step To(SeatStatus to, std::initializer_list<std::string> labels) {
    Step step;
    step.to = to;
    step.picks = Picks(*chart_, labels);
    if (to == SeatStatus::kHeld) {
      step.hold = kAnn;
      step.expires_at = At(900);
    }
    if (to == SeatStatus::kCustom) step.custom = "kill";
    if (to == SeatStatus::kBooked) step.order = kOrder;
    return step;
  }
  ErrorCode Apply(const Step& step) {
    const Changes before = inventory_.Snapshot();
    last_ = inventory_.Apply(step, At(1)).status();
    if (!last_.ok()) EXPECT_EQ(inventory_.Snapshot(), before) << "a refusal changed something";
    return CodeOf(last_);
  }
  std::vector<std::string> Objects() { return DetailsOf(last_).objects; }
  void SetRules(SaleRules rules, Timestamp now = At(1)) {
    const Status status = inventory_.SetRules(std::move(rules), now);
    ASSERT_TRUE(status.ok()) << status;
  }
  std::vector<Pick> Chosen(const BestAvailableRequest& request) {
    StatusOr<BestAvailable> best = inventory_.FindBestAvailable(request);
    EXPECT_TRUE(best.ok()) << best.status();
    return best.ok() ? best->picks : std::vector<Pick>();
  }
  Channel MakeChannel(std::string key, std::initializer_list<std::string> labels) {
    Channel channel;
    channel.key = std::move(key);
    for (const Pick& pick : Picks(*chart_, labels)) channel.objects.push_back(pick.index);
    return channel;
  }

  std::shared_ptr<const Chart> chart_ = MakeChart(MixedDrawing());
  Inventory inventory_{chart_};
  Status last_;
};

}  // namespace ticketing::seat

#endif  // TICKETING_TESTS_SEAT_STATES_FIXTURE_H_
