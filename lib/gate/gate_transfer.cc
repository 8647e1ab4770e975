#include "ticketing/gate/gate_transfer.h"

#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"
#include "ticketing/wire/gate_file.h"

namespace ticketing {
namespace {

void Count(const std::vector<LogAck>& acks, GateImport& report) {
  for (const LogAck& ack : acks) {
    switch (ack.state) {
      case AckState::kStored:
        ++report.entries;
        break;
      case AckState::kRepeated:
        ++report.repeated;
        break;
      case AckState::kRejected:
        ++report.rejected;
        break;
      case AckState::kLater:
        ++report.unknown;
        break;
    }
  }
}

}  // namespace

StatusOr<std::string> ExportGate(GateEngine& engine) {
  GateFileWriter writer(engine.device(), engine.key(), engine.env().clock.Now());
  // Devices before their entries, so that whoever reads it knows whom to believe.
  writer.AddDevices(engine.Devices());
  for (const EventVersion& event : engine.Events()) {
    TICKETING_ASSIGN_OR_RETURN(const std::optional<EventCopy> copy,
                               engine.ReadEventCopy(event.number, 0));
    if (copy) writer.AddEventCopy(*copy);
  }
  uint64_t cursor = 0;
  for (bool more = true; more;) {
    // No device has the id 0: nobody's entries are left out.
    TICKETING_ASSIGN_OR_RETURN(const Changes changes,
                               engine.ChangesSince(cursor, limits::kLogBatchItemsMax, DeviceId{}));
    if (!changes.entries.empty()) writer.AddLogEntries(changes.entries);
    cursor = changes.cursor;
    more = changes.more;
  }
  return writer.Finish();
}

StatusOr<GateImport> ImportGate(GateEngine& engine, std::string_view file,
                                std::string_view trusted_key) {
  GateImport report;
  GateFileVisitor visitor;
  visitor.info = [&](const GateFileInfo& info) {
    report.writer = info.device;
    const std::optional<CopyDevice> known = engine.FindDevice(info.device);
    const bool bastion =
        known && known->bastion && !known->revoked && known->public_key == info.public_key;
    report.trusted = bastion || info.device == engine.device() ||
                     ConstantTimeEquals(info.public_key, trusted_key);
    // Whose key is under our own id is looked at where the file is signed with it.
    if (info.device == engine.device() && info.public_key != engine.key().public_key()) {
      report.trusted = false;
    }
    return OkStatus();
  };
  visitor.devices = [&](const std::vector<CopyDevice>& devices) -> Status {
    if (!report.trusted) return OkStatus();
    for (const CopyDevice& device : devices) {
      Status added = engine.AddDevices({device});
      if (!added.ok() && CodeOf(added) != ErrorCode::kConflict) return added;
      if (added.ok()) ++report.devices;
    }
    return OkStatus();
  };
  visitor.event_copy = [&](const EventCopy& copy) -> Status {
    if (!report.trusted) return OkStatus();
    TICKETING_RETURN_IF_ERROR(engine.ApplyEventCopy(copy));
    ++report.copies;
    return OkStatus();
  };
  visitor.log_entries = [&](const std::vector<std::string>& entries) -> Status {
    // Whoever is believed took the entries of a device while that was in good standing.
    const LogSource source = report.trusted ? LogSource::kBastion : LogSource::kDevice;
    TICKETING_ASSIGN_OR_RETURN(const std::vector<LogAck> acks, engine.TakeEntries(entries, source));
    Count(acks, report);
    return OkStatus();
  };
  TICKETING_RETURN_IF_ERROR(ReadGateFile(file, visitor));
  return report;
}

}  // namespace ticketing
