#include "ticketing/provider/mailbox/mailbox.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "ticketing/notification/mime.h"
#include "ticketing/provider/smtp/smtp_sender.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"
#include "ticketing/testing/test_env.h"

namespace ticketing::mailbox {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

class MailboxTest : public testing::Test {
 protected:
  void SetUp() override { Open({}); }

  void Open(const MailboxOptions& options) {
    mailbox_.reset();
    database_.reset();
    SqliteDatabaseFactory factory({.data_dir = dir_ / "data"});
    database_ = *factory.Open("mailbox", MailboxSchema());
    mailbox_ = *NewMailbox(options, *database_, env_.clock, env_.log);
  }

  HttpResponse Get(const std::string& target, const std::string& method = "GET") {
    return mailbox_->Handle({.method = method, .target = target});
  }
  json GetJson(const std::string& target) {
    const HttpResponse response = Get(target);
    EXPECT_EQ(response.status, 200) << response.body;
    return json::parse(response.body);
  }

  Status Send(const notification::MailMessage& mail) {
    const auto raw = notification::BuildMime(mail);
    EXPECT_OK(raw);
    return SendRaw(mail.to[0].address, *raw);
  }
  Status SendRaw(const std::string& to, const std::string& raw) {
    const auto sender = smtp::NewSmtpSender({.port = mailbox_->smtp_port(),
                                             .security = smtp::Security::kNone,
                                             .timeout = Duration::Seconds(20)});
    return (*sender)->Send({"boletos@example.mx", {to}}, raw);
  }

  static notification::MailMessage Mail() {
    return {.from = {"Boletería", "boletos@example.mx"},
            .to = {{"Ana Gómez", "Ana@example.mx"}},
            .subject = "Tus boletos para Ñandú <FC>",
            .text = "Hola\n.\n..dos puntos\nñ",
            .html = "<p>Hola <script>alert(1)</script></p>",
            .attachments = {{"boleto ñ.pdf", "application/pdf", std::string("%PDF\0\r\n.\r\n", 10)},
                            {"x.html", "text/html", "<script>alert(2)</script>"}},
            .date = *ParseTimestamp("2026-11-28T19:00:00Z"),
            .message_id = "m1@example.mx"};
  }

  TempDir dir_;
  TestEnv env_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Mailbox> mailbox_;
};

TEST_F(MailboxTest, ShowsWhatOurSenderSends) {
  ASSERT_OK(Send(Mail()));
  const json list = GetJson("/mailbox/messages");
  ASSERT_EQ(list["messages"].size(), 1u);
  EXPECT_EQ(list["messages"][0]["subject"], Mail().subject);
  EXPECT_EQ(list["messages"][0]["to"], json::array({"Ana@example.mx"}));
  EXPECT_EQ(list["messages"][0]["received_at"], "2026-11-22T12:00:00Z");

  const json one = GetJson("/mailbox/messages/1");
  EXPECT_EQ(one["text"], "Hola\r\n.\r\n..dos puntos\r\nñ");
  EXPECT_EQ(one["html"], Mail().html);
  ASSERT_EQ(one["attachments"].size(), 2u);
  EXPECT_EQ(one["attachments"][0]["file_name"], "boleto ñ.pdf");
  EXPECT_EQ(one["attachments"][0]["size"], 10);
  const HttpResponse file = Get(one["attachments"][0]["url"]);
  EXPECT_EQ(file.body, Mail().attachments[0].bytes);
  EXPECT_EQ(file.headers.Get("Content-Type"), "application/pdf");
  EXPECT_EQ(Get("/mailbox/messages/1/raw").body, *notification::BuildMime(Mail()));
  bool from_seen = false;
  for (const json& header : one["headers"]) {
    from_seen |= header["name"] == "From" && header["value"] == "Boletería <boletos@example.mx>";
  }
  EXPECT_TRUE(from_seen) << one["headers"].dump();
}

TEST_F(MailboxTest, ForeignMailIsHarmlessInTheBrowser) {
  ASSERT_OK(Send(Mail()));
  const HttpResponse list = Get("/mailbox");
  EXPECT_THAT(list.body, HasSubstr("Ñandú &lt;FC&gt;"));
  const HttpResponse page = Get("/mailbox/1");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, Not(HasSubstr("<script>")));
  EXPECT_THAT(page.body, HasSubstr("<iframe sandbox "));
  EXPECT_THAT(std::string(*page.headers.Get("Content-Security-Policy")),
              HasSubstr("default-src 'none'"));
  EXPECT_EQ(Get("/mailbox/messages/1/attachments/1").headers.Get("Content-Type"),
            "application/octet-stream");
}

