// Goal: what programs of the first release said is understood by all later ones, and what later
// ones add does not disturb them. One message of each kind is kept as hex in
// tests/golden/sync/messages.txt; TICKETING_WRITE_GOLDEN=1 adds kinds that are missing there and
// never changes a line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "ticketing/base/bytes.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/wire/search_codec.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {
namespace {

constexpr char kFile[] = TICKETING_SOURCE_DIR "/tests/golden/sync/messages.txt";

SigningKey Key(char seed) {
  return *SigningKey::FromSeed(std::string(32, seed));
}

LogEntry Entry() {
  LogEntry entry;
  entry.device = DeviceId{7};
  entry.sequence = 1;
  entry.hlc = {1'795'400'000'000'000, 3};
  entry.at = Timestamp{1'795'400'000'000'001};
  entry.scan = ScanId{1001};
  entry.ticket = TicketId{55};
  entry.event = 9;
  entry.scanner = DeviceId{7};
  entry.gate = 3;
  entry.outcome = kLogAdmitted;
  entry.reason = 1;
  entry.counted = true;
  return entry;
}

EventCopy Copy(uint64_t base) {
  EventCopy copy;
  copy.base_version = base;
  copy.version = base + 3;
  copy.header.number = 9;
  copy.header.id = EventId{900};
  copy.header.name = "Clásico";
  copy.header.venue_name = "Estadio";
  copy.header.starts_at = Timestamp::FromSeconds(1'795'400'000);
  copy.header.utc_offset_minutes = -360;
  copy.header.gates = {{1, "g1", "Puerta 1", {1}}};
  copy.header.zones = {{1, "z1", "Norte"}};
  CopyTicketType type;
  type.number = 1;
  type.id = "general";
  type.name = "General";
  copy.header.ticket_types = {type};
  EXPECT_OK(copy.header.keys.Add(4, {Key('t').public_key()}));
  copy.header.devices = {{DeviceId{7}, Key('d').public_key(), "Carril 1", false, false}};
  copy.tickets = {{TicketId{55}, 1, 1, 1, 1, 2, "A-1"}, {TicketId{56}, 2, 1, 1, 3, 0, "A-2"}};
  if (base > 0) copy.removed = {TicketId{57}};
  return copy;
}

Changes News() {
  Changes changes;
  changes.cursor = 17;
  changes.server = DeviceId{8};
  changes.more = true;
  changes.devices = Copy(0).header.devices;
  changes.events = {{9, EventId{900}, 3, "Clásico"}};
  changes.stored = {{DeviceId{7}, 4}};
  changes.cloud = {{DeviceId{7}, 3}};
  return changes;
}

ScanResponse Answer() {
  ScanResponse response;
  response.entry = SealLogEntry(Entry(), Key('d'));
  response.detail.right_gates = {1, 2};
  response.detail.opens_at = Timestamp{5};
  response.seat_label = "A-1";
  return response;
}

// A kind of message: how it is made today, and whether bytes still say the same.
struct Kind {
  std::string today;
  std::function<bool(const std::string&)> reads;
};

template <typename Value, typename Encode, typename Decode>
Kind Of(const Value& value, Encode encode, Decode decode) {
  return {encode(value), [value, decode](const std::string& bytes) {
            const auto read = decode(bytes);
            return read.ok() && *read == value;
          }};
}

std::map<std::string, Kind> Kinds() {
  std::map<std::string, Kind> kinds;
  for (const uint64_t base : {0u, 5u}) {
    kinds[base == 0 ? "event_copy" : "event_copy_delta"] =
        Of(Copy(base), EncodeEventCopy, DecodeEventCopy);
  }
  const std::string sealed = SealLogEntry(Entry(), Key('d'));
  kinds["log_upload"] = Of(LogUpload{{sealed, "broken"}}, EncodeLogUpload, DecodeLogUpload);
  LogUploadResult result;
  result.acks = {{AckState::kStored, ""}, {AckState::kRejected, "log-broken"}};
  result.stored = {{DeviceId{7}, 1}};
  result.cloud = {{DeviceId{7}, 1}};
  kinds["log_upload_result"] = Of(result, EncodeLogUploadResult, DecodeLogUploadResult);
  ScanRequest request;
  request.scan = ScanId{1001};
  request.text = "T1-CODE";
  request.event = 9;
  request.gate = 3;
  request.at = Timestamp{77};
  kinds["scan_request"] = Of(request, EncodeScanRequest, DecodeScanRequest);
  request.text.clear();
  request.picked = TicketId{55};
  request.staff = {2, "acc_ana", "INE"};
  kinds["scan_request_picked"] = Of(request, EncodeScanRequest, DecodeScanRequest);
  kinds["ticket_search"] =
      Of(TicketSearch{9, "núñez", DeviceId{7}}, EncodeTicketSearch, DecodeTicketSearch);
  FoundTickets found;
  found.tickets = {{TicketId{55}, "A-1", "General", "Ana Núñez", "ord_1"}};
  found.more = true;
  kinds["found_tickets"] = Of(found, EncodeFoundTickets, DecodeFoundTickets);
  kinds["scan_response"] = {EncodeScanResponse(Answer()), [](const std::string& bytes) {
                              const auto read = DecodeScanResponse(bytes);
                              return read.ok() && read->entry == Answer().entry &&
                                     read->seat_label == "A-1" &&
                                     read->detail.right_gates == Answer().detail.right_gates &&
                                     read->detail.opens_at == Answer().detail.opens_at;
                            }};
  Changes entries = News();
  entries.entries = {sealed};
  kinds["changes_entries"] = Of(entries, EncodeChanges, DecodeChanges);
  Changes notes = News();
  notes.devices_digest = 99;
  ScanRecord record;
  record.told = Entry();
  AppendPassageNote(NoteOf(record), notes.passages);
  kinds["changes_passages"] = Of(notes, EncodeChanges, DecodeChanges);
  EnrolmentRequest enrol{"ABCD2345", DeviceId{7}, Key('d').public_key(), "Carril 1",
                         Key('d').Sign("proof")};
  kinds["enrolment_request"] = Of(enrol, EncodeEnrolmentRequest, DecodeEnrolmentRequest);
  EnrolmentResponse enrolled;
  enrolled.device = DeviceId{7};
  enrolled.server = DeviceId{8};
  enrolled.server_key = Key('b').public_key();
  enrolled.name = "Carril 1";
  enrolled.server_time = Timestamp{78};
  kinds["enrolment_response"] = Of(enrolled, EncodeEnrolmentResponse, DecodeEnrolmentResponse);
  return kinds;
}

std::string Unhex(const std::string& text) {
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

std::string Hex(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<uint8_t>(c) >> 4];
    text += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return text;
}

std::map<std::string, std::string> Golden() {
  std::map<std::string, std::string> golden;
  std::ifstream file(kFile);
  for (std::string name, hex; file >> name >> hex;) golden[name] = Unhex(hex);
  return golden;
}

class GoldenMessageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("TICKETING_WRITE_GOLDEN") == nullptr) return;
    const auto golden = Golden();
    std::ofstream file(kFile, std::ios::app);
    for (const auto& [name, kind] : Kinds()) {
      if (!golden.contains(name)) file << name << ' ' << Hex(kind.today) << '\n';
    }
  }
};

TEST_F(GoldenMessageTest, WhatWasSaidIsUnderstood) {
  const auto golden = Golden();
  for (const auto& [name, kind] : Kinds()) {
    ASSERT_TRUE(golden.contains(name)) << name;
    EXPECT_TRUE(kind.reads(golden.at(name))) << name;
  }
}

// Field 2000, of a program that is not written yet: a number and a text.
TEST_F(GoldenMessageTest, WhatOthersAddIsPassedOver) {
  const std::string added = std::string("\x80\x7d\x2a", 3) + std::string("\x8a\x7d\x03new", 6);
  for (const auto& [name, bytes] : Golden()) {
    EXPECT_TRUE(Kinds().at(name).reads(bytes + added)) << name;
    EXPECT_TRUE(Kinds().at(name).reads(added + bytes)) << name;
  }
}

// The query of the first handhelds had a cursor only: they get entries and devices, as ever.
TEST_F(GoldenMessageTest, WhoAsksAsTheFirstProgramsDidIsAnsweredSo) {
  ASSERT_OK_AND_ASSIGN(const ChangesQuery first, ReadChangesQuery("17", "", ""));
  EXPECT_EQ(first, ChangesQuery{.after = 17});
  Changes changes;
  PutDevices(first, Copy(0).header.devices, changes);
  EXPECT_EQ(changes.devices, Copy(0).header.devices);
  const ChangesQuery later{17, ChangesQuery::Form::kAll, changes.devices_digest};
  EXPECT_EQ(EncodeChangesQuery(later),
            "after=17&passages=all&devices=" + std::to_string(changes.devices_digest));
  PutDevices(later, Copy(0).header.devices, changes);
  EXPECT_TRUE(changes.devices.empty());
  EXPECT_THAT(ReadChangesQuery("x", "", ""), HasCode(ErrorCode::kInvalidField));
  ASSERT_OK_AND_ASSIGN(const ChangesQuery strange, ReadChangesQuery("1", "some-new-form", "0"));
  EXPECT_EQ(strange.form, ChangesQuery::Form::kEntries);
}

}  // namespace
}  // namespace ticketing
