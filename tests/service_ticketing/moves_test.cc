// Tickets on phones, from the API to the gate: the wallet of the phone, the service, and the engine
// of a handheld, all real.
#include <set>

#include "tests/service_ticketing/world.h"
#include "ticketing/base/bytes.h"
#include "ticketing/gate/engine.h"
#include "ticketing/wallet/wallet.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

class MemoryStorage final : public WalletStorage {
 public:
  StatusOr<std::string> Load() override { return bytes_; }
  Status Save(std::string_view bytes) override {
    bytes_ = std::string(bytes);
    return OkStatus();
  }

 private:
  std::string bytes_;
};

struct Phone {
  explicit Phone(World& world)
      : wallet(Wallet::Open(world.env.clock, world.env.random, storage, std::string(32, 'k'))
                   .value()) {}
  Wallet* operator->() { return wallet.get(); }

  // What the app does with an answer of the server.
  Status Keep(const v1::BoundTicket& bound) {
    KeyRing keys;
    for (const v1::TicketKey& key : bound.keys()) {
      TICKETING_RETURN_IF_ERROR(
          keys.Add(static_cast<uint8_t>(key.id()), {HexDecode(key.public_key()).value()}));
    }
    return wallet->Put(bound.rotating_ticket(), bound.ticket().label(), keys);
  }

  MemoryStorage storage;
  std::unique_ptr<Wallet> wallet;
};

std::string Quoted(std::string_view name, std::string_view value) {
  return "\"" + std::string(name) + "\":\"" + std::string(value) + "\"";
}

class MovesTest : public ::testing::Test {
 protected:
  MovesTest() : gate_files_(SqliteOptions{}), phone_(world_), friends_(world_) {
    world_.MakeEvent();
    const v1::Order order = world_.Buy({"N-A-1"}, "k");
    paper_ = order.tickets(0).code();
    id_ = order.tickets(0).id();
    ticket_ = *TicketId::Parse(id_);
    auto key = SigningKey::FromSeed(std::string(kSignatureSeedBytes, 'h'));
    gate_ = *GateEngine::Open(world_.env.env(), gate_files_, "handheld", *std::move(key),
                              GateConfig{.device = DeviceId{100}});
    FetchCopy();
    world_.env.clock.Advance(gate_->Event(1)->doors_open_at - world_.env.clock.Now());
  }

  // The handheld in contact with the cloud.
  void FetchCopy() {
    const auto since = gate_->Events().empty() ? 0 : gate_->Events()[0].version;
    const HttpResponse response =
        world_.Send("GET", "/v1/events/" + world_.event_id + "/copy?since=" + std::to_string(since),
                    world_.gate);
    if (response.status == 304) return;
    ASSERT_EQ(response.status, 200) << response.body;
    ASSERT_OK(gate_->ApplyEventCopy(*DecodeEventCopy(response.body)));
  }

  // The tickets of whoever has the token, page by page.
  std::vector<std::string> Listed(const std::string& token) {
    std::vector<std::string> ids;
    std::string cursor;
    do {
      const auto page =
          Parse<v1::TicketList>(world_.Send("GET", "/v1/tickets?limit=1" + cursor, token));
      for (const v1::Ticket& ticket : page.tickets()) ids.push_back(ticket.id());
      cursor = page.next_cursor().empty() ? "" : "&cursor=" + page.next_cursor();
    } while (!cursor.empty() && ids.size() < 100);
    return ids;
  }

  Reason Scan(const std::string& text) {
    const auto result = gate_->Scan(text, {.gate = 1, .event = 1});
    EXPECT_OK(result.status());
    world_.env.clock.Advance(Duration::Seconds(6));  // no re-read
    return result->decision.reason;
  }

  HttpResponse Bind(Phone& phone, const std::string& token) {
    return world_.Send("POST", "/v1/tickets/" + id_ + "/device", token,
                       "{" + Quoted("device_code", phone->DeviceCode()) + "}");
  }

  HttpResponse Take(Phone& phone, const std::string& handover, AccountId account,
                    const std::string& token) {
    const auto proof = phone->Accept(handover, account);
    return world_.Send("POST", "/v1/ticket-handovers", token,
                       "{" + Quoted("handover", handover) + "," +
                           Quoted("proof", HexEncode(proof.value_or("nothing"))) + "}");
  }

  World world_;
  SqliteDatabaseFactory gate_files_;
  std::unique_ptr<GateEngine> gate_;
  Phone phone_;
  Phone friends_;
  std::string paper_;
  std::string id_;
  TicketId ticket_;
};

