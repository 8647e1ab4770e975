#include "ticketing/provider/smtp/smtp_sender.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <thread>

#include "ticketing/testing/matchers.h"

namespace ticketing::smtp {
namespace {

using notification::Envelope;
using notification::IsTransient;
using ::testing::HasSubstr;

// A server that answers one connection by a script: the reply to a command, by its first word.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::map<std::string, std::string> replies,
                          std::string greeting = "220 hi")
      : replies_(std::move(replies)), greeting_(std::move(greeting)) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    listen(listener_, 1);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~ScriptedServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  uint16_t port() const { return port_; }

 private:
  void Say(int fd, const std::string& text) {
    const std::string line = text + "\r\n";
    [[maybe_unused]] const ssize_t sent = send(fd, line.data(), line.size(), MSG_NOSIGNAL);
  }
  void Serve() {
    const int fd = accept(listener_, nullptr, nullptr);
    if (fd < 0) return;
    if (greeting_ != "silence") Say(fd, greeting_);
    std::string in;
    char buffer[4096];
    bool data = false;
    for (ssize_t n; (n = recv(fd, buffer, sizeof buffer, 0)) > 0;) {
      in.append(buffer, static_cast<size_t>(n));
      for (size_t end; (end = in.find("\r\n")) != std::string::npos; in.erase(0, end + 2)) {
        const std::string line = in.substr(0, end);
        if (data && line != ".") continue;
        const std::string verb = data ? "." : line.substr(0, line.find(' '));
        const auto found = replies_.find(verb);
        const std::string reply =
            found == replies_.end() ? (verb == "DATA" ? "354 go" : "250 ok") : found->second;
        data = reply.starts_with("354");
        if (reply == "close") {
          close(fd);
          return;
        }
        Say(fd, reply);
      }
    }
    close(fd);
  }

  const std::map<std::string, std::string> replies_;
  const std::string greeting_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::thread thread_;
};

Status SendTo(uint16_t port, Security security = Security::kNone) {
  const auto sender = NewSmtpSender({.port = port,
                                     .security = security,
                                     .connect_timeout = Duration::Seconds(2),
                                     .timeout = Duration::Millis(1500)});
  if (!sender.ok()) return sender.status();
  return (*sender)->Send({"a@example.mx", {"b@example.mx"}}, "Subject: x\r\n\r\nhello\r\n");
}

Status SendWith(std::map<std::string, std::string> replies, std::string greeting = "220 hi") {
  const ScriptedServer server(std::move(replies), std::move(greeting));
  return SendTo(server.port());
}

TEST(SmtpSender, SucceedsWhenTheServerTakesTheMail) {
  EXPECT_OK(SendWith({}));
}

TEST(SmtpSender, FourHundredsAreTransient) {
  for (const char* verb : {"MAIL", "RCPT", "DATA", "."}) {
    const Status status = SendWith({{verb, "451 4.7.1 greylisted"}});
    EXPECT_TRUE(IsTransient(status)) << verb << ": " << status;
    EXPECT_THAT(std::string(MessageOf(status)), HasSubstr("451 4.7.1 greylisted")) << verb;
  }
}

TEST(SmtpSender, FiveHundredsAboutTheMailAreFinal) {
  for (const char* verb : {"MAIL", "RCPT", "DATA", "."}) {
    const Status status = SendWith({{verb, "550 5.1.1 no such user"}});
    EXPECT_THAT(status, HasCode(ErrorCode::kConflict)) << verb;
    EXPECT_FALSE(IsTransient(status)) << verb;
    EXPECT_THAT(std::string(MessageOf(status)), HasSubstr("550 5.1.1 no such user")) << verb;
  }
}

TEST(SmtpSender, TroubleWithTheConnectionIsTransient) {
  EXPECT_TRUE(IsTransient(SendWith({}, "554 no service here")));
  EXPECT_TRUE(IsTransient(SendWith({{"EHLO", "550 no"}, {"HELO", "550 no"}})));
  EXPECT_TRUE(IsTransient(SendWith({{"RCPT", "close"}})));
  EXPECT_TRUE(IsTransient(SendWith({{".", "close"}})));
  uint16_t port = 0;
  { port = ScriptedServer({}).port(); }
  EXPECT_THAT(SendTo(port), HasCode(ErrorCode::kUnavailable));
}

TEST(SmtpSender, SilenceTimesOut) {
  EXPECT_THAT(SendWith({}, "silence"), HasCode(ErrorCode::kDeadlineExceeded));
}

TEST(SmtpSender, NoMailWithoutTheEncryptionAskedFor) {
  const ScriptedServer server({});
  EXPECT_TRUE(IsTransient(SendTo(server.port(), Security::kStartTls)));
}

TEST(SmtpSender, EnvelopesAreChecked) {
  ASSERT_OK_AND_ASSIGN(const auto sender, NewSmtpSender({.port = 1, .security = Security::kNone}));
  for (const char* bad : {"", "x", "a@b.mx>\r\nRCPT TO:<c@d.mx", "a b@c.mx", "@x", "a@"}) {
    EXPECT_THAT(sender->Send({bad, {"b@example.mx"}}, "x"), HasCode(ErrorCode::kInvalidField))
        << bad;
    EXPECT_THAT(sender->Send({"a@example.mx", {bad}}, "x"), HasCode(ErrorCode::kInvalidField))
        << bad;
  }
  EXPECT_THAT(sender->Send({"a@example.mx", {}}, "x"), HasCode(ErrorCode::kInvalidField));
}

TEST(SmtpSender, OptionsAreChecked) {
  EXPECT_FALSE(NewSmtpSender({.host = ""}).ok());
  EXPECT_FALSE(NewSmtpSender({.host = "a/b"}).ok());
  EXPECT_FALSE(NewSmtpSender({.port = 0}).ok());
  EXPECT_FALSE(NewSmtpSender({.helo_name = "x\r\n"}).ok());
  EXPECT_FALSE(
      NewSmtpSender(
          {.host = "mail.example.mx", .security = Security::kNone, .user = "u", .password = "p"})
          .ok());
}

}  // namespace
}  // namespace ticketing::smtp
