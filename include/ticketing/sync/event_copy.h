// The event copy: everything a gate needs to decide without a network, and nothing personal. The
// cloud makes it; bastions and handhelds download a snapshot once and deltas after.
//
// Versions grow with each change. A snapshot has base_version 0 and holds every ticket; a delta
// holds the tickets that changed between base_version and version. The header always travels whole:
// it is small.
#ifndef TICKETING_SYNC_EVENT_COPY_H_
#define TICKETING_SYNC_EVENT_COPY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/crypto/key_ring.h"

namespace ticketing {

struct CopyGate {
  uint16_t number = 0;                      // from 1; what scans and logs carry
  std::string id;                           // key of the gate in the venue's chart
  std::string name;                         // as on the sign
  std::vector<uint16_t> zones;              // it leads to; empty: all
  std::vector<uint16_t> ticket_types = {};  // it takes; empty: all but add-ons
  bool operator==(const CopyGate&) const = default;
};

struct CopyZone {
  uint16_t number = 0;
  std::string id;
  std::string name;
  uint32_t persons_max = 0;  // people inside at a time; 0: no limit
  bool operator==(const CopyZone&) const = default;
};

struct CopyTicketType {
  uint16_t number = 0;
  std::string id;
  std::string name;
  bool static_codes = true;              // whether a printed code is accepted
  bool signature_enough = true;          // whether a ticket sold after this copy may enter
  uint8_t reentry = 0;                   // numbers of admission's ReentryPolicy
  uint16_t entries_allowed = 1;          // 0: any number
  std::optional<Timestamp> valid_from;   // without it: the event's doors
  std::optional<Timestamp> valid_until;  // without it: the event's end
  bool add_on = false;                   // only for gates that name it
  uint16_t companions_per_holder = 0;    // not 0: follows the tickets of its group; so many each
  uint16_t companion_minutes = 0;        // and only so long after the holder's entry; 0: while in
  bool operator==(const CopyTicketType&) const = default;
};

// A device of the venue, so that logs can be verified wherever they arrive and a new bastion knows
// its handhelds.
struct CopyDevice {
  DeviceId id;
  std::string public_key;  // Ed25519, 32 bytes
  std::string name;
  bool bastion = false;
  bool revoked = false;
  bool operator==(const CopyDevice&) const = default;
};

struct CopyTicket {
  TicketId id;
  uint32_t ordinal = 0;  // dense in the event
  uint16_t zone = 0;
  uint16_t ticket_type = 0;
  uint8_t status = 1;  // numbers of admission's TicketStatus
  uint16_t issue = 0;
  std::string seat_label;
  uint32_t group = 0;  // tickets bought together, where one is a companion's; 0: none
  bool operator==(const CopyTicket&) const = default;
};

struct EventHeader {
  uint32_t number = 0;  // the short number inside ticket codes
  EventId id;
  std::string name;
  std::string venue_name;
  Timestamp starts_at;
  Timestamp doors_open_at;
  Timestamp ends_at;
  int32_t utc_offset_minutes = 0;
  std::string rules;  // the venue's own, a document of admission/rules.h; empty: none
  std::vector<CopyGate> gates;
  std::vector<CopyZone> zones;
  std::vector<CopyTicketType> ticket_types;
  KeyRing keys;  // of ticket codes
  std::vector<CopyDevice> devices;
  std::vector<DeviceId> supervisors;  // devices that may override and annul for others; by id

  bool operator==(const EventHeader&) const = default;

  const CopyGate* FindGate(uint16_t gate) const;
  const CopyGate* FindGateById(std::string_view gate_id) const;
  const CopyZone* FindZone(uint16_t zone) const;
  const CopyTicketType* FindTicketType(uint16_t type) const;
  const CopyDevice* FindDevice(DeviceId device) const;
  // Gates that lead to a zone, in the order of their numbers.
  std::vector<uint16_t> GatesOfZone(uint16_t zone) const;
  // Those of them that take a type too; of an add-on the gates that name it, whatever the zone.
  std::vector<uint16_t> GatesFor(uint16_t zone, uint16_t type) const;
  bool IsSupervisor(DeviceId device) const;
  // Whether any zone has a limit.
  bool LimitsZones() const;
};

struct EventCopy {
  EventHeader header;
  uint64_t version = 0;
  uint64_t base_version = 0;        // 0: a snapshot
  std::vector<CopyTicket> tickets;  // by id, each once
  std::vector<TicketId> removed;    // of a delta: tickets that are no longer there; by id

  bool is_snapshot() const { return base_version == 0; }
  bool operator==(const EventCopy&) const = default;
};

// Limits of a copy that comes from outside.
inline constexpr size_t kCopyGatesMax = 1'000;
inline constexpr size_t kCopyZonesMax = 10'000;
inline constexpr size_t kCopyTypesMax = 1'000;
inline constexpr size_t kCopyDevicesMax = 2'000;

// Puts the lists into their order. Whoever builds a copy calls it once.
void NormalizeEventCopy(EventCopy& copy);

// Error: kInvalidField, naming what does not hold: a limit, an order, a double, a zero id, a name
// that is not UTF-8, a version that does not grow.
Status ValidateEventCopy(const EventCopy& copy);

// What turns `from` into `to`; both normalized snapshots of one event, `to` of a greater version.
EventCopy MakeDelta(const EventCopy& from, const EventCopy& to);

// The snapshot after `delta`. Error: kPreconditionFailed when the delta is of another event or
// starts from another version: ask for a snapshot.
StatusOr<EventCopy> ApplyDelta(EventCopy base, const EventCopy& delta);

}  // namespace ticketing

#endif  // TICKETING_SYNC_EVENT_COPY_H_
