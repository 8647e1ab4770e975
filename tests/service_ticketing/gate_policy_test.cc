// From what staff write about an event to what its gates do.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/service_ticketing/world.h"
#include "ticketing/gate/engine.h"
#include "ticketing/v1/gate_policy.pb.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr char kPolicy[] =
    R"({
  "ticket_types": [
    {"id": "child", "name": "Menor", "companions_per_holder": 1},
    {"id": "standing", "name": "De pie", "categories": ["G"], "reentry": "after_exit",
     "entries_allowed": 2, "phone_only": true, "copy_only": true,
     "valid_from": "2026-12-05T00:00:00Z"}],
  "gates": [{"id": "1", "ticket_types": ["general", "child"]}],
  "areas": [{"zone": "s", "persons_max": 30}],
  "supervisor_devices": [],
  "rules": "{\"rule\": {\"isAfter\": [{\"var\": \"now\"}, )"
    R"({\"buildTime\": [\"date_admission\"]}]}, \"text\": \"Puertas cerradas\"}"
})";

class GatePolicyTest : public ::testing::Test {
 protected:
  GatePolicyTest() {
    world_.MakeEvent();
    const auto plain =
        Parse<v1::Event>(world_.Send("GET", "/v1/events/" + world_.event_id, world_.admin));
    const HttpResponse made = world_.Send(
        "POST", "/v1/events", world_.admin,
        R"({"venue_id":")" + plain.venue().id() + R"(","chart_id":")" + world_.chart_id +
            R"(","name":"Familiar","starts_at":"2026-12-05T01:30:00Z","currency":"MXN","prices":[
              {"category":"A","price":{"minor":"50000","currency":"MXN"}},
              {"category":"A","ticket_type":"child","price":{"minor":"10000","currency":"MXN"}},
              {"category":"G","price":{"minor":"20000","currency":"MXN"}}]})");
    EXPECT_EQ(made.status, 201) << made.body;
    world_.event_id = Parse<v1::Event>(made).id();
    path_ = "/v1/events/" + world_.event_id + "/gate-policy";
  }

  HttpResponse Put(const std::string& body) {
    return world_.Send("PUT", path_, world_.admin, body);
  }
  // The field that a refused policy names.
  std::string WrongField(const std::string& body) {
    const HttpResponse response = Put(body);
    EXPECT_EQ(response.status, 422) << response.body;
    const v1::Problem problem = ProblemOf(response);
    return problem.errors_size() == 0 ? "" : problem.errors(0).field();
  }
  EventCopy Copy(uint64_t since = 0) {
    const HttpResponse response =
        world_.Send("GET",
                    "/v1/events/" + world_.event_id + "/copy" +
                        (since == 0 ? "" : "?since=" + std::to_string(since)),
                    world_.device);
    EXPECT_EQ(response.status, 200) << response.body;
    auto copy = DecodeEventCopy(response.body);
    EXPECT_OK(copy);
    return copy.ok() ? *copy : EventCopy();
  }
  // An adult's seat and a child's, and a place to stand, in one order.
  v1::Order BuyFamily() {
    const HttpResponse hold =
        world_.Send("POST", "/v1/events/" + world_.event_id + "/holds", world_.visitor,
                    R"({"objects":[{"label":"N-A-1"},{"label":"N-A-2","ticket_type":"child"},
                       {"label":"Pie"}]})",
                    "h");
    EXPECT_EQ(hold.status, 201) << hold.body;
    EXPECT_EQ(Parse<v1::Hold>(hold).quote().subtotal().minor(), 80'000);
    const HttpResponse order = world_.Order(Parse<v1::Hold>(hold).id(), "o");
    EXPECT_EQ(order.status, 201) << order.body;
    const HttpResponse paid = world_.Pay(Parse<v1::Order>(order).id(), "pm_ok", "p");
    EXPECT_EQ(paid.status, 200) << paid.body;
    return Parse<v1::Order>(paid);
  }
  const v1::Ticket& TicketOf(const v1::Order& order, const std::string& label) {
    for (const v1::Ticket& ticket : order.tickets()) {
      if (ticket.label() == label) return ticket;
    }
    ADD_FAILURE() << "no ticket for " << label;
    return order.tickets(0);
  }

  World world_;
  std::string path_;
};

