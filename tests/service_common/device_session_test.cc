// Goal: whoever needs the cloud within a budget is never held up by somebody else who waits for it.
#include "ticketing/service/common/device_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "ticketing/crypto/signature.h"
#include "ticketing/testing/fake_clock.h"
#include "ticketing/testing/fake_http_client.h"
#include "ticketing/testing/matchers.h"

namespace ticketing {
namespace {

HttpResponse Session() {
  HttpResponse response;
  response.status = 201;
  response.body = R"({"access_token":"t1","access_expires_at":"2026-11-22T13:00:00Z"})";
  return response;
}

TEST(DeviceSessionTest, AScanDoesNotWaitForSomebodyElsesSession) {
  FakeClock clock;
  FakeHttpClient cloud;
  const SigningKey key = *SigningKey::FromSeed(std::string(kSignatureSeedBytes, 'd'));
  DeviceSessionClient client(cloud, clock, DeviceId{5}, key);
  std::promise<void> asked, silent;
  std::atomic<int> sessions = 0;
  cloud.SetFallback([&](const HttpRequest& request) -> StatusOr<HttpResponse> {
    if (request.target != "/v1/device-sessions") return HttpResponse{};
    if (++sessions > 1) return Session();
    asked.set_value();
    silent.get_future().wait();  // the cloud does not answer the first
    return MakeError(ErrorCode::kDeadlineExceeded, "no answer");
  });
  StatusOr<HttpResponse> sync = MakeError(ErrorCode::kInternal, "not yet");
  std::thread other([&] { sync = client.Send({}, Duration::Seconds(3)); });
  asked.get_future().wait();
  EXPECT_THAT(client.Send({}, Duration::Millis(300)), IsOk());
  silent.set_value();
  other.join();
  EXPECT_THAT(sync, HasCode(ErrorCode::kDeadlineExceeded));
  EXPECT_THAT(client.Send({}, Duration::Millis(300)), IsOk()) << "with the token that is there";
  EXPECT_EQ(sessions, 2);
}

TEST(DeviceSessionTest, AWrongClockIsCorrectedForTheProof) {
  FakeClock clock;  // 2026-11-22T12:00:00Z
  FakeHttpClient cloud;
  const SigningKey key = *SigningKey::FromSeed(std::string(kSignatureSeedBytes, 'd'));
  DeviceSessionClient client(cloud, clock, DeviceId{5}, key);
  int sessions = 0;
  cloud.SetFallback([&](const HttpRequest& request) -> StatusOr<HttpResponse> {
    if (request.target != "/v1/device-sessions") return HttpResponse{};
    ++sessions;
    HttpResponse answer;
    answer.status = 401;
    if (request.body.find("2026-11-22T12:10:00") != std::string::npos) answer = Session();
    answer.headers.Set("Date", "Sun, 22 Nov 2026 12:10:00 GMT");
    return answer;
  });
  EXPECT_THAT(client.Send({}, Duration::Millis(300)), IsOk());
  EXPECT_EQ(sessions, 2);
  // For an hour less ten minutes, whatever becomes of the clock.
  clock.Advance(Duration::Minutes(48));
  EXPECT_THAT(client.Send({}, Duration::Millis(300)), IsOk());
  EXPECT_EQ(sessions, 2);
  clock.Advance(Duration::Minutes(2));
  (void)client.Send({}, Duration::Millis(300));
  EXPECT_GT(sessions, 2);
}

TEST(DeviceSessionTest, AllOfItKeepsToTheTimeThatWasGiven) {
  FakeClock clock;
  FakeHttpClient cloud;
  const SigningKey key = *SigningKey::FromSeed(std::string(kSignatureSeedBytes, 'd'));
  DeviceSessionClient client(cloud, clock, DeviceId{5}, key);
  const Duration start = clock.Monotonic();
  cloud.SetFallback([&](const HttpRequest& request) -> StatusOr<HttpResponse> {
    clock.Advance(Duration::Millis(120));
    if (request.target == "/v1/device-sessions") return Session();
    HttpResponse refused;
    refused.status = 401;
    return refused;
  });
  EXPECT_THAT(client.Send({}, Duration::Millis(300)), HasCode(ErrorCode::kDeadlineExceeded));
  EXPECT_LE(clock.Monotonic() - start, Duration::Millis(360)) << "nothing was begun after 300 ms";
}

TEST(DeviceSessionTest, ARefusalForAnotherReasonIsNotRepeated) {
  FakeClock clock;
  FakeHttpClient cloud;
  const SigningKey key = *SigningKey::FromSeed(std::string(kSignatureSeedBytes, 'd'));
  DeviceSessionClient client(cloud, clock, DeviceId{5}, key);
  int sessions = 0;
  for (const char* date : {"Sun, 22 Nov 2026 12:00:20 GMT", "never", ""}) {
    cloud.SetFallback([&](const HttpRequest&) -> StatusOr<HttpResponse> {
      ++sessions;
      HttpResponse answer;
      answer.status = 403;
      answer.headers.Set("Date", date);
      return answer;
    });
    EXPECT_FALSE(client.Send({}, Duration::Millis(300)).ok());
  }
  EXPECT_EQ(sessions, 3);
}

}  // namespace
}  // namespace ticketing
