// Goal: a message that was asked for goes out, once per key, whatever the provider answers and
// whenever the process dies; and what goes out is what was asked for.
#include "ticketing/service/notifications/notifications_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "lib/service/notifications/outbox.h"
#include "ticketing/crypto/signature.h"
#include "ticketing/notification/delivery.h"
#include "ticketing/provider/mailbox/mailbox.h"
#include "ticketing/provider/pdf/ticket_pdf.h"
#include "ticketing/provider/qr/reader.h"
#include "ticketing/provider/smtp/smtp_sender.h"
#include "ticketing/service/common/token_verifier.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/fake_http_client.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"
#include "ticketing/testing/test_env.h"
#include "ticketing/token/access_token.h"
#include "ticketing/token/jwk.h"

namespace ticketing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

struct SentMail {
  notification::Envelope envelope;
  std::string bytes;
};

class FakeSender final : public notification::MailSender {
 public:
  Status Send(const notification::Envelope& envelope, std::string_view message) override {
    sent.push_back({envelope, std::string(message)});
    if (answers.empty()) return OkStatus();
    const Status answer = answers.front();
    answers.pop_front();
    return answer;
  }
  std::vector<SentMail> sent;
  std::deque<Status> answers;
};

class FakeDocument final : public notification::TicketDocument {
 public:
  StatusOr<std::string> RenderPages(const std::vector<notification::TicketPage>& pages) override {
    if (!error.ok()) return error;
    std::string out = "%PDF";
    for (const notification::TicketPage& page : pages) {
      out.append(" " + page.section + "/" + page.row + "/" + page.seat + "=" + page.code_text);
    }
    return out;
  }
  Status error;
};

class NotificationsTest : public testing::Test {
 protected:
  NotificationsTest()
      : key_(*SigningKey::FromSeed(std::string(32, 'k'))), verifier_(identity_, test_.clock) {
    JwkSet keys;
    EXPECT_OK(keys.Add(key_.public_key()));
    identity_.SetFallback([text = keys.ToJson()](const HttpRequest&) -> StatusOr<HttpResponse> {
      return HttpResponse{.body = text};
    });
  }
  void SetUp() override { Start(sender_, document_); }

  void Start(notification::MailSender& sender, notification::TicketDocument& document) {
    service_.reset();
    SqliteDatabaseFactory factory({.data_dir = dir_ / "data"});
    auto opened = NotificationsService::Open(
        {test_.env(), factory, verifier_, sender, document},
        {.from_address = "boletos@example.mx", .public_url = "https://boletos.example.mx/"});
    ASSERT_OK(opened);
    service_ = *std::move(opened);
  }

  std::string Token(Role role) {
    const AccessClaims claims{.issuer = kTokenIssuer,
                              .audience = kTokenAudience,
                              .subject = "ticketing-api",
                              .roles = {role},
                              .issued_at = test_.clock.Now(),
                              .not_before = test_.clock.Now(),
                              .expires_at = test_.clock.Now() + Duration::Minutes(10),
                              .token_id = "t"};
    return SignAccessToken(claims, JwkThumbprint(key_.public_key()), key_);
  }

  HttpResponse Send(const std::string& method, const std::string& target, const json& body,
                    Role role = Role::kService) {
    HttpRequest request{.method = method, .target = target};
    if (!body.is_null()) request.body = body.dump();
    request.headers.Set("Authorization", "Bearer " + Token(role));
    return service_->api().Handle(request);
  }

  static json Ticket(const std::string& seat) {
    return {{"ticket_id", "tkt_0000000000001"},
            {"order_id", "ord_0000000000002"},
            {"event_name", "Bravos vs. Águilas"},
            {"venue_name", "Estadio Olímpico"},
            {"starts_at_text", "sábado 28 de noviembre de 2026, 19:00 h"},
            {"gate", "4"},
            {"section", "104"},
            {"row", "F"},
            {"seat", seat},
            {"category", "Preferente"},
            {"holder", "Ana Gómez"},
            {"price", {{"minor", "65000"}, {"currency", "MXN"}}},
            {"code", "CODE" + seat}};
  }
  static json Message(const std::string& key = "order_confirmation/1") {
    return {{"dedupe_key", key},
            {"template", "order_confirmation"},
            {"language", "es"},
            {"to", {{"name", "Ana Gómez"}, {"email", "ana@example.mx"}}},
            {"order_id", "ord_0000000000002"},
            {"event_name", "Bravos vs. Águilas"},
            {"venue_name", "Estadio Olímpico"},
            {"starts_at_text", "sábado 28 de noviembre de 2026, 19:00 h"},
            {"total", {{"minor", "139500"}, {"currency", "MXN"}}},
            {"tickets", {Ticket("23"), Ticket("24")}}};
  }