TEST_F(MailboxTest, TakesMailFromAForeignClient) {
  std::ofstream(dir_ / "send.py") << R"(
import smtplib, sys
from email.message import EmailMessage
m = EmailMessage()
m['From'] = 'Peña <pena@example.com>'; m['To'] = 'x@example.mx'
m['Subject'] = 'Año nuevo ' + 'ñ' * 60
m.set_content('Línea uno\n.\nfin\n'); m.add_alternative('<b>ñ</b>', subtype='html')
m.add_attachment(bytes(range(256)) * 40, maintype='application', subtype='octet-stream',
                 filename='año.bin')
with smtplib.SMTP('127.0.0.1', int(sys.argv[1])) as s:
    s.send_message(m, to_addrs=['x@example.mx', 'y@example.mx'])
    m.replace_header('Subject', 'second'); s.send_message(m)
    try: s.sendmail('nobody', ['x@example.mx'], 'x'); sys.exit(3)
    except smtplib.SMTPSenderRefused as e: assert e.smtp_code == 553, e
)";
  const std::string command =
      "/usr/bin/python3 " + (dir_ / "send.py") + " " + std::to_string(mailbox_->smtp_port());
  ASSERT_EQ(std::system(command.c_str()), 0);
  ASSERT_EQ(GetJson("/mailbox/messages")["messages"].size(), 2u);
  EXPECT_EQ(GetJson("/mailbox/messages")["messages"][0]["subject"], "second") << "newest first";
  const json one = GetJson("/mailbox/messages/1");
  std::string subject = "Año nuevo ";
  for (int i = 0; i < 60; ++i) subject.append("ñ");
  EXPECT_EQ(one["subject"], subject);
  EXPECT_EQ(one["text"], "Línea uno\r\n.\r\nfin\r\n");
  EXPECT_EQ(one["html"], "<b>ñ</b>\r\n");
  EXPECT_EQ(one["attachments"][0]["file_name"], "año.bin");
  EXPECT_EQ(one["attachments"][0]["size"], 256 * 40);
}

TEST_F(MailboxTest, FiltersByRecipient) {
  ASSERT_OK(SendRaw("one@example.mx", "Subject: 1\r\n\r\nx\r\n"));
  ASSERT_OK(SendRaw("Two@example.mx", "Subject: 2\r\n\r\nx\r\n"));
  const json found = GetJson("/mailbox/messages?to=two%40EXAMPLE.mx");
  ASSERT_EQ(found["messages"].size(), 1u);
  EXPECT_EQ(found["messages"][0]["subject"], "2");
  EXPECT_EQ(Get("/mailbox/messages?to=%zz").status, 400);
}

TEST_F(MailboxTest, KeepsMailsOverARestartUpToTheLimit) {
  for (int i = 1; i <= 3; ++i) {
    ASSERT_OK(SendRaw("a@example.mx", "Subject: " + std::to_string(i) + "\r\n\r\nx\r\n"));
  }
  Open({.messages_kept = 3});
  ASSERT_EQ(GetJson("/mailbox/messages")["messages"].size(), 3u);
  ASSERT_OK(SendRaw("a@example.mx", "Subject: 4\r\n\r\nx\r\n"));
  const json list = GetJson("/mailbox/messages?to=a@example.mx");
  ASSERT_EQ(list["messages"].size(), 3u);
  EXPECT_EQ(list["messages"][0]["subject"], "4");
  EXPECT_EQ(Get("/mailbox/messages/1").status, 404);
}

