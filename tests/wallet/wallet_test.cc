#include "ticketing/wallet/wallet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "ticketing/testing/matchers.h"
#include "ticketing/testing/test_env.h"

namespace ticketing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class MemoryStorage final : public WalletStorage {
 public:
  StatusOr<std::string> Load() override { return bytes; }
  Status Save(std::string_view fresh) override {
    if (full) return MakeError(ErrorCode::kUnavailable, "The disk is full.");
    bytes = std::string(fresh);
    ++saves;
    return OkStatus();
  }
  std::string bytes;
  bool full = false;
  int saves = 0;
};

const std::string kStorageKey(32, 'k');
constexpr TicketId kTicket{77};

SigningKey Issuer() {
  return SigningKey::FromSeed(std::string(32, 'i')).value();
}

KeyRing Issuers() {
  KeyRing ring;
  EXPECT_OK(ring.Add(7, {Issuer().public_key()}));
  return ring;
}

// The rotating ticket that the server makes for a phone.
std::string Bind(std::string_view device_key, uint16_t issue = 1, TicketId ticket = kTicket) {
  return IssueRotatingTicket({.key_id = 7, .event_number = 12, .ticket = ticket, .issue = issue},
                             device_key, Issuer())
      .value();
}

struct Phone {
  explicit Phone(uint64_t seed, Duration wrong = {}) : env(seed) {
    env.clock.SetNow(env.clock.Now() + wrong);
    Restart();
  }
  void Restart() {
    wallet.reset();
    wallet = Wallet::Open(env.clock, env.random, storage, kStorageKey).value();
  }
  Wallet* operator->() { return wallet.get(); }

  TestEnv env;
  MemoryStorage storage;
  std::unique_ptr<Wallet> wallet;
};

// A gate whose clock is right.
StatusOr<VerifiedTicket> AtGate(std::string_view code, Timestamp now) {
  return VerifyTicketCode(code, Issuers(), now);
}

TEST(WalletTest, ShowsCodesThatAGateBelieves) {
  Phone phone(1);
  ASSERT_OK(phone->Put(Bind(phone->device_key()), "A-12, Puerta 3", Issuers()));
  std::string last;
  for (int i = 0; i < 8; ++i) {
    ASSERT_OK_AND_ASSIGN(const WalletCode code, phone->CodeOf(kTicket));
    ASSERT_OK_AND_ASSIGN(const VerifiedTicket seen, AtGate(code.text, phone.env.clock.Now()));
    EXPECT_EQ(seen.claims.ticket, kTicket);
    EXPECT_NE(code.text, last);
    EXPECT_GT(code.lasts, Duration{});
    EXPECT_LE(code.lasts, kRotatingWindow);
    last = code.text;
    // The same until the window is over, then another one.
    phone.env.clock.Advance(code.lasts - Duration::Micros(1));
    EXPECT_EQ(phone->CodeOf(kTicket)->text, last);
    phone.env.clock.Advance(Duration::Micros(1));
  }
  EXPECT_THAT(AtGate(last, phone.env.clock.Now() + Duration::Seconds(30)),
              HasCode(ErrorCode::kTokenExpired));
  EXPECT_THAT(phone->CodeOf(TicketId{78}), HasCode(ErrorCode::kNotFound));
}

TEST(WalletTest, CorrectsAWrongClockAndKeepsTheCorrection) {
  Phone phone(1, Duration::Minutes(-11));
  const auto truth = [&] { return phone.env.clock.Now() + Duration::Minutes(11); };
  ASSERT_OK(phone->Put(Bind(phone->device_key()), "", Issuers()));
  ASSERT_OK_AND_ASSIGN(const WalletCode early, phone->CodeOf(kTicket));
  EXPECT_FALSE(early.sure);
  EXPECT_THAT(AtGate(early.text, truth()), HasCode(ErrorCode::kTokenExpired));

  const Duration sent = phone.env.clock.Monotonic();
  const Timestamp said = truth();
  ASSERT_OK(phone->LearnTime(said, sent, phone.env.clock.Monotonic()));
  ASSERT_OK_AND_ASSIGN(const WalletCode code, phone->CodeOf(kTicket));
  EXPECT_TRUE(code.sure);
  EXPECT_OK(AtGate(code.text, truth()).status());

  phone.Restart();  // and no network any more
  phone.env.clock.Advance(Duration::Hours(3));
  ASSERT_OK_AND_ASSIGN(const WalletCode later, phone->CodeOf(kTicket));
  EXPECT_FALSE(later.sure);
  EXPECT_OK(AtGate(later.text, truth()).status());
}