CopyTicketType TypeOf(const EventCopy& copy, const std::string& id) {
  const auto found = std::ranges::find(copy.header.ticket_types, id, &CopyTicketType::id);
  return found == copy.header.ticket_types.end() ? CopyTicketType() : *found;
}

CopyTicket Find(const EventCopy& copy, const v1::Ticket& ticket) {
  for (const CopyTicket& one : copy.tickets) {
    if (one.id.ToString() == ticket.id()) return one;
  }
  ADD_FAILURE() << "the copy does not have the ticket of " << ticket.label();
  return {};
}

TEST_F(GatePolicyTest, TravelsInTheCopy) {
  const auto none = Parse<v1::GatePolicy>(world_.Send("GET", path_, world_.gate));
  EXPECT_EQ(none.version(), 0);
  const uint64_t before = Copy().version;
  const HttpResponse done = Put(kPolicy);
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(Parse<v1::GatePolicy>(done).version(), 1);
  const EventCopy copy = Copy();
  EXPECT_GT(copy.version, before);
  EXPECT_EQ(copy.header.ticket_types.size(), 3u) << "general is there by itself";
  const CopyTicketType standing = TypeOf(copy, "standing");
  EXPECT_EQ(standing.reentry, 1);
  EXPECT_EQ(standing.entries_allowed, 2);
  EXPECT_FALSE(standing.static_codes);
  EXPECT_FALSE(standing.signature_enough);
  EXPECT_EQ(standing.valid_from, ParseTimestamp("2026-12-05T00:00:00Z"));
  const CopyTicketType child = TypeOf(copy, "child");
  EXPECT_EQ(child.companions_per_holder, 1);
  EXPECT_TRUE(child.static_codes);
  EXPECT_THAT(copy.header.FindGateById("1")->ticket_types, ElementsAre(1, child.number));
  EXPECT_EQ(copy.header.zones[1].persons_max, 30u);
  EXPECT_THAT(copy.header.rules, HasSubstr("Puertas cerradas"));
  EXPECT_EQ(Put(kPolicy).status, 200);
  EXPECT_EQ(Parse<v1::GatePolicy>(world_.Send("GET", path_, world_.gate)).version(), 1)
      << "the same again is no change";
}

TEST_F(GatePolicyTest, NumbersOfTypesStayAndVersionsAreCompared) {
  ASSERT_EQ(Put(kPolicy).status, 200);
  const uint16_t standing = TypeOf(Copy(), "standing").number;
  ASSERT_EQ(Put(R"({"version":"1","ticket_types":[{"id":"standing","name":"Pie"}]})").status, 200);
  EXPECT_EQ(TypeOf(Copy(), "standing").number, standing);
  const HttpResponse late = Put(R"({"version":"1"})");
  EXPECT_EQ(late.status, 412) << late.body;
  ASSERT_EQ(Put(R"({"version":"2","ticket_types":[{"id":"vip","name":"VIP"}]})").status, 200);
  EXPECT_GT(TypeOf(Copy(), "vip").number, standing) << "numbers are in codes that are printed";
}