  json Post(const json& message, int status) {
    const HttpResponse response = Send("POST", "/v1/messages", message);
    EXPECT_EQ(response.status, status) << response.body;
    return json::parse(response.body, nullptr, false);
  }
  json StateOf(const std::string& id) {
    return json::parse(Send("GET", "/v1/messages/" + id, nullptr).body);
  }
  int Tick() {
    const auto tried = service_->Tick();
    EXPECT_OK(tried);
    return tried.value_or(-1);
  }

  TempDir dir_;
  TestEnv test_;
  const SigningKey key_;
  FakeHttpClient identity_;
  TokenVerifier verifier_;
  FakeSender sender_;
  FakeDocument document_;
  std::unique_ptr<NotificationsService> service_;
};

TEST_F(NotificationsTest, SendsWhatWasAskedForOnce) {
  const json queued = Post(Message(), 201);
  EXPECT_EQ(queued["status"], "queued");
  EXPECT_EQ(Tick(), 1);
  ASSERT_EQ(sender_.sent.size(), 1u);
  EXPECT_EQ(sender_.sent[0].envelope.from, "boletos@example.mx");
  EXPECT_THAT(sender_.sent[0].envelope.to, testing::ElementsAre("ana@example.mx"));
  EXPECT_THAT(sender_.sent[0].bytes,
              HasSubstr("Message-ID: <" + queued["id"].get<std::string>() + "@example.mx>"));
  const json sent = StateOf(queued["id"]);
  EXPECT_EQ(sent["status"], "sent");
  EXPECT_EQ(sent["attempts"], 1);

  EXPECT_EQ(Post(Message(), 200)["id"], queued["id"]) << "the same key is the same message";
  EXPECT_EQ(Tick(), 0);
  EXPECT_EQ(sender_.sent.size(), 1u);
  Post(Message("order_confirmation/2"), 201);
  EXPECT_EQ(Tick(), 1);
}

TEST_F(NotificationsTest, TransientErrorsAreTriedAgain) {
  sender_.answers = {MakeError(ErrorCode::kUnavailable, "451 greylisted"),
                     MakeError(ErrorCode::kDeadlineExceeded, "slow")};
  const std::string id = Post(Message(), 201)["id"];
  EXPECT_EQ(Tick(), 1);
  EXPECT_EQ(StateOf(id)["status"], "failed");
  EXPECT_EQ(StateOf(id)["last_error"], "451 greylisted");
  EXPECT_EQ(Tick(), 0) << "not before it is due";
  test_.clock.Advance(Duration::Seconds(5));
  EXPECT_EQ(Tick(), 1);
  test_.clock.Advance(Duration::Seconds(30));
  EXPECT_EQ(Tick(), 1);
  EXPECT_EQ(StateOf(id)["status"], "sent");
  ASSERT_EQ(sender_.sent.size(), 3u);
  EXPECT_EQ(sender_.sent[0].bytes, sender_.sent[2].bytes) << "byte for byte the same mail";
}

TEST_F(NotificationsTest, FinalErrorsEndIt) {
  sender_.answers = {MakeError(ErrorCode::kConflict, "550 no such user")};
  const std::string id = Post(Message(), 201)["id"];
  Tick();
  EXPECT_EQ(StateOf(id)["status"], "dead");
  test_.clock.Advance(Duration::Days(1));
  EXPECT_EQ(Tick(), 0);
  EXPECT_EQ(test_.metrics.Value("notifications_messages_total", {{"outcome", "dead"}}), 1);
}