TEST(WalletTest, TakesOnlyWhatTheIssuerBoundToIt) {
  Phone phone(1);
  Phone other(2);
  EXPECT_NE(phone->device_key(), other->device_key());
  EXPECT_THAT(phone->Put(Bind(other->device_key()), "", Issuers()),
              HasCode(ErrorCode::kUnknownKey));
  EXPECT_THAT(phone->Put("nonsense", "", Issuers()), HasCode(ErrorCode::kCodeMalformed));
  EXPECT_THAT(phone->Put(Bind(phone->device_key()), "", KeyRing()),
              HasCode(ErrorCode::kUnknownKey));
  std::string forged = Bind(phone->device_key());
  forged[100] = forged[100] == 'A' ? 'B' : 'A';
  EXPECT_THAT(phone->Put(forged, "", Issuers()), HasCode(ErrorCode::kCodeForged));
  EXPECT_THAT(phone->Put(Bind(phone->device_key()), std::string(kWalletDetailsBytesMax + 1, 'x'),
                         Issuers()),
              HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(phone->Tickets(), IsEmpty());
}

TEST(WalletTest, ANewerIssueReplacesAnOlderOneNeverTheOtherWayRound) {
  Phone phone(1);
  ASSERT_OK(phone->Put(Bind(phone->device_key(), 2), "two", Issuers()));
  EXPECT_THAT(phone->Put(Bind(phone->device_key(), 1), "one", Issuers()),
              HasCode(ErrorCode::kConflict));
  ASSERT_OK(phone->Put(Bind(phone->device_key(), 3), "three", Issuers()));
  ASSERT_THAT(phone->Tickets(), SizeIs(1));
  EXPECT_EQ(phone->Tickets()[0].claims.issue, 3);
  EXPECT_EQ(phone->Tickets()[0].details, "three");
  ASSERT_OK(phone->Forget(kTicket));
  EXPECT_THAT(phone->Forget(kTicket), HasCode(ErrorCode::kNotFound));
  EXPECT_THAT(phone->Tickets(), IsEmpty());
}

TEST(WalletTest, GivesATicketToAnotherPhone) {
  Phone old(1);
  Phone fresh(2);
  ASSERT_OK(old->Put(Bind(old->device_key(), 1), "A-12", Issuers()));
  const std::string before = old->CodeOf(kTicket)->text;
  ASSERT_OK_AND_ASSIGN(const std::string handover, old->GiveAway(kTicket, fresh->DeviceCode()));
  EXPECT_THAT(old->CodeOf(kTicket), HasCode(ErrorCode::kConflict));
  EXPECT_EQ(old->Tickets()[0].handover, handover);
  old.Restart();
  EXPECT_THAT(old->CodeOf(kTicket), HasCode(ErrorCode::kConflict));

  ASSERT_OK_AND_ASSIGN(const std::string proof, fresh->Accept(handover, AccountId{5}));
  EXPECT_THAT(old->Accept(handover, AccountId{5}), HasCode(ErrorCode::kUnknownKey));
  // What the server checks, and does.
  ASSERT_OK_AND_ASSIGN(const Handover checked,
                       VerifyHandover(handover, old->device_key(), old.env.clock.Now()));
  EXPECT_TRUE(IsHandoverAccepted(handover, AccountId{5}, proof));
  EXPECT_EQ(checked.issue, 1);
  ASSERT_OK(fresh->Put(Bind(checked.device_key, 2), "A-12", Issuers()));
  ASSERT_OK_AND_ASSIGN(const WalletCode code, fresh->CodeOf(kTicket));
  EXPECT_EQ(AtGate(code.text, fresh.env.clock.Now())->claims.issue, 2);
  EXPECT_EQ(AtGate(before, old.env.clock.Now())->claims.issue, 1);  // older: the gate refuses it
}

TEST(WalletTest, IsNotPromisedToTwo) {
  Phone old(1);
  Phone one(2);
  Phone two(3);
  ASSERT_OK(old->Put(Bind(old->device_key()), "", Issuers()));
  ASSERT_OK(old->GiveAway(kTicket, one->DeviceCode() + "\r\n").status());
  EXPECT_THAT(old->GiveAway(kTicket, two->DeviceCode()), HasCode(ErrorCode::kConflict));
  EXPECT_OK(old->GiveAway(kTicket, one->DeviceCode()).status());  // the message was lost
  EXPECT_THAT(old->GiveAway(kTicket, "nonsense"), HasCode(ErrorCode::kCodeMalformed));
  EXPECT_THAT(old->GiveAway(TicketId{9}, one->DeviceCode()), HasCode(ErrorCode::kNotFound));
  EXPECT_THAT(old->GiveAway(kTicket, one->DeviceCode(), Duration::Days(7)),
              HasCode(ErrorCode::kInvalidField));
  // Nobody took it: it is here again.
  old.env.clock.Advance(kHandoverLife);
  EXPECT_OK(old->CodeOf(kTicket).status());
  EXPECT_OK(old->GiveAway(kTicket, two->DeviceCode()).status());
}

TEST(WalletTest, TheSameIssueDoesNotTakeBackWhatWasGivenAway) {
  Phone old(1);
  Phone fresh(2);
  const std::string ticket = Bind(old->device_key(), 1);
  ASSERT_OK(old->Put(ticket, "", Issuers()));
  ASSERT_OK(old->GiveAway(kTicket, fresh->DeviceCode()).status());
  ASSERT_OK(old->Put(ticket, "", Issuers()));
  EXPECT_THAT(old->CodeOf(kTicket), HasCode(ErrorCode::kConflict));
  ASSERT_OK(old->Put(Bind(old->device_key(), 2), "", Issuers()));  // bound anew by its owner
  EXPECT_OK(old->CodeOf(kTicket).status());
}

TEST(WalletTest, KeepsItsKeyAndItsTickets) {
  Phone phone(1);
  const std::string key = phone->device_key();
  for (uint64_t n = 1; n <= 20; ++n) {
    ASSERT_OK(phone->Put(Bind(key, 1, TicketId{n}), "seat " + std::to_string(n), Issuers()));
  }
  const auto before = phone->Tickets();
  phone.Restart();
  EXPECT_EQ(phone->device_key(), key);
  const auto after = phone->Tickets();
  ASSERT_THAT(after, SizeIs(20));
  for (size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(after[i].claims, before[i].claims);
    EXPECT_EQ(after[i].details, before[i].details);
  }
}

TEST(WalletTest, WhatCannotBeSavedIsNotDone) {
  Phone phone(1);
  Phone fresh(2);
  ASSERT_OK(phone->Put(Bind(phone->device_key()), "", Issuers()));
  phone.storage.full = true;
  EXPECT_THAT(phone->Put(Bind(phone->device_key(), 2), "", Issuers()),
              HasCode(ErrorCode::kUnavailable));
  EXPECT_THAT(phone->GiveAway(kTicket, fresh->DeviceCode()), HasCode(ErrorCode::kUnavailable));
  EXPECT_THAT(phone->Forget(kTicket), HasCode(ErrorCode::kUnavailable));
  EXPECT_EQ(phone->Tickets()[0].claims.issue, 1);
  EXPECT_OK(phone->CodeOf(kTicket).status());
  // A key that would be gone tomorrow is not begun.
  MemoryStorage storage;
  storage.full = true;
  EXPECT_THAT(Wallet::Open(phone.env.clock, phone.env.random, storage, kStorageKey),
              HasCode(ErrorCode::kUnavailable));
}

TEST(WalletTest, TheStorageIsSealed) {
  Phone phone(1);
  ASSERT_OK(phone->Put(Bind(phone->device_key()), "Ana López", Issuers()));
  EXPECT_EQ(phone.storage.bytes.find("Ana"), std::string::npos);
  const std::string good = phone.storage.bytes;
  const auto open = [&](const std::string& bytes, const std::string& key) {
    phone.storage.bytes = bytes;
    return CodeOf(Wallet::Open(phone.env.clock, phone.env.random, phone.storage, key).status());
  };
  EXPECT_EQ(open(good, kStorageKey), ErrorCode::kOk);
  EXPECT_EQ(open(good, std::string(32, 'x')), ErrorCode::kDataLoss);
  EXPECT_EQ(open(good, "short"), ErrorCode::kInvalidField);
  for (size_t size = 1; size < good.size(); size += 7) {
    EXPECT_EQ(open(good.substr(0, size), kStorageKey), ErrorCode::kDataLoss);
  }
  for (size_t i = 0; i < good.size(); i += 5) {
    std::string changed = good;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(open(changed, kStorageKey), ErrorCode::kDataLoss);
  }
}

TEST(WalletTest, DoesNotWriteForEveryAnswerOfAServer) {
  Phone phone(1);
  const int before = phone.storage.saves;
  for (int i = 0; i < 50; ++i) {
    const Duration now = phone.env.clock.Monotonic();
    ASSERT_OK(phone->LearnTime(phone.env.clock.Now() + Duration::Millis(i), now, now));
  }
  EXPECT_EQ(phone.storage.saves, before);
}

}  // namespace
}  // namespace ticketing
