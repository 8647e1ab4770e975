// Goal: a gate file gives what was put in, or nothing. Method: there and back, every cut, every
// byte changed, and files that are signed well but make no sense.
#include "ticketing/wire/gate_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ticketing/base/bytes.h"
#include "ticketing/crypto/hash.h"
#include "ticketing/testing/matchers.h"

namespace ticketing {
namespace {

const SigningKey& Key() {
  static const SigningKey key = *SigningKey::FromSeed(std::string(32, 'k'));
  return key;
}

struct Seen {
  GateFileInfo info;
  int copies = 0, devices = 0;
  std::vector<std::string> entries;

  GateFileVisitor Visitor() {
    GateFileVisitor visitor;
    visitor.info = [this](const GateFileInfo& read) {
      info = read;
      return OkStatus();
    };
    visitor.event_copy = [this](const EventCopy&) {
      ++copies;
      return OkStatus();
    };
    visitor.devices = [this](const std::vector<CopyDevice>& read) {
      devices += static_cast<int>(read.size());
      return OkStatus();
    };
    visitor.log_entries = [this](const std::vector<std::string>& read) {
      entries.insert(entries.end(), read.begin(), read.end());
      return OkStatus();
    };
    return visitor;
  }
};

std::string Sample() {
  GateFileWriter writer(DeviceId{7}, Key(), Timestamp{99});
  writer.AddDevices({{DeviceId{8}, Key().public_key(), "Puerta 1", true, false}});
  EventCopy copy;
  copy.header.number = 12;
  copy.header.id = EventId{77};
  copy.header.name = "Final";
  copy.version = 3;
  writer.AddEventCopy(copy);
  writer.AddLogEntries({"one", "two"});
  return writer.Finish();
}

// A file with these sections, with a right hash and signature.
std::string Signed(const std::string& sections, char version = 1) {
  std::string file = Sample();
  // The info section is the first; its length stands behind its kind.
  const size_t info = 8 + 5 + static_cast<size_t>(ReadBigEndian(file, 9, 4));
  file = file.substr(0, info) + sections;
  file[7] = version;
  const std::string hash = Sha256(file);
  return file + hash + Key().Sign("ticketing gate file v1\n" + hash);
}
std::string Section(char kind, const std::string& bytes) {
  std::string out(1, kind);
  AppendBigEndian(out, bytes.size(), 4);
  return out + bytes;
}

TEST(GateFileTest, GivesWhatWasPutIn) {
  Seen seen;
  ASSERT_OK(ReadGateFile(Sample(), seen.Visitor()));
  EXPECT_EQ(seen.info.device, DeviceId{7});
  EXPECT_EQ(seen.info.made_at, Timestamp{99});
  EXPECT_EQ(seen.copies, 1);
  EXPECT_EQ(seen.devices, 1);
  EXPECT_EQ(seen.entries, (std::vector<std::string>{"one", "two"}));
}

TEST(GateFileTest, OfACutOrChangedFileNothingIsTaken) {
  const std::string file = Sample();
  Seen seen;
  for (size_t i = 0; i < file.size(); ++i) {
    EXPECT_THAT(ReadGateFile(file.substr(0, i), seen.Visitor()), HasCode(ErrorCode::kInvalidField));
    std::string changed = file;
    changed[i] = static_cast<char>(changed[i] ^ 0x10);
    EXPECT_THAT(ReadGateFile(changed, seen.Visitor()), HasCode(ErrorCode::kInvalidField)) << i;
  }
  EXPECT_FALSE(ReadGateFile(file + "x", seen.Visitor()).ok());
  EXPECT_FALSE(seen.info.device);
  EXPECT_TRUE(seen.entries.empty());
}

TEST(GateFileTest, WellSignedNonsenseIsRefused) {
  Seen seen;
  const auto read = [&](const std::string& file) { return ReadGateFile(file, seen.Visitor()); };
  const std::string end = Section(0, "");
  EXPECT_OK(read(Signed(end)));
  EXPECT_OK(read(Signed(Section(99, "of a newer program") + end)));
  EXPECT_FALSE(read(Signed(end, 2)).ok());                        // a newer format
  EXPECT_FALSE(read(Signed("")).ok());                            // no end
  EXPECT_FALSE(read(Signed(end + end)).ok());                     // two
  EXPECT_FALSE(read(Signed(Section(0, "x"))).ok());               // one with something in it
  EXPECT_FALSE(read(Signed(Section(1, "") + end)).ok());          // a second info
  EXPECT_FALSE(read(Signed(Section(2, "\xff\xff") + end)).ok());  // no event copy
  EXPECT_FALSE(read(Signed(Section(3, "\xff\xff") + end)).ok());  // no devices
  EXPECT_FALSE(read(Signed(Section(4, "\xff\xff") + end)).ok());  // no entries
  EXPECT_FALSE(read(Signed(std::string("\4\xff\xff\xff\xff", 5) + end)).ok());  // longer than all
  EXPECT_FALSE(read(Signed(std::string("\4\0\0", 3))).ok());  // no room for a length
}

// Whoever changes the content and makes hash and signature anew cannot do so in another's name.
TEST(GateFileTest, TheSignatureIsOfTheDeviceThatIsNamed) {
  std::string file = Sample();
  const std::string body = file.substr(0, file.size() - 96);
  const SigningKey other = *SigningKey::FromSeed(std::string(32, 'o'));
  const std::string hash = Sha256(body);
  Seen seen;
  const Status refused =
      ReadGateFile(body + hash + other.Sign("ticketing gate file v1\n" + hash), seen.Visitor());
  EXPECT_THAT(std::string(MessageOf(refused)), ::testing::HasSubstr("not signed by the device"));
}

}  // namespace
}  // namespace ticketing
