#include "ticketing/wire/gate_file.h"

#include <optional>

#include "ticketing/base/assert.h"
#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"
#include "ticketing/crypto/hash.h"
#include "ticketing/v1/bastion.pb.h"
#include "ticketing/wire/bastion_codec.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {
namespace {

constexpr std::string_view kMagic = "TKTGATE";
constexpr char kVersion = 1;
constexpr std::string_view kSignatureHead = "ticketing gate file v1\n";
constexpr char kEnd = 0;
constexpr char kInfo = 1;
constexpr char kCopy = 2;
constexpr char kDevices = 3;
constexpr char kEntries = 4;
constexpr size_t kHeadBytes = 8;
constexpr size_t kSectionHeadBytes = 5;
constexpr size_t kTailBytes = kHashBytes + kSignatureBytes;

struct Section {
  char kind = kEnd;
  std::string_view bytes;
};

Status Wrong(const std::string& why) {
  return InvalidField("file", why);
}

// The next section, taken off the front. nullopt when the frame does not hold.
std::optional<Section> Next(std::string_view& rest) {
  if (rest.size() < kSectionHeadBytes) return std::nullopt;
  const char kind = rest[0];
  const uint64_t size = ReadBigEndian(rest, 1, 4);
  rest.remove_prefix(kSectionHeadBytes);
  if (size > kGateFileSectionBytesMax || size > rest.size()) return std::nullopt;
  const Section section{kind, rest.substr(0, size)};
  rest.remove_prefix(size);
  return section;
}

StatusOr<GateFileInfo> ReadInfo(std::string_view bytes) {
  v1::GateFileInfo message;
  const bool read = message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  if (!read || message.device() == 0 || message.device() > INT64_MAX ||
      !IsValidPublicKey(message.public_key())) {
    return Wrong("says nothing of who wrote it");
  }
  return GateFileInfo{DeviceId{message.device()}, message.public_key(),
                      Timestamp{message.made_at()}};
}

// The sections between head and tail, when all of the frame, the hash and the signature hold.
StatusOr<std::vector<Section>> Check(std::string_view file, GateFileInfo& info) {
  if (file.size() > kGateFileBytesMax) return Wrong("is too large");
  if (file.size() < kHeadBytes + kSectionHeadBytes + kTailBytes || !file.starts_with(kMagic)) {
    return Wrong("is no gate file, or was cut off");
  }
  if (file[kMagic.size()] != kVersion) {
    return Wrong("has a version that this program does not know");
  }
  const std::string_view body = file.substr(0, file.size() - kTailBytes);
  const std::string_view tail = file.substr(body.size());
  const std::string hash = Sha256(body);
  if (tail.substr(0, kHashBytes) != hash) return Wrong("was cut off or changed on its way");
  std::vector<Section> sections;
  std::string_view rest = body.substr(kHeadBytes);
  while (!rest.empty()) {
    const std::optional<Section> section = Next(rest);
    if (!section) return Wrong("has a section that does not end");
    const bool first = sections.empty();
    if (first != (section->kind == kInfo)) return Wrong("does not begin with who wrote it");
    const bool end = section->kind == kEnd;
    if (end != rest.empty() || (end && !section->bytes.empty())) {
      return Wrong("goes on behind its end, or has none");
    }
    sections.push_back(*section);
  }
  TICKETING_ASSIGN_OR_RETURN(info, ReadInfo(sections.front().bytes));
  if (!VerifySignature(info.public_key, std::string(kSignatureHead) + hash,
                       tail.substr(kHashBytes))) {
    return Wrong("is not signed by the device that it names");
  }
  return sections;
}

}  // namespace

GateFileWriter::GateFileWriter(DeviceId device, const SigningKey& key, Timestamp now) : key_(key) {
  bytes_ = kMagic;
  bytes_ += kVersion;
  v1::GateFileInfo info;
  info.set_device(device.value);
  info.set_public_key(key.public_key());
  info.set_made_at(now.micros);
  Add(kInfo, info.SerializeAsString());
}

void GateFileWriter::Add(char kind, std::string_view bytes) {
  TICKETING_ASSERT(bytes.size() <= kGateFileSectionBytesMax);
  bytes_ += kind;
  AppendBigEndian(bytes_, bytes.size(), 4);
  bytes_ += bytes;
}

void GateFileWriter::AddEventCopy(const EventCopy& snapshot) {
  TICKETING_ASSERT(snapshot.is_snapshot());
  Add(kCopy, EncodeEventCopy(snapshot));
}

void GateFileWriter::AddDevices(const std::vector<CopyDevice>& devices) {
  VenueReport report;
  // Only the devices count; a card must be well formed all the same.
  report.card = {DeviceId{1}, "https://x", std::string(64, '0'), {}, std::string(64, '0')};
  report.devices = devices;
  Add(kDevices, EncodeVenueReport(report));
}

void GateFileWriter::AddLogEntries(const std::vector<std::string>& entries) {
  TICKETING_ASSERT(entries.size() <= limits::kLogBatchItemsMax);
  Add(kEntries, EncodeLogUpload({entries}));
}

std::string GateFileWriter::Finish() {
  Add(kEnd, "");
  const std::string hash = Sha256(bytes_);
  bytes_ += hash;
  bytes_ += key_.Sign(std::string(kSignatureHead) + hash);
  return std::move(bytes_);
}

Status ReadGateFile(std::string_view bytes, const GateFileVisitor& visitor) {
  GateFileInfo info;
  TICKETING_ASSIGN_OR_RETURN(const std::vector<Section> sections, Check(bytes, info));
  TICKETING_RETURN_IF_ERROR(visitor.info(info));
  for (const Section& section : sections) {
    if (section.kind == kCopy) {
      TICKETING_ASSIGN_OR_RETURN(const EventCopy copy, DecodeEventCopy(section.bytes));
      if (!copy.is_snapshot()) return Wrong("holds a part of an event copy instead of a whole one");
      TICKETING_RETURN_IF_ERROR(visitor.event_copy(copy));
    } else if (section.kind == kDevices) {
      TICKETING_ASSIGN_OR_RETURN(const VenueReport report, DecodeVenueReport(section.bytes));
      TICKETING_RETURN_IF_ERROR(visitor.devices(report.devices));
    } else if (section.kind == kEntries) {
      TICKETING_ASSIGN_OR_RETURN(const LogUpload upload, DecodeLogUpload(section.bytes));
      TICKETING_RETURN_IF_ERROR(visitor.log_entries(upload.entries));
    }
  }
  return OkStatus();
}

}  // namespace ticketing