TEST_F(MovesTest, ATicketOnAPhoneEndsItsPaper) {
  const HttpResponse response = Bind(phone_, world_.customer);
  ASSERT_EQ(response.status, 200) << response.body;
  const auto bound = Parse<v1::BoundTicket>(response);
  EXPECT_TRUE(bound.ticket().bound());
  EXPECT_EQ(bound.ticket().code(), "");
  EXPECT_TRUE(bound.has_now());
  ASSERT_OK(phone_.Keep(bound));
  FetchCopy();
  EXPECT_EQ(Scan(paper_), Reason::kSuperseded);
  EXPECT_EQ(Scan(phone_->CodeOf(ticket_)->text), Reason::kOk);
  EXPECT_EQ(Scan(phone_->CodeOf(ticket_)->text), Reason::kAlreadyUsed);
  // There is nothing to print.
  EXPECT_EQ(world_.Send("GET", "/v1/tickets/" + id_ + "/pdf", world_.customer).status, 409);
  // A lost answer is asked for again, and nothing moves.
  const auto again = Parse<v1::BoundTicket>(Bind(phone_, world_.customer));
  EXPECT_EQ(again.rotating_ticket(), bound.rotating_ticket());
}

TEST_F(MovesTest, AGateWithoutContactLearnsFromTheNewCode) {
  ASSERT_OK(phone_.Keep(Parse<v1::BoundTicket>(Bind(phone_, world_.customer))));
  EXPECT_EQ(Scan(phone_->CodeOf(ticket_)->text), Reason::kOk);
  EXPECT_EQ(Scan(paper_), Reason::kSuperseded);
}

TEST_F(MovesTest, AScreenshotDiesAndAWindowIsNotUsedTwice) {
  ASSERT_OK(phone_.Keep(Parse<v1::BoundTicket>(Bind(phone_, world_.customer))));
  FetchCopy();
  const std::string screenshot = phone_->CodeOf(ticket_)->text;
  world_.env.clock.Advance(Duration::Seconds(30));
  EXPECT_EQ(Scan(screenshot), Reason::kExpiredCode);
  const std::string fresh = phone_->CodeOf(ticket_)->text;
  EXPECT_EQ(Scan(fresh), Reason::kOk);
  EXPECT_EQ(Scan(fresh), Reason::kAlreadyUsed);
}

TEST_F(MovesTest, ATicketGoesToAnotherPersonsPhone) {
  const AccountId stranger{0x7777};
  const std::string token = world_.identity.Token(stranger.ToString(), {Role::kCustomer});
  ASSERT_OK(phone_.Keep(Parse<v1::BoundTicket>(Bind(phone_, world_.customer))));
  EXPECT_THAT(Listed(world_.customer), Contains(id_)) << "another issue of it is still hers";
  const std::string before = phone_->CodeOf(ticket_)->text;
  ASSERT_OK_AND_ASSIGN(const std::string handover,
                       phone_->GiveAway(ticket_, friends_->DeviceCode()));
  // A thief who saw the handover has not the phone it names.
  Phone thief(world_);
  EXPECT_EQ(Take(thief, handover, AccountId{0x6666},
                 world_.identity.Token(AccountId{0x6666}.ToString(), {Role::kCustomer}))
                .status,
            422);
  const HttpResponse taken = Take(friends_, handover, stranger, token);
  ASSERT_EQ(taken.status, 200) << taken.body;
  ASSERT_OK(friends_.Keep(Parse<v1::BoundTicket>(taken)));
  EXPECT_EQ(world_.Send("GET", "/v1/tickets/" + id_, token).status, 200);
  EXPECT_EQ(world_.Send("GET", "/v1/tickets/" + id_, world_.customer).status, 404);
  EXPECT_EQ(Bind(phone_, world_.customer).status, 404);
  EXPECT_THAT(Listed(token), ElementsAre(id_));
  const v1::Order more = world_.Buy({"N-B-1", "N-B-2"}, "more");
  const std::vector<std::string> kept = Listed(world_.customer);
  EXPECT_THAT(kept, Not(Contains(id_)));
  for (const v1::Ticket& ticket : more.tickets()) EXPECT_THAT(kept, Contains(ticket.id()));
  EXPECT_EQ(std::set<std::string>(kept.begin(), kept.end()).size(), kept.size());

  FetchCopy();
  EXPECT_EQ(Scan(before), Reason::kSuperseded);
  EXPECT_EQ(Scan(friends_->CodeOf(ticket_)->text), Reason::kOk);
  // The answer was lost: the same again. And nobody else uses it any more.
  EXPECT_EQ(Parse<v1::BoundTicket>(Take(friends_, handover, stranger, token)).rotating_ticket(),
            Parse<v1::BoundTicket>(taken).rotating_ticket());
  const HttpResponse printed = world_.Send("DELETE", "/v1/tickets/" + id_ + "/device", token);
  ASSERT_EQ(printed.status, 200) << printed.body;
  EXPECT_EQ(Take(friends_, handover, stranger, token).status, 409);
  // Whoever sold it still has the order, and learns no more of the ticket from it.
  const std::string code = Parse<v1::Ticket>(printed).code();
  ASSERT_NE(code, "");
  const std::string order = "/v1/orders/" + Parse<v1::Ticket>(printed).order_id();
  for (const std::string& who : {world_.customer, world_.admin}) {
    const HttpResponse shown = world_.Send("GET", order, who);
    ASSERT_EQ(shown.status, 200);
    EXPECT_EQ(shown.body.find(code), std::string::npos);
    EXPECT_NE(shown.body.find(id_), std::string::npos);
  }
  EXPECT_EQ(world_.Send("GET", "/v1/orders", world_.customer).body.find(code), std::string::npos);
  EXPECT_NE(world_.Send("GET", "/v1/tickets/" + id_, token).body.find(code), std::string::npos);
  world_.notifications.rendered.clear();
  (void)world_.Send("GET", order + "/tickets.pdf", world_.customer);
  EXPECT_EQ(world_.notifications.rendered.find(code), std::string::npos);
  ASSERT_EQ(world_.Send("GET", "/v1/tickets/" + id_ + "/pdf", token).status, 200);
  EXPECT_NE(world_.notifications.rendered.find(code), std::string::npos);
  EXPECT_EQ(world_.notifications.rendered.find("Ana"), std::string::npos)
      << "she is not the holder";
}

