// People who cannot show their tickets, let in by staff who looked for them.
#include <gtest/gtest.h>

#include "tests/gate/fixture.h"
#include "ticketing/gate/scanner.h"
#include "ticketing/wire/search_codec.h"

namespace ticketing {
namespace {

EventCopy SupervisedEvent() {
  EventCopy copy = TestEvent(2);
  copy.header.supervisors = {kHandA};
  return copy;
}

StaffNote Ana() {
  return {static_cast<uint8_t>(StaffWhy::kIdentityShown), "acc_ana", "INE"};
}

ScanContext Picked(uint64_t ticket, uint16_t gate = 1) {
  ScanContext context = At(gate);
  context.event = 12;
  context.picked = Ticket(ticket);
  context.staff = Ana();
  return context;
}

class SearchTest : public ::testing::Test {
 protected:
  SearchTest() {
    for (Place* place : {&a_, &b_, &bastion_})
      EXPECT_OK((*place)->ApplyEventCopy(SupervisedEvent()));
  }
  TestEnv env_;
  Place a_{env_, kHandA, DecidedBy::kAlone};
  Place b_{env_, kHandB, DecidedBy::kAlone};
  Place bastion_{env_, kBastionId, DecidedBy::kBastion};
};

TEST_F(SearchTest, WhomStaffPickedEntersOnceAndTheLogSaysWhoLetHimIn) {
  const auto entered = a_->Scan("", Picked(0));
  ASSERT_OK(entered);
  EXPECT_EQ(entered->decision.outcome, Outcome::kAdmitted);
  EXPECT_EQ(entered->decision.reason, Reason::kOk);
  EXPECT_EQ(entered->ticket_id, Ticket(0));
  const auto entry = DecodeLogEntry(a_->OwnEntries(1, 10)->back());
  ASSERT_OK(entry);
  EXPECT_EQ(entry->staff, Ana());
  EXPECT_FALSE(entry->overridden);
  env_.clock.Advance(Duration::Minutes(1));
  EXPECT_EQ(a_->Scan("", Picked(0))->decision.reason, Reason::kAlreadyUsed);
  EXPECT_EQ(a_->Scan(Code(0), At(1))->decision.reason, Reason::kAlreadyUsed)
      << "whoever finds the lost paper stays out";
}

TEST_F(SearchTest, EverythingButTheCodeIsChecked) {
  EXPECT_EQ(a_->Scan("", Picked(0, 3))->decision.reason, Reason::kWrongGate);
  EventCopy copy = SupervisedEvent();
  copy.version = 3;
  copy.tickets[1].status = static_cast<uint8_t>(TicketStatus::kBlocked);
  ASSERT_OK(a_->ApplyEventCopy(copy));
  EXPECT_EQ(a_->Scan("", Picked(1))->decision.reason, Reason::kBlocked);
  EXPECT_EQ(a_->Scan("", Picked(9))->decision.outcome, Outcome::kAdmitted)
      << "a dead phone is why staff look";
}

TEST_F(SearchTest, OnlySupervisorsPickAndTheySayWhoAndWhy) {
  EXPECT_EQ(CodeOf(b_->Scan("", Picked(0)).status()), ErrorCode::kPermissionDenied);
  EXPECT_EQ(CodeOf(b_->BeginScan("", Picked(0)).status()), ErrorCode::kPermissionDenied);
  ScanContext silent = Picked(0);
  silent.staff = {};
  EXPECT_EQ(CodeOf(a_->Scan("", silent).status()), ErrorCode::kInvalidField);
  ScanContext stranger = Picked(77);
  EXPECT_EQ(CodeOf(a_->Scan("", stranger).status()), ErrorCode::kNotFound);
  ScanContext nowhere = Picked(0);
  nowhere.event = 0;
  EXPECT_EQ(CodeOf(a_->Scan("", nowhere).status()), ErrorCode::kNotFound);
  EXPECT_TRUE(a_->OwnEntries(1, 10)->empty());
  EXPECT_TRUE(b_->OwnEntries(1, 10)->empty());
}

TEST_F(SearchTest, ABastionDecidesForTheDeviceThatAsks) {
  ScanRequest request;
  request.scan = ScanId{9};
  request.event = 12;
  request.gate = 1;
  request.at = FakeClock::kStart;
  request.picked = Ticket(0);
  request.staff = Ana();
  const auto sent = DecodeScanRequest(EncodeScanRequest(request));
  ASSERT_OK(sent);
  EXPECT_EQ(*sent, request);
  // The right is the asker's, also of a scan that carries an id.
  EXPECT_EQ(CodeOf(bastion_->DecideFor(kHandB, *sent).status()), ErrorCode::kPermissionDenied);
  const auto intent = a_->BeginScan("", [&] {
    ScanContext context = Picked(0);
    context.scan_id = ScanId{9};
    return context;
  }());
  ASSERT_OK(intent);
  EXPECT_EQ(intent->check, CodeCheck::kGood) << "so that somebody is asked";
  const auto answer = bastion_->DecideFor(kHandA, *sent);
  ASSERT_OK(answer);
  const auto recorded = a_->RecordAnswer(*intent, *answer, DecidedBy::kBastion);
  ASSERT_OK(recorded);
  EXPECT_EQ(recorded->decision.outcome, Outcome::kAdmitted);
  EXPECT_EQ(DecodeLogEntry(a_->OwnEntries(1, 10)->back())->staff, Ana());
  EXPECT_EQ(bastion_->DecideFor(kHandA, *sent)->detail.outcome, answer->detail.outcome);
}

TEST_F(SearchTest, ACrashLosesNobodyWhoWasPicked) {
  const auto intent = a_->BeginScan("", Picked(4));
  ASSERT_OK(intent);
  a_.Restart();
  Scanner scanner(*a_, nullptr, nullptr);
  const auto recovered = scanner.Recover();
  ASSERT_OK(recovered);
  ASSERT_EQ(recovered->size(), 1u);
  EXPECT_EQ((*recovered)[0].scan_id, intent->scan_id);
  EXPECT_EQ((*recovered)[0].ticket_id, Ticket(4));
  EXPECT_EQ((*recovered)[0].decision.outcome, Outcome::kAdmitted);
  EXPECT_EQ(DecodeLogEntry(a_->OwnEntries(1, 10)->back())->staff, Ana());
}

TEST_F(SearchTest, OutOfReachSeatsAreFoundAndNamesAreNot) {
  Scanner scanner(*a_, nullptr, nullptr);
  const auto found = scanner.Search({.event = 12, .words = "a-3"}, Duration::Seconds(1));
  ASSERT_OK(found);
  ASSERT_EQ(found->tickets.size(), 1u);
  EXPECT_EQ(found->tickets[0].ticket, Ticket(3));
  EXPECT_EQ(found->tickets[0].type, "General");
  EXPECT_TRUE(found->tickets[0].buyer.empty());
  EXPECT_TRUE(
      scanner.Search({.event = 12, .words = "pérez"}, Duration::Seconds(1))->tickets.empty());
  EXPECT_EQ(CodeOf(scanner.Search({.event = 12, .words = "a-"}, Duration::Seconds(1)).status()),
            ErrorCode::kInvalidField);
  Scanner other(*b_, nullptr, nullptr);
  EXPECT_EQ(CodeOf(other.Search({.event = 12, .words = "a-3"}, Duration::Seconds(1)).status()),
            ErrorCode::kPermissionDenied);
}

TEST(SearchCodecTest, KeepsWhatItSaysAndRefusesTheRest) {
  const TicketSearch search{12, "núñez", kHandA};
  EXPECT_EQ(*DecodeTicketSearch(EncodeTicketSearch(search)), search);
  EXPECT_FALSE(DecodeTicketSearch(EncodeTicketSearch({0, "núñez", {}})).ok());
  EXPECT_FALSE(DecodeTicketSearch(EncodeTicketSearch({12, "ab", {}})).ok());
  EXPECT_FALSE(DecodeTicketSearch(EncodeTicketSearch({12, "ab\xff", {}})).ok());
  EXPECT_FALSE(DecodeTicketSearch(EncodeTicketSearch({12, std::string(101, 'a'), {}})).ok());
  EXPECT_FALSE(DecodeTicketSearch("\xff\xff").ok());
  FoundTickets found;
  found.more = true;
  found.tickets.push_back({Ticket(1), "A-1", "General", "Ana Núñez", "ord_1"});
  EXPECT_EQ(*DecodeFoundTickets(EncodeFoundTickets(found)), found);
  found.tickets[0].ticket = {};
  EXPECT_FALSE(DecodeFoundTickets(EncodeFoundTickets(found)).ok());
  found.tickets.assign(kFoundTicketsMax + 1, {Ticket(1), "", "", "", ""});
  EXPECT_FALSE(DecodeFoundTickets(EncodeFoundTickets(found)).ok());
}

}  // namespace
}  // namespace ticketing
