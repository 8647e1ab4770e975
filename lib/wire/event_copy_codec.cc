// The event copy as columns. Labels in the order of ordinals repeat most of the label before them,
// so what each shares with it is not sent.
#include <algorithm>
#include <limits>
#include <tuple>

#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"
#include "ticketing/v1/sync.pb.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {
namespace {

Status Damaged(std::string_view field) {
  return InvalidField(field, "The column does not fit the others or holds a value out of range.");
}

size_t SharedPrefix(std::string_view a, std::string_view b) {
  const size_t most = std::min(a.size(), b.size());
  return static_cast<size_t>(std::mismatch(a.begin(), a.begin() + most, b.begin()).first -
                             a.begin());
}

void PutTickets(const std::vector<CopyTicket>& tickets, v1::TicketColumns* out) {
  std::vector<const CopyTicket*> order;
  order.reserve(tickets.size());
  for (const CopyTicket& ticket : tickets) order.push_back(&ticket);
  std::sort(order.begin(), order.end(), [](const CopyTicket* a, const CopyTicket* b) {
    return std::tie(a->ordinal, a->id) < std::tie(b->ordinal, b->id);
  });
  out->set_count(static_cast<uint32_t>(order.size()));
  std::string ids, statuses, labels;
  const bool grouped = std::any_of(tickets.begin(), tickets.end(),
                                   [](const CopyTicket& ticket) { return ticket.group != 0; });
  uint32_t ordinal = 0;
  std::string_view label;
  for (const CopyTicket* ticket : order) {
    AppendBigEndian(ids, ticket->id.value, 8);
    out->add_ordinals(ticket->ordinal - ordinal);
    ordinal = ticket->ordinal;
    out->add_zones(ticket->zone);
    out->add_types(ticket->ticket_type);
    statuses.push_back(static_cast<char>(ticket->status));
    out->add_issues(ticket->issue);
    if (grouped) out->add_groups(ticket->group);
    const std::string_view next = std::string_view(ticket->seat_label).substr(0, 255);
    const size_t shared = SharedPrefix(label, next);
    labels.push_back(static_cast<char>(shared));
    labels.push_back(static_cast<char>(next.size() - shared));
    labels += next.substr(shared);
    label = next;
  }
  out->set_ids(std::move(ids));
  out->set_statuses(std::move(statuses));
  out->set_labels(std::move(labels));
}

// The labels column, one step at a time.
class LabelReader {
 public:
  explicit LabelReader(std::string_view column) : rest_(column) {}
  bool Next(std::string& label) {
    if (rest_.size() < 2) return false;
    const size_t shared = static_cast<uint8_t>(rest_[0]);
    const size_t more = static_cast<uint8_t>(rest_[1]);
    rest_.remove_prefix(2);
    if (shared > last_.size() || more > rest_.size()) return false;
    last_.resize(shared);
    last_ += rest_.substr(0, more);
    rest_.remove_prefix(more);
    label = last_;
    return true;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  std::string last_;
};

StatusOr<std::vector<CopyTicket>> ReadTickets(const v1::TicketColumns& in) {
  const size_t count = in.count();
  const auto fits = [count](int size) { return static_cast<size_t>(size) == count; };
  if (count > limits::kTicketsPerEventMax) return Damaged("tickets.count");
  if (in.ids().size() != count * 8 || in.statuses().size() != count || !fits(in.ordinals_size()) ||
      !fits(in.zones_size()) || !fits(in.types_size()) || !fits(in.issues_size()) ||
      (in.groups_size() > 0 && !fits(in.groups_size()))) {
    return Damaged("tickets");
  }
  constexpr uint32_t kMax16 = std::numeric_limits<uint16_t>::max();
  std::vector<CopyTicket> tickets(count);
  LabelReader labels(in.labels());
  uint64_t ordinal = 0;
  for (size_t i = 0; i < count; ++i) {
    const int at = static_cast<int>(i);
    CopyTicket& ticket = tickets[i];
    ordinal += in.ordinals(at);
    if (ordinal > std::numeric_limits<uint32_t>::max() || in.zones(at) > kMax16 ||
        in.types(at) > kMax16 || in.issues(at) > kMax16 || !labels.Next(ticket.seat_label)) {
      return Damaged("tickets[" + std::to_string(i) + "]");
    }
    ticket.id.value = ReadBigEndian(in.ids(), i * 8, 8);
    ticket.ordinal = static_cast<uint32_t>(ordinal);
    ticket.zone = static_cast<uint16_t>(in.zones(at));
    ticket.ticket_type = static_cast<uint16_t>(in.types(at));
    ticket.status = static_cast<uint8_t>(in.statuses()[i]);
    ticket.issue = static_cast<uint16_t>(in.issues(at));
    if (in.groups_size() > 0) ticket.group = in.groups(at);
  }
  if (!labels.at_end()) return Damaged("tickets.labels");
  return tickets;
}

void PutHeader(const EventHeader& header, v1::EventCopy& out) {
  out.set_number(header.number);
  out.set_id(header.id.value);
  out.set_name(header.name);
  out.set_venue_name(header.venue_name);
  out.set_starts_at(header.starts_at.micros);
  out.set_doors_open_at(header.doors_open_at.micros);
  out.set_ends_at(header.ends_at.micros);
  out.set_utc_offset_minutes(header.utc_offset_minutes);
  out.set_rules(header.rules);
  for (const CopyGate& gate : header.gates) {
    v1::CopyGate* row = out.add_gates();
    row->set_number(gate.number);
    row->set_id(gate.id);
    row->set_name(gate.name);
    for (const uint16_t zone : gate.zones) row->add_zones(zone);
    for (const uint16_t type : gate.ticket_types) row->add_ticket_types(type);
  }
  for (const CopyZone& zone : header.zones) {
    v1::CopyZone* row = out.add_zones();
    row->set_number(zone.number);
    row->set_id(zone.id);
    row->set_name(zone.name);
    row->set_persons_max(zone.persons_max);
  }
  for (const CopyTicketType& type : header.ticket_types) {
    v1::CopyTicketType* row = out.add_ticket_types();
    row->set_number(type.number);
    row->set_id(type.id);
    row->set_name(type.name);
    row->set_static_codes(type.static_codes);
    row->set_signature_enough(type.signature_enough);
    row->set_reentry(type.reentry);
    row->set_entries_allowed(type.entries_allowed);
    if (type.valid_from) row->set_valid_from(type.valid_from->micros);
    if (type.valid_until) row->set_valid_until(type.valid_until->micros);
    row->set_add_on(type.add_on);
    row->set_companions_per_holder(type.companions_per_holder);
    row->set_companion_minutes(type.companion_minutes);
  }
  for (const auto& [id, key] : header.keys.keys()) {
    v1::CopyKey* row = out.add_keys();
    row->set_id(id);
    row->set_public_key(key.public_key);
    row->set_not_before(key.not_before.micros);
    row->set_not_after(key.not_after.micros);
  }
  for (const CopyDevice& device : header.devices) {
    v1::CopyDevice* row = out.add_devices();
    row->set_id(device.id.value);
    row->set_public_key(device.public_key);
    row->set_name(device.name);
    row->set_bastion(device.bastion);
    row->set_revoked(device.revoked);
  }
  for (const DeviceId device : header.supervisors) out.add_supervisors(device.value);
}

bool Is16(uint32_t value) {
  return value <= std::numeric_limits<uint16_t>::max();
}

Status ReadPlaces(const v1::EventCopy& in, EventHeader& header) {
  for (const v1::CopyGate& row : in.gates()) {
    if (!Is16(row.number())) return Damaged("gates.number");
    CopyGate gate{static_cast<uint16_t>(row.number()), row.id(), row.name(), {}, {}};
    for (const uint32_t zone : row.zones()) {
      if (!Is16(zone)) return Damaged("gates.zones");
      gate.zones.push_back(static_cast<uint16_t>(zone));
    }
    for (const uint32_t type : row.ticket_types()) {
      if (!Is16(type)) return Damaged("gates.ticket_types");
      gate.ticket_types.push_back(static_cast<uint16_t>(type));
    }
    header.gates.push_back(std::move(gate));
  }
  for (const v1::CopyZone& row : in.zones()) {
    if (!Is16(row.number())) return Damaged("zones.number");
    header.zones.push_back(
        {static_cast<uint16_t>(row.number()), row.id(), row.name(), row.persons_max()});
  }
  return OkStatus();
}

Status ReadTypesAndKeys(const v1::EventCopy& in, EventHeader& header) {
  for (const v1::CopyTicketType& row : in.ticket_types()) {
    if (!Is16(row.number()) || !Is16(row.entries_allowed()) || row.reentry() > 2 ||
        !Is16(row.companions_per_holder()) || !Is16(row.companion_minutes())) {
      return Damaged("ticket_types");
    }
    CopyTicketType type;
    type.number = static_cast<uint16_t>(row.number());
    type.id = row.id();
    type.name = row.name();
    type.static_codes = row.static_codes();
    type.signature_enough = row.signature_enough();
    type.reentry = static_cast<uint8_t>(row.reentry());
    type.entries_allowed = static_cast<uint16_t>(row.entries_allowed());
    if (row.has_valid_from()) type.valid_from = Timestamp{row.valid_from()};
    if (row.has_valid_until()) type.valid_until = Timestamp{row.valid_until()};
    type.add_on = row.add_on();
    type.companions_per_holder = static_cast<uint16_t>(row.companions_per_holder());
    type.companion_minutes = static_cast<uint16_t>(row.companion_minutes());
    header.ticket_types.push_back(std::move(type));
  }
  for (const v1::CopyKey& row : in.keys()) {
    if (row.id() > 255) return Damaged("keys.id");
    TICKETING_RETURN_IF_ERROR(header.keys.Add(
        static_cast<uint8_t>(row.id()),
        {row.public_key(), Timestamp{row.not_before()}, Timestamp{row.not_after()}}));
  }
  for (const v1::CopyDevice& row : in.devices()) {
    header.devices.push_back(
        {DeviceId{row.id()}, row.public_key(), row.name(), row.bastion(), row.revoked()});
  }
  for (const uint64_t device : in.supervisors()) header.supervisors.push_back(DeviceId{device});
  return OkStatus();
}

}  // namespace

std::string EncodeEventCopy(const EventCopy& copy) {
  v1::EventCopy message;
  PutHeader(copy.header, message);
  message.set_version(copy.version);
  message.set_base_version(copy.base_version);
  PutTickets(copy.tickets, message.mutable_tickets());
  std::string removed;
  for (const TicketId id : copy.removed) AppendBigEndian(removed, id.value, 8);
  message.set_removed(std::move(removed));
  return message.SerializeAsString();
}

StatusOr<EventCopy> DecodeEventCopy(std::string_view bytes) {
  v1::EventCopy message;
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max()) ||
      !message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return MakeError(ErrorCode::kBadSyntax, "The body is not an event copy.");
  }
  EventCopy copy;
  EventHeader& header = copy.header;
  header.number = message.number();
  header.id = EventId{message.id()};
  header.name = message.name();
  header.venue_name = message.venue_name();
  header.starts_at = Timestamp{message.starts_at()};
  header.doors_open_at = Timestamp{message.doors_open_at()};
  header.ends_at = Timestamp{message.ends_at()};
  header.utc_offset_minutes = message.utc_offset_minutes();
  header.rules = message.rules();
  TICKETING_RETURN_IF_ERROR(ReadPlaces(message, header));
  TICKETING_RETURN_IF_ERROR(ReadTypesAndKeys(message, header));
  copy.version = message.version();
  copy.base_version = message.base_version();
  TICKETING_ASSIGN_OR_RETURN(copy.tickets, ReadTickets(message.tickets()));
  if (message.removed().size() % 8 != 0) return Damaged("removed");
  for (size_t at = 0; at < message.removed().size(); at += 8) {
    copy.removed.push_back(TicketId{ReadBigEndian(message.removed(), at, 8)});
  }
  NormalizeEventCopy(copy);
  TICKETING_RETURN_IF_ERROR(ValidateEventCopy(copy));
  return copy;
}

}  // namespace ticketing
