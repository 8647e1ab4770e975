// Goal: a client that pinned a key speaks to nobody else, and a server that speaks TLS is not
// starved by those who do not. Method: real servers with keys of their own, one in the middle, and
// raw peers.
#include "ticketing/http/tls_identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <fstream>
#include <map>
#include <thread>
#include <vector>

#include "tests/http/raw_socket.h"
#include "ticketing/http/http_client.h"
#include "ticketing/http/http_server.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"

namespace ticketing {
namespace {

using ::testing::HasSubstr;

constexpr Duration kTime = Duration::Seconds(10);

class CountingHandler final : public HttpHandler {
 public:
  HttpResponse Handle(const HttpRequest& request) override {
    ++handled;
    HttpResponse response;
    response.body = request.body;
    return response;
  }
  std::atomic<int> handled = 0;
};

// Somebody in the middle, who carries connections one after the other and keeps what the client
// says.
class Middle {
 public:
  // `window`: how much the system takes of the client's bytes ahead; 0 leaves it to the system.
  explicit Middle(uint16_t target, int window = 0)
      : target_(target), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (window > 0) ::setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &window, sizeof(window));
    struct sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<struct sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<struct sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Run(); });
  }
  ~Middle() { Stop(); }

  uint16_t port() const { return port_; }
  // What the client said, once it has gone.
  std::string Stop() {
    if (thread_.joinable()) {
      ::shutdown(listener_, SHUT_RDWR);
      thread_.join();
      ::close(listener_);
    }
    return seen_;
  }
  std::atomic<int> accepted = 0;

 private:
  void Run() {
    for (int fd = 0; (fd = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(fd)) {
      ++accepted;
      RawSocket onward(target_);
      std::array<struct pollfd, 2> ends = {{{fd, POLLIN, 0}, {onward.fd(), POLLIN, 0}}};
      while (Carry(ends)) {
      }
    }
  }
  bool Carry(std::array<struct pollfd, 2>& ends) {
    if (::poll(ends.data(), ends.size(), 5000) <= 0) return false;
    std::array<char, 4096> bytes;
    for (size_t i = 0; i < 2; ++i) {
      if (ends[i].revents == 0) continue;
      const ssize_t count = ::recv(ends[i].fd, bytes.data(), bytes.size(), 0);
      if (count <= 0) return false;
      if (i == 0) seen_.append(bytes.data(), static_cast<size_t>(count));
      (void)::send(ends[1 - i].fd, bytes.data(), static_cast<size_t>(count), MSG_NOSIGNAL);
    }
    return true;
  }

  const uint16_t target_;
  const int listener_;
  uint16_t port_ = 0;
  std::string seen_;
  std::thread thread_;
};

// Servers that are known by their keys, as a handheld knows the bastions of its venue.
class PinTest : public ::testing::Test {
 protected:
  void SetUp() override { server = Serve("ours"); }

