// Goal: a note says what the logs say of a passage, and nothing else can be read as one.
#include "ticketing/sync/passage_note.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ticketing/testing/matchers.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;

PassageNote Example() {
  PassageNote note;
  note.exit = true;
  note.overridden = true;
  note.not_in_copy = true;
  note.reentry = kLogReentryAfterExit;
  note.decided_by = DecidedBy::kCloud;
  note.reason = 0x0102;
  note.scan = ScanId{0x1112131415161718};
  note.ticket = TicketId{0x2122232425262728};
  note.event = 0x31323334;
  note.scanner = DeviceId{0x4142434445464748};
  note.gate = 0x5152;
  note.issue = 0x6162;
  note.hlc = {0x0000738475767778, 0x7172};
  note.at = Timestamp{0x0000838485868788};
  note.zone = 0x9192;
  return note;
}

std::string Bytes(const PassageNote& note) {
  std::string bytes;
  AppendPassageNote(note, bytes);
  return bytes;
}

TEST(PassageNoteTest, TheLayoutIsTheDocumentedOne) {
  const std::string bytes = Bytes(Example());
  ASSERT_EQ(bytes.size(), kPassageNoteBytes);
  EXPECT_EQ(bytes, std::string("\x2f\x03\x01\x02"
                               "\x11\x12\x13\x14\x15\x16\x17\x18"
                               "\x21\x22\x23\x24\x25\x26\x27\x28"
                               "\x31\x32\x33\x34"
                               "\x41\x42\x43\x44\x45\x46\x47\x48"
                               "\x51\x52\x61\x62"
                               "\x00\x00\x73\x84\x75\x76\x77\x78\x71\x72"
                               "\x00\x00\x83\x84\x85\x86\x87\x88\x91\x92",
                               kPassageNoteBytes));
  EXPECT_THAT(*DecodePassageNotes(bytes + bytes), ElementsAre(Example(), Example()));
}

TEST(PassageNoteTest, NothingElseIsRead) {
  const std::string good = Bytes(Example());
  EXPECT_THAT(DecodePassageNotes(good.substr(1)), HasCode(ErrorCode::kInvalidField));
  const auto with = [&](size_t at, char value) {
    std::string bytes = good;
    bytes[at] = value;
    return bytes;
  };
  EXPECT_THAT(DecodePassageNotes(with(0, '\x40')), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(DecodePassageNotes(with(0, '\x18')), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(DecodePassageNotes(with(1, '\0')), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(DecodePassageNotes(with(1, '\4')), HasCode(ErrorCode::kInvalidField));
  for (const size_t id : {4u, 12u, 24u, 36u, 46u}) {
    EXPECT_THAT(DecodePassageNotes(with(id, '\xff')), HasCode(ErrorCode::kInvalidField)) << id;
  }
  PassageNote nobody = Example();
  nobody.ticket = TicketId{};
  EXPECT_THAT(DecodePassageNotes(Bytes(nobody)), HasCode(ErrorCode::kInvalidField));
}

TEST(PassageNoteTest, TellsWhatMergingNeeds) {
  ScanRecord record;
  record.told.scan = ScanId{1};
  record.told.ticket = TicketId{2};
  record.told.outcome = kLogRefused;
  EXPECT_FALSE(IsWorthANote(record)) << "nobody went in";
  record.told.scanner = record.told.device = DeviceId{5};
  record.told.decided_by = DecidedBy::kAlone;
  EXPECT_TRUE(IsWorthANote(record)) << "a bastion that is lost may have told of an entry";
  record.told.decided_by = DecidedBy::kBastion;
  EXPECT_FALSE(IsWorthANote(record)) << "its answer, and nobody else's";
  record.disputed = true;
  EXPECT_TRUE(IsWorthANote(record)) << "somebody was told of an entry";
  EXPECT_FALSE(NoteOf(record).counts);
  record.told.outcome = kLogAdmitted;
  record.told.counted = true;
  EXPECT_TRUE(NoteOf(record).counts);
  record.annulled = true;
  EXPECT_TRUE(IsWorthANote(record));
  EXPECT_FALSE(NoteOf(record).counts);
  PassageNote unlimited = Example();
  unlimited.zone = 0;
  unlimited.counts = true;
  EXPECT_EQ(NoteOf(RecordOf(unlimited)), unlimited);
  EXPECT_TRUE(RecordOf(Example()).counts());
}

}  // namespace
}  // namespace ticketing
