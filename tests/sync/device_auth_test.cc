#include "ticketing/sync/device_auth.h"

#include <gtest/gtest.h>

#include <string>

#include "ticketing/testing/matchers.h"

namespace ticketing {
namespace {

constexpr Timestamp kNow = Timestamp::FromSeconds(1'795'400'000);
constexpr DeviceId kDevice{77};
const std::string kNonce = "0123456789abcdef";

SigningKey Key(char seed) {
  return *SigningKey::FromSeed(std::string(32, seed));
}

std::string Header(const DeviceRequest& request) {
  return SignDeviceRequest(request, kDevice, kNow, kNonce, Key('k'));
}

TEST(DeviceAuth, AGenuineRequestIsBelieved) {
  const DeviceRequest request{"POST", "/v1/gate/scans?x=1", "body"};
  ASSERT_OK_AND_ASSIGN(const DeviceCredential credential, ParseDeviceCredential(Header(request)));
  EXPECT_EQ(credential.device, kDevice);
  EXPECT_EQ(credential.at, kNow);
  EXPECT_EQ(credential.nonce, kNonce);
  EXPECT_OK(VerifyDeviceRequest(credential, request, Key('k').public_key(), kNow));
}

TEST(DeviceAuth, AnythingElseIsNot) {
  const DeviceRequest request{"POST", "/v1/gate/scans", "body"};
  ASSERT_OK_AND_ASSIGN(const DeviceCredential credential, ParseDeviceCredential(Header(request)));
  const auto verify = [&](const DeviceRequest& other, const DeviceCredential& c, char key = 'k',
                          Timestamp now = kNow) {
    return CodeOf(VerifyDeviceRequest(c, other, Key(key).public_key(), now));
  };
  EXPECT_EQ(verify(request, credential), ErrorCode::kOk);
  EXPECT_EQ(verify({"PUT", "/v1/gate/scans", "body"}, credential), ErrorCode::kUnauthenticated);
  EXPECT_EQ(verify({"POST", "/v1/gate/scan", "body"}, credential), ErrorCode::kUnauthenticated);
  EXPECT_EQ(verify({"POST", "/v1/gate/scans", "Body"}, credential), ErrorCode::kUnauthenticated);
  EXPECT_EQ(verify({"POST/", "v1/gate/scans", "body"}, credential), ErrorCode::kUnauthenticated);
  EXPECT_EQ(verify(request, credential, 'x'), ErrorCode::kUnauthenticated);
  DeviceCredential other = credential;
  other.device = DeviceId{78};
  EXPECT_EQ(verify(request, other), ErrorCode::kUnauthenticated);
  other = credential;
  other.at = kNow + Duration::Micros(1);
  EXPECT_EQ(verify(request, other), ErrorCode::kUnauthenticated);
  other = credential;
  other.nonce[0] = 'x';
  EXPECT_EQ(verify(request, other), ErrorCode::kUnauthenticated);
}

TEST(DeviceAuth, TimeIsBounded) {
  const DeviceRequest request{"GET", "/", ""};
  ASSERT_OK_AND_ASSIGN(const DeviceCredential credential, ParseDeviceCredential(Header(request)));
  const std::string key = Key('k').public_key();
  EXPECT_OK(VerifyDeviceRequest(credential, request, key, kNow + kDeviceRequestSkew));
  EXPECT_OK(VerifyDeviceRequest(credential, request, key, kNow - kDeviceRequestSkew));
  EXPECT_THAT(VerifyDeviceRequest(credential, request, key,
                                  kNow + kDeviceRequestSkew + Duration::Micros(1)),
              HasCode(ErrorCode::kUnauthenticated));
  EXPECT_THAT(VerifyDeviceRequest(credential, request, key,
                                  kNow - kDeviceRequestSkew - Duration::Micros(1)),
              HasCode(ErrorCode::kUnauthenticated));
}

TEST(DeviceAuth, HeadersOfAnotherFormAreRefused) {
  const std::string good = Header({"GET", "/", ""});
  ASSERT_OK(ParseDeviceCredential(good));
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_THAT(ParseDeviceCredential(good.substr(0, length)),
                HasCode(ErrorCode::kUnauthenticated));
  }
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  for (const std::string& bad :
       {good + "A", good + ",x=1", " " + good, replaced("v=1", "v=2"), replaced("at=", "at=+"),
        replaced("at=", "at=0"), replaced("at=1", "at=-1"), replaced("id=dev_", "id=tkt_"),
        std::string("Bearer abc"), std::string(5000, 'a')}) {
    EXPECT_THAT(ParseDeviceCredential(bad), HasCode(ErrorCode::kUnauthenticated)) << bad;
  }
}

TEST(NonceWindow, EachNonceIsGoodOnce) {
  NonceWindow window;
  DeviceCredential credential{kDevice, kNow, kNonce, ""};
  EXPECT_TRUE(window.Accept(credential, kNow));
  EXPECT_FALSE(window.Accept(credential, kNow));
  EXPECT_FALSE(window.Accept(credential, kNow + kDeviceRequestSkew));
  credential.device = DeviceId{78};
  EXPECT_TRUE(window.Accept(credential, kNow)) << "of another device it is another nonce";
}

// Its clock may be five minutes ahead: a device that sends more than is remembered, all from there,
// shuts out nobody but itself.
TEST(NonceWindow, ADeviceThatFillsItsWindowShutsOutNobodyElse) {
  NonceWindow window(100);
  const Timestamp ahead = kNow + kDeviceRequestSkew;
  for (int i = 0; i < 100'001; ++i) {
    (void)window.Accept({kDevice, ahead, "nonce " + std::to_string(1'000'000'000 + i), ""}, kNow);
    ASSERT_LE(window.size(), 100u);
  }
  EXPECT_FALSE(window.Accept({kDevice, kNow, kNonce, ""}, kNow)) << "below its own floor";
  const DeviceCredential other{DeviceId{78}, kNow, kNonce, ""};
  EXPECT_TRUE(window.Accept(other, kNow));
  EXPECT_FALSE(window.Accept(other, kNow));
  EXPECT_TRUE(window.Accept({kDevice, ahead + Duration::Micros(1), kNonce, ""}, kNow));
}

TEST(NonceWindow, HoldsAFewDevicesAndMakesRoomWhenTheyAreQuiet) {
  NonceWindow window(100, 3);
  const auto of = [](uint64_t device, Timestamp at) {
    return DeviceCredential{DeviceId{device}, at, kNonce, ""};
  };
  for (uint64_t device = 1; device <= 3; ++device) {
    EXPECT_TRUE(window.Accept(of(device, kNow), kNow));
  }
  EXPECT_FALSE(window.Accept(of(4, kNow), kNow));
  EXPECT_FALSE(window.Accept(of(1, kNow), kNow)) << "nobody was forgotten for it";
  const Timestamp later = kNow + kDeviceRequestSkew + Duration::Micros(1);
  EXPECT_TRUE(window.Accept(of(4, later), later));
  EXPECT_EQ(window.size(), 1u);
}

TEST(NonceWindow, IsBoundedInTimeAndInNumber) {
  NonceWindow window(3);
  const auto at = [](int64_t second, char nonce) {
    return DeviceCredential{kDevice, kNow + Duration::Seconds(second), std::string(16, nonce), ""};
  };
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(window.Accept(at(i, static_cast<char>('a' + i)), kNow));
    EXPECT_LE(window.size(), 3u);
  }
  EXPECT_FALSE(window.Accept(at(0, 'a'), kNow)) << "forgotten, but never believed again";
  EXPECT_TRUE(window.Accept(at(1000, 'z'), kNow + Duration::Seconds(1000)));
  EXPECT_EQ(window.size(), 1u);
}

}  // namespace
}  // namespace ticketing
