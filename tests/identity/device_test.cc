#include "ticketing/identity/device.h"

#include "ticketing/crypto/signature.h"
#include "ticketing/testing/matchers.h"

namespace ticketing::identity {
namespace {

constexpr Timestamp kNow = Timestamp::FromSeconds(1'800'000'000);
constexpr DeviceId kDevice{42};

SigningKey Key() {
  return *SigningKey::FromSeed(std::string(32, 's'));
}

Device Enrolled() {
  return {.id = kDevice, .public_key = Key().public_key(), .enrolled_at = kNow};
}

std::string Proof(std::string_view time, DeviceId device = kDevice) {
  return Key().Sign(DeviceProofMessage(device, time));
}

TEST(DeviceProof, MessageIsAsDocumented) {
  const std::string expected = std::string("ticketing device session") + '\0' + kDevice.ToString() +
                               '\0' + "2026-11-22T12:00:00Z";
  EXPECT_EQ(DeviceProofMessage(kDevice, "2026-11-22T12:00:00Z"), expected);
}

TEST(DeviceProof, AcceptsOnce) {
  const std::string time = FormatTimestamp(kNow);
  Device device = Enrolled();
  ASSERT_OK_AND_ASSIGN(device.last_proof_at, CheckDeviceProof(device, time, Proof(time), kNow));
  EXPECT_EQ(device.last_proof_at, kNow);
  EXPECT_THAT(CheckDeviceProof(device, time, Proof(time), kNow),
              HasCode(ErrorCode::kUnauthenticated));
}

TEST(DeviceProof, ClockMayBeOffALittle) {
  for (const Duration off : {kDeviceProofAge, kDeviceProofAge * -1}) {
    const std::string time = FormatTimestamp(kNow + off);
    EXPECT_OK(CheckDeviceProof(Enrolled(), time, Proof(time), kNow));
    const std::string wrong = FormatTimestamp(kNow + off * 2);
    EXPECT_THAT(CheckDeviceProof(Enrolled(), wrong, Proof(wrong), kNow),
                HasCode(ErrorCode::kUnauthenticated));
  }
}

TEST(DeviceProof, RefusesOthers) {
  const std::string time = FormatTimestamp(kNow);
  EXPECT_THAT(CheckDeviceProof(Enrolled(), time, Proof(time, DeviceId{43}), kNow),
              HasCode(ErrorCode::kUnauthenticated));
  EXPECT_THAT(CheckDeviceProof(Enrolled(), time, "", kNow), HasCode(ErrorCode::kUnauthenticated));
  EXPECT_THAT(CheckDeviceProof(Enrolled(), "yesterday", Proof("yesterday"), kNow),
              HasCode(ErrorCode::kUnauthenticated));
  Device revoked = Enrolled();
  revoked.revoked_at = kNow;
  EXPECT_THAT(CheckDeviceProof(revoked, time, Proof(time), kNow),
              HasCode(ErrorCode::kDeviceRevoked));
}

TEST(PairingCode, IsReadableAndForgiving) {
  const std::string code = PairingCodeFromEntropy(0x123456789abcdef0);
  EXPECT_EQ(code.size(), kPairingCodeLength);
  EXPECT_EQ(NormalizePairingCode(code), code);
  EXPECT_EQ(NormalizePairingCode("oi1l-2abc"), "01112ABC");
  EXPECT_EQ(NormalizePairingCode(" 0111 2ABC "), "01112ABC");
  for (const char* bad : {"", "1234567", "123456789", "1234567U", "1234567!", "ñ234567"}) {
    EXPECT_FALSE(NormalizePairingCode(bad)) << bad;
  }
  EXPECT_FALSE(NormalizePairingCode(std::string(1000, ' ') + "12345678"));
}

TEST(PairingCode, UsesFortyBitsOfEntropy) {
  EXPECT_NE(PairingCodeFromEntropy(0), PairingCodeFromEntropy(uint64_t{1} << 39));
  EXPECT_NE(PairingCodeHash("00000000"), PairingCodeHash("00000001"));
}

TEST(Pairing, WorksOnceForOneDevice) {
  const Pairing open{.id = PairingId{1}, .expires_at = kNow + Duration::Minutes(15)};
  const PairingResult first = UsePairing(open, kDevice, kNow);
  ASSERT_EQ(first.verdict, PairingVerdict::kAccepted);
  EXPECT_EQ(first.pairing.device, kDevice);
  EXPECT_EQ(UsePairing(first.pairing, DeviceId{43}, kNow).verdict, PairingVerdict::kRefused);
  EXPECT_EQ(UsePairing(first.pairing, kDevice, kNow + Duration::Hours(1)).verdict,
            PairingVerdict::kRepeated);
}

TEST(Pairing, Expires) {
  const Pairing open{.id = PairingId{1}, .expires_at = kNow};
  EXPECT_EQ(UsePairing(open, kDevice, kNow).verdict, PairingVerdict::kRefused);
  EXPECT_EQ(UsePairing(open, kDevice, kNow - Duration::Micros(1)).verdict,
            PairingVerdict::kAccepted);
}

}  // namespace
}  // namespace ticketing::identity
