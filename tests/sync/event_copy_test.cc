#include "ticketing/sync/event_copy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "ticketing/crypto/signature.h"
#include "ticketing/testing/matchers.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

EventCopy Sample() {
  EventCopy copy;
  copy.header.number = 5;
  copy.header.id = EventId{50};
  copy.header.name = "Final";
  copy.header.gates = {{3, "p3", "Puerta 3", {8, 7}}, {1, "p1", "Puerta 1", {}}};
  copy.header.zones = {{7, "a", "Norte"}, {8, "b", "Sur"}};
  copy.header.ticket_types = {{1, "std", "General"}};
  copy.version = 4;
  for (uint64_t i = 5; i > 0; --i) {
    copy.tickets.push_back({TicketId{i * 10}, static_cast<uint32_t>(i), 7, 1, 1, 0, "A-1"});
  }
  NormalizeEventCopy(copy);
  return copy;
}

TEST(EventCopy, NormalizedCopiesAreValid) {
  const EventCopy copy = Sample();
  EXPECT_OK(ValidateEventCopy(copy));
  EXPECT_EQ(copy.tickets.front().id, TicketId{10});
  EXPECT_EQ(copy.header.FindGate(3)->name, "Puerta 3");
  EXPECT_EQ(copy.header.FindGateById("p1")->number, 1);
  EXPECT_EQ(copy.header.FindGate(9), nullptr);
  EXPECT_THAT(copy.header.GatesOfZone(7), ElementsAre(1, 3));
  EXPECT_THAT(copy.header.GatesOfZone(99), ElementsAre(1));
}

TEST(EventCopy, DamagedCopiesAreRefused) {
  const auto refused = [](auto change) {
    EventCopy copy = Sample();
    change(copy);
    return ValidateEventCopy(copy);
  };
  const auto invalid = HasCode(ErrorCode::kInvalidField);
  EXPECT_THAT(refused([](EventCopy& c) { c.header.number = 0; }), invalid);
  EXPECT_THAT(refused([](EventCopy& c) { c.header.id = EventId{}; }), invalid);
  EXPECT_THAT(refused([](EventCopy& c) { c.header.name = "\xff"; }), invalid);
  EXPECT_THAT(refused([](EventCopy& c) { c.header.utc_offset_minutes = 841; }), invalid);
  EXPECT_THAT(refused([](EventCopy& c) { c.header.rules = "\xff"; }), invalid);
  EXPECT_THAT(refused([](EventCopy& c) { c.header.rules = std::string(16'385, 'x'); }), invalid);
  EXPECT_THAT(refused([](EventCopy& c) { c.header.gates[0].number = 3; }), invalid);
  EXPECT_THAT(refused([](EventCopy& c) { c.header.gates[0].number = 0; }), invalid);
  EXPECT_THAT(refused([](EventCopy& c) { c.header.ticket_types[0].reentry = 3; }), invalid);
  EXPECT_THAT(refused([](EventCopy& c) { c.header.devices = {{DeviceId{1}, "short"}}; }), invalid);
  EXPECT_THAT(refused([](EventCopy& c) { c.version = 0; }), invalid);
  EXPECT_THAT(refused([](EventCopy& c) { c.base_version = 4; }), invalid);
  EXPECT_THAT(refused([](EventCopy& c) { c.tickets[1].id = c.tickets[0].id; }), invalid);
  EXPECT_THAT(refused([](EventCopy& c) { c.tickets[0].id = TicketId{}; }), invalid);
  EXPECT_THAT(refused([](EventCopy& c) { c.tickets[0].seat_label = std::string(101, 'x'); }),
              invalid);
  EXPECT_THAT(refused([](EventCopy& c) { c.removed = {TicketId{1}}; }), invalid);
}

TEST(EventCopy, ADeltaTurnsTheOldIntoTheNew) {
  const EventCopy from = Sample();
  EventCopy to = from;
  to.version = 9;
  to.header.name = "Final, nueva fecha";
  to.tickets[1].status = 3;
  to.tickets.erase(to.tickets.begin() + 3);
  to.tickets.push_back({TicketId{35}, 6, 8, 1, 1, 0, "B-2"});
  NormalizeEventCopy(to);
  const EventCopy delta = MakeDelta(from, to);
  EXPECT_EQ(delta.base_version, 4u);
  EXPECT_EQ(delta.tickets.size(), 2u) << "only what changed travels";
  EXPECT_THAT(delta.removed, ElementsAre(TicketId{40}));
  EXPECT_THAT(ApplyDelta(from, delta), IsOkAndHolds(to));
  EXPECT_THAT(MakeDelta(from, from).tickets, IsEmpty());
  to.tickets.pop_back();
  EXPECT_THAT(ApplyDelta(from, MakeDelta(from, to)), IsOkAndHolds(to)) << "the last one went too";
}

TEST(EventCopy, ADeltaFromElsewhereIsNotApplied) {
  const EventCopy from = Sample();
  EventCopy to = from;
  to.version = 9;
  EventCopy delta = MakeDelta(from, to);
  delta.base_version = 3;
  EXPECT_THAT(ApplyDelta(from, delta), HasCode(ErrorCode::kPreconditionFailed));
  delta.base_version = 4;
  delta.header.number = 6;
  EXPECT_THAT(ApplyDelta(from, delta), HasCode(ErrorCode::kPreconditionFailed));
  delta.header.number = 5;
  delta.version = 4;
  EXPECT_THAT(ApplyDelta(from, delta), HasCode(ErrorCode::kInvalidField));
}

}  // namespace
}  // namespace ticketing