  std::unique_ptr<HttpServer> Serve(const std::string& name, size_t threads = 2) {
    auto made = MakeTlsIdentity("test " + name, Timestamp{1'800'000'000'000'000});
    EXPECT_OK(made);
    pins[name] = made->pin;
    std::ofstream(dir / name) << made->pem;
    return ServeAgain(name, threads);
  }
  std::unique_ptr<HttpServer> ServeAgain(const std::string& name, size_t threads = 2) {
    HttpServerOptions options;
    options.tls_certificate = options.tls_key = dir / name;
    options.threads = threads;
    options.head_timeout = head_timeout;
    options.body_bytes_max = 16 << 20;
    auto started = std::make_unique<HttpServer>(options);
    EXPECT_OK(started->Start(handler));
    return started;
  }

  static StatusOr<std::unique_ptr<SocketHttpClient>> ClientOf(uint16_t port,
                                                              std::vector<std::string> trusted) {
    return SocketHttpClient::Create({.base_url = "https://127.0.0.1:" + std::to_string(port),
                                     .pinned_keys = std::move(trusted)});
  }
  static StatusOr<HttpResponse> Ask(uint16_t port, std::vector<std::string> trusted) {
    auto client = ClientOf(port, std::move(trusted));
    if (!client.ok()) return client.status();
    return (*client)->Send({.method = "POST", .body = "secret"}, kTime);
  }

  TempDir dir;
  Duration head_timeout = Duration::Millis(500);
  std::map<std::string, std::string> pins;
  CountingHandler handler;
  std::unique_ptr<HttpServer> server;
};

TEST_F(PinTest, TheRightKeyIsEnoughAlsoAfterARestart) {
  ASSERT_OK_AND_ASSIGN(const HttpResponse first, Ask(server->port(), {pins["ours"]}));
  EXPECT_EQ(first.body, "secret");
  server->Stop();
  server = ServeAgain("ours");
  EXPECT_OK(Ask(server->port(), {pins["ours"]}));
  // One of two bastions.
  EXPECT_OK(Ask(server->port(), {std::string(64, 'a'), pins["ours"]}));
}

TEST_F(PinTest, AnotherKeyIsToldOfAndGetsNothing) {
  const auto impostor = Serve("impostor");
  const auto refused = Ask(impostor->port(), {pins["ours"]});
  EXPECT_THAT(refused, HasCode(ErrorCode::kUnavailable));
  EXPECT_THAT(std::string(MessageOf(refused.status())),
              HasSubstr("another key than the one that was paired: " + pins["impostor"]));
  EXPECT_EQ(handler.handled, 0);
  EXPECT_THAT(Ask(impostor->port(), {"not a pin"}), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(SocketHttpClient::Create({.base_url = "http://x", .pinned_keys = {pins["ours"]}}),
              HasCode(ErrorCode::kInvalidField));
}

// A certificate is public: whoever shows it without its key gets nothing either.
TEST_F(PinTest, TheCertificateWithoutItsKeyIsWorthNothing) {
  const std::string stolen = dir / "stolen";
  const std::string command =
      "openssl x509 -in " + (dir / "ours") + " -out " + stolen + ".crt && " +
      "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out " + stolen +
      ".key 2>/dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
  // OpenSSL's server does not start with a key that is not the certificate's, and neither does
  // ours.
  HttpServerOptions options;
  options.tls_certificate = stolen + ".crt";
  options.tls_key = stolen + ".key";
  EXPECT_THAT(HttpServer(options).Start(handler), HasCode(ErrorCode::kUnavailable));
}

// Everything that goes over the wire to a server in the middle is seen by it here.
TEST_F(PinTest, NothingOfTheRequestLeavesBeforeTheKeyIsKnown) {
  const auto impostor = Serve("impostor");
  Middle middle(impostor->port());
  EXPECT_THAT(Ask(middle.port(), {pins["ours"]}), HasCode(ErrorCode::kUnavailable));
  const std::string seen = middle.Stop();
  // A greeting (handshake records, type 22) and an alert (21), in the clear or wrapped (20 and the
  // one record of type 23 that TLS 1.3 makes of an alert); never a record that could hold a
  // request.
  size_t largest_data = 0;
  for (size_t at = 0; at + 5 <= seen.size();) {
    const size_t size =
        static_cast<unsigned char>(seen[at + 3]) * 256u + static_cast<unsigned char>(seen[at + 4]);
    if (seen[at] == 23) largest_data = std::max(largest_data, size);
    at += 5 + size;
  }
  EXPECT_GT(seen.size(), 0u);
  EXPECT_LE(largest_data, 40u);
  EXPECT_EQ(handler.handled, 0);
}

TEST_F(PinTest, AHandshakeServesManyRequests) {
  Middle middle(server->port());
  auto client = ClientOf(middle.port(), {pins["ours"]});
  ASSERT_OK(client);
  for (int i = 0; i < 50; ++i) EXPECT_OK((*client)->Send({.method = "POST"}, kTime));
  EXPECT_EQ(middle.accepted, 1);
  EXPECT_EQ(handler.handled, 50);
  client->reset();
}

// The server's two tickets for later sessions come while the client's body fills every buffer on
// the way. They are no answer, and the rest of the body must follow.
TEST_F(PinTest, TicketsForLaterDoNotEndALongBody) {
  constexpr Duration kPatience = Duration::Seconds(60);  // nobody here is slow on purpose
  head_timeout = kPatience;
  server = Serve("ours");
  for (int i = 0; i < 3; ++i) {
    Middle middle(server->port(), 64 << 10);
    ASSERT_OK_AND_ASSIGN(const auto client, ClientOf(middle.port(), {pins["ours"]}));
    const std::string body(12'000'000, 'x');
    ASSERT_OK_AND_ASSIGN(const HttpResponse echo,
                         client->Send({.method = "POST", .body = body}, kPatience));
    EXPECT_EQ(echo.body, body);
  }
}

// Peers that greet and stop, send noise, or trickle a handshake byte by byte hold a descriptor
// until their time is over, and never a thread: the server has one.
TEST_F(PinTest, SlowAndBrokenHandshakesDoNotStarveTheServer) {
  const auto lone = Serve("lone", 1);
  std::vector<RawSocket> peers;
  for (int i = 0; i < 60; ++i) {
    peers.emplace_back(lone->port());
    if (i % 3 == 0) continue;
    const std::string hello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
    (void)peers.back().Send(i % 3 == 1 ? hello : std::string(300, '\xff'));
  }
  EXPECT_OK(Ask(lone->port(), {pins["lone"]}));
  for (int i = 0; i < 60; ++i)
    EXPECT_THAT(peers[i].ReadAll(), ::testing::Not(HasSubstr("TIMEOUT")));
  EXPECT_OK(Ask(lone->port(), {pins["lone"]}));
}

TEST_F(PinTest, AnIdentityIsReadAsItWasMade) {
  ASSERT_OK_AND_ASSIGN(const TlsIdentity made, MakeTlsIdentity("x", Timestamp{}));
  ASSERT_OK_AND_ASSIGN(const TlsIdentity read, ReadTlsIdentity(made.pem));
  EXPECT_EQ(read.pin, made.pin);
  ASSERT_OK_AND_ASSIGN(const TlsIdentity other, MakeTlsIdentity("x", Timestamp{}));
  EXPECT_NE(other.pin, made.pin);
  EXPECT_THAT(ReadTlsIdentity(""), HasCode(ErrorCode::kDataLoss));
  EXPECT_THAT(ReadTlsIdentity(made.pem.substr(0, made.pem.size() / 2)),
              HasCode(ErrorCode::kDataLoss));
  // Somebody else's certificate behind this key.
  const size_t certificate = made.pem.find("-----BEGIN CERTIFICATE");
  EXPECT_THAT(ReadTlsIdentity(made.pem.substr(0, certificate) +
                              other.pem.substr(other.pem.find("-----BEGIN CERTIFICATE"))),
              HasCode(ErrorCode::kDataLoss));
}

}  // namespace
}  // namespace ticketing
