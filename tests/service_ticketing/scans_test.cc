// The gates' side: event copies, logs of devices, scans that the cloud decides, and what staff
// read.
#include "lib/gate/schema.h"
#include "tests/service_ticketing/world.h"
#include "ticketing/gate/engine.h"
#include "ticketing/sync/log_entry.h"
#include "ticketing/token/ticket_code.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {
namespace {

// A handheld: an engine of its own that decides alone.
struct Handheld {
  Handheld(World& world, uint64_t id, int seed, bool known = true)
      : device(DeviceId{id}), factory(SqliteOptions{}) {
    auto key = SigningKey::FromSeed(std::string(kSignatureSeedBytes, static_cast<char>(seed)));
    if (known) {
      world.identity.devices.push_back({.id = device, .public_key = key->public_key()});
      world.env.clock.Advance(Duration::Seconds(11));  // identity is asked again
    }
    public_key = key->public_key();
    token = world.identity.Token(device.ToString(), {Role::kDevice});
    engine = *GateEngine::Open(world.env.env(), factory, "handheld", *std::move(key),
                               GateConfig{.device = device});
  }

  EventCopy Fetch(World& world, uint64_t since = 0) {
    const HttpResponse response =
        world.Send("GET",
                   "/v1/events/" + world.event_id + "/copy" +
                       (since == 0 ? "" : "?since=" + std::to_string(since)),
                   token);
    EXPECT_EQ(response.status, 200) << response.body;
    auto copy = DecodeEventCopy(response.body);
    EXPECT_OK(copy);
    EXPECT_OK(engine->ApplyEventCopy(*copy));
    return *copy;
  }

  ScanResult Scan(const std::string& text, uint16_t gate = 1) {
    auto result = engine->Scan(text, {.gate = gate, .event = 1});
    EXPECT_OK(result);
    return *result;
  }

  std::vector<std::string> Log() { return *engine->OwnEntries(1, 500); }

