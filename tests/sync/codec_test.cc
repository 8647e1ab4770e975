#include <gtest/gtest.h>

#include <string>

#include "ticketing/testing/matchers.h"
#include "ticketing/testing/seeded_random.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {
namespace {

SigningKey Key(char seed) {
  return *SigningKey::FromSeed(std::string(32, seed));
}

// A stadium: labels as printed on tickets, ids without any pattern.
EventCopy Stadium(size_t tickets) {
  SeededRandom random(7);
  EventCopy copy;
  copy.version = 3;
  copy.header.number = 12;
  copy.header.id = random.NewId<EventId>();
  copy.header.name = "Clásico";
  copy.header.venue_name = "Estadio";
  copy.header.starts_at = Timestamp::FromSeconds(1'795'400'000);
  copy.header.utc_offset_minutes = -360;
  copy.header.rules = R"({"rule": {"<": [1, 2]}})";
  for (uint16_t gate = 1; gate <= 8; ++gate) {
    copy.header.gates.push_back({gate, "g" + std::to_string(gate), "Puerta", {gate}});
    copy.header.zones.push_back({gate, "z" + std::to_string(gate), "Zona"});
  }
  CopyTicketType type;
  type.number = 1;
  type.id = "std";
  type.valid_from = Timestamp{5};
  type.entries_allowed = 0;
  type.reentry = 2;
  copy.header.ticket_types.push_back(type);
  EXPECT_OK(copy.header.keys.Add(4, {Key('t').public_key()}));
  for (int i = 0; i < 50; ++i) {
    copy.header.devices.push_back(
        {random.NewId<DeviceId>(), Key(static_cast<char>(i + 1)).public_key(), "Carril", i == 0});
  }
  for (size_t i = 0; i < tickets; ++i) {
    copy.tickets.push_back(
        {random.NewId<TicketId>(), static_cast<uint32_t>(i), static_cast<uint16_t>(1 + i % 8), 1,
         static_cast<uint8_t>(1 + i % 7), static_cast<uint16_t>(i % 3 * 300),
         "Sec " + std::to_string(100 + i / 500) + " Fila " + std::to_string(1 + i / 25 % 20) +
             " Asiento " + std::to_string(1 + i % 25)});
  }
  NormalizeEventCopy(copy);
  return copy;
}

TEST(EventCopyCodec, RoundTrips) {
  const EventCopy copy = Stadium(500);
  EXPECT_THAT(DecodeEventCopy(EncodeEventCopy(copy)), IsOkAndHolds(copy));
  EventCopy next = copy;
  next.version = 4;
  next.tickets[3].status = 3;
  next.tickets.pop_back();
  const EventCopy delta = MakeDelta(copy, next);
  EXPECT_THAT(DecodeEventCopy(EncodeEventCopy(delta)), IsOkAndHolds(delta));
  EXPECT_LT(EncodeEventCopy(delta).size(), 6'000u) << "a delta costs what changed";
}

TEST(EventCopyCodec, TwentyFiveThousandTicketsFitOneMegabyte) {
  const std::string bytes = EncodeEventCopy(Stadium(25'000));
  RecordProperty("bytes", static_cast<int>(bytes.size()));
  EXPECT_LE(bytes.size(), 1'000'000u);
}

TEST(EventCopyCodec, CarriesThePolicyOfItsGates) {
  EventCopy copy = Stadium(5);
  const size_t before = EncodeEventCopy(copy).size();
  copy.header.zones[0].persons_max = 120;
  copy.header.gates[0].ticket_types = {1, 4};
  copy.header.supervisors = {DeviceId{3}, DeviceId{9}};
  CopyTicketType child{50, "child", "Menor"};
  child.companions_per_holder = 2;
  child.companion_minutes = 15;
  CopyTicketType parking{51, "parking", "Estacionamiento"};
  parking.add_on = true;
  copy.header.ticket_types.push_back(child);
  copy.header.ticket_types.push_back(parking);
  copy.tickets[1].group = copy.tickets[2].group = 7;
  NormalizeEventCopy(copy);
  EXPECT_THAT(DecodeEventCopy(EncodeEventCopy(copy)), IsOkAndHolds(copy));
  EXPECT_LT(EncodeEventCopy(copy).size(), before + 200);
  copy.header.supervisors = {DeviceId{9}, DeviceId{3}};
  EXPECT_THAT(ValidateEventCopy(copy), HasCode(ErrorCode::kInvalidField));
}

TEST(EventCopyCodec, DamageIsRefusedOrHarmless) {
  const std::string good = EncodeEventCopy(Stadium(40));
  for (size_t length = 0; length < good.size(); ++length) {
    const auto copy = DecodeEventCopy(good.substr(0, length));
    // Cut between two fields it is a smaller message; the columns must still fit each other.
    if (copy.ok()) {
      EXPECT_OK(ValidateEventCopy(*copy));
    }
  }
  SeededRandom random(3);
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string bad = good;
    for (int n = 0; n < 3; ++n)
      bad[random.Uniform(bad.size())] = static_cast<char>(random.Next64());
    const auto copy = DecodeEventCopy(bad);
    if (copy.ok()) {
      EXPECT_OK(ValidateEventCopy(*copy));
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, 1'000);
}

TEST(EventCopyCodec, ALabelCannotRepeatWhatIsNotThere) {
  std::string bytes = EncodeEventCopy(Stadium(3));
  const size_t label = bytes.find("Sec 100 Fila 1 Asiento 1");
  ASSERT_NE(label, std::string::npos);
  ASSERT_EQ(bytes[label - 2], 0) << "how much of the label before it repeats";
  bytes[label - 2] = 5;
  EXPECT_THAT(DecodeEventCopy(bytes), HasCode(ErrorCode::kInvalidField));
}

TEST(SyncCodec, MessagesRoundTrip) {
  const ScanRequest scan{
      ScanId{9}, "ABC", 4, 3, Direction::kExit, Timestamp{77}, true, {2, "acc_7", "sin código"},
      {}};
  EXPECT_THAT(DecodeScanRequest(EncodeScanRequest(scan)), IsOkAndHolds(scan));

  const LogUpload upload{{"one", "two"}};
  EXPECT_THAT(DecodeLogUpload(EncodeLogUpload(upload)), IsOkAndHolds(upload));

  const LogUploadResult result{{{AckState::kStored, ""}, {AckState::kRejected, "log-broken"}},
                               {{DeviceId{3}, 12}},
                               {{DeviceId{3}, 7}}};
  EXPECT_THAT(DecodeLogUploadResult(EncodeLogUploadResult(result)), IsOkAndHolds(result));

  Changes changes;
  changes.entries = {"x"};
  changes.cursor = 88;
  changes.server = DeviceId{31};
  changes.more = true;
  changes.devices = {{DeviceId{5}, Key('a').public_key(), "Bastión", true, true}};
  changes.events = {{12, EventId{4}, 9, "Clásico"}};
  changes.stored = {{DeviceId{5}, 4}};
  changes.cloud = {{DeviceId{5}, 2}};
  EXPECT_THAT(DecodeChanges(EncodeChanges(changes)), IsOkAndHolds(changes));

  const EnrolmentRequest enrol{"ABCD2345", DeviceId{6}, Key('b').public_key(), "Carril 4",
                               std::string(64, 's')};
  EXPECT_THAT(DecodeEnrolmentRequest(EncodeEnrolmentRequest(enrol)), IsOkAndHolds(enrol));
  const EnrolmentResponse enrolled{
      DeviceId{6}, DeviceId{7},   Key('c').public_key(),     "Carril 4",
      "p3",        Timestamp{99}, {{12, EventId{4}, 9, "x"}}};
  EXPECT_THAT(DecodeEnrolmentResponse(EncodeEnrolmentResponse(enrolled)), IsOkAndHolds(enrolled));
}

TEST(SyncCodec, DetailsRoundTrip) {
  Decision decision;
  decision.first = Passage{ScanId{5}, Timestamp{66}, 3, DeviceId{8}, Direction::kExit, 2};
  decision.right_gates = {1, 2};
  decision.opens_at = Timestamp{0};
  decision.rule_text = "Solo socios";
  decision.rule_hints = {{RuleHint::Kind::kOpensAt, -5}, {RuleHint::Kind::kWeekday, 0}};
  ASSERT_OK_AND_ASSIGN(const Decision back, DecodeDecisionDetail(EncodeDecisionDetail(decision)));
  ASSERT_TRUE(back.first.has_value());
  EXPECT_EQ(back.first->scan, ScanId{5});
  EXPECT_EQ(back.first->direction, Direction::kExit);
  EXPECT_EQ(back.right_gates, decision.right_gates);
  EXPECT_EQ(back.opens_at, Timestamp{0});
  EXPECT_FALSE(back.closed_at.has_value());
  EXPECT_EQ(back.rule_text, "Solo socios");
  EXPECT_EQ(back.rule_hints, decision.rule_hints);
}

TEST(SyncCodec, ValuesOutOfRangeAreNamed) {
  ScanRequest scan{ScanId{9}, "ABC", 4, 3, Direction::kEntry, Timestamp{77}, false};
  scan.scan = ScanId{};
  EXPECT_THAT(DecodeScanRequest(EncodeScanRequest(scan)), HasCode(ErrorCode::kInvalidField));
  scan.scan = ScanId{uint64_t{1} << 63};
  EXPECT_THAT(DecodeScanRequest(EncodeScanRequest(scan)), HasCode(ErrorCode::kInvalidField));
  scan.scan = ScanId{9};
  scan.text = std::string(513, 'A');
  EXPECT_THAT(DecodeScanRequest(EncodeScanRequest(scan)), HasCode(ErrorCode::kInvalidField));
  scan.text = "A";
  scan.direction = static_cast<Direction>(3);
  EXPECT_THAT(DecodeScanRequest(EncodeScanRequest(scan)), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(DecodeScanRequest("\xff\xff\xff"), HasCode(ErrorCode::kBadSyntax));

  const LogUpload many{std::vector<std::string>(501)};
  EXPECT_THAT(DecodeLogUpload(EncodeLogUpload(many)), HasCode(ErrorCode::kInvalidField));
  EnrolmentRequest enrol{"A", DeviceId{6}, std::string(32, '\0'), "x", std::string(64, 's')};
  EXPECT_THAT(DecodeEnrolmentRequest(EncodeEnrolmentRequest(enrol)),
              HasCode(ErrorCode::kInvalidField));
  ScanResponse response;
  response.entry = "short";
  EXPECT_THAT(DecodeScanResponse(EncodeScanResponse(response)), HasCode(ErrorCode::kLogBroken));
}

}  // namespace
}  // namespace ticketing
