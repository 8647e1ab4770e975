// Event copies and devices of the engine.
#include <algorithm>

#include "lib/gate/copy_store.h"
#include "lib/gate/note_book.h"
#include "lib/gate/scan_store.h"
#include "lib/gate/zone_counts.h"
#include "ticketing/gate/engine.h"
#include "ticketing/gate/event_rules.h"

namespace ticketing {
namespace {

// `same_header`: the stored one, which is most of a change's bytes, is as it was.
Status Store(SqlTransaction& tx, const EventCopy& copy, uint64_t first_version,
             const EventHeader* before, bool same_header = false) {
  TICKETING_RETURN_IF_ERROR(gate::StoreCopy(tx, copy, first_version, same_header));
  return gate::FollowCopy(tx, copy, before);
}

}  // namespace

// Needs the lock.
void GateEngine::Hold(EventHeader header, uint64_t version) {
  const uint32_t number = header.number;
  versions_[number] = version;
  rules_.erase(number);
  if (!header.rules.empty()) {
    StatusOr<GateRules> rules = RulesOfEvent(header);
    if (rules.ok()) {
      rules_.emplace(number, std::make_shared<const GateRules>(*std::move(rules)));
    } else {
      // Written for a newer gate. To keep everybody out would be worse than to let in whom the
      // rules do not want, and a bastion that knows them still refuses.
      env_.log.Error(
          "gate rules not understood, nobody is held to them",
          {{"event", std::to_string(number)}, {"cause", std::string(MessageOf(rules.status()))}});
    }
  }
  events_[number] = std::make_shared<const EventHeader>(std::move(header));
}

Status GateEngine::ReloadEvents(SqlTransaction& tx) {
  TICKETING_ASSIGN_OR_RETURN(auto stored, gate::LoadEvents(tx));
  const std::lock_guard lock(mutex_);
  events_.clear();
  versions_.clear();
  rules_.clear();
  for (auto& [number, event] : stored) Hold(std::move(event.header), event.version);
  return OkStatus();
}

Status GateEngine::ApplyEventCopy(const EventCopy& copy) {
  TICKETING_RETURN_IF_ERROR(ValidateEventCopy(copy));
  const std::shared_ptr<const EventHeader> known = Event(copy.header.number);
  const Status done = database_->Write([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(const auto versions, gate::LoadVersions(tx));
    const auto held = versions.find(copy.header.number);
    if (held == versions.end()) {
      if (!copy.is_snapshot()) {
        return MakeError(ErrorCode::kPreconditionFailed,
                         "There is no copy of this event to change; ask for a snapshot.");
      }
      if (versions.size() >= kGateEventsMax) {
        return MakeError(ErrorCode::kConflict, "This gate holds as many events as it can.");
      }
      return Store(tx, copy, copy.version, nullptr);
    }
    const gate::StoredVersion& event = held->second;
    if (copy.version <= event.version) return OkStatus();
    if (known != nullptr && known->id != copy.header.id) {
      return MakeError(ErrorCode::kPreconditionFailed, "Another event has this number.");
    }
    if (!copy.is_snapshot()) {
      if (copy.base_version != event.version) {
        return MakeError(ErrorCode::kPreconditionFailed,
                         "This change starts from another version; ask for a snapshot.");
      }
      const auto stored = HeaderOf(copy.header.number, event.version);
      return Store(tx, copy, event.first_version, known.get(),
                   stored != nullptr && *stored == copy.header);
    }
    // Stored as a change, so that devices which follow us still get deltas.
    TICKETING_ASSIGN_OR_RETURN(const auto events, gate::LoadEvents(tx));
    const gate::StoredEvent& stored = events.at(copy.header.number);
    TICKETING_ASSIGN_OR_RETURN(const EventCopy old, gate::LoadCopy(tx, stored, 0));
    return Store(tx, MakeDelta(old, copy), event.first_version, &stored.header);
  });
  TICKETING_RETURN_IF_ERROR(done);
  TICKETING_RETURN_IF_ERROR(AddDevices(copy.header.devices));
  const std::lock_guard lock(mutex_);
  uint64_t& version = versions_[copy.header.number];
  if (version >= copy.version) return OkStatus();
  const auto held = events_.find(copy.header.number);
  if (held != events_.end() && *held->second == copy.header) {
    version = copy.version;
  } else {
    Hold(copy.header, copy.version);
  }
  return OkStatus();
}

Status GateEngine::RemoveEvent(uint32_t number) {
  const Status done =
      database_->Write([&](SqlTransaction& tx) { return gate::DeleteEvent(tx, number); });
  TICKETING_RETURN_IF_ERROR(done);
  return database_->Read([this](SqlTransaction& tx) { return ReloadEvents(tx); });
}

std::vector<EventVersion> GateEngine::Events() const {
  const std::lock_guard lock(mutex_);
  std::vector<EventVersion> events;
  for (const auto& [number, header] : events_) {
    events.push_back({number, header->id, versions_.at(number), header->name});
  }
  return events;
}

std::shared_ptr<const EventHeader> GateEngine::Event(uint32_t number) const {
  const std::lock_guard lock(mutex_);
  const auto found = events_.find(number);
  return found == events_.end() ? nullptr : found->second;
}

StatusOr<std::map<uint16_t, int64_t>> GateEngine::ZoneCounts(uint32_t event) {
  std::map<uint16_t, int64_t> inside;
  const Status done = database_->Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(inside, gate::AllInside(tx, event));
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  for (auto& [zone, count] : inside) count += notes_->InZone(event, zone);
  return inside;
}

// Of exactly this version; null while the memory is behind or ahead of what a transaction sees.
std::shared_ptr<const EventHeader> GateEngine::HeaderOf(uint32_t number, uint64_t version) const {
  const std::lock_guard lock(mutex_);
  const auto held = versions_.find(number);
  if (held == versions_.end() || held->second != version) return nullptr;
  return events_.at(number);
}

StatusOr<std::optional<EventCopy>> GateEngine::ReadEventCopy(uint32_t number, uint64_t since) {
  std::optional<EventCopy> copy;
  const Status done = database_->Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(const auto versions, gate::LoadVersions(tx));
    const auto held = versions.find(number);
    if (held == versions.end()) {
      return MakeError(ErrorCode::kNotFound, "This gate has no copy of that event.");
    }
    const gate::StoredVersion& event = held->second;
    if (since == event.version) return OkStatus();
    const bool known = since >= event.first_version && since < event.version;
    gate::StoredEvent stored{{}, event.version, event.first_version};
    if (const auto header = HeaderOf(number, event.version)) {
      stored.header = *header;
    } else {
      TICKETING_ASSIGN_OR_RETURN(auto events, gate::LoadEvents(tx));
      stored = std::move(events[number]);
    }
    TICKETING_ASSIGN_OR_RETURN(copy, gate::LoadCopy(tx, stored, known ? since : 0));
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  if (copy) {
    // Devices that joined here travel with the copy, so that every gate believes their logs.
    copy->header.devices = Devices();
    NormalizeEventCopy(*copy);
  }
  return copy;
}

Status GateEngine::AddDevices(const std::vector<CopyDevice>& devices) {
  std::vector<CopyDevice> news;
  {
    const std::lock_guard lock(mutex_);
    for (const CopyDevice& device : devices) {
      const auto known = devices_.find(device.id);
      // A key that is known was looked at when it came: each round of sync tells of all devices.
      if (known == devices_.end() && (!device.id || !IsValidPublicKey(device.public_key))) {
        return InvalidField("devices", "A device needs an id and a public key.");
      }
      if (known != devices_.end() && known->second.public_key != device.public_key) {
        return MakeError(ErrorCode::kConflict, "This device id is in use with another key.");
      }
      if (known == devices_.end() || known->second.name != device.name ||
          (device.revoked && !known->second.revoked)) {
        news.push_back(device);
      }
    }
  }
  if (news.empty()) return OkStatus();
  std::map<DeviceId, CopyDevice> all;
  const Status done = database_->Write([&](SqlTransaction& tx) -> Status {
    for (const CopyDevice& device : news) {
      TICKETING_RETURN_IF_ERROR(gate::StoreDevice(tx, device));
    }
    TICKETING_ASSIGN_OR_RETURN(all, gate::LoadDevices(tx));
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  const std::lock_guard lock(mutex_);
  devices_digest_ = 0;
  // Two callers may come here in the other order than they wrote: only ever add.
  for (auto& [id, device] : all) {
    CopyDevice& mine = devices_[id];
    const bool revoked = mine.revoked || device.revoked;
    mine = std::move(device);
    mine.revoked = revoked;
  }
  return OkStatus();
}

std::vector<CopyDevice> GateEngine::Devices() const {
  const std::lock_guard lock(mutex_);
  std::vector<CopyDevice> devices;
  for (const auto& [id, device] : devices_) devices.push_back(device);
  return devices;
}

std::optional<CopyDevice> GateEngine::FindDevice(DeviceId device) const {
  const std::lock_guard lock(mutex_);
  const auto found = devices_.find(device);
  if (found == devices_.end()) return std::nullopt;
  return found->second;
}

}  // namespace ticketing