  const DeviceId device;
  SqliteDatabaseFactory factory;
  std::string public_key;
  std::string token;
  std::unique_ptr<GateEngine> engine;
};

LogUploadResult Upload(World& world, const std::string& token,
                       const std::vector<std::string>& entries, int status = 200) {
  HttpRequest request;
  request.method = "POST";
  request.target = "/v1/device-logs";
  request.headers.Set("Authorization", "Bearer " + token);
  request.headers.Set("Content-Type", kProtobufMediaType);
  request.body = EncodeLogUpload({entries});
  const HttpResponse response = world.service->api().Handle(request);
  EXPECT_EQ(response.status, status) << response.body;
  if (response.status != 200) return {};
  auto result = DecodeLogUploadResult(response.body);
  EXPECT_OK(result);
  return *result;
}

StatusOr<ScanResponse> Ask(World& world, const Handheld& handheld, const ScanRequest& scan) {
  HttpRequest request;
  request.method = "POST";
  request.target = "/v1/scans";
  request.headers.Set("Authorization", "Bearer " + handheld.token);
  request.headers.Set("Content-Type", kProtobufMediaType);
  request.body = EncodeScanRequest(scan);
  const HttpResponse response = world.service->api().Handle(request);
  EXPECT_EQ(response.status, 200) << response.body;
  return DecodeScanResponse(response.body);
}

v1::ScanList List(World& world, const std::string& query = "") {
  const HttpResponse response =
      world.Send("GET", "/v1/events/" + world.event_id + "/scans" + query, world.box_office);
  EXPECT_EQ(response.status, 200) << response.body;
  return Parse<v1::ScanList>(response);
}

TEST(EventCopyTest, HoldsWhatAGateNeeds) {
  World world;
  world.MakeEvent();
  const v1::Order order = world.Buy({"N-A-1", "S-A-1"}, "k");
  Handheld handheld(world, 100, 'a');
  const EventCopy copy = handheld.Fetch(world);
  EXPECT_TRUE(copy.is_snapshot());
  EXPECT_EQ(copy.header.number, 1u);
  EXPECT_EQ(copy.header.name, "Final");
  EXPECT_EQ(copy.header.utc_offset_minutes, -360);
  ASSERT_EQ(copy.header.gates.size(), 2u);
  EXPECT_EQ(copy.header.gates[1].zones, std::vector<uint16_t>{2});
  EXPECT_NE(copy.header.FindDevice(handheld.device), nullptr);
  ASSERT_EQ(copy.tickets.size(), 2u);
  EXPECT_EQ(copy.tickets[0].seat_label.empty(), false);
  EXPECT_OK(VerifyTicketCode(order.tickets(0).code(), copy.header.keys, world.env.clock.Now()));
}

TEST(EventCopyTest, TravelsAsDeltas) {
  World world;
  world.MakeEvent();
  world.Buy({"N-A-1"}, "k1");
  Handheld handheld(world, 100, 'a');
  const EventCopy first = handheld.Fetch(world);
  const std::string path = "/v1/events/" + world.event_id + "/copy";
  EXPECT_EQ(
      world.Send("GET", path + "?since=" + std::to_string(first.version), handheld.token).status,
      304);
  world.Buy({"N-A-2"}, "k2");
  const EventCopy delta = handheld.Fetch(world, first.version);
  EXPECT_EQ(delta.base_version, first.version);
  EXPECT_GT(delta.version, first.version);
  EXPECT_EQ(delta.tickets.size(), 1u);
  // A version of another life gets the whole.
  const HttpResponse whole = world.Send("GET", path + "?since=999999", handheld.token);
  EXPECT_TRUE(DecodeEventCopy(whole.body)->is_snapshot());
  EXPECT_EQ(world.Send("GET", path + "?since=-1", handheld.token).status, 422);
  // The same by number, as bastions answer it.
  EXPECT_EQ(world.Send("GET", "/v1/gate/event-copies/1", handheld.token).body, whole.body);
  EXPECT_EQ(world.Send("GET", "/v1/gate/event-copies/9", handheld.token).status, 404);
  // With the ETag of what it has, a gate gets nothing.
  HttpRequest request;
  request.target = path;
  request.headers.Set("Authorization", "Bearer " + world.gate);
  request.headers.Set("If-None-Match", *whole.headers.Get("ETag"));
  EXPECT_EQ(world.service->api().Handle(request).status, 304);
  EXPECT_EQ(world.Send("GET", path, world.customer).status, 403);
}

TEST(EventCopyTest, NewDevicesMakeItNewer) {
  World world;
  world.MakeEvent();
  Handheld first(world, 100, 'a');
  const uint64_t before = first.Fetch(world).version;
  Handheld second(world, 101, 'b');
  const EventCopy after = first.Fetch(world, before);
  EXPECT_GT(after.version, before);
  EXPECT_NE(after.header.FindDevice(second.device), nullptr);
  // While identity is away, the devices that are known still are, after a restart too.
  world.identity.devices_down = true;
  world.Restart();
  const HttpResponse response =
      world.Send("GET", "/v1/events/" + world.event_id + "/copy", second.token);
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(DecodeEventCopy(response.body)->header.FindDevice(second.device), nullptr);
}

// Every enrolled device reads the ids of the others' scans, and may write them into its own log.
TEST(DeviceLogTest, NobodyRewritesAnothersScan) {
  for (const bool lies_first : {true, false}) {
    World world;
    world.MakeEvent();
    const v1::Order order = world.Buy({"N-A-1", "N-A-2"}, "k");
    Handheld honest(world, 200, 'a');
    Handheld mallory(world, 100, 'b');  // of a lower id than its victim
    honest.Fetch(world);
    world.env.clock.SetNow(*ParseTimestamp("2026-12-05T00:30:00Z"));
    EXPECT_EQ(honest.Scan(order.tickets(0).code()).decision.outcome, Outcome::kAdmitted);
    LogEntry lie = *DecodeLogEntry(honest.Log()[0]);
    lie.device = lie.scanner = mallory.device;
    lie.ticket = *TicketId::Parse(order.tickets(1).id());
    lie.outcome = kLogRefused;
    lie.counted = false;
    const std::vector<std::string> lies = {
        SealLogEntry(lie, *SigningKey::FromSeed(std::string(kSignatureSeedBytes, 'b')))};
    if (lies_first) EXPECT_EQ(Upload(world, mallory.token, lies).acks[0].state, AckState::kStored);
    EXPECT_EQ(Upload(world, honest.token, honest.Log()).acks[0].state, AckState::kStored);
    if (!lies_first) EXPECT_EQ(Upload(world, mallory.token, lies).acks[0].state, AckState::kStored);
    const v1::ScanList list = List(world);
    ASSERT_EQ(list.scans_size(), 2);
    for (const v1::Scan& scan : list.scans()) {
      const bool true_one = scan.device_id() == honest.device.ToString();
      EXPECT_EQ(scan.outcome(), true_one ? "admitted" : "refused");
      EXPECT_EQ(scan.ticket_id(), order.tickets(true_one ? 0 : 1).id());
      EXPECT_TRUE(scan.disputed());
    }
    ScanRequest again;
    again.scan = ScanId{4711};
    again.text = order.tickets(0).code();
    again.gate = 1;
    again.event = 1;
    ASSERT_OK_AND_ASSIGN(const ScanResponse answer, Ask(world, mallory, again));
    EXPECT_EQ(DecodeLogEntry(answer.entry)->reason, static_cast<uint16_t>(Reason::kAlreadyUsed));
  }
}

TEST(DeviceLogTest, EachScanIsShownOnceWhateverRoadsItCame) {
  World world;
  world.MakeEvent();
  const v1::Order order = world.Buy({"N-A-1", "S-A-1"}, "k");
  Handheld handheld(world, 100, 'a');
  handheld.Fetch(world);
  world.env.clock.SetNow(*ParseTimestamp("2026-12-05T00:30:00Z"));
  EXPECT_EQ(handheld.Scan(order.tickets(0).code()).decision.outcome, Outcome::kAdmitted);
  world.env.clock.Advance(Duration::Seconds(20));
  EXPECT_EQ(handheld.Scan(order.tickets(0).code()).decision.reason, Reason::kAlreadyUsed);
  EXPECT_EQ(handheld.Scan(order.tickets(1).code()).decision.reason, Reason::kWrongGate);
  EXPECT_EQ(handheld.Scan("GARBAGE").decision.reason, Reason::kMalformed);
  const std::vector<std::string> log = handheld.Log();
  ASSERT_EQ(log.size(), 4u);

  Handheld carrier(world, 101, 'b');
  const LogUploadResult first = Upload(world, carrier.token, log);
  ASSERT_EQ(first.acks.size(), 4u);
  for (const LogAck& ack : first.acks) EXPECT_EQ(ack.state, AckState::kStored);
  for (const LogAck& ack : Upload(world, handheld.token, log).acks)
    EXPECT_EQ(ack.state, AckState::kRepeated);
  const auto mark = std::ranges::find(first.cloud, handheld.device, &LogMark::device);
  ASSERT_NE(mark, first.cloud.end());
  EXPECT_EQ(mark->sequence, 4u);

  const v1::ScanList list = List(world);
  EXPECT_EQ(list.total(), 4);
  EXPECT_EQ(list.admitted(), 1);
  EXPECT_EQ(list.refused(), 3);
  EXPECT_EQ(list.disputed(), 0);
  ASSERT_EQ(list.scans_size(), 4);
  const v1::Scan& oldest = list.scans(3);
  EXPECT_EQ(oldest.outcome(), "admitted");
  EXPECT_EQ(oldest.label(), "N-A-1");
  EXPECT_EQ(oldest.gate(), "Puerta 1");
  EXPECT_EQ(oldest.decided_by(), "alone");
  EXPECT_EQ(oldest.device_id(), handheld.device.ToString());
  EXPECT_EQ(oldest.sources(), 1);
  EXPECT_EQ(list.scans(0).reason(), "malformed");
  const auto ticket =
      Parse<v1::Ticket>(world.Send("GET", "/v1/tickets/" + order.tickets(0).id(), world.customer));
  EXPECT_TRUE(ticket.admitted());
  const auto other =
      Parse<v1::Ticket>(world.Send("GET", "/v1/tickets/" + order.tickets(1).id(), world.customer));
  EXPECT_FALSE(other.admitted());
}

TEST(DeviceLogTest, APoisonedEntryDoesNotBlockTheRest) {
  World world;
  world.MakeEvent();
  const v1::Order order = world.Buy({"N-A-1", "N-A-2"}, "k");
  Handheld handheld(world, 100, 'a');
  Handheld unknown(world, 102, 'c', /*known=*/false);
  handheld.Fetch(world);
  EXPECT_OK(unknown.engine->ApplyEventCopy(handheld.Fetch(world)));
  world.env.clock.SetNow(*ParseTimestamp("2026-12-05T00:30:00Z"));
  handheld.Scan(order.tickets(0).code());
  handheld.Scan(order.tickets(1).code());
  unknown.Scan(order.tickets(1).code());
  std::vector<std::string> entries = handheld.Log();
  std::string altered = entries[0];
  altered[99] = 2;  // "admitted" becomes "refused"
  const LogUploadResult result =
      Upload(world, handheld.token, {altered, "short", unknown.Log()[0], entries[0], entries[1]});
  ASSERT_EQ(result.acks.size(), 5u);
  EXPECT_EQ(result.acks[0].state, AckState::kRejected);
  EXPECT_EQ(result.acks[0].error, "log-broken");
  EXPECT_EQ(result.acks[1].state, AckState::kRejected);
  EXPECT_EQ(result.acks[2].state, AckState::kLater);
  EXPECT_EQ(result.acks[3].state, AckState::kStored);
  EXPECT_EQ(result.acks[4].state, AckState::kStored);
  EXPECT_EQ(List(world).total(), 2);
  // Once identity knows the device its entry is taken.
  world.identity.devices.push_back({.id = unknown.device, .public_key = unknown.public_key});
  world.env.clock.Advance(Duration::Seconds(2));
  EXPECT_EQ(Upload(world, handheld.token, unknown.Log()).acks[0].state, AckState::kStored);
}

TEST(DeviceLogTest, WhatABastionTookOfAHandheldBeforeItWasStolenIsKept) {
  World world;
  world.MakeEvent();
  const v1::Order order = world.Buy({"N-A-1", "N-A-2"}, "k");
  Handheld stolen(world, 100, 'a');
  Handheld other(world, 101, 'b');
  Handheld bastion(world, 102, 'c');
  world.identity.devices.back().kind = "bastion";
  stolen.Fetch(world);
  world.env.clock.SetNow(*ParseTimestamp("2026-12-05T00:30:00Z"));
  stolen.Scan(order.tickets(0).code());
  const std::vector<std::string> log = stolen.Log();
  world.identity.devices[0].revoked = true;
  world.env.clock.Advance(Duration::Seconds(11));
  EXPECT_OK(world.service->Tick());
  const auto state = [&](const Handheld& from) {
    return Upload(world, from.token, log).acks.at(0).state;
  };
  EXPECT_EQ(state(stolen), AckState::kRejected);
  EXPECT_EQ(state(other), AckState::kRejected) << "a handheld vouches for nobody";
  EXPECT_EQ(state(bastion), AckState::kStored);
  EXPECT_EQ(List(world).admitted(), 1);
  // A bastion that was stolen too does not.
  world.identity.devices[2].revoked = true;
  world.env.clock.Advance(Duration::Seconds(11));
  EXPECT_OK(world.service->Tick());
  stolen.Scan(order.tickets(1).code());
  EXPECT_EQ(Upload(world, bastion.token, {stolen.Log().back()}).acks.at(0).state,
            AckState::kRejected);
}

TEST(DeviceLogTest, TwoAdmissionsOutOfContactAreADispute) {
  World world;
  world.MakeEvent();
  const v1::Order order = world.Buy({"N-A-1"}, "k");
  Handheld one(world, 100, 'a');
  Handheld two(world, 101, 'b');
  one.Fetch(world);
  two.Fetch(world);
  world.env.clock.SetNow(*ParseTimestamp("2026-12-05T00:30:00Z"));
  EXPECT_EQ(one.Scan(order.tickets(0).code()).decision.outcome, Outcome::kAdmitted);
  world.env.clock.Advance(Duration::Seconds(30));
  EXPECT_EQ(two.Scan(order.tickets(0).code()).decision.outcome, Outcome::kAdmitted);
  Upload(world, two.token, two.Log());
  EXPECT_EQ(List(world).disputed(), 0);
  Upload(world, one.token, one.Log());
  const v1::ScanList list = List(world);
  EXPECT_EQ(list.admitted(), 2);
  EXPECT_EQ(list.disputed(), 1);
  for (const v1::Scan& scan : list.scans())
    EXPECT_EQ(scan.disputed(), scan.device_id() == two.device.ToString());
}

TEST(DeviceLogTest, PollersSeeEveryScanOnce) {
  World world;
  world.MakeEvent();
  Handheld handheld(world, 100, 'a');
  handheld.Fetch(world);
  const auto scan = [&](int count) {
    for (int i = 0; i < count; ++i) handheld.Scan("NO CODE");
    Upload(world, handheld.token, handheld.Log());
  };
  scan(3);
  const v1::ScanList start = List(world, "?limit=2");
  EXPECT_EQ(start.scans_size(), 2);
  const v1::ScanList older = List(world, "?limit=2&cursor=" + start.next_cursor());
  EXPECT_EQ(older.scans_size(), 1);
  EXPECT_EQ(older.next_cursor(), "");
  EXPECT_EQ(List(world, "?after=" + start.latest_cursor()).scans_size(), 0);
  scan(5);
  std::set<std::string> seen;
  std::string after = start.latest_cursor();
  for (int i = 0; i < 3; ++i) {
    const v1::ScanList page = List(world, "?limit=2&after=" + after);
    for (const v1::Scan& one : page.scans()) EXPECT_TRUE(seen.insert(one.id()).second);
    after = page.latest_cursor();
  }
  EXPECT_EQ(seen.size(), 5u);
  EXPECT_EQ(List(world, "?after=" + after).scans_size(), 0);
  EXPECT_EQ(
      world.Send("GET", "/v1/events/" + world.event_id + "/scans?cursor=zzz", world.box_office)
          .status,
      422);
}

TEST(CloudScanTest, DecidesWithTheGatesOwnCode) {
  World world;
  world.MakeEvent();
  const v1::Order order = world.Buy({"N-A-1"}, "k");
  Handheld handheld(world, 100, 'a');
  Handheld other(world, 101, 'b');
  world.env.clock.SetNow(*ParseTimestamp("2026-12-05T00:30:00Z"));
  const ScanRequest request{.scan = ScanId{1},
                            .text = order.tickets(0).code(),
                            .event = 1,
                            .gate = 1,
                            .at = world.env.clock.Now()};
  const auto first = Ask(world, handheld, request);
  ASSERT_OK(first);
  EXPECT_EQ(DecodeLogEntry(first->entry)->outcome, kLogAdmitted);
  EXPECT_EQ(first->seat_label, "N-A-1");
  // The same scan gets the same answer; another one is refused.
  EXPECT_EQ(Ask(world, handheld, request)->entry, first->entry);
  world.env.clock.Advance(Duration::Seconds(20));
  ScanRequest second = request;
  second.scan = ScanId{2};
  const auto refused = Ask(world, other, second);
  EXPECT_EQ(DecodeLogEntry(refused->entry)->reason, static_cast<uint16_t>(Reason::kAlreadyUsed));
  // A ticket sold a moment ago is known at once.
  const v1::Order late = world.Buy({"N-A-2"}, "k2");
  const auto fresh = Ask(world, other,
                         {.scan = ScanId{3},
                          .text = late.tickets(0).code(),
                          .event = 1,
                          .gate = 1,
                          .at = world.env.clock.Now()});
  EXPECT_EQ(DecodeLogEntry(fresh->entry)->outcome, kLogAdmitted);
  EXPECT_FALSE(DecodeLogEntry(fresh->entry)->not_in_copy);
  const v1::ScanList list = List(world);
  EXPECT_EQ(list.total(), 3);
  EXPECT_EQ(list.admitted(), 2);
  EXPECT_EQ(list.scans(0).decided_by(), "cloud");
}

// The events that the cloud decides for right now, as they are on disk.
std::set<int64_t> HeldEvents(World& world) {
  SqliteDatabaseFactory factory(SqliteOptions{.data_dir = world.dir.path()});
  auto database = factory.Open("ticketing-gates", gate::Schema());
  EXPECT_OK(database);
  std::set<int64_t> numbers;
  EXPECT_OK((*database)->Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT number FROM events", {}, [&](const SqlRow& row) {
      numbers.insert(row.Int(0));
      return OkStatus();
    });
  }));
  return numbers;
}