TEST_F(MailboxTest, StrangeRequestsAndMailsAreAnswered) {
  EXPECT_THAT(Get("/mailbox").body, HasSubstr("No mail has arrived"));
  for (const char* path :
       {"/mailbox/messages/1", "/mailbox/messages/x", "/mailbox/messages/1/what", "/mailbox/9",
        "/other", "/mailbox/messages/99999999999999999999", "/mailbox/messages/"}) {
    EXPECT_EQ(Get(path).status, 404) << path;
  }
  EXPECT_EQ(Get("/mailbox", "POST").status, 405);
  ASSERT_OK(SendRaw("a@example.mx",
                    "no colon here\r\nSubject: \xff\xfe bad =?utf-8?b?!!!?= =?x\r\nContent-Type: "
                    "multipart/mixed; boundary=\"\xff\"\r\n\r\n--\xff\r\n\r\nx"));
  ASSERT_OK(SendRaw("a@example.mx",
                    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b\r\nContent-Type: "
                    "multipart/mixed; boundary=b\r\n\r\n--b--\r\nlate"));
  ASSERT_OK(SendRaw("a@example.mx", ""));
  for (const char* id : {"1", "2", "3"}) {
    EXPECT_EQ(Get(std::string("/mailbox/messages/") + id).status, 200) << id;
    EXPECT_EQ(Get(std::string("/mailbox/") + id).status, 200) << id;
    EXPECT_EQ(Get(std::string("/mailbox/messages/") + id + "/attachments/7").status, 404) << id;
  }
}

class Client {
 public:
  explicit Client(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { close(fd_); }
  bool connected() const { return connected_; }
  // What the server says until it has said a line, or has closed the connection.
  std::string Line() {
    std::string out;
    char c = 0;
    while (out.find('\n') == std::string::npos && recv(fd_, &c, 1, 0) == 1) out.push_back(c);
    return out;
  }

 private:
  int fd_;
  bool connected_ = false;
};

TEST_F(MailboxTest, ConnectionsAreLimited) {
  Open({.connections_max = 2});
  Client first(mailbox_->smtp_port());
  Client second(mailbox_->smtp_port());
  EXPECT_THAT(first.Line(), HasSubstr("220 "));
  EXPECT_THAT(second.Line(), HasSubstr("220 "));
  Client third(mailbox_->smtp_port());
  EXPECT_THAT(third.Line(), HasSubstr("421 "));
  EXPECT_EQ(third.Line(), "");
}

TEST_F(MailboxTest, IdleConnectionsAreClosed) {
  Open({.idle_timeout = Duration::Millis(20)});
  Client idle(mailbox_->smtp_port());
  EXPECT_THAT(idle.Line(), HasSubstr("220 "));
  EXPECT_THAT(idle.Line(), HasSubstr("421 "));
  EXPECT_EQ(idle.Line(), "");
}

TEST_F(MailboxTest, StopEndsOpenConnections) {
  Client open(mailbox_->smtp_port());
  EXPECT_THAT(open.Line(), HasSubstr("220 "));
  const uint16_t port = mailbox_->smtp_port();
  mailbox_->Stop();
  EXPECT_THAT(open.Line(), HasSubstr("421 "));
  EXPECT_FALSE(Client(port).connected());
  EXPECT_EQ(Get("/mailbox").status, 200);
}

TEST_F(MailboxTest, TakenPortIsAnError) {
  const auto second =
      NewMailbox({.port = mailbox_->smtp_port()}, *database_, env_.clock, env_.log).status();
  EXPECT_THAT(second, HasCode(ErrorCode::kUnavailable));
}

TEST_F(MailboxTest, ManyClientsAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 5; ++i) EXPECT_OK(SendRaw("a@example.mx", "Subject: x\r\n\r\ny\r\n"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(GetJson("/mailbox/messages")["messages"].size(), 40u);
}

}  // namespace
}  // namespace ticketing::mailbox