TEST_F(NotificationsTest, NothingIsSentTooLate) {
  sender_.answers.assign(20, MakeError(ErrorCode::kUnavailable, "down"));
  const std::string id = Post(Message(), 201)["id"];
  for (int i = 0; i < 200; ++i) {
    Tick();
    test_.clock.Advance(Duration::Hours(1));
  }
  EXPECT_EQ(StateOf(id)["status"], "dead");
  EXPECT_LE(sender_.sent.size(), 9u);
}

TEST_F(NotificationsTest, ProcessThatDiesWhileSendingIsSucceeded) {
  const std::string id = Post(Message(), 201)["id"];
  // The claim is stored, the outcome never is: as after a kill in the middle of sending.
  class Dying final : public notification::MailSender {
   public:
    Status Send(const notification::Envelope&, std::string_view) override { throw 1; }
  } dying;
  Start(dying, document_);
  EXPECT_THROW((void)service_->Tick(), int);
  Start(sender_, document_);
  EXPECT_EQ(Tick(), 0) << "its lease still runs";
  test_.clock.Advance(notification::kSendLease);
  EXPECT_EQ(Tick(), 1);
  EXPECT_EQ(StateOf(id)["status"], "sent");
  EXPECT_EQ(StateOf(id)["attempts"], 2);
}

TEST_F(NotificationsTest, DocumentsThatCannotBeMadeAreTriedAgainOrGivenUp) {
  document_.error = MakeError(ErrorCode::kUnavailable, "fonts away");
  const std::string first = Post(Message("a"), 201)["id"];
  Tick();
  EXPECT_EQ(StateOf(first)["status"], "failed");
  document_.error = InvalidField("code", "too long");
  const std::string second = Post(Message("b"), 201)["id"];
  Tick();
  EXPECT_EQ(StateOf(second)["status"], "dead");
  EXPECT_TRUE(sender_.sent.empty());
}

TEST_F(NotificationsTest, SecretsDoNotStayBehind) {
  Post(Message(), 201);
  Tick();
  service_.reset();
  SqliteDatabaseFactory factory({.data_dir = dir_ / "data"});
  ASSERT_OK_AND_ASSIGN(const auto database, factory.Open("notifications", MessageOutbox::Schema()));
  int rows = 0;
  ASSERT_OK(database->Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT request FROM messages", {}, [&](const SqlRow& row) {
      ++rows;
      EXPECT_EQ(row.Bytes(0), "");
      return OkStatus();
    });
  }));
  EXPECT_EQ(rows, 1);
  for (const char* secret : {"CODE23", "ana@example.mx", "Gómez"}) {
    EXPECT_FALSE(test_.log.Contains(secret)) << secret;
  }
}

TEST_F(NotificationsTest, OnlyServicesMaySend) {
  for (const Role role : {Role::kCustomer, Role::kAdmin, Role::kDevice, Role::kBoxOffice}) {
    EXPECT_EQ(Send("POST", "/v1/messages", Message(), role).status, 403);
    EXPECT_EQ(Send("POST", "/v1/documents/tickets", {{"tickets", {Ticket("1")}}}, role).status,
              403);
  }
  EXPECT_EQ(service_->api().Handle({.method = "POST", .target = "/v1/messages"}).status, 401);
  EXPECT_EQ(Send("GET", "/v1/messages/msg_0000000000009", nullptr).status, 404);
  EXPECT_EQ(Send("GET", "/v1/messages/x", nullptr).status, 404);
}

TEST_F(NotificationsTest, BadMessagesNameTheField) {
  const auto refused = [&](auto change, const std::string& field) {
    json message = Message();
    change(message);
    const json problem = Post(message, 422);
    EXPECT_EQ(problem["errors"][0]["field"], field) << problem;
  };
  refused([](json& m) { m["to"]["email"] = "ana"; }, "to.email");
  refused([](json& m) { m["to"]["email"] = "a@b.mx\r\nBcc: c@d.mx"; }, "to.email");
  refused([](json& m) { m["to"]["name"] = "Ana\r\nBcc: thief@example.com"; }, "to.name");
  refused([](json& m) { m["template"] = "spam"; }, "template");
  refused([](json& m) { m.erase("dedupe_key"); }, "dedupe_key");
  refused([](json& m) { m["language"] = "fr"; }, "language");
  refused([](json& m) { m["surprise"] = 1; }, "surprise");
  refused([](json& m) { m["tickets"][1]["code"] = ""; }, "tickets[1].code");
  EXPECT_EQ(Tick(), 0);
}

