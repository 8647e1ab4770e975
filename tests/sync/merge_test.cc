#include "ticketing/sync/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace ticketing {
namespace {

constexpr DeviceId kA{11};
constexpr DeviceId kB{12};
constexpr DeviceId kBastion{9};
constexpr TicketId kTicket{500};

// An admitted entry of `device`'s own log at second `at`.
LogEntry In(DeviceId device, uint64_t scan, int64_t at) {
  LogEntry entry;
  entry.device = device;
  entry.scanner = device;
  entry.sequence = scan;
  entry.hlc = {at * 1'000'000, 0};
  entry.at = Timestamp::FromSeconds(at);
  entry.scan = ScanId{scan};
  entry.ticket = kTicket;
  entry.event = 5;
  entry.gate = static_cast<uint16_t>(device.value);
  entry.outcome = kLogAdmitted;
  entry.reason = 1;
  entry.counted = true;
  entry.signature = std::string(64, static_cast<char>(scan));
  return entry;
}

LogEntry Out(DeviceId device, uint64_t scan, int64_t at) {
  LogEntry entry = In(device, scan, at);
  entry.direction = kLogExitWay;
  return entry;
}

LogEntry Refused(LogEntry entry) {
  entry.outcome = kLogRefused;
  entry.counted = false;
  entry.reason = 80;
  return entry;
}

// The same scan in the bastion's log.
LogEntry Relayed(LogEntry entry) {
  entry.device = kBastion;
  entry.decided_by = DecidedBy::kBastion;
  entry.sequence += 100;
  return entry;
}

TEST(Merge, OneScanInTwoLogsIsOneAdmission) {
  const std::vector<LogEntry> logs = {In(kA, 1, 10), Relayed(In(kA, 1, 10)), In(kA, 1, 10)};
  const MergeResult result = MergeLogs(logs);
  ASSERT_EQ(result.scans.size(), 1u);
  EXPECT_EQ(result.scans.begin()->second.sources, 2u);
  EXPECT_FALSE(result.scans.begin()->second.disputed);
  EXPECT_TRUE(result.conflicts.empty());
}

TEST(Merge, TheScannersOwnLogSpeaks) {
  // The bastion granted it, but its answer came too late and the handheld had refused by itself.
  const std::vector<LogEntry> logs = {Relayed(In(kA, 1, 10)), Refused(In(kA, 1, 10)),
                                      In(kB, 2, 20)};
  const MergeResult result = MergeLogs(logs);
  const ScanRecord& scan = result.scans.at({ScanId{1}, kA});
  EXPECT_TRUE(scan.disputed);
  EXPECT_FALSE(scan.counts());
  EXPECT_TRUE(result.conflicts.empty()) << "only one person walked in";
}

TEST(Merge, WithoutTheScannersLogTheBastionSpeaks) {
  const MergeResult result =
      MergeLogs(std::vector<LogEntry>{Relayed(In(kA, 1, 10)), In(kB, 2, 20)});
  EXPECT_TRUE(result.scans.at({ScanId{1}, kA}).counts());
  EXPECT_EQ(result.conflicts.size(), 1u);
}

TEST(Merge, TwoAdmissionsOutOfContactAreOneConflict) {
  const MergeResult result = MergeLogs(std::vector<LogEntry>{In(kB, 2, 20), In(kA, 1, 10)});
  ASSERT_EQ(result.conflicts.size(), 1u);
  const Conflict& conflict = result.conflicts[0];
  EXPECT_EQ(conflict.ticket, kTicket);
  EXPECT_EQ(conflict.first_scan, ScanId{1});
  EXPECT_EQ(conflict.second_scan, ScanId{2});
  EXPECT_EQ(conflict.first_gate, 11);
  EXPECT_EQ(conflict.second_gate, 12);
  EXPECT_EQ(conflict.second_device, kB);
  EXPECT_EQ(conflict.first_at, Timestamp::FromSeconds(10));
}

TEST(Merge, ThreeAdmissionsAreTwoConflictsWithTheFirst) {
  const MergeResult result =
      MergeLogs(std::vector<LogEntry>{In(kA, 1, 10), In(kB, 2, 20), In(kBastion, 3, 30)});
  ASSERT_EQ(result.conflicts.size(), 2u);
  EXPECT_EQ(result.conflicts[0].first_scan, ScanId{1});
  EXPECT_EQ(result.conflicts[1].first_scan, ScanId{1});
  EXPECT_EQ(result.conflicts[1].second_scan, ScanId{3});
}

TEST(Merge, ASupervisorTakesBackWhatAnotherScanned) {
  LogEntry annul = In(kB, 2, 20);
  annul.scan = ScanId{1};
  annul.scanner = kA;
  annul.kind = LogKind::kAnnul;
  const LogEntry scan = In(kA, 1, 10);
  EXPECT_FALSE(MergeLogs(std::vector{scan, annul}).scans.at({ScanId{1}, kA}).annulled)
      << "who is he";
  annul.supervisor = true;
  EXPECT_TRUE(MergeLogs(std::vector{scan, annul}).scans.at({ScanId{1}, kA}).annulled);
  EXPECT_EQ(MergeLogs(std::vector{scan, annul}), MergeLogs(std::vector{annul, scan}));
  EXPECT_TRUE(MergeLogs(std::vector{annul}).scans.empty()) << "nothing to take back yet";
}

TEST(Merge, RefusalsRereadsAndAnnulledScansAreNoConflict) {
  LogEntry reread = In(kA, 3, 12);
  reread.counted = false;
  LogEntry annul = In(kB, 2, 25);
  annul.kind = LogKind::kAnnul;
  annul.sequence = 77;
  const MergeResult result = MergeLogs(
      std::vector<LogEntry>{In(kA, 1, 10), reread, Refused(In(kB, 4, 15)), In(kB, 2, 20), annul});
  EXPECT_TRUE(result.scans.at({ScanId{2}, kB}).annulled);
  EXPECT_TRUE(result.conflicts.empty());

  LogEntry strangers = annul;
  strangers.device = kA;
  EXPECT_EQ(
      MergeLogs(std::vector<LogEntry>{In(kA, 1, 10), In(kB, 2, 20), strangers}).conflicts.size(),
      1u)
      << "only the scanner can take its scan back";
}

TEST(Merge, PoliciesSayWhatIsForbidden) {
  const auto conflicts = [](uint8_t policy) {
    std::vector<LogEntry> logs = {In(kA, 1, 10), Out(kA, 2, 20), In(kB, 3, 30), In(kA, 4, 40)};
    for (LogEntry& entry : logs) entry.reentry = policy;
    return MergeLogs(logs).conflicts.size();
  };
  EXPECT_EQ(conflicts(kLogReentryNever), 2u);
  EXPECT_EQ(conflicts(kLogReentryAfterExit), 1u);
  EXPECT_EQ(conflicts(kLogReentryAlways), 0u);
  LogEntry second = In(kB, 2, 20);
  second.overridden = true;
  EXPECT_TRUE(MergeLogs(std::vector<LogEntry>{In(kA, 1, 10), second}).conflicts.empty());
}

// Every device reads the others' scan ids, and could write them into its own log.
TEST(Merge, NobodyRewritesAnothersScan) {
  constexpr DeviceId kMallory{3};
  constexpr TicketId kOther{501};
  const LogEntry honest = In(kA, 1, 10);
  LogEntry forged = In(kMallory, 1, 9);
  forged.ticket = kOther;
  LogEntry annul = forged;
  annul.kind = LogKind::kAnnul;
  annul.sequence = 2;
  LogEntry annul_honest = annul;
  annul_honest.sequence = 3;
  annul_honest.ticket = kTicket;
  LogEntry same_ticket = Refused(In(kMallory, 1, 9));
  same_ticket.sequence = 4;
  for (const LogEntry& claim : {forged, Refused(forged), same_ticket}) {
    std::vector<LogEntry> logs = {Relayed(honest), honest, claim, annul, annul_honest};
    std::vector<size_t> order = {0, 1, 2, 3, 4};
    do {
      std::vector<LogEntry> arrived;
      for (const size_t i : order) {
        arrived.push_back(logs[i]);
        const MergeResult result = MergeLogs(arrived);
        const auto scan = result.scans.find({ScanId{1}, kA});
        if (scan == result.scans.end()) continue;
        ASSERT_TRUE(scan->second.counts());
        ASSERT_EQ(scan->second.told.ticket, kTicket);
        ASSERT_EQ(scan->second.disputed, result.scans.contains({ScanId{1}, kMallory}));
      }
      ASSERT_TRUE(MergeLogs(arrived).scans.at({ScanId{1}, kA}).disputed);
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST(Merge, AScannerCannotSwapTheTicketThatWasDecided) {
  LogEntry swapped = In(kA, 1, 10);
  swapped.ticket = TicketId{501};
  const std::vector<LogEntry> logs = {swapped, Relayed(In(kA, 1, 10))};
  const ScanRecord record = MergeLogs(logs).scans.at({ScanId{1}, kA});
  EXPECT_EQ(record.told.ticket, kTicket);
  EXPECT_TRUE(record.counts());
  EXPECT_TRUE(record.disputed);
  // Whoever could not read the code tells no other ticket: nobody went in.
  LogEntry unread = Refused(In(kA, 1, 10));
  unread.ticket = {};
  const std::vector<LogEntry> blind = {Relayed(In(kA, 1, 10)), unread};
  EXPECT_FALSE(MergeLogs(blind).scans.at({ScanId{1}, kA}).counts());
}

TEST(Merge, AnAnnulmentIsOfOneScannerTicketAndEvent) {
  const LogEntry scan = In(kA, 1, 10);
  LogEntry annul = In(kB, 1, 20);
  annul.scanner = kA;
  annul.kind = LogKind::kAnnul;
  annul.supervisor = true;
  LogEntry own = In(kA, 1, 20);
  own.sequence = 2;
  own.kind = LogKind::kAnnul;
  for (const LogEntry& good : {annul, own}) {
    LogEntry event = good, ticket = good, scanner = good;
    event.event = 6;
    ticket.ticket = TicketId{501};
    scanner.scanner = kB;
    EXPECT_TRUE(MergeLogs(std::vector{good, scan}).scans.at({ScanId{1}, kA}).annulled);
    for (const LogEntry& wrong : {event, ticket, scanner}) {
      EXPECT_FALSE(MergeLogs(std::vector{scan, wrong}).scans.at({ScanId{1}, kA}).annulled);
      EXPECT_FALSE(MergeLogs(std::vector{wrong, scan}).scans.at({ScanId{1}, kA}).annulled);
    }
  }
}

TEST(Merge, EveryOrderTellsTheSameStory) {
  LogEntry annul = In(kB, 5, 50);
  annul.kind = LogKind::kAnnul;
  annul.sequence = 60;
  std::vector<LogEntry> logs = {
      In(kA, 1, 10), Relayed(Refused(In(kA, 1, 10))), In(kB, 2, 10), Out(kA, 3, 15), In(kB, 5, 30),
      annul,         Relayed(In(kB, 5, 30))};
  std::vector<size_t> order(logs.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  const MergeResult expected = MergeLogs(logs);
  EXPECT_FALSE(expected.conflicts.empty());
  size_t permutations = 0;
  do {
    std::vector<LogEntry> shuffled;
    for (const size_t i : order) shuffled.push_back(logs[i]);
    ASSERT_EQ(MergeLogs(shuffled), expected);
    ++permutations;
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(permutations, 5040u);
}

TEST(Merge, LargeRandomSetsDoNotDependOnOrderOrRepetition) {
  std::mt19937_64 rng(42);
  std::vector<LogEntry> logs;
  for (uint64_t i = 1; i <= 400; ++i) {
    LogEntry entry = In(DeviceId{1 + rng() % 6}, 1 + rng() % 150, static_cast<int64_t>(rng() % 40));
    entry.sequence = i;
    entry.ticket = TicketId{1 + entry.scan.value % 30};
    entry.scanner = DeviceId{1 + entry.scan.value % 6};
    entry.reentry = static_cast<uint8_t>(entry.ticket.value % 3);
    if (rng() % 4 == 0) entry.direction = kLogExitWay;
    if (rng() % 5 == 0) entry.outcome = kLogRefused;
    if (rng() % 9 == 0) entry.kind = LogKind::kAnnul;
    logs.push_back(entry);
  }
  const MergeResult expected = MergeLogs(logs);
  EXPECT_GT(expected.conflicts.size(), 5u);
  for (int round = 0; round < 50; ++round) {
    std::vector<LogEntry> shuffled = logs;
    for (int i = 0; i < 40; ++i) shuffled.push_back(logs[rng() % logs.size()]);
    std::shuffle(shuffled.begin(), shuffled.end(), rng);
    ASSERT_EQ(MergeLogs(shuffled), expected) << "round " << round;
  }
}

}  // namespace
}  // namespace ticketing
