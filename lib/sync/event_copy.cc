#include "ticketing/sync/event_copy.h"

#include <algorithm>
#include <map>

#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"
#include "ticketing/crypto/signature.h"

namespace ticketing {
namespace {

template <typename Row>
const Row* FindNumber(const std::vector<Row>& rows, uint16_t number) {
  for (const Row& row : rows) {
    if (row.number == number) return &row;
  }
  return nullptr;
}

template <typename Row>
void SortByNumber(std::vector<Row>& rows) {
  std::sort(rows.begin(), rows.end(),
            [](const Row& a, const Row& b) { return a.number < b.number; });
}

bool IsName(std::string_view text) {
  return text.size() <= limits::kNameBytesMax && IsValidUtf8(text);
}

// Numbers from 1, rising, with names that can be shown.
template <typename Row>
Status CheckRows(std::string_view field, const std::vector<Row>& rows, size_t max) {
  if (rows.size() > max) return InvalidField(field, "There are too many of them.");
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::string place = std::string(field) + "[" + std::to_string(i) + "]";
    if (i > 0 && rows[i].number <= rows[i - 1].number) {
      return InvalidField(place, "Numbers must rise.");
    }
    if (!IsName(rows[i].name) || !IsName(rows[i].id)) {
      return InvalidField(place, "The name or the id is too long or not UTF-8.");
    }
  }
  return OkStatus();
}

Status CheckHeader(const EventHeader& header) {
  if (header.number == 0 || !header.id)
    return InvalidField("header", "The event has no number or id.");
  if (!IsName(header.name) || !IsName(header.venue_name)) {
    return InvalidField("header.name", "The name is too long or not UTF-8.");
  }
  if (header.utc_offset_minutes < -14 * 60 || header.utc_offset_minutes > 14 * 60) {
    return InvalidField("header.utc_offset_minutes", "No place on earth has this offset.");
  }
  if (header.rules.size() > limits::kRuleBytesMax || !IsValidUtf8(header.rules)) {
    return InvalidField("header.rules", "They are too long or not UTF-8.");
  }
  TICKETING_RETURN_IF_ERROR(CheckRows("header.gates", header.gates, kCopyGatesMax));
  TICKETING_RETURN_IF_ERROR(CheckRows("header.zones", header.zones, kCopyZonesMax));
  TICKETING_RETURN_IF_ERROR(CheckRows("header.ticket_types", header.ticket_types, kCopyTypesMax));
  for (const CopyGate& gate : header.gates) {
    if (gate.number == 0) return InvalidField("header.gates", "Gates count from 1.");
    if (gate.zones.size() > kCopyZonesMax || gate.ticket_types.size() > kCopyTypesMax) {
      return InvalidField("header.gates", "Too many zones or ticket types.");
    }
  }
  for (const CopyTicketType& type : header.ticket_types) {
    if (type.reentry > 2) return InvalidField("header.ticket_types", "Unknown re-entry policy.");
  }
  if (header.supervisors.size() > kCopyDevicesMax) {
    return InvalidField("header.supervisors", "There are too many of them.");
  }
  for (size_t i = 0; i < header.supervisors.size(); ++i) {
    const bool rises = i == 0 || header.supervisors[i - 1] < header.supervisors[i];
    if (!header.supervisors[i] || !rises)
      return InvalidField("header.supervisors", "Ids must rise.");
  }
  if (header.devices.size() > kCopyDevicesMax) {
    return InvalidField("header.devices", "There are too many of them.");
  }
  for (size_t i = 0; i < header.devices.size(); ++i) {
    const CopyDevice& device = header.devices[i];
    const std::string place = "header.devices[" + std::to_string(i) + "]";
    if (!device.id || (i > 0 && device.id <= header.devices[i - 1].id)) {
      return InvalidField(place, "Ids must rise.");
    }
    if (device.public_key.size() != kPublicKeyBytes) {
      return InvalidField(place, "A public key has 32 bytes.");
    }
    if (!IsName(device.name)) return InvalidField(place, "The name is too long or not UTF-8.");
  }
  return OkStatus();
}

Status CheckTickets(const EventCopy& copy) {
  if (copy.tickets.size() > limits::kTicketsPerEventMax ||
      copy.removed.size() > limits::kTicketsPerEventMax) {
    return InvalidField("tickets", "There are too many of them.");
  }
  for (size_t i = 0; i < copy.tickets.size(); ++i) {
    const CopyTicket& ticket = copy.tickets[i];
    const bool rises = i == 0 || copy.tickets[i - 1].id < ticket.id;
    if (!ticket.id || !rises || ticket.id.ToSql() < 0) {
      return InvalidField("tickets[" + std::to_string(i) + "]", "Ids must rise from 1.");
    }
    if (ticket.seat_label.size() > limits::kLabelBytesMax || !IsValidUtf8(ticket.seat_label)) {
      return InvalidField("tickets[" + std::to_string(i) + "].seat_label",
                          "The label is too long or not UTF-8.");
    }
  }
  for (size_t i = 0; i < copy.removed.size(); ++i) {
    if (!copy.removed[i] || (i > 0 && copy.removed[i] <= copy.removed[i - 1])) {
      return InvalidField("removed[" + std::to_string(i) + "]", "Ids must rise.");
    }
  }
  return OkStatus();
}

bool ById(const CopyTicket& a, const CopyTicket& b) {
  return a.id < b.id;
}

}  // namespace