TEST_F(GatePolicyTest, IsForAdministratorsAndRightInEveryPlace) {
  EXPECT_EQ(world_.Send("PUT", path_, world_.box_office, kPolicy).status, 403);
  EXPECT_EQ(world_.Send("PUT", path_, world_.gate, kPolicy).status, 403);
  EXPECT_EQ(world_.Send("GET", path_, world_.customer).status, 403);
  EXPECT_EQ(WrongField(R"({"areas":[{"zone":"west","persons_max":3}]})"), "areas[0].zone");
  EXPECT_EQ(WrongField(R"({"areas":[{"zone":"n"}]})"), "areas[0].persons_max");
  EXPECT_EQ(WrongField(R"({"gates":[{"id":"9"}]})"), "gates[0].id");
  EXPECT_EQ(WrongField(R"({"gates":[{"id":"1","ticket_types":["x"]}]})"),
            "gates[0].ticket_types[0]");
  EXPECT_EQ(WrongField(R"({"ticket_types":[{"id":"a","name":"A","categories":["Z"]}]})"),
            "ticket_types[0].categories[0]");
  EXPECT_EQ(WrongField(R"({"ticket_types":[{"id":"a","name":"A"},{"id":"a","name":"B"}]})"),
            "ticket_types[1].id");
  EXPECT_EQ(WrongField(R"({"ticket_types":[{"id":"a","name":"A","entries_allowed":3}]})"),
            "ticket_types[0].entries_allowed");
  EXPECT_EQ(WrongField(R"({"supervisor_devices":["acc_1"]})"), "supervisor_devices[0]");
  EXPECT_EQ(WrongField(R"({"rules":"{\"rule\":{\"and\":[{\"<\":[{\"var\":\"luck\"},1]}]}}"})"),
            "rules.rule.and[0].<[0]");
  EXPECT_EQ(WrongField(R"({"rules":"{\"rule\":{\"inList\":[{\"var\":\"gate\"},)"
                       R"({\"objectList\":[{\"lookup\":[\"gate\",\"9\",\"x\"]}]}]}}"})")
                .substr(0, 10),
            "rules.rule");
  EXPECT_EQ(Parse<v1::GatePolicy>(world_.Send("GET", path_, world_.gate)).version(), 0);
}

TEST_F(GatePolicyTest, TicketsAreOfTheTypesTheyWereSoldAs) {
  ASSERT_EQ(Put(kPolicy).status, 200);
  const v1::Order order = BuyFamily();
  const v1::Ticket& child = TicketOf(order, "N-A-2");
  EXPECT_EQ(child.ticket_type(), "child");
  EXPECT_EQ(order.lines(1).ticket_type(), "child");
  const EventCopy copy = Copy();
  EXPECT_EQ(Find(copy, child).ticket_type, TypeOf(copy, "child").number);
  EXPECT_EQ(Find(copy, TicketOf(order, "Pie")).ticket_type, TypeOf(copy, "standing").number);
  EXPECT_EQ(Find(copy, TicketOf(order, "N-A-1")).ticket_type, 1);
  EXPECT_NE(Find(copy, child).group, 0u);
  EXPECT_EQ(Find(copy, child).group, Find(copy, TicketOf(order, "N-A-1")).group);
  const HttpResponse unknown =
      world_.Send("POST", "/v1/events/" + world_.event_id + "/holds", world_.visitor,
                  R"({"objects":[{"label":"Pie","ticket_type":"child"}]})", "other");
  EXPECT_EQ(unknown.status, 422) << unknown.body;
  EXPECT_THAT(unknown.body, HasSubstr("ticket_type"));
}

TEST_F(GatePolicyTest, APolicyThatComesAfterTheSaleReachesWhatIsSold) {
  const v1::Order order = BuyFamily();
  const EventCopy before = Copy();
  for (const CopyTicket& ticket : before.tickets) EXPECT_EQ(ticket.ticket_type, 1);
  ASSERT_EQ(Put(kPolicy).status, 200);
  const EventCopy delta = Copy(before.version);
  EXPECT_EQ(delta.base_version, before.version);
  EXPECT_EQ(*ApplyDelta(before, delta), Copy());
  EXPECT_EQ(Find(delta, TicketOf(order, "N-A-2")).ticket_type, TypeOf(delta, "child").number);
}