TEST_F(MovesTest, AHandoverEnds) {
  const AccountId stranger{0x7777};
  const std::string token = world_.identity.Token(stranger.ToString(), {Role::kCustomer});
  ASSERT_OK(phone_.Keep(Parse<v1::BoundTicket>(Bind(phone_, world_.customer))));
  ASSERT_OK_AND_ASSIGN(const std::string handover,
                       phone_->GiveAway(ticket_, friends_->DeviceCode(), Duration::Minutes(5)));
  world_.env.clock.Advance(Duration::Minutes(5));
  EXPECT_EQ(Take(friends_, handover, stranger, token).status, 409);
  EXPECT_EQ(Take(friends_, handover.substr(1), stranger, token).status, 422);
  EXPECT_EQ(world_.Send("POST", "/v1/ticket-handovers", token, "{}").status, 422);
  // Its owner binds it to another phone of his before a second handover is used.
  ASSERT_OK_AND_ASSIGN(const std::string second, phone_->GiveAway(ticket_, friends_->DeviceCode()));
  Phone mine(world_);
  ASSERT_EQ(Bind(mine, world_.customer).status, 200);
  EXPECT_EQ(Take(friends_, second, stranger, token).status, 409);
}

TEST_F(MovesTest, BackToPaper) {
  ASSERT_OK(phone_.Keep(Parse<v1::BoundTicket>(Bind(phone_, world_.customer))));
  const HttpResponse response =
      world_.Send("DELETE", "/v1/tickets/" + id_ + "/device", world_.box_office);
  ASSERT_EQ(response.status, 200) << response.body;
  const auto ticket = Parse<v1::Ticket>(response);
  EXPECT_FALSE(ticket.bound());
  ASSERT_NE(ticket.code(), "");
  EXPECT_NE(ticket.code(), paper_);
  EXPECT_EQ(
      Parse<v1::Ticket>(world_.Send("DELETE", "/v1/tickets/" + id_ + "/device", world_.box_office))
          .code(),
      ticket.code());
  FetchCopy();
  EXPECT_EQ(Scan(paper_), Reason::kSuperseded);
  EXPECT_EQ(Scan(phone_->CodeOf(ticket_)->text), Reason::kSuperseded);
  EXPECT_EQ(Scan(ticket.code()), Reason::kOk);
}

TEST_F(MovesTest, OnlyTheHolderBinds) {
  EXPECT_EQ(Bind(phone_, world_.stranger).status, 404);
  EXPECT_EQ(Bind(phone_, world_.gate).status, 403);
  EXPECT_EQ(world_
                .Send("POST", "/v1/tickets/" + id_ + "/device", world_.customer,
                      "{" + Quoted("device_code", "nonsense") + "}")
                .status,
            422);
  EXPECT_EQ(Scan(paper_), Reason::kOk);
}

}  // namespace
}  // namespace ticketing
