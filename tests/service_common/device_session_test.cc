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

}  // namespace
}  // namespace ticketing