TEST_F(GatePolicyTest, TheGatesDoWhatItSays) {
  ASSERT_EQ(Put(kPolicy).status, 200);
  const v1::Order order = BuyFamily();
  SqliteDatabaseFactory factory(SqliteOptions{});
  auto key = *SigningKey::FromSeed(std::string(32, 'h'));
  auto engine = *GateEngine::Open(world_.env.env(), factory, "h", std::move(key),
                                  GateConfig{.device = DeviceId{900}});
  ASSERT_OK(engine->ApplyEventCopy(Copy()));
  const auto scan = [&](const std::string& label) {
    auto result = engine->Scan(TicketOf(order, label).code(), {.gate = 1});
    EXPECT_OK(result);
    return *result;
  };
  world_.env.clock.SetNow(*ParseTimestamp("2026-12-05T00:30:00Z"));
  EXPECT_EQ(scan("N-A-2").decision.reason, Reason::kHolderFirst);
  EXPECT_EQ(scan("N-A-1").decision.reason, Reason::kOk);
  EXPECT_EQ(scan("N-A-2").decision.reason, Reason::kOk);
  EXPECT_EQ(scan("Pie").decision.reason, Reason::kStaticCode);
}

TEST_F(GatePolicyTest, ATicketIsBlockedAndComesBack) {
  const v1::Order order = BuyFamily();
  const std::string ticket = "/v1/tickets/" + order.tickets(0).id();
  const uint64_t before = Copy().version;
  EXPECT_EQ(
      world_
          .Send("POST", ticket + "/status", world_.customer, R"({"status":"blocked","reason":"x"})")
          .status,
      403);
  EXPECT_EQ(
      world_.Send("POST", ticket + "/status", world_.box_office, R"({"status":"blocked"})").status,
      422)
      << "the reason is missing";
  const HttpResponse blocked = world_.Send("POST", ticket + "/status", world_.box_office,
                                           R"({"status":"blocked","reason":"robado"})");
  ASSERT_EQ(blocked.status, 200) << blocked.body;
  EXPECT_EQ(Parse<v1::Ticket>(blocked).status(), "blocked");
  EXPECT_EQ(Parse<v1::Ticket>(blocked).code(), "");
  const EventCopy delta = Copy(before);
  ASSERT_EQ(delta.tickets.size(), 1u);
  EXPECT_EQ(delta.tickets[0].status, static_cast<uint8_t>(TicketStatus::kBlocked));
  ASSERT_EQ(world_
                .Send("POST", ticket + "/status", world_.admin,
                      R"({"status":"valid","reason":"aclarado"})")
                .status,
            200);
  EXPECT_EQ(Copy().tickets[0].status, static_cast<uint8_t>(TicketStatus::kValid));
  const auto history = Parse<v1::TicketStatusHistory>(
      world_.Send("GET", ticket + "/status-changes", world_.box_office));
  ASSERT_EQ(history.changes_size(), 2);
  EXPECT_EQ(history.changes(1).was(), "valid");
  EXPECT_EQ(history.changes(1).status(), "blocked");
  EXPECT_EQ(history.changes(1).reason(), "robado");
  EXPECT_EQ(history.changes(0).by(), AccountId{1}.ToString());
}

TEST_F(GatePolicyTest, AnOrderIsSuspendedForItsInstalments) {
  const v1::Order order = BuyFamily();
  const std::string one = "/v1/tickets/" + order.tickets(0).id() + "/status";
  ASSERT_EQ(
      world_.Send("POST", one, world_.admin, R"({"status":"cancelled","reason":"doble"})").status,
      200);
  EXPECT_EQ(world_.Send("POST", one, world_.admin, R"({"status":"valid","reason":"no"})").status,
            409)
      << "for good";
  const HttpResponse done =
      world_.Send("POST", "/v1/orders/" + order.id() + "/ticket-status", world_.box_office,
                  R"({"status":"suspended","reason":"mensualidad vencida"})");
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(Parse<v1::ChangedTicketStatus>(done).changed(), 2);
  EXPECT_THAT(Parse<v1::ChangedTicketStatus>(done).unchanged(), ElementsAre(order.tickets(0).id()));
  std::vector<uint8_t> statuses;
  for (const CopyTicket& ticket : Copy().tickets) statuses.push_back(ticket.status);
  EXPECT_THAT(statuses, UnorderedElementsAre(4, 6, 6));
}

