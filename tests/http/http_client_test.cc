#include "ticketing/http/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <semaphore>
#include <thread>
#include <vector>

#include "tests/http/raw_socket.h"
#include "ticketing/http/http_server.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"

namespace ticketing {
namespace {

using ::testing::HasSubstr;

constexpr Duration kTime = Duration::Seconds(10);

class EchoHandler final : public HttpHandler {
 public:
  HttpResponse Handle(const HttpRequest& request) override {
    HttpResponse response;
    response.status = request.target.starts_with("/missing") ? 404 : 200;
    response.headers.Add("X-Method", request.method);
    response.headers.Add("X-Target", request.target);
    if (const auto tag = request.headers.Get("X-Tag")) response.headers.Add("X-Tag", *tag);
    if (const auto type = request.headers.Get("Content-Type"))
      response.headers.Add("Content-Type", *type);
    response.body = request.body;
    return response;
  }
};

std::unique_ptr<SocketHttpClient> ClientFor(uint16_t port, const std::string& path = "") {
  auto client =
      SocketHttpClient::Create({.base_url = "http://127.0.0.1:" + std::to_string(port) + path});
  EXPECT_OK(client);
  return *std::move(client);
}

// A server that does to each connection what a test says, one after the other.
class RawServer {
 public:
  explicit RawServer(std::vector<std::function<void(int)>> script)
      : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    struct sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<struct sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<struct sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, script = std::move(script)] {
      for (const auto& step : script) {
        const int fd = ::accept(listener_, nullptr, nullptr);
        if (fd < 0) return;
        ++accepted;
        step(fd);
        ::close(fd);
      }
    });
  }
  ~RawServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  uint16_t port() const { return port_; }
  std::atomic<int> accepted = 0;

  // Reads one request without a body.
  static bool ReadRequest(int fd) {
    std::string bytes;
    char byte = 0;
    while (!bytes.ends_with("\r\n\r\n")) {
      if (::recv(fd, &byte, 1, 0) != 1) return false;
      bytes.push_back(byte);
    }
    return true;
  }
  static void Say(int fd, std::string_view text) {
    (void)::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
  }

 private:
  int listener_;
  uint16_t port_ = 0;
  std::thread thread_;
};

constexpr char kOkAnswer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST(SocketHttpClientTest, SendsAndReceives) {
  EchoHandler handler;
  HttpServer server({});
  ASSERT_OK(server.Start(handler));
  const auto client = ClientFor(server.port(), "/base/");
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    HttpRequest request{.method = method, .target = "/a%20b?c=%2F&d"};
    request.headers.Add("X-Tag", "t");
    request.headers.Add("Content-Type", "multipart/form-data; boundary=x");
    request.headers.Add("Content-Length", "99");
    request.headers.Add("Host", "elsewhere");
    request.body = std::string("zero \0 byte", 11);
    ASSERT_OK_AND_ASSIGN(const HttpResponse response, client->Send(request, kTime));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.Get("x-method"), method);
    EXPECT_EQ(response.headers.Get("x-target"), "/base/a%20b?c=%2F&d");
    EXPECT_EQ(response.headers.Get("x-tag"), "t");
    EXPECT_EQ(response.headers.Get("content-type"), "multipart/form-data; boundary=x");
    EXPECT_EQ(response.body, request.body);
  }
  ASSERT_OK_AND_ASSIGN(const HttpResponse head, client->Send({.method = "HEAD"}, kTime));
  EXPECT_EQ(head.headers.Get("x-method"), "HEAD");
  EXPECT_EQ(head.body, "");
}

TEST(SocketHttpClientTest, AnAnswerOfAnyStatusIsOk) {
  EchoHandler handler;
  HttpServer server({});
  ASSERT_OK(server.Start(handler));
  HttpRequest request{.method = "POST", .target = "/missing", .body = "problem"};
  ASSERT_OK_AND_ASSIGN(const HttpResponse response, ClientFor(server.port())->Send(request, kTime));
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, "problem");
}