// Anybody can print a code that claims an event, and the cloud holds eight.
TEST(CloudScanTest, NoCodeThrowsOutTheMatchThatIsOn) {
  World world;
  world.MakeEvent();
  const v1::Order order = world.Buy({"N-A-1"}, "k");
  for (int i = 2; i <= 9; ++i) world.MakeFreeEvent();
  Handheld handheld(world, 100, 'a');
  world.env.clock.SetNow(*ParseTimestamp("2026-12-05T00:30:00Z"));
  uint64_t scan = 0;
  const auto ask = [&](const std::string& text, uint32_t event) {
    const auto answer = Ask(world, handheld,
                            {.scan = ScanId{++scan},
                             .text = text,
                             .event = event,
                             .gate = 1,
                             .at = world.env.clock.Now()});
    EXPECT_OK(answer);
    return answer.ok() ? DecodeLogEntry(answer->entry)->reason : uint16_t{0};
  };
  const SigningKey stranger = *SigningKey::FromSeed(std::string(kSignatureSeedBytes, 'x'));
  TicketClaims claims;
  claims.key_id = 1;
  claims.ticket = TicketId{1};
  for (uint32_t event = 2; event <= 9; ++event) {
    claims.event_number = event;
    EXPECT_NE(ask(IssueTicketCode(claims, stranger), 1), static_cast<uint16_t>(Reason::kOk));
  }
  EXPECT_EQ(HeldEvents(world), std::set<int64_t>{1})
      << "nothing was fetched for what nobody signed";
  // A supervisor's annulment that its device did not sign fetches nothing either.
  LogEntry annul = *DecodeLogEntry(
      Ask(world, handheld,
          {.scan = ScanId{1}, .text = "", .event = 1, .gate = 1, .at = world.env.clock.Now()})
          ->entry);
  annul.kind = LogKind::kAnnul;
  annul.supervisor = true;
  annul.device = handheld.device;
  annul.event = 5;
  Upload(world, handheld.token, {SealLogEntry(annul, stranger)});
  EXPECT_EQ(HeldEvents(world), std::set<int64_t>{1});
  // What a device says itself is believed, but a match that is on stays.
  for (uint32_t event = 2; event <= 9; ++event) ask("", event);
  EXPECT_TRUE(HeldEvents(world).contains(1));
  EXPECT_EQ(HeldEvents(world).size(), 8u);
  EXPECT_EQ(ask(order.tickets(0).code(), 1), static_cast<uint16_t>(Reason::kOk));
  // Weeks later nobody works at it any more: it makes room.
  world.env.clock.SetNow(*ParseTimestamp("2026-12-06T23:30:00Z") + Duration::Days(20));
  handheld.token = world.identity.Token(handheld.device.ToString(), {Role::kDevice});
  for (uint32_t event = 2; event <= 9; ++event) ask("", event);
  EXPECT_EQ(HeldEvents(world), (std::set<int64_t>{2, 3, 4, 5, 6, 7, 8, 9}));
}