const CopyGate* EventHeader::FindGate(uint16_t gate) const {
  return FindNumber(gates, gate);
}
const CopyZone* EventHeader::FindZone(uint16_t zone) const {
  return FindNumber(zones, zone);
}
const CopyTicketType* EventHeader::FindTicketType(uint16_t type) const {
  return FindNumber(ticket_types, type);
}

const CopyGate* EventHeader::FindGateById(std::string_view gate_id) const {
  for (const CopyGate& gate : gates) {
    if (gate.id == gate_id) return &gate;
  }
  return nullptr;
}

const CopyDevice* EventHeader::FindDevice(DeviceId device) const {
  for (const CopyDevice& candidate : devices) {
    if (candidate.id == device) return &candidate;
  }
  return nullptr;
}

std::vector<uint16_t> EventHeader::GatesOfZone(uint16_t zone) const {
  std::vector<uint16_t> found;
  for (const CopyGate& gate : gates) {
    const bool leads = gate.zones.empty() ||
                       std::find(gate.zones.begin(), gate.zones.end(), zone) != gate.zones.end();
    if (leads) found.push_back(gate.number);
  }
  return found;
}

std::vector<uint16_t> EventHeader::GatesFor(uint16_t zone, uint16_t type) const {
  const CopyTicketType* found = FindTicketType(type);
  const bool add_on = found != nullptr && found->add_on;
  const auto has = [](const std::vector<uint16_t>& list, uint16_t value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  };
  std::vector<uint16_t> fit;
  for (const CopyGate& gate : gates) {
    const bool named = has(gate.ticket_types, type);
    const bool leads = gate.zones.empty() || has(gate.zones, zone);
    if (add_on ? named : leads && (named || gate.ticket_types.empty())) fit.push_back(gate.number);
  }
  return fit;
}

bool EventHeader::IsSupervisor(DeviceId device) const {
  return std::binary_search(supervisors.begin(), supervisors.end(), device);
}

bool EventHeader::LimitsZones() const {
  return std::any_of(zones.begin(), zones.end(),
                     [](const CopyZone& zone) { return zone.persons_max > 0; });
}

void NormalizeEventCopy(EventCopy& copy) {
  SortByNumber(copy.header.gates);
  SortByNumber(copy.header.zones);
  SortByNumber(copy.header.ticket_types);
  for (CopyGate& gate : copy.header.gates) {
    std::sort(gate.zones.begin(), gate.zones.end());
    std::sort(gate.ticket_types.begin(), gate.ticket_types.end());
  }
  std::sort(copy.header.supervisors.begin(), copy.header.supervisors.end());
  std::sort(copy.header.devices.begin(), copy.header.devices.end(),
            [](const CopyDevice& a, const CopyDevice& b) { return a.id < b.id; });
  std::sort(copy.tickets.begin(), copy.tickets.end(), ById);
  std::sort(copy.removed.begin(), copy.removed.end());
}

Status ValidateEventCopy(const EventCopy& copy) {
  TICKETING_RETURN_IF_ERROR(CheckHeader(copy.header));
  if (copy.version == 0 || copy.version <= copy.base_version ||
      copy.version > static_cast<uint64_t>(INT64_MAX)) {
    return InvalidField("version", "A version must be greater than the one it starts from.");
  }
  if (copy.is_snapshot() && !copy.removed.empty()) {
    return InvalidField("removed", "A snapshot removes nothing.");
  }
  return CheckTickets(copy);
}

EventCopy MakeDelta(const EventCopy& from, const EventCopy& to) {
  EventCopy delta;
  delta.header = to.header;
  delta.base_version = from.version;
  delta.version = to.version;
  auto old = from.tickets.begin();
  for (const CopyTicket& ticket : to.tickets) {
    for (; old != from.tickets.end() && old->id < ticket.id; ++old)
      delta.removed.push_back(old->id);
    if (old != from.tickets.end() && old->id == ticket.id) {
      if (*old != ticket) delta.tickets.push_back(ticket);
      ++old;
    } else {
      delta.tickets.push_back(ticket);
    }
  }
  for (; old != from.tickets.end(); ++old) delta.removed.push_back(old->id);
  return delta;
}

StatusOr<EventCopy> ApplyDelta(EventCopy base, const EventCopy& delta) {
  TICKETING_RETURN_IF_ERROR(ValidateEventCopy(delta));
  if (delta.is_snapshot()) return delta;
  if (delta.header.number != base.header.number || delta.header.id != base.header.id ||
      delta.base_version != base.version || !base.is_snapshot()) {
    return MakeError(ErrorCode::kPreconditionFailed,
                     "This change starts from another version of the event; ask for a snapshot.");
  }
  std::map<TicketId, CopyTicket> tickets;
  for (CopyTicket& ticket : base.tickets) tickets.emplace(ticket.id, std::move(ticket));
  for (const TicketId id : delta.removed) tickets.erase(id);
  for (const CopyTicket& ticket : delta.tickets) tickets.insert_or_assign(ticket.id, ticket);
  base.header = delta.header;
  base.version = delta.version;
  base.tickets.clear();
  for (auto& [id, ticket] : tickets) base.tickets.push_back(std::move(ticket));
  return base;
}

}  // namespace ticketing
