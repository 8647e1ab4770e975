#include "ticketing/sync/log_entry.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "ticketing/base/bytes.h"
#include "ticketing/testing/matchers.h"

namespace ticketing {
namespace {

SigningKey Key(char seed) {
  return *SigningKey::FromSeed(std::string(32, seed));
}

LogEntry Sample(uint64_t sequence) {
  LogEntry entry;
  entry.device = DeviceId{7};
  entry.sequence = sequence;
  entry.hlc = {1'795'400'000'000'000 + static_cast<int64_t>(sequence), 3};
  entry.at = Timestamp{1'795'400'000'000'001};
  entry.scan = ScanId{1000 + sequence};
  entry.ticket = TicketId{55};
  entry.event = 9;
  entry.scanner = DeviceId{7};
  entry.gate = 3;
  entry.outcome = kLogAdmitted;
  entry.reason = 1;
  entry.issue = 2;
  entry.counted = true;
  entry.reentry = kLogReentryAfterExit;
  return entry;
}

std::vector<std::string> Chain(size_t length, const SigningKey& key) {
  std::vector<std::string> log;
  std::string previous(kLogHashBytes, '\0');
  for (size_t i = 1; i <= length; ++i) {
    LogEntry entry = Sample(i);
    entry.previous = previous;
    log.push_back(SealLogEntry(entry, key));
    previous = LogEntryHash(log.back());
  }
  return log;
}

TEST(LogEntry, RoundTrips) {
  LogEntry entry = Sample(1);
  const std::string bytes = SealLogEntry(entry, Key('a'));
  ASSERT_EQ(bytes.size(), kLogEntryBytes);
  ASSERT_OK_AND_ASSIGN(const LogEntry back, DecodeLogEntry(bytes));
  entry.signature = bytes.substr(kLogEntryBytes - 64);
  EXPECT_EQ(back, entry);
  EXPECT_TRUE(IsLogEntryGenuine(bytes, Key('a').public_key()));
  EXPECT_FALSE(IsLogEntryGenuine(bytes, Key('b').public_key()));
}

// The layout stands in the header and in the logs of devices in the field.
TEST(LogEntry, LayoutNeverChanges) {
  const std::string bytes = SealLogEntry(Sample(1), Key('a'));
  EXPECT_EQ(HexEncode(bytes.substr(0, 36)),
            "010100000000000000070000000000000001"
            "000660e8233ad0010003"
            "000660e8233ad001");
  EXPECT_EQ(HexEncode(bytes.substr(68, 38)),
            "00000000000003e90000000000000037000000090000000000000007"
            "00030101000101000209");
}

std::vector<std::string> Golden(const std::string& name) {
  std::ifstream file(TICKETING_SOURCE_DIR "/tests/golden/sync/" + name);
  std::vector<std::string> entries;
  for (std::string line; std::getline(file, line);) {
    const std::optional<std::string> bytes = HexDecode(line);
    EXPECT_TRUE(bytes.has_value()) << line;
    entries.push_back(bytes.value_or(""));
  }
  return entries;
}

// Made by another implementation (tests/golden/sync/make_logs.py).
TEST(LogEntry, LogsOfTheFirstVersionAreReadForever) {
  const std::vector<std::string> log = Golden("log_v1.txt");
  ASSERT_EQ(log.size(), 3u);
  EXPECT_OK(VerifyLog(DeviceId{7}, Key('a').public_key(), log));
  EXPECT_EQ(log, Chain(3, Key('a'))) << "and written to the byte where nothing was said";
}

TEST(LogEntry, WhatStaffSaidIsTheSecondVersion) {
  const std::vector<std::string> old = Golden("log_v1.txt");
  const std::vector<std::string> golden = Golden("log_v2.txt");
  ASSERT_EQ(golden.size(), 2u);
  LogEntry entry = Sample(4);
  entry.previous = LogEntryHash(old.back());
  entry.overridden = true;
  entry.reason = 3;
  entry.staff = {2, "acc_x1", "INE!"};
  EXPECT_EQ(HexEncode(SealLogEntry(entry, Key('a'))), HexEncode(golden[0]));
  LogEntry annul = Sample(5);
  annul.kind = LogKind::kAnnul;
  annul.previous = LogEntryHash(golden[0]);
  annul.staff = {8, "ana", ""};
  annul.supervisor = true;
  EXPECT_EQ(HexEncode(SealLogEntry(annul, Key('a'))), HexEncode(golden[1]));
  for (const std::string& bytes : golden) {
    ASSERT_OK_AND_ASSIGN(const LogEntry back, DecodeLogEntry(bytes));
    EXPECT_EQ(SealLogEntry(back, Key('a')), bytes);
    EXPECT_TRUE(IsLogEntryGenuine(bytes, Key('a').public_key()));
    for (size_t length = 0; length < bytes.size(); ++length) {
      EXPECT_THAT(DecodeLogEntry(bytes.substr(0, length)), HasCode(ErrorCode::kLogBroken));
    }
    EXPECT_THAT(DecodeLogEntry(bytes + "x"), HasCode(ErrorCode::kLogBroken));
  }
}

// A run of four: the last one's signature speaks for all.
TEST(LogEntry, EntriesOfOneCommitShareASignature) {
  const std::vector<std::string> golden = Golden("log_v3.txt");
  ASSERT_EQ(golden.size(), 4u);
  const SigningKey key = Key('a');
  const LogPosition from{6, LogEntryHash(Golden("log_v2.txt").back())};
  LogEntry entry = Sample(6);
  entry.previous = from.previous;
  for (size_t i = 0; i < 4; ++i) {
    LogEntry next = Sample(6 + i);
    next.previous = entry.previous;
    if (i == 2) {
      next.overridden = true;
      next.reason = 3;
      next.staff = {2, "acc_x1", "INE!"};
    }
    const std::string bytes = i == 3 ? SealLogEntry(next, key) : ChainLogEntry(next);
    EXPECT_EQ(HexEncode(bytes), HexEncode(golden[i])) << i;
    EXPECT_EQ(CarriesSignature(bytes), i == 3);
    EXPECT_EQ(IsLogEntryGenuine(bytes, key.public_key()), i == 3);
    ASSERT_OK_AND_ASSIGN(const LogEntry back, DecodeLogEntry(bytes));
    EXPECT_EQ(back.signature.size(), i == 3 ? 64u : 0u);
    EXPECT_EQ(back.staff, next.staff);
    for (size_t length = 0; length < bytes.size(); ++length) {
      EXPECT_THAT(DecodeLogEntry(bytes.substr(0, length)), HasCode(ErrorCode::kLogBroken));
    }
    EXPECT_THAT(DecodeLogEntry(bytes + "x"), HasCode(ErrorCode::kLogBroken));
    entry.previous = LogEntryHash(bytes);
  }
  ASSERT_OK_AND_ASSIGN(const LogPosition end,
                       VerifyLog(DeviceId{7}, key.public_key(), golden, from));
  EXPECT_EQ(end.next_sequence, 10u);
}

// A signed entry without its signature is another entry: nobody can take one off.
TEST(LogEntry, ASignatureCannotBeTakenOff) {
  const std::string bytes = SealLogEntry(Sample(1), Key('a'));
  EXPECT_THAT(DecodeLogEntry(bytes.substr(0, kChainedEntryBytes)), HasCode(ErrorCode::kLogBroken));
  std::string other = bytes;
  other[0] = 3;
  EXPECT_THAT(DecodeLogEntry(other), HasCode(ErrorCode::kLogBroken));
  EXPECT_NE(LogEntryHash(other.substr(0, kChainedEntryBytes)), LogEntryHash(bytes));
  EXPECT_FALSE(IsLogEntryGenuine(ChainLogEntry(Sample(1)), Key('a').public_key()));
}

TEST(LogEntry, ASecondVersionThatSaysNothingIsRefused) {
  std::string bytes = SealLogEntry(Sample(1), Key('a'));
  bytes[0] = 2;
  bytes.insert(106, std::string(4, '\0'));
  EXPECT_THAT(DecodeLogEntry(bytes), HasCode(ErrorCode::kLogBroken));
  bytes[106] = 1;
  EXPECT_OK(DecodeLogEntry(bytes));
  bytes[107] = 2;
  EXPECT_THAT(DecodeLogEntry(bytes), HasCode(ErrorCode::kLogBroken)) << "an unknown flag";
  bytes[107] = 0;
  bytes[108] = 1;
  EXPECT_THAT(DecodeLogEntry(bytes), HasCode(ErrorCode::kLogBroken)) << "a length beyond the end";
  EXPECT_THAT(CheckStaffNote({1, std::string(65, 'a'), ""}), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(CheckStaffNote({1, "", std::string(161, 'a')}), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(CheckStaffNote({1, "\xff", ""}), HasCode(ErrorCode::kInvalidField));
}

TEST(LogEntry, EveryChangedBitIsSeen) {
  const SigningKey key = Key('a');
  const std::string bytes = SealLogEntry(Sample(1), key);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(IsLogEntryGenuine(changed, key.public_key())) << bit;
    EXPECT_NE(LogEntryHash(changed), LogEntryHash(bytes));
  }
}

TEST(LogEntry, StrangeFormsAreRefused) {
  const std::string good = SealLogEntry(Sample(1), Key('a'));
  EXPECT_THAT(DecodeLogEntry(good.substr(1)), HasCode(ErrorCode::kLogBroken));
  EXPECT_THAT(DecodeLogEntry(good + "x"), HasCode(ErrorCode::kLogBroken));
  EXPECT_THAT(DecodeLogEntry(""), HasCode(ErrorCode::kLogBroken));
  const auto with = [&](size_t offset, char value) {
    std::string bytes = good;
    bytes[offset] = value;
    return bytes;
  };
  const std::vector<std::pair<size_t, char>> bad = {
      {0, 2},       {1, 0},       {1, 3},       {2, '\x80'}, {9, 0},    {10, '\x80'}, {18, '\x80'},
      {28, '\x80'}, {68, '\x80'}, {76, '\x80'}, {95, 0},     {98, 0},   {98, 3},      {99, 0},
      {99, 3},      {101, 0},     {102, 0},     {102, 4},    {105, 24}, {105, 32}};
  for (const auto& [offset, value] : bad) {
    EXPECT_THAT(DecodeLogEntry(with(offset, value)), HasCode(ErrorCode::kLogBroken))
        << "offset " << offset << " value " << static_cast<int>(value);
  }
}

TEST(VerifyLog, TakesAWholeLogAndItsContinuation) {
  const SigningKey key = Key('a');
  const std::vector<std::string> log = Chain(5, key);
  ASSERT_OK_AND_ASSIGN(const LogPosition half,
                       VerifyLog(DeviceId{7}, key.public_key(), std::span(log).first(2)));
  EXPECT_EQ(half.next_sequence, 3u);
  ASSERT_OK_AND_ASSIGN(const LogPosition all,
                       VerifyLog(DeviceId{7}, key.public_key(), std::span(log).subspan(2), half));
  EXPECT_EQ(all.next_sequence, 6u);
  EXPECT_EQ(all.previous, LogEntryHash(log.back()));
}

TEST(VerifyLog, SeesTampering) {
  const SigningKey key = Key('a');
  const std::vector<std::string> log = Chain(4, key);
  const auto verify = [&](const std::vector<std::string>& entries, uint64_t device = 7) {
    return VerifyLog(DeviceId{device}, key.public_key(), entries).status();
  };
  ASSERT_OK(verify(log));
  EXPECT_THAT(verify(log, 8), HasCode(ErrorCode::kLogBroken));
  EXPECT_THAT(verify({log[0], log[2], log[3]}), HasCode(ErrorCode::kLogBroken)) << "left out";
  EXPECT_THAT(verify({log[1], log[2]}), HasCode(ErrorCode::kLogBroken)) << "head cut off";
  EXPECT_THAT(verify({log[0], log[0]}), HasCode(ErrorCode::kLogBroken)) << "doubled";
  EXPECT_THAT(verify({log[1], log[0]}), HasCode(ErrorCode::kLogBroken)) << "turned around";
  EXPECT_THAT(verify({log[0].substr(0, 100)}), HasCode(ErrorCode::kLogBroken)) << "truncated";

  // Rewritten by somebody who holds the key: the entry alone is genuine, the chain behind it
  // breaks.
  LogEntry forged = *DecodeLogEntry(log[1]);
  forged.outcome = kLogRefused;
  std::vector<std::string> rewritten = log;
  rewritten[1] = SealLogEntry(forged, key);
  EXPECT_TRUE(IsLogEntryGenuine(rewritten[1], key.public_key()));
  const Status status = verify(rewritten);
  EXPECT_THAT(status, HasCode(ErrorCode::kLogBroken));
  EXPECT_EQ(DetailsOf(status).fields.at(0).field, "entries[2]");

  std::vector<std::string> stranger = log;
  stranger[3] = SealLogEntry(*DecodeLogEntry(log[3]), Key('b'));
  EXPECT_THAT(verify(stranger), HasCode(ErrorCode::kLogBroken));
}

// `length` entries of one commit behind `previous`.
std::vector<std::string> CommitRun(uint64_t first, size_t length, std::string previous,
                                   const SigningKey& key) {
  std::vector<std::string> run;
  for (size_t i = 0; i < length; ++i) {
    LogEntry entry = Sample(first + i);
    entry.previous = previous;
    run.push_back(i + 1 == length ? SealLogEntry(entry, key) : ChainLogEntry(entry));
    previous = LogEntryHash(run.back());
  }
  return run;
}

TEST(VerifyLog, OfARunEveryChangeIsSeen) {
  const SigningKey key = Key('a');
  const std::string start(kLogHashBytes, '\0');
  const std::vector<std::string> run = CommitRun(1, 4, start, key);
  const auto verify = [&](const std::vector<std::string>& entries) {
    return VerifyLog(DeviceId{7}, key.public_key(), entries).status();
  };
  ASSERT_OK(verify(run));
  for (size_t i = 0; i < 3; ++i) {
    for (const size_t byte : {20u, 99u, 105u}) {
      std::vector<std::string> changed = run;
      changed[i][byte] = static_cast<char>(changed[i][byte] ^ 3);
      EXPECT_THAT(verify(changed), HasCode(ErrorCode::kLogBroken)) << i << " byte " << byte;
    }
    std::vector<std::string> removed = run;
    removed.erase(removed.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_THAT(verify(removed), HasCode(ErrorCode::kLogBroken)) << "removed " << i;
    std::vector<std::string> swapped = run;
    std::swap(swapped[i], swapped[i + 1]);
    EXPECT_THAT(verify(swapped), HasCode(ErrorCode::kLogBroken)) << "swapped " << i;
    std::vector<std::string> doubled = run;
    doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(i), run[i]);
    EXPECT_THAT(verify(doubled), HasCode(ErrorCode::kLogBroken)) << "inserted " << i;
  }
  // The same places filled with something else, chained right and signed by nobody.
  LogEntry forged = *DecodeLogEntry(run[1]);
  forged.ticket = TicketId{56};
  std::vector<std::string> rewritten = run;
  rewritten[1] = ChainLogEntry(forged);
  LogEntry behind = *DecodeLogEntry(run[2]);
  behind.previous = LogEntryHash(rewritten[1]);
  rewritten[2] = ChainLogEntry(behind);
  const Status status = verify(rewritten);
  EXPECT_THAT(status, HasCode(ErrorCode::kLogBroken));
  EXPECT_EQ(DetailsOf(status).fields.at(0).field, "entries[3]");
}

TEST(VerifyLog, NothingStandsBehindTheLastSignature) {
  const SigningKey key = Key('a');
  std::vector<std::string> log = CommitRun(1, 2, std::string(kLogHashBytes, '\0'), key);
  const std::vector<std::string> next = CommitRun(3, 3, LogEntryHash(log.back()), key);
  log.push_back(next[0]);
  log.push_back(next[1]);
  const Status status = VerifyLog(DeviceId{7}, key.public_key(), log).status();
  EXPECT_THAT(status, HasCode(ErrorCode::kLogBroken));
  EXPECT_EQ(DetailsOf(status).fields.at(0).field, "entries[2]");
  // The signature of another run is of no help.
  log.push_back(CommitRun(5, 1, LogEntryHash(log[0]), key)[0]);
  EXPECT_THAT(VerifyLog(DeviceId{7}, key.public_key(), log), HasCode(ErrorCode::kLogBroken));
  log.back() = next[2];
  EXPECT_OK(VerifyLog(DeviceId{7}, key.public_key(), log));
}

TEST(VerifyLog, ARunHasAnEnd) {
  const SigningKey key = Key('a');
  const std::string start(kLogHashBytes, '\0');
  EXPECT_OK(VerifyLog(DeviceId{7}, key.public_key(), CommitRun(1, kLogRunMax + 1, start, key)));
  const Status status =
      VerifyLog(DeviceId{7}, key.public_key(), CommitRun(1, kLogRunMax + 2, start, key)).status();
  EXPECT_THAT(status, HasCode(ErrorCode::kLogBroken));
  EXPECT_EQ(DetailsOf(status).fields.at(0).field, "entries[255]");
}

}  // namespace
}  // namespace ticketing
