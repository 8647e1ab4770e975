// Goal: a handler that waits costs no thread, and one that blocks its thread holds up nobody else.
// Method: servers with fewer threads than requests, whose handlers wait until the test lets them.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/http/raw_socket.h"
#include "ticketing/env/wait.h"
#include "ticketing/http/http_client.h"
#include "ticketing/http/http_server.h"
#include "ticketing/testing/matchers.h"

namespace ticketing {
namespace {

constexpr char kGet[] = "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

class FunctionHandler final : public HttpHandler {
 public:
  explicit FunctionHandler(std::function<HttpResponse(const HttpRequest&)> fn)
      : fn_(std::move(fn)) {}
  HttpResponse Handle(const HttpRequest& request) override { return fn_(request); }

 private:
  std::function<HttpResponse(const HttpRequest&)> fn_;
};

// Callers that wait, each with its callback.
class Queue {
 public:
  Status Wait() {
    const WaitsAside aside;
    return WaitFor([this](std::function<void(Status)> done) { Add(std::move(done)); });
  }
  void Add(std::function<void(Status)> done) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(done));
    changed_.notify_all();
  }
  void AwaitWaiting(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.size() >= count; });
  }
  void AnswerAll(const Status& status) {
    std::vector<std::function<void(Status)>> all;
    {
      const std::lock_guard lock(mutex_);
      all.swap(waiting_);
    }
    for (const auto& done : all) done(status);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void(Status)>> waiting_;
};

HttpResponse ResponseOf(const Status& status) {
  HttpResponse response;
  response.body = status.ok() ? "good" : std::string(MessageOf(status));
  return response;
}

TEST(HttpWaitingTest, WhoWaitsTakesNoThread) {
  constexpr size_t kRequests = 40;
  Queue queue;
  FunctionHandler handler([&](const HttpRequest&) { return ResponseOf(queue.Wait()); });
  HttpServer server({.threads = 1});
  ASSERT_OK(server.Start(handler));
  std::vector<RawSocket> sockets;
  for (size_t i = 0; i < kRequests; ++i) {
    sockets.emplace_back(server.port());
    ASSERT_TRUE(sockets.back().Send(kGet));
  }
  queue.AwaitWaiting(kRequests);
  queue.AnswerAll(MakeError(ErrorCode::kConflict, "said later"));
  for (RawSocket& socket : sockets)
    EXPECT_NE(socket.ReadAll().find("said later"), std::string::npos);
}

TEST(HttpWaitingTest, AnswersMayComeFromAnywhereAndAtOnce) {
  std::atomic<bool> stop = false;
  Queue queue;
  std::thread answering([&] {
    while (!stop) queue.AnswerAll(OkStatus());
  });
  FunctionHandler handler([&](const HttpRequest& request) {
    const WaitsAside aside;
    Status status = WaitFor([](const std::function<void(Status)>& done) { done(OkStatus()); });
    for (int i = 0; i < 20 && status.ok(); ++i) status = queue.Wait();
    return ResponseOf(request.target == "/x" ? status : OkStatus());
  });
  HttpServer server({.threads = 4});
  ASSERT_OK(server.Start(handler));
  std::vector<std::thread> askers;
  std::atomic<int> good = 0;
  for (int i = 0; i < 8; ++i) {
    askers.emplace_back([&] {
      for (int k = 0; k < 25; ++k) {
        RawSocket socket(server.port());
        EXPECT_TRUE(socket.Send(kGet));
        good += socket.ReadAll().ends_with("good") ? 1 : 0;
      }
    });
  }
  for (std::thread& asker : askers) asker.join();
  server.Stop();
  stop = true;
  answering.join();
  EXPECT_EQ(good, 8 * 25);
}