// There is no room for the copy of that event, and a refused entry never comes again.
TEST(CloudScanTest, ASupervisorsWordOnAnEventThatIsNotHeldIsTaken) {
  World world;
  world.MakeEvent();
  const v1::Order order = world.Buy({"N-A-1"}, "k");
  for (int i = 2; i <= 9; ++i) world.MakeFreeEvent();
  Handheld boss(world, 100, 'a');
  Handheld hand(world, 101, 'b');
  ASSERT_EQ(world
                .Send("PUT", "/v1/events/" + world.event_id + "/gate-policy", world.admin,
                      R"({"supervisor_devices":[")" + boss.device.ToString() + "\"]}")
                .status,
            200);
  boss.Fetch(world);
  hand.Fetch(world);
  world.env.clock.SetNow(*ParseTimestamp("2026-12-05T00:30:00Z"));
  const ScanResult mistake = hand.Scan(order.tickets(0).code());
  ASSERT_EQ(mistake.decision.reason, Reason::kOk);
  // A day later that event is over, and eight others are on.
  world.env.clock.SetNow(*ParseTimestamp("2026-12-06T06:00:00Z"));
  for (Handheld* one : {&boss, &hand})
    one->token = world.identity.Token(one->device.ToString(), {Role::kDevice});
  uint64_t asked = 0;
  for (uint32_t event = 2; event <= 9; ++event) {
    ASSERT_OK(Ask(world, boss,
                  {.scan = ScanId{++asked},
                   .text = "",
                   .event = event,
                   .gate = 1,
                   .at = world.env.clock.Now()}));
  }
  ASSERT_EQ(HeldEvents(world), (std::set<int64_t>{2, 3, 4, 5, 6, 7, 8, 9})) << "no room";

  EXPECT_EQ(Upload(world, hand.token, hand.Log()).acks.at(0).state, AckState::kStored);
  const auto annulled = [&] {
    const v1::ScanList all = List(world);
    for (const v1::Scan& scan : all.scans()) {
      if (scan.id() == mistake.scan_id.ToString()) return scan.has_annulled();
    }
    ADD_FAILURE() << "the scan is not there";
    return false;
  };
  EXPECT_FALSE(annulled());
  ASSERT_OK(boss.engine->TakeEntries(hand.Log(), LogSource::kCloud));
  ASSERT_OK(boss.engine->Annul(mistake.scan_id,
                               {static_cast<uint8_t>(StaffWhy::kScannedByMistake), "Ana", ""}));
  EXPECT_EQ(Upload(world, boss.token, boss.Log()).acks.at(0).state, AckState::kStored);
  EXPECT_EQ(HeldEvents(world).count(1), 0u) << "the matches that are on stay";
  EXPECT_TRUE(annulled());

  // Who only says that he is a supervisor is still refused.
  LogEntry claim = *DecodeLogEntry(hand.Log().at(0));
  Handheld liar(world, 102, 'c');
  liar.token = world.identity.Token(liar.device.ToString(), {Role::kDevice});
  claim.kind = LogKind::kAnnul;
  claim.device = liar.device;
  claim.supervisor = true;
  claim.staff = {static_cast<uint8_t>(StaffWhy::kScannedByMistake), "Eve", ""};
  const std::string lie =
      SealLogEntry(claim, *SigningKey::FromSeed(std::string(kSignatureSeedBytes, 'c')));
  EXPECT_EQ(Upload(world, liar.token, {lie}).acks.at(0).state, AckState::kRejected);
}