TEST(SocketHttpClientTest, ThreadsShareTheConnections) {
  EchoHandler handler;
  HttpServer server({});
  ASSERT_OK(server.Start(handler));
  const auto client = ClientFor(server.port());
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const std::string body = std::to_string(t * 1000 + i);
        const auto response = client->Send({.method = "POST", .body = body}, kTime);
        ASSERT_OK(response);
        EXPECT_EQ(response->body, body);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(SocketHttpClientTest, ReusesItsConnection) {
  RawServer server({[](int fd) {
    while (RawServer::ReadRequest(fd)) RawServer::Say(fd, kOkAnswer);
  }});
  const auto client = ClientFor(server.port());
  for (int i = 0; i < 5; ++i) EXPECT_OK(client->Send({}, kTime));
  EXPECT_EQ(server.accepted, 1);
}

// The server still waits for the rest of the first body: a next request there would be read as it.
TEST(SocketHttpClientTest, AnEarlyAnswerEndsTheConnection) {
  std::binary_semaphore answered{0};
  RawServer server({[&](int fd) {
                      RawServer::ReadRequest(fd);
                      RawServer::Say(fd,
                                     "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n"
                                     "Connection: keep-alive\r\n\r\n");
                      answered.acquire();
                      std::array<char, 65536> rest;
                      while (::recv(fd, rest.data(), rest.size(), 0) > 0) {
                      }
                    },
                    [](int fd) {
                      RawServer::ReadRequest(fd);
                      RawServer::Say(fd, kOkAnswer);
                    }});
  {
    const auto client = ClientFor(server.port());
    const auto refused =
        client->Send({.method = "POST", .body = std::string(32 << 20, 'x')}, kTime);
    answered.release();
    ASSERT_OK(refused);
    EXPECT_EQ(refused->status, 413);
    ASSERT_OK_AND_ASSIGN(const HttpResponse next, client->Send({}, Duration::Seconds(3)));
    EXPECT_EQ(next.status, 200);
  }
  EXPECT_EQ(server.accepted, 2);
}

TEST(SocketHttpClientTest, RepeatsOnlyWhatMayBeRepeated) {
  // The first connection answers once and then dies under the next request, without a word.
  const auto dies = [](int fd) {
    RawServer::ReadRequest(fd);
    RawServer::Say(fd, kOkAnswer);
    RawServer::ReadRequest(fd);
  };
  const auto answers = [](int fd) {
    RawServer::ReadRequest(fd);
    RawServer::Say(fd, kOkAnswer);
  };
  {
    RawServer server({dies, answers});
    const auto client = ClientFor(server.port());
    EXPECT_OK(client->Send({}, kTime));
    EXPECT_OK(client->Send({}, kTime));
    EXPECT_EQ(server.accepted, 2);
  }
  {
    RawServer server({dies, answers});
    const auto client = ClientFor(server.port());
    EXPECT_OK(client->Send({}, kTime));
    EXPECT_THAT(client->Send({.method = "POST"}, kTime), HasCode(ErrorCode::kUnavailable));
    EXPECT_EQ(server.accepted, 1);
  }
  {
    // A fresh connection that dies is no reason to repeat.
    RawServer server({[](int fd) { RawServer::ReadRequest(fd); }, answers});
    EXPECT_THAT(ClientFor(server.port())->Send({}, kTime), HasCode(ErrorCode::kUnavailable));
    EXPECT_EQ(server.accepted, 1);
  }
}

TEST(SocketHttpClientTest, SaysWhyThereWasNoAnswer) {
  uint16_t port = 0;
  {
    RawServer server({});
    port = server.port();
  }
  const auto refused = ClientFor(port)->Send({}, kTime);
  EXPECT_THAT(refused, HasCode(ErrorCode::kUnavailable));
  EXPECT_THAT(std::string(MessageOf(refused.status())),
              HasSubstr("http://127.0.0.1:" + std::to_string(port)));
  RawServer cut({[](int fd) {
    RawServer::ReadRequest(fd);
    RawServer::Say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  }});
  EXPECT_THAT(ClientFor(cut.port())->Send({}, kTime), HasCode(ErrorCode::kUnavailable));
}

TEST(SocketHttpClientTest, KeepsItsDeadline) {
  const auto silent = [](int fd) {
    char byte = 0;
    while (::recv(fd, &byte, 1, 0) == 1) {
    }
  };
  // Never long enough silent for a time-out of one read.
  const auto drips = [](int fd) {
    RawServer::ReadRequest(fd);
    RawServer::Say(fd, "HTTP/1.1 200 OK\r\nX: ");
    struct pollfd event = {fd, POLLIN, 0};
    while (::poll(&event, 1, 20) == 0) RawServer::Say(fd, "x");
  };
  for (const auto& behaviour : std::vector<std::function<void(int)>>{silent, drips}) {
    RawServer server({behaviour});
    const auto start = std::chrono::steady_clock::now();
    EXPECT_THAT(ClientFor(server.port())->Send({}, Duration::Millis(200)),
                HasCode(ErrorCode::kDeadlineExceeded));
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_GE(took, std::chrono::milliseconds(190));
    EXPECT_LT(took, std::chrono::seconds(5));
  }
  RawServer unused({});
  EXPECT_THAT(ClientFor(unused.port())->Send({}, Duration()),
              HasCode(ErrorCode::kDeadlineExceeded));
}

TEST(SocketHttpClientTest, BoundsTheAnswer) {
  EchoHandler handler;
  HttpServer server({});
  ASSERT_OK(server.Start(handler));
  auto client =
      SocketHttpClient::Create({.base_url = "http://127.0.0.1:" + std::to_string(server.port()),
                                .response_bytes_max = 1000});
  ASSERT_OK(client);
  EXPECT_OK((*client)->Send({.method = "POST", .body = std::string(1000, 'x')}, kTime));
  EXPECT_THAT((*client)->Send({.method = "POST", .body = std::string(1001, 'x')}, kTime),
              HasCode(ErrorCode::kUnavailable));
}

TEST(SocketHttpClientTest, RefusesWhatCannotBeSent) {
  EchoHandler handler;
  HttpServer server({});
  ASSERT_OK(server.Start(handler));
  const auto client = ClientFor(server.port());
  EXPECT_THAT(client->Send({.target = "no-slash"}, kTime), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(client->Send({.target = "/a b"}, kTime), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(client->Send({.method = "GET /x"}, kTime), HasCode(ErrorCode::kInvalidField));
  HttpRequest injected;
  injected.headers.Add("X-A", "b\r\nX-C: d");
  EXPECT_THAT(client->Send(injected, kTime), HasCode(ErrorCode::kInvalidField));
  for (const char* url : {"", "ftp://x", "http://", "http://x:0", "http://x:99999", "http://a b",
                          "http://u@x", "x:80"}) {
    EXPECT_THAT(SocketHttpClient::Create({.base_url = url}), HasCode(ErrorCode::kInvalidField))
        << url;
  }
}

// TLS with a certificate made for the test.
class TlsTest : public ::testing::Test {
 protected:
  static std::string MakeCertificate(const TempDir& dir, const std::string& name,
                                     const std::string& subject = "IP:127.0.0.1,DNS:localhost") {
    const std::string path = dir / name;
    const std::string command = "openssl req -x509 -newkey ed25519 -nodes -keyout " + path +
                                ".key -out " + path +
                                ".crt -days 30 -subj /CN=test -addext subjectAltName=" + subject +
                                " -addext "
                                "basicConstraints=critical,CA:FALSE 2>/dev/null";
    EXPECT_EQ(std::system(command.c_str()), 0);
    return path;
  }

  void SetUp() override {
    ours = MakeCertificate(dir, "ours");
    HttpServerOptions options;
    options.tls_certificate = ours + ".crt";
    options.tls_key = ours + ".key";
    options.threads = 2;
    server = std::make_unique<HttpServer>(options);
    ASSERT_OK(server->Start(handler));
  }

  StatusOr<HttpResponse> Ask(const std::string& certificate, const HttpRequest& request) {
    auto client =
        SocketHttpClient::Create({.base_url = "https://127.0.0.1:" + std::to_string(server->port()),
                                  .ca_certificate = certificate});
    if (!client.ok()) return client.status();
    return (*client)->Send(request, kTime);
  }

  TempDir dir;
  std::string ours;
  EchoHandler handler;
  std::unique_ptr<HttpServer> server;
};

TEST_F(TlsTest, SpeaksToWhoPinnedIt) {
  const std::string large(900'000, 'x');
  ASSERT_OK_AND_ASSIGN(const HttpResponse response,
                       Ask(ours + ".crt", {.method = "POST", .body = large}));
  EXPECT_EQ(response.body, large);
}

TEST_F(TlsTest, KeepsTheConnection) {
  auto client =
      SocketHttpClient::Create({.base_url = "https://127.0.0.1:" + std::to_string(server->port()),
                                .ca_certificate = ours + ".crt"});
  ASSERT_OK(client);
  for (int i = 0; i < 20; ++i) {
    const auto response = (*client)->Send({.method = "POST", .body = std::to_string(i)}, kTime);
    ASSERT_OK(response);
    EXPECT_EQ(response->body, std::to_string(i));
  }
}

TEST_F(TlsTest, AnotherCertificateIsRefused) {
  const std::string other = MakeCertificate(dir, "other");
  EXPECT_THAT(Ask(other + ".crt", {}), HasCode(ErrorCode::kUnavailable));
  EXPECT_THAT(Ask("", {}), HasCode(ErrorCode::kUnavailable));
  EXPECT_THAT(Ask(dir / "none.crt", {}), HasCode(ErrorCode::kUnavailable));
}

// Pinning alone is not enough: the certificate must be made for the host that was asked for.
TEST_F(TlsTest, TheNameMustStandInTheCertificate) {
  const std::string elsewhere =
      MakeCertificate(dir, "elsewhere", "IP:127.0.0.2,DNS:elsewhere.example");
  HttpServerOptions options;
  options.tls_certificate = elsewhere + ".crt";
  options.tls_key = elsewhere + ".key";
  HttpServer other(options);
  ASSERT_OK(other.Start(handler));
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    auto right = SocketHttpClient::Create(
        {.base_url = "https://" + host + ":" + std::to_string(server->port()),
         .ca_certificate = ours + ".crt"});
    ASSERT_OK(right);
    EXPECT_OK((*right)->Send({}, kTime)) << host;
    auto wrong = SocketHttpClient::Create(
        {.base_url = "https://" + host + ":" + std::to_string(other.port()),
         .ca_certificate = elsewhere + ".crt"});
    ASSERT_OK(wrong);
    const auto refused = (*wrong)->Send({}, kTime);
    EXPECT_THAT(refused, HasCode(ErrorCode::kUnavailable)) << host;
    EXPECT_THAT(std::string(MessageOf(refused.status())), HasSubstr("mismatch")) << host;
  }
}

TEST_F(TlsTest, SilentAndPlainPeersDoNotBlockNewcomers) {
  std::vector<RawSocket> peers;
  for (int i = 0; i < 20; ++i) peers.emplace_back(server->port());
  ASSERT_TRUE(peers[0].Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_THAT(peers[0].ReadAll(), ::testing::Not(HasSubstr("TIMEOUT")));
  EXPECT_OK(Ask(ours + ".crt", {}));
}

TEST_F(TlsTest, SaysWhichFileIsWrong) {
  const std::string other = MakeCertificate(dir, "other");
  HttpServerOptions options;
  options.tls_certificate = ours + ".crt";
  options.tls_key = other + ".key";
  const Status mixed = HttpServer(options).Start(handler);
  EXPECT_THAT(mixed, HasCode(ErrorCode::kUnavailable));
  EXPECT_THAT(std::string(MessageOf(mixed)), HasSubstr(other + ".key"));
  options.tls_key = dir / "none";
  EXPECT_THAT(HttpServer(options).Start(handler), HasCode(ErrorCode::kUnavailable));
  options.tls_key = "";
  EXPECT_THAT(HttpServer(options).Start(handler), HasCode(ErrorCode::kUnavailable));
}

}  // namespace
}  // namespace ticketing