TEST(HttpWaitingTest, ThreadsThatBlockAreReplaced) {
  constexpr int kBlocked = 12;
  for (const bool says_so : {true, false}) {
    std::mutex mutex;
    std::condition_variable changed;
    int blocked = 0;
    bool open = false;
    FunctionHandler handler([&](const HttpRequest& request) {
      if (request.target != "/x") return ResponseOf(OkStatus());
      std::optional<BlockedThread> scope;
      if (says_so) scope.emplace();
      std::unique_lock lock(mutex);
      ++blocked;
      changed.notify_all();
      changed.wait(lock, [&] { return open; });
      return ResponseOf(OkStatus());
    });
    HttpServer server({.threads = kBlocked + 4});
    ASSERT_OK(server.Start(handler));
    std::vector<RawSocket> sockets;
    for (int i = 0; i < kBlocked; ++i) {
      sockets.emplace_back(server.port());
      ASSERT_TRUE(sockets.back().Send(kGet));
    }
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return blocked == kBlocked; });
    }
    RawSocket other(server.port());
    ASSERT_TRUE(other.Send("GET /y HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    EXPECT_TRUE(other.ReadAll().ends_with("good"));
    {
      const std::lock_guard lock(mutex);
      open = true;
      changed.notify_all();
    }
    for (RawSocket& socket : sockets) EXPECT_TRUE(socket.ReadAll().ends_with("good"));
  }
}

// Behind a client in the same process is another's code, which may hold a lock while it waits.
TEST(HttpWaitingTest, HandlersInTheSameProcessMayHoldLocks) {
  Queue queue;
  std::mutex mutex;
  FunctionHandler behind([&](const HttpRequest&) {
    const std::lock_guard lock(mutex);
    return ResponseOf(
        WaitFor([&](std::function<void(Status)> done) { queue.Add(std::move(done)); }));
  });
  InProcessHttpClient client(behind);
  FunctionHandler forward([&](const HttpRequest& request) {
    const WaitsAside aside;
    return client.Send(request, Duration::Minutes(1)).value();
  });
  HttpServer server({.threads = 1});
  ASSERT_OK(server.Start(forward));
  RawSocket first(server.port());
  ASSERT_TRUE(first.Send(kGet));
  RawSocket second(server.port());
  ASSERT_TRUE(second.Send(kGet));
  for (int i = 0; i < 2; ++i) {
    queue.AwaitWaiting(1);
    queue.AnswerAll(OkStatus());
  }
  EXPECT_TRUE(first.ReadAll().ends_with("good"));
  EXPECT_TRUE(second.ReadAll().ends_with("good"));
}

// A gateway: its handlers ask another server.
TEST(HttpWaitingTest, AClientInAHandlerWaitsAsideToo) {
  constexpr size_t kRequests = 20;
  Queue queue;
  FunctionHandler slow([&](const HttpRequest&) { return ResponseOf(queue.Wait()); });
  HttpServer behind({.threads = 1});
  ASSERT_OK(behind.Start(slow));
  const auto client =
      SocketHttpClient::Create({.base_url = "http://127.0.0.1:" + std::to_string(behind.port())});
  ASSERT_OK(client);
  FunctionHandler forward([&](const HttpRequest& request) {
    const Duration time = request.target == "/x" ? Duration::Minutes(1) : Duration::Millis(50);
    const WaitsAside aside;
    const StatusOr<HttpResponse> answer = (*client)->Send(request, time);
    return answer.ok() ? *answer : ResponseOf(answer.status());
  });
  HttpServer gateway({.threads = 1});
  ASSERT_OK(gateway.Start(forward));
  for (int round = 0; round < 3; ++round) {  // the later ones over kept connections
    std::vector<RawSocket> sockets;
    for (size_t i = 0; i < kRequests; ++i) {
      sockets.emplace_back(gateway.port());
      ASSERT_TRUE(sockets.back().Send(kGet));
    }
    queue.AwaitWaiting(kRequests);
    queue.AnswerAll(OkStatus());
    for (RawSocket& socket : sockets) EXPECT_TRUE(socket.ReadAll().ends_with("good"));
    RawSocket late(gateway.port());
    ASSERT_TRUE(late.Send("GET /late HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    EXPECT_NE(late.ReadAll().find("did not answer in time"), std::string::npos);
    queue.AwaitWaiting(1);
    queue.AnswerAll(OkStatus());
  }
}

}  // namespace
}  // namespace ticketing