TEST(CloudScanTest, OthersLearnOfWhatTheCloudDecided) {
  World world;
  world.MakeEvent();
  const v1::Order order = world.Buy({"N-A-1"}, "k");
  Handheld handheld(world, 100, 'a');
  Handheld other(world, 101, 'b');
  other.Fetch(world);
  world.env.clock.SetNow(*ParseTimestamp("2026-12-05T00:30:00Z"));
  ASSERT_OK(Ask(world, handheld,
                {.scan = ScanId{1},
                 .text = order.tickets(0).code(),
                 .event = 1,
                 .gate = 1,
                 .at = world.env.clock.Now()}));
  const HttpResponse response = world.Send("GET", "/v1/gate/changes?after=0", other.token);
  ASSERT_EQ(response.status, 200);
  const auto changes = DecodeChanges(response.body);
  ASSERT_OK(changes);
  ASSERT_EQ(changes->entries.size(), 1u);
  ASSERT_EQ(changes->events.size(), 1u);
  EXPECT_EQ(changes->events[0].name, "Final");
  EXPECT_OK(other.engine->AddDevices(changes->devices));
  const auto acks = other.engine->TakeEntries(changes->entries, LogSource::kCloud);
  ASSERT_OK(acks);
  EXPECT_EQ((*acks)[0].state, AckState::kStored);
  world.env.clock.Advance(Duration::Seconds(20));
  EXPECT_EQ(other.Scan(order.tickets(0).code()).decision.reason, Reason::kAlreadyUsed);
}

