// A gate file: everything that a bastion or a handheld holds, in one file, for the day when no
// network works and a memory stick has to do. Event copies, devices and log entries are in it as
// they travel otherwise, sealed as they are.
//
//   8 bytes   "TKTGATE" and the version, 1
//   sections  each: kind (1 byte), length (4 bytes, big-endian), so many bytes:
//               1 info: protobuf GateFileInfo; the first section, and there once
//               2 event copy: protobuf EventCopy, a snapshot
//               3 devices: protobuf VenueReport, of which only the devices count
//               4 log entries: protobuf LogUpload, at most 500 of them
//               0 end, of length 0; the last section
//   32 bytes  SHA-256 of all before
//   64 bytes  Ed25519, by the key in the info, over "ticketing gate file v1\n" and that hash
//
// The signature says who wrote the file; whether to believe that device is up to the reader. Log
// entries are signed one by one by the devices that made them and need nobody else to vouch.
#ifndef TICKETING_WIRE_GATE_FILE_H_
#define TICKETING_WIRE_GATE_FILE_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/crypto/signature.h"
#include "ticketing/sync/event_copy.h"

namespace ticketing {

inline constexpr size_t kGateFileBytesMax = size_t{512} << 20;
inline constexpr size_t kGateFileSectionBytesMax = size_t{64} << 20;

class GateFileWriter {
 public:
  // `key` must outlive the writer.
  GateFileWriter(DeviceId device, const SigningKey& key, Timestamp now);
  void AddEventCopy(const EventCopy& snapshot);
  void AddDevices(const std::vector<CopyDevice>& devices);
  // At most limits::kLogBatchItemsMax at once.
  void AddLogEntries(const std::vector<std::string>& entries);
  // The whole file; nothing may be added after.
  std::string Finish();

 private:
  void Add(char kind, std::string_view bytes);

  const SigningKey& key_;
  std::string bytes_;
};

struct GateFileInfo {
  DeviceId device;
  std::string public_key;
  Timestamp made_at;
};

// Receives what is in a file, in its order; an error of any ends the reading and is returned.
struct GateFileVisitor {
  std::function<Status(const GateFileInfo&)> info;
  std::function<Status(const EventCopy&)> event_copy;
  std::function<Status(const std::vector<CopyDevice>&)> devices;
  std::function<Status(const std::vector<std::string>&)> log_entries;
};

// Checks the frame, the hash and the signature of the whole file first, and then reads section by
// section, so that of a file that was cut or changed nothing is taken at all. Errors: kInvalidField
// ("file") with a sentence that says what is wrong, and those of the decoders and the visitor.
// Sections of kinds that a newer program writes are passed over.
Status ReadGateFile(std::string_view bytes, const GateFileVisitor& visitor);

}  // namespace ticketing

#endif  // TICKETING_WIRE_GATE_FILE_H_
