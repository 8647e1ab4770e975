#include "ticketing/http/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/http/raw_socket.h"
#include "ticketing/http/http_client.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/memory_log.h"

namespace ticketing {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kGet[] = "GET /x HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr char kGetClose[] = "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

class FunctionHandler final : public HttpHandler {
 public:
  explicit FunctionHandler(std::function<HttpResponse(const HttpRequest&)> fn)
      : fn_(std::move(fn)) {}
  HttpResponse Handle(const HttpRequest& request) override { return fn_(request); }

 private:
  std::function<HttpResponse(const HttpRequest&)> fn_;
};

// Says what it was asked.
HttpResponse Echo(const HttpRequest& request) {
  HttpResponse response;
  response.headers.Add("Content-Type", "text/plain");
  response.body = request.method + " " + request.target + " from " + request.remote_address + ": " +
                  request.body;
  return response;
}

// Lets handlers wait until a test opens it.
class Latch {
 public:
  void Wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
  }
  void AwaitWaiting(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

class Stopwatch {
 public:
  double Seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

class HttpServerTest : public ::testing::Test {
 protected:
  // Starts with what `options` and `handle` are now.
  void Start() {
    handler_ = std::make_unique<FunctionHandler>(handle);
    server = std::make_unique<HttpServer>(options);
    ASSERT_OK(server->Start(*handler_));
  }

  RawSocket Connect() { return RawSocket(server->port()); }

  std::string Ask(const std::string& bytes) {
    RawSocket socket = Connect();
    EXPECT_TRUE(socket.Send(bytes));
    return socket.ReadAll();
  }

  HttpServerOptions options;
  std::function<HttpResponse(const HttpRequest&)> handle = Echo;
  std::unique_ptr<FunctionHandler> handler_;
  std::unique_ptr<HttpServer> server;
};

std::string Problem(int status, const std::string& slug) {
  return "\"status\":" + std::to_string(status) + ",\"code\":\"" + slug + "\"}";
}

TEST_F(HttpServerTest, PassesRequestsAndAnswers) {
  Start();
  const std::string answer =
      Ask("PUT /v1/a%20b?c=%2F HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: "
          "close\r\n\r\nbody");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nDate: "));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: text/plain\r\n"));
  EXPECT_THAT(
      answer,
      EndsWith("\r\nContent-Length: 40\r\nConnection: close\r\n\r\nPUT /v1/a%20b?c=%2F from "
               "127.0.0.1: body"));
}

TEST_F(HttpServerTest, PassesEveryMethod) {
  Start();
  for (const std::string method :
       {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"}) {
    EXPECT_THAT(Ask(method + " / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
                HasSubstr(method + " / from"));
  }
}

TEST_F(HttpServerTest, AHeadGetsTheLengthButNoBody) {
  Start();
  RawSocket socket = Connect();
  ASSERT_TRUE(socket.Send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_THAT(socket.ReadResponse(true),
              AllOf(HasSubstr("Content-Length: 23\r\n"), EndsWith("\r\n\r\n")));
  ASSERT_TRUE(socket.Send(kGet));
  EXPECT_THAT(socket.ReadResponse(), EndsWith("GET /x from 127.0.0.1: "));
}

TEST_F(HttpServerTest, SendsNoBodyWithA204) {
  handle = [](const HttpRequest&) {
    return HttpResponse{.status = 204, .body = "must not be sent"};
  };
  Start();
  EXPECT_THAT(Ask(kGetClose),
              AllOf(StartsWith("HTTP/1.1 204 No Content\r\n"), Not(HasSubstr("Content-Length")),
                    EndsWith("Connection: close\r\n\r\n")));
}

TEST_F(HttpServerTest, LeavesOutFieldsThatWouldBreakTheLines) {
  handle = [](const HttpRequest&) {
    HttpResponse response;
    response.headers.Add("X-Good", "yes");
    response.headers.Add("X-Bad", "a\r\nSet-Cookie: stolen");
    response.headers.Add("X Bad", "b");
    response.headers.Add("Content-Length", "999");
    response.headers.Add("Transfer-Encoding", "chunked");
    return response;
  };
  Start();
  const std::string answer = Ask(kGetClose);
  EXPECT_THAT(answer, HasSubstr("X-Good: yes"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 0\r\n"));
  for (const char* bad : {"stolen", "X Bad", "999", "chunked"})
    EXPECT_THAT(answer, Not(HasSubstr(bad)));
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  Start();
  std::string bytes;
  for (int i = 0; i < 100; ++i)
    bytes += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  RawSocket socket = Connect();
  ASSERT_TRUE(socket.Send(bytes));
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(socket.ReadResponse(), HasSubstr("GET /" + std::to_string(i) + " from"));
  }
}

TEST_F(HttpServerTest, AnswersWhoClosesHisSide) {
  Start();
  RawSocket socket = Connect();
  ASSERT_TRUE(socket.Send(kGet));
  socket.FinishSending();
  EXPECT_THAT(socket.ReadAll(), HasSubstr("GET /x from"));
}

TEST_F(HttpServerTest, RefusalsAreProblemDocuments) {
  options.body_bytes_max = 1000;
  Start();
  const std::string garbage =
      Ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n\x01\x02 pipelined garbage\r\n\r\n");
  EXPECT_THAT(garbage, HasSubstr("GET / from"));
  EXPECT_THAT(
      garbage,
      EndsWith("{\"type\":\"https://libticketing.dev/problems/bad-syntax\",\"title\":\"The request "
               "cannot be read.\"," +
               Problem(400, "bad-syntax")));
  EXPECT_THAT(garbage, HasSubstr("Content-Type: application/problem+json\r\n"));
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(100'000, 'x')),
              EndsWith(Problem(431, "headers-too-large")));
  EXPECT_THAT(Ask("GET /" + std::string(100'000, 'x')),
              EndsWith(Problem(431, "headers-too-large")));
  EXPECT_THAT(
      Ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x')),
      EndsWith(Problem(413, "payload-too-large")));
  EXPECT_THAT(Ask("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n"),
              EndsWith(Problem(405, "method-not-allowed")));
}

// The rest of a refused body is still on its way: closing at once would reset the connection under
// the answer.
TEST_F(HttpServerTest, ARefusalArrivesThoughTheBodyWasNotRead) {
  options.body_bytes_max = 10;
  Start();
  RawSocket socket = Connect();
  ASSERT_TRUE(socket.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n"));
  struct pollfd event = {socket.fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&event, 1, 10'000), 1);
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(socket.Send(std::string(10'000, 'x')));
  EXPECT_THAT(socket.ReadAll(), EndsWith(Problem(413, "payload-too-large")));
}

TEST_F(HttpServerTest, ContinuesWhenAsked) {
  Start();
  RawSocket socket = Connect();
  ASSERT_TRUE(socket.Send(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_EQ(socket.ReadResponse(true), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(socket.Send("ab"));
  EXPECT_THAT(socket.ReadResponse(), EndsWith(": ab"));
}

TEST_F(HttpServerTest, AThrowingHandlerIsA500WithoutDetails) {
  MemoryLog log;
  options.log = &log;
  handle = [](const HttpRequest&) -> HttpResponse { throw std::runtime_error("secret detail"); };
  Start();
  RawSocket socket = Connect();
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(socket.Send(kGet));
    EXPECT_THAT(socket.ReadResponse(),
                AllOf(EndsWith(Problem(500, "internal")), Not(HasSubstr("secret"))));
  }
  EXPECT_EQ(log.records().size(), 2u);
  server->Stop();
}

TEST_F(HttpServerTest, SixtyFourClientsAtOnce) {
  Start();
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int t = 0; t < 64; ++t) {
    threads.emplace_back([&, t] {
      RawSocket socket = Connect();
      for (int i = 0; i < 20; ++i) {
        const std::string body = std::to_string(t * 1000 + i);
        EXPECT_TRUE(socket.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                                std::to_string(body.size()) + "\r\n\r\n" + body));
        if (socket.ReadResponse().ends_with(": " + body)) ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 64 * 20);
}

// Far more waiting, half-sent and silent peers than threads: a newcomer does not notice them.
TEST_F(HttpServerTest, WaitingPeersDoNotBlockNewcomers) {
  options.threads = 2;
  Start();
  std::vector<RawSocket> peers;
  for (int i = 0; i < 150; ++i) {
    peers.push_back(Connect());
    if (i % 3 == 1) {
      ASSERT_TRUE(peers.back().Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Le"));
    }
    if (i % 3 == 2) {
      ASSERT_TRUE(peers.back().Send(kGet));
      EXPECT_THAT(peers.back().ReadResponse(), HasSubstr("200 OK"));
    }
  }
  const Stopwatch watch;
  EXPECT_THAT(Ask(kGetClose), HasSubstr("200 OK"));
  EXPECT_LT(watch.Seconds(), 2);
  // And those who were slow can still go on.
  ASSERT_TRUE(peers[1].Send("ngth: 1\r\n\r\nz"));
  EXPECT_THAT(peers[1].ReadResponse(), EndsWith(": z"));
}

TEST_F(HttpServerTest, AFullServerGivesUpIdlePeersFirst) {
  options.connections_max = 3;
  Latch latch;
  handle = [&](const HttpRequest& request) {
    if (request.method == "POST") latch.Wait();
    return Echo(request);
  };
  Start();
  RawSocket busy[3] = {Connect(), Connect(), Connect()};
  for (RawSocket& socket : busy) ASSERT_TRUE(socket.Send("POST / HTTP/1.1\r\nHost: x\r\n\r\n"));
  latch.AwaitWaiting(3);
  // Nobody can be given up.
  EXPECT_THAT(Connect().ReadAll(), EndsWith(Problem(503, "unavailable")));
  latch.Open();
  for (RawSocket& socket : busy) EXPECT_THAT(socket.ReadResponse(), HasSubstr("200 OK"));
  // Now all three are idle, and the newcomer costs one of them its place.
  EXPECT_THAT(Ask(kGetClose), HasSubstr("200 OK"));
  struct pollfd events[3] = {
      {busy[0].fd(), POLLIN, 0}, {busy[1].fd(), POLLIN, 0}, {busy[2].fd(), POLLIN, 0}};
  EXPECT_EQ(::poll(events, 3, 10'000), 1);
}

// One address takes every place with bodies that never become whole; who waits for his next
// request keeps his, and who comes gets one.
TEST_F(HttpServerTest, OneAddressDoesNotTakeAllPlaces) {
  options.connections_max = 12;
  Start();
  RawSocket honest(server->port(), 3);
  ASSERT_TRUE(honest.Send(kGet));
  EXPECT_THAT(honest.ReadResponse(), HasSubstr("200 OK"));
  std::vector<RawSocket> greedy;
  for (int i = 0; i < 30; ++i) {
    greedy.emplace_back(server->port());
    if (i >= 11) continue;
    // The answer that asks for the body says that the head was read.
    ASSERT_TRUE(greedy.back().Send(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\nExpect: 100-continue\r\n\r\n"));
    EXPECT_THAT(greedy.back().ReadResponse(), HasSubstr("100 Continue"));
    ASSERT_TRUE(greedy.back().Send("half"));
  }
  for (int i = 0; i < 5; ++i) {
    RawSocket newcomer(server->port(), 2);
    ASSERT_TRUE(newcomer.Send(kGetClose));
    EXPECT_THAT(newcomer.ReadAll(), HasSubstr("200 OK"));
  }
  ASSERT_TRUE(honest.Send(kGetClose));
  EXPECT_THAT(honest.ReadAll(), HasSubstr("200 OK"));
}

TEST_F(HttpServerTest, AnAddressHasItsShareOfConnections) {
  options.connections_per_peer_max = 3;
  Start();
  std::vector<RawSocket> same;
  for (int i = 0; i < 3; ++i) {
    same.push_back(Connect());
    ASSERT_TRUE(same.back().Send(kGet));
    EXPECT_THAT(same.back().ReadResponse(), HasSubstr("200 OK"));
  }
  EXPECT_THAT(Connect().ReadAll(), EndsWith(Problem(503, "unavailable")));
  RawSocket other(server->port(), 2);
  ASSERT_TRUE(other.Send(kGetClose));
  EXPECT_THAT(other.ReadAll(), HasSubstr("200 OK"));
  // Its place is free again when the server has seen it go.
  ASSERT_TRUE(same[0].Send(kGetClose));
  EXPECT_THAT(same[0].ReadAll(), HasSubstr("200 OK"));
  const Stopwatch watch;
  bool again = false;
  while (!again && watch.Seconds() < 10) {
    RawSocket next = Connect();
    again = next.Send(kGetClose) && next.ReadAll().find("200 OK") != std::string::npos;
  }
  EXPECT_TRUE(again);
}

// The time that a body has grows with it: silence and a trickle end soon, steady bytes do not.
TEST_F(HttpServerTest, ABodyMustBeginAndGoOn) {
  options.body_start_timeout = Duration::Millis(200);
  options.body_rate_min = 1000;
  Start();
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n";
  RawSocket silent = Connect();
  RawSocket trickle = Connect();
  RawSocket steady = Connect();
  const Stopwatch watch;
  ASSERT_TRUE(silent.Send(head));
  ASSERT_TRUE(trickle.Send(head + std::string(100, 'x')));
  ASSERT_TRUE(steady.Send(head + std::string(19990, 'x')));
  EXPECT_EQ(silent.ReadAll(), "");
  EXPECT_EQ(trickle.ReadAll(), "");
  EXPECT_GE(watch.Seconds(), 0.2);
  EXPECT_LT(watch.Seconds(), 10);
  ASSERT_TRUE(steady.Send(std::string(10, 'x')));
  EXPECT_THAT(steady.ReadResponse(), HasSubstr("200 OK"));
}

TEST_F(HttpServerTest, BoundsTheMemoryOfBodies) {
  options.buffered_bytes_max = 100'000;
  // One thread reads the holder's bytes before it looks at who came later.
  options.threads = 1;
  Start();
  RawSocket holder = Connect();
  ASSERT_TRUE(holder.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 90001\r\n\r\n" +
                          std::string(90'000, 'x')));
  const std::string refused =
      Ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n" + std::string(50'000, 'x'));
  EXPECT_THAT(refused, EndsWith(Problem(503, "unavailable")));
  EXPECT_THAT(refused, HasSubstr("Retry-After: 1\r\n"));
  ASSERT_TRUE(holder.Send("x"));
  EXPECT_THAT(holder.ReadResponse(), HasSubstr("200 OK"));
  // All of it was given back.
  EXPECT_THAT(
      Ask("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 90000\r\n\r\n" +
          std::string(90'000, 'x')),
      HasSubstr("200 OK"));
}

TEST_F(HttpServerTest, CutsOffWhoIsTooSlow) {
  options.idle_timeout = Duration::Millis(100);
  options.head_timeout = Duration::Millis(100);
  options.body_timeout = Duration::Millis(100);
  Start();
  const Stopwatch watch;
  RawSocket silent = Connect();
  RawSocket head = Connect();
  ASSERT_TRUE(head.Send("GET / HT"));
  RawSocket body = Connect();
  ASSERT_TRUE(body.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab"));
  RawSocket idle = Connect();
  ASSERT_TRUE(idle.Send(kGet));
  EXPECT_EQ(silent.ReadAll(), "");
  EXPECT_EQ(head.ReadAll(), "");
  EXPECT_EQ(body.ReadAll(), "");
  EXPECT_THAT(idle.ReadAll(), EndsWith("GET /x from 127.0.0.1: "));
  EXPECT_LT(watch.Seconds(), 5);
}

// One byte now and then resets no clock.
TEST_F(HttpServerTest, ADrippingHeadIsCutOff) {
  options.head_timeout = Duration::Millis(200);
  Start();
  RawSocket socket = Connect();
  const Stopwatch watch;
  ASSERT_TRUE(socket.Send("GET / HTTP/1.1\r\nX: "));
  while (socket.Send("x")) {
    struct pollfd event = {socket.fd(), POLLIN, 0};
    if (::poll(&event, 1, 10) > 0) break;
    ASSERT_LT(watch.Seconds(), 5);
  }
  EXPECT_LT(watch.Seconds(), 5);
}

TEST_F(HttpServerTest, AReaderThatStopsReadingIsCutOff) {
  options.write_timeout = Duration::Millis(200);
  options.threads = 1;
  handle = [](const HttpRequest& request) {
    return request.method == "POST" ? HttpResponse{.body = std::string(64 << 20, 'x')}
                                    : Echo(request);
  };
  Start();
  RawSocket lazy = Connect();
  ASSERT_TRUE(lazy.Send("POST / HTTP/1.1\r\nHost: x\r\n\r\n"));
  // The only thread is free meanwhile.
  EXPECT_THAT(Ask(kGetClose), HasSubstr("200 OK"));
  const Stopwatch watch;
  server->Stop();
  EXPECT_LT(watch.Seconds(), 5);
}

// A large answer for POST, and a small one for everybody else.
HttpResponse LargeForPost(const HttpRequest& request) {
  return request.method == "POST" ? HttpResponse{.body = std::string(8 << 20, 'x')} : Echo(request);
}

// Returns when the answer has begun to come. The peer's system takes little of it, so that it is
// the peer's own reading that counts.
void AskForMuch(RawSocket& socket) {
  const int bytes = 4096;
  ASSERT_EQ(::setsockopt(socket.fd(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)), 0);
  ASSERT_TRUE(socket.Send("POST / HTTP/1.1\r\nHost: x\r\n\r\n"));
  struct pollfd begun = {socket.fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&begun, 1, 10'000), 1);
}

// Tries until somebody from 127.0.0.x is served: seconds, or the limit.
double SecondsUntilServed(uint16_t port, uint8_t from, double limit) {
  const Stopwatch watch;
  while (watch.Seconds() < limit) {
    RawSocket newcomer(port, from);
    if (newcomer.Send(kGetClose) && newcomer.ReadAll().find("200 OK") != std::string::npos) break;
  }
  return watch.Seconds();
}

TEST_F(HttpServerTest, AReaderThatStopsLosesItsPlaceLongBeforeTheLastMoment) {
  options.write_start_timeout = Duration::Millis(200);
  options.write_rate_min = 1 << 20;
  options.write_timeout = Duration::Minutes(10);
  options.connections_max = 1;
  handle = LargeForPost;
  Start();
  RawSocket lazy = Connect();
  AskForMuch(lazy);
  // Not for the newcomer's sake, who is of the same address.
  EXPECT_LT(SecondsUntilServed(server->port(), 1, 10), 9);
}

TEST_F(HttpServerTest, AReaderThatKeepsThePaceHearsAllOfIt) {
  options.write_start_timeout = Duration::Millis(500);
  options.write_rate_min = 1 << 20;
  handle = LargeForPost;
  Start();
  RawSocket steady = Connect();
  ASSERT_TRUE(steady.Send("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  const Stopwatch watch;
  std::string taken;
  std::array<char, 64 << 10> buffer;
  ssize_t count = 1;
  while (count > 0) {
    count = ::recv(steady.fd(), buffer.data(), buffer.size(), 0);
    if (count > 0) taken.append(buffer.data(), static_cast<size_t>(count));
    // Some five times as fast as it must be, and slower than the first moments allow.
    struct pollfd nothing = {-1, 0, 0};
    while (watch.Seconds() < static_cast<double>(taken.size()) / (5 << 20)) ::poll(&nothing, 1, 1);
  }
  EXPECT_GT(taken.size(), size_t{8 << 20});
  EXPECT_GT(watch.Seconds(), 1);
}

// As for idle peers and unfinished requests: one address must not keep the others out.
TEST_F(HttpServerTest, AReaderThatStopsGivesWayToANewcomer) {
  options.connections_max = 2;
  handle = LargeForPost;
  Start();
  std::vector<RawSocket> lazy;
  for (int i = 0; i < 2; ++i) {
    lazy.push_back(Connect());
    AskForMuch(lazy.back());
  }
  EXPECT_LT(SecondsUntilServed(server->port(), 2, 9), 8);
}

TEST_F(HttpServerTest, SaysThatThePortIsTaken) {
  Start();
  HttpServerOptions same;
  same.port = server->port();
  HttpServer other(same);
  const Status status = other.Start(*handler_);
  EXPECT_THAT(status, HasCode(ErrorCode::kUnavailable));
  EXPECT_EQ(MessageOf(status), "cannot listen on 127.0.0.1:" + std::to_string(server->port()) +
                                   ": Address already in use");
  HttpServer unknown(HttpServerOptions{.host = "no-such-host.invalid"});
  EXPECT_THAT(unknown.Start(*handler_), HasCode(ErrorCode::kUnavailable));
}

TEST_F(HttpServerTest, ThePortIsFreeAfterStop) {
  Start();
  RawSocket socket = Connect();
  ASSERT_TRUE(socket.Send(kGet));
  EXPECT_THAT(socket.ReadResponse(), HasSubstr("200 OK"));
  options.port = server->port();
  server->Stop();
  server->Stop();
  Start();
  EXPECT_THAT(Ask(kGetClose), HasSubstr("200 OK"));
}

TEST_F(HttpServerTest, StopLetsRunningRequestsFinish) {
  Latch latch;
  handle = [&](const HttpRequest& request) {
    latch.Wait();
    return Echo(request);
  };
  Start();
  RawSocket idle = Connect();
  RawSocket running = Connect();
  ASSERT_TRUE(running.Send(kGet));
  latch.AwaitWaiting(1);
  std::thread stopper([&] { server->Stop(); });
  // Idle peers are let go while the request still runs.
  EXPECT_EQ(idle.ReadAll(), "");
  latch.Open();
  EXPECT_THAT(running.ReadAll(),
              AllOf(HasSubstr("Connection: close"), EndsWith("GET /x from 127.0.0.1: ")));
  stopper.join();
}

TEST_F(HttpServerTest, StopUnderLoadReturnsSoon) {
  options.drain_timeout = Duration::Millis(500);
  Start();
  std::atomic<bool> stop = false;
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    // Connected before anybody can stop: a slow thread must not find the door closed.
    threads.emplace_back([&, t, socket = Connect()]() mutable {
      while (!stop) {
        // Some never finish their request.
        if (!socket.Send(t % 4 == 0 ? "GET / HT" : kGet)) return;
        if (t % 4 == 0) {
          (void)socket.ReadAll();
          return;
        }
        if (!socket.ReadResponse().starts_with("HTTP/1.1 200")) return;
        ++answered;
      }
    });
  }
  while (answered < 500) std::this_thread::yield();
  const Stopwatch watch;
  server->Stop();
  EXPECT_LT(watch.Seconds(), 5);
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace ticketing