TEST(CloudScanTest, IsForDevicesAndSurvivesARestart) {
  World world;
  world.MakeEvent();
  EXPECT_EQ(world.Send("POST", "/v1/scans", world.gate, "x").status, 403);
  EXPECT_EQ(world.Send("POST", "/v1/device-logs", world.admin, "x").status, 403);
  Handheld handheld(world, 100, 'a');
  EXPECT_EQ(world.Send("POST", "/v1/scans", handheld.token, "\xff\xff\xff").status, 400);
  handheld.Fetch(world);
  handheld.Scan("NO CODE");
  Upload(world, handheld.token, handheld.Log());
  world.Restart();
  EXPECT_EQ(List(world).total(), 1);
  EXPECT_EQ(Upload(world, handheld.token, handheld.Log()).acks[0].state, AckState::kRepeated);
}

// The rows that staff read are behind the logs after a crash, and are brought up to date.
TEST(CloudScanTest, DyingBehindAnUploadLosesNoScan) {
  for (int n = 1; n <= 6; ++n) {
    World world;
    world.MakeEvent();
    Handheld handheld(world, 100, 'a');
    handheld.Fetch(world);
    handheld.Scan("NO CODE");
    handheld.Scan("NOR THIS");
    world.databases.DieAt(n, MortalFactory::Death::kBeforeWrite);
    HttpRequest request;
    request.method = "POST";
    request.target = "/v1/device-logs";
    request.headers.Set("Authorization", "Bearer " + handheld.token);
    request.body = EncodeLogUpload({handheld.Log()});
    (void)world.service->api().Handle(request);
    world.Restart();
    Upload(world, handheld.token, handheld.Log());
    EXPECT_OK(world.service->Tick());
    EXPECT_EQ(List(world).total(), 2) << n;
  }
}

}  // namespace
}  // namespace ticketing