TEST_F(GatePolicyTest, AnOverrideAndItsAnnulmentAreOnRecord) {
  world_.identity.devices.push_back(
      {.id = DeviceId{900},
       .public_key = SigningKey::FromSeed(std::string(32, 'h'))->public_key()});
  world_.env.clock.Advance(Duration::Seconds(11));
  ASSERT_EQ(Put(R"({"supervisor_devices":[")" + DeviceId{900}.ToString() + R"("]})").status, 200);
  const v1::Order order = BuyFamily();
  SqliteDatabaseFactory factory(SqliteOptions{});
  auto engine =
      *GateEngine::Open(world_.env.env(), factory, "h", *SigningKey::FromSeed(std::string(32, 'h')),
                        GateConfig{.device = DeviceId{900}});
  ASSERT_OK(engine->ApplyEventCopy(Copy()));
  world_.env.clock.SetNow(*ParseTimestamp("2026-12-05T00:30:00Z"));
  ScanContext context{.gate = 2};
  context.staff_override = true;
  context.staff = {static_cast<uint8_t>(StaffWhy::kAccessibility), "acc_ana", "silla de ruedas"};
  auto passed = engine->Scan(TicketOf(order, "N-A-1").code(), context);
  ASSERT_OK(passed);
  EXPECT_EQ(passed->decision.reason, Reason::kOverride);
  HttpRequest upload;
  upload.method = "POST";
  upload.target = "/v1/device-logs";
  upload.headers.Set("Authorization",
                     "Bearer " + world_.identity.Token(DeviceId{900}.ToString(), {Role::kDevice}));
  upload.headers.Set("Content-Type", kProtobufMediaType);
  upload.body = EncodeLogUpload({*engine->OwnEntries(1, 100)});
  ASSERT_EQ(world_.service->api().Handle(upload).status, 200);
  const auto list = [&] {
    return Parse<v1::ScanList>(
        world_.Send("GET", "/v1/events/" + world_.event_id + "/scans", world_.gate));
  };
  ASSERT_EQ(list().scans_size(), 1);
  EXPECT_EQ(list().scans(0).reason(), "override");
  EXPECT_EQ(list().scans(0).override().by(), "acc_ana");
  EXPECT_EQ(list().scans(0).override().why(), "accessibility");
  EXPECT_EQ(list().scans(0).override().note(), "silla de ruedas");
  EXPECT_FALSE(list().scans(0).has_annulled());

  const std::string scan = "/v1/scans/" + passed->scan_id.ToString() + "/annulments";
  const std::string body = R"({"why":"scanned_by_mistake","note":"otro boleto"})";
  EXPECT_EQ(world_.Send("POST", scan, world_.box_office, body).status, 403);
  EXPECT_EQ(
      world_.Send("POST", "/v1/scans/" + ScanId{5}.ToString() + "/annulments", world_.gate, body)
          .status,
      404);
  EXPECT_EQ(world_.Send("POST", scan, world_.gate, body).status, 204);
  EXPECT_EQ(world_.Send("POST", scan, world_.gate, body).status, 204)
      << "once more changes nothing";
  EXPECT_EQ(list().scans_size(), 1) << "the trail is kept";
  EXPECT_EQ(list().scans(0).outcome(), "refused");
  EXPECT_EQ(list().scans(0).annulled().by(), AccountId{3}.ToString());
  EXPECT_EQ(list().scans(0).annulled().why(), "scanned_by_mistake");
  EXPECT_EQ(list().admitted(), 0);
  // The gate hears of it, and lets the holder in.
  const HttpResponse changes = world_.Send("GET", "/v1/gate/changes?after=0", world_.device);
  const auto told = DecodeChanges(changes.body);
  ASSERT_OK(told);
  ASSERT_OK(engine->AddDevices(told->devices));
  ASSERT_OK(engine->TakeEntries(told->entries, LogSource::kCloud));
  world_.env.clock.Advance(Duration::Minutes(1));
  EXPECT_EQ(engine->Scan(TicketOf(order, "N-A-1").code(), {.gate = 1})->decision.reason,
            Reason::kOk);
}

}  // namespace
}  // namespace ticketing
