// Goal: whoever needs the cloud within a budget is never held up by somebody else who waits for it.
#include "ticketing/service/common/device_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>
#include <vector>

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

// Gives every time another token of another length, and wants each of them back whole.
class ManyTokens final : public HttpClient {
 public:
  StatusOr<HttpResponse> Send(const HttpRequest& request, Duration) override {
    if (request.target == "/v1/device-sessions") {
      const int n = ++given_;
      HttpResponse session;
      session.status = 201;
      const std::string token(static_cast<size_t>(40 + n * 13 % 200),
                              static_cast<char>('a' + n % 26));
      session.body =
          R"({"access_token":")" + token + R"(","access_expires_at":"2026-11-22T12:30:00Z"})";
      return session;
    }
    const std::string sent(request.headers.Get("Authorization").value_or(""));
    const std::string token = sent.substr(std::min<size_t>(sent.size(), 7));
    if (token.size() < 40 || token.find_first_not_of(token.front()) != std::string::npos) ++torn_;
    HttpResponse answer;
    if (++sent_ % 2 == 0) answer.status = 401;  // so that there is soon a new one
    return answer;
  }
  int torn() const { return torn_; }

 private:
  std::atomic<int> given_ = 0, sent_ = 0, torn_ = 0;
};

// What it says of threads holds: taking the lock away fails here, as torn tokens or a crash, and
// under the thread sanitizer at once.
TEST(DeviceSessionTest, ManyThreadsShareWholeTokens) {
  FakeClock clock;
  ManyTokens cloud;
  const SigningKey key = *SigningKey::FromSeed(std::string(kSignatureSeedBytes, 'd'));
  DeviceSessionClient client(cloud, clock, DeviceId{5}, key);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 2000; ++n) (void)client.Send({}, Duration::Seconds(3));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(cloud.torn(), 0);
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