TEST_F(NotificationsTest, NamesCannotAddHeaders) {
  json message = Message();
  message["to"]["name"] = "Ana\nBcc: thief@example.com";
  message["event_name"] = "Bravos\nvs. Águilas";
  Post(message, 201);
  EXPECT_EQ(Tick(), 1);
  ASSERT_EQ(sender_.sent.size(), 1u);
  EXPECT_THAT(sender_.sent[0].bytes, Not(HasSubstr("\nBcc:")));
}

TEST_F(NotificationsTest, PrintsSeveralTicketsAsOneDocument) {
  const HttpResponse response =
      Send("POST", "/v1/documents/tickets", {{"tickets", {Ticket("23"), Ticket("24")}}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.Get("Content-Type"), "application/pdf");
  EXPECT_EQ(response.body, "%PDF 104/F/23=CODE23 104/F/24=CODE24");
  EXPECT_EQ(Send("POST", "/v1/documents/tickets", {{"tickets", json::array()}}).status, 422);
}

// The whole way: request, PDF, SMTP, mailbox, attachment, picture, symbol.
TEST_F(NotificationsTest, MailArrivesWithTicketsThatAGateCanRead) {
  SqliteDatabaseFactory factory({});
  ASSERT_OK_AND_ASSIGN(const auto database, factory.Open("mailbox", mailbox::MailboxSchema()));
  ASSERT_OK_AND_ASSIGN(const auto box, mailbox::NewMailbox({}, *database, test_.clock, test_.log));
  ASSERT_OK_AND_ASSIGN(const auto sender, smtp::NewSmtpSender({.port = box->smtp_port(),
                                                               .security = smtp::Security::kNone}));
  ASSERT_OK_AND_ASSIGN(const auto document, pdf::NewTicketPdf({}));
  Start(*sender, *document);
  const std::string id = Post(Message(), 201)["id"];
  EXPECT_EQ(Tick(), 1);
  EXPECT_EQ(StateOf(id)["status"], "sent");

  const json mail = json::parse(box->Handle({.target = "/mailbox/messages/1"}).body);
  EXPECT_EQ(mail["subject"], "Tus boletos para Bravos vs. Águilas");
  EXPECT_THAT(mail["text"].get<std::string>(), HasSubstr("Sección 104 · Fila F · Asiento 23"));
  EXPECT_THAT(mail["text"].get<std::string>(), HasSubstr("Cargos e impuestos: 95.00 MXN"));
  EXPECT_THAT(mail["text"].get<std::string>(), HasSubstr("Total: 1,395.00 MXN"));
  EXPECT_THAT(mail["html"].get<std::string>(),
              HasSubstr("https://boletos.example.mx/#/orders/ord_0000000000002"));
  ASSERT_EQ(mail["attachments"].size(), 2u);
  for (const std::string seat : {"23", "24"}) {
    const json& file = mail["attachments"][seat == "23" ? 0 : 1];
    EXPECT_EQ(file["file_name"], "boleto-104-F-" + seat + ".pdf");
    EXPECT_EQ(file["content_type"], "application/pdf");
    std::ofstream(dir_ / "ticket.pdf", std::ios::binary)
        << box->Handle({.target = file["url"].get<std::string>()}).body;
    const std::string render = "pdftoppm -png -singlefile -r 150 " + (dir_ / "ticket.pdf") + " " +
                               (dir_ / "ticket") + " 2>/dev/null";
    ASSERT_EQ(std::system(render.c_str()), 0);
    std::ifstream in(dir_ / "ticket.png", std::ios::binary);
    const std::string png{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    EXPECT_THAT(qr::ReadCodeFromFile(png), IsOkAndHolds("CODE" + seat));
  }
}

}  // namespace
}  // namespace ticketing
