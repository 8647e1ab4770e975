// Keys and ticket codes.
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "bindings/c/support.h"
#include "ticketing/crypto/key_ring.h"
#include "ticketing/crypto/signature.h"
#include "ticketing/token/ticket_code.h"

using ticketing::InvalidField;
using ticketing::KeyRing;
using ticketing::OkStatus;
using ticketing::SigningKey;
using ticketing::Status;
using ticketing::StatusOr;
using ticketing::TicketClaims;
using ticketing::TicketForm;
using ticketing::Timestamp;
using ticketing::capi::CheckHandle;
using ticketing::capi::CheckOutput;
using ticketing::capi::CheckStruct;
using ticketing::capi::GiveBytes;
using ticketing::capi::Guard;
using ticketing::capi::ReadView;

static_assert(TICKETING_FORM_STATIC == static_cast<int32_t>(TicketForm::kStatic));
static_assert(TICKETING_FORM_ROTATING == static_cast<int32_t>(TicketForm::kRotating));
static_assert(sizeof(ticketing_ticket_t) == 48);

struct ticketing_signing_key : ticketing::capi::Handle<0x5449434b> {
  explicit ticketing_signing_key(SigningKey the_key) : key(std::move(the_key)) {}
  SigningKey key;
};

struct ticketing_key_ring : ticketing::capi::Handle<0x54495252> {
  KeyRing ring;
};

namespace {

Status CheckRange(uint64_t value, uint64_t min, uint64_t max, std::string_view name) {
  return value < min || value > max ? InvalidField(name, "is out of range") : OkStatus();
}

// Claims out of bounds are a bug to the library below, so they are refused here.
StatusOr<TicketClaims> ReadTicket(const ticketing_ticket_t* ticket) {
  TICKETING_RETURN_IF_ERROR(CheckStruct(ticket, "ticket"));
  constexpr uint64_t kIdMax = std::numeric_limits<int64_t>::max();
  TICKETING_RETURN_IF_ERROR(CheckRange(ticket->ticket_id, 1, kIdMax, "ticket.ticket_id"));
  TICKETING_RETURN_IF_ERROR(CheckRange(ticket->event_number, 1, UINT32_MAX, "ticket.event_number"));
  TICKETING_RETURN_IF_ERROR(CheckRange(ticket->issue, 0, UINT16_MAX, "ticket.issue"));
  TICKETING_RETURN_IF_ERROR(CheckRange(ticket->zone, 0, UINT16_MAX, "ticket.zone"));
  TICKETING_RETURN_IF_ERROR(CheckRange(ticket->ticket_type, 0, UINT16_MAX, "ticket.ticket_type"));
  TICKETING_RETURN_IF_ERROR(CheckRange(ticket->key_id, 1, UINT8_MAX, "ticket.key_id"));
  TICKETING_RETURN_IF_ERROR(CheckRange(ticket->reserved, 0, 0, "ticket.reserved"));
  return TicketClaims{.key_id = static_cast<uint8_t>(ticket->key_id),
                      .event_number = ticket->event_number,
                      .ticket = ticketing::TicketId{ticket->ticket_id},
                      .ordinal = ticket->ordinal,
                      .issue = static_cast<uint16_t>(ticket->issue),
                      .zone = static_cast<uint16_t>(ticket->zone),
                      .ticket_type = static_cast<uint16_t>(ticket->ticket_type)};
}

void WriteTicket(const TicketClaims& claims, uint32_t window, ticketing_ticket_t* ticket) {
  *ticket = {.struct_size = sizeof(ticketing_ticket_t),
             .form = static_cast<int32_t>(claims.form),
             .ticket_id = claims.ticket.value,
             .event_number = claims.event_number,
             .ordinal = claims.ordinal,
             .issue = claims.issue,
             .zone = claims.zone,
             .ticket_type = claims.ticket_type,
             .key_id = claims.key_id,
             .window = window,
             .reserved = 0};
}

}  // namespace

int32_t ticketing_signing_key_create(ticketing_view_t seed, ticketing_signing_key_t** key,
                                     ticketing_error_t** error) {
  return Guard(error, [&]() -> Status {
    TICKETING_RETURN_IF_ERROR(CheckOutput(key, "key"));
    TICKETING_ASSIGN_OR_RETURN(const std::string_view bytes, ReadView(seed, "seed"));
    TICKETING_ASSIGN_OR_RETURN(SigningKey made, SigningKey::FromSeed(bytes));
    *key = new ticketing_signing_key(std::move(made));
    return OkStatus();
  });
}

int32_t ticketing_signing_key_public(const ticketing_signing_key_t* key,
                                     ticketing_bytes_t* public_key, ticketing_error_t** error) {
  return Guard(error, [&]() -> Status {
    TICKETING_RETURN_IF_ERROR(CheckHandle(key, "key"));
    return GiveBytes(key->key.public_key(), public_key, "public_key");
  });
}

void ticketing_signing_key_free(ticketing_signing_key_t* key) {
  delete key;
}

int32_t ticketing_key_ring_create(ticketing_key_ring_t** ring, ticketing_error_t** error) {
  return Guard(error, [&]() -> Status {
    TICKETING_RETURN_IF_ERROR(CheckOutput(ring, "ring"));
    *ring = new ticketing_key_ring();
    return OkStatus();
  });
}

int32_t ticketing_key_ring_add(ticketing_key_ring_t* ring, uint32_t key_id,
                               ticketing_view_t public_key, int64_t not_before, int64_t not_after,
                               ticketing_error_t** error) {
  return Guard(error, [&]() -> Status {
    TICKETING_RETURN_IF_ERROR(CheckHandle(ring, "ring"));
    TICKETING_RETURN_IF_ERROR(CheckRange(key_id, 1, UINT8_MAX, "key_id"));
    TICKETING_ASSIGN_OR_RETURN(const std::string_view key, ReadView(public_key, "public_key"));
    return ring->ring.Add(static_cast<uint8_t>(key_id), {.public_key = std::string(key),
                                                         .not_before = Timestamp{not_before},
                                                         .not_after = Timestamp{not_after}});
  });
}

void ticketing_key_ring_free(ticketing_key_ring_t* ring) {
  delete ring;
}

int32_t ticketing_code_issue(const ticketing_ticket_t* ticket,
                             const ticketing_signing_key_t* issuer, ticketing_bytes_t* text,
                             ticketing_error_t** error) {
  return Guard(error, [&]() -> Status {
    TICKETING_ASSIGN_OR_RETURN(const TicketClaims claims, ReadTicket(ticket));
    TICKETING_RETURN_IF_ERROR(CheckHandle(issuer, "issuer"));
    return GiveBytes(ticketing::IssueTicketCode(claims, issuer->key), text, "text");
  });
}

int32_t ticketing_rotating_ticket_issue(const ticketing_ticket_t* ticket,
                                        ticketing_view_t device_public_key,
                                        const ticketing_signing_key_t* issuer,
                                        ticketing_bytes_t* text, ticketing_error_t** error) {
  return Guard(error, [&]() -> Status {
    TICKETING_ASSIGN_OR_RETURN(const TicketClaims claims, ReadTicket(ticket));
    TICKETING_RETURN_IF_ERROR(CheckHandle(issuer, "issuer"));
    TICKETING_ASSIGN_OR_RETURN(const std::string_view device,
                               ReadView(device_public_key, "device_public_key"));
    TICKETING_ASSIGN_OR_RETURN(const std::string issued,
                               ticketing::IssueRotatingTicket(claims, device, issuer->key));
    return GiveBytes(issued, text, "text");
  });
}

int32_t ticketing_rotating_code_make(ticketing_view_t rotating_ticket,
                                     const ticketing_signing_key_t* device, int64_t now,
                                     ticketing_bytes_t* text, ticketing_error_t** error) {
  return Guard(error, [&]() -> Status {
    TICKETING_RETURN_IF_ERROR(CheckHandle(device, "device"));
    TICKETING_ASSIGN_OR_RETURN(const std::string_view ticket,
                               ReadView(rotating_ticket, "rotating_ticket"));
    TICKETING_ASSIGN_OR_RETURN(const std::string code,
                               ticketing::MakeRotatingCode(ticket, device->key, Timestamp{now}));
    return GiveBytes(code, text, "text");
  });
}

int32_t ticketing_code_parse(ticketing_view_t text, ticketing_ticket_t* ticket,
                             ticketing_error_t** error) {
  return Guard(error, [&]() -> Status {
    TICKETING_RETURN_IF_ERROR(CheckStruct(ticket, "ticket"));
    TICKETING_ASSIGN_OR_RETURN(const std::string_view code, ReadView(text, "text"));
    TICKETING_ASSIGN_OR_RETURN(const TicketClaims claims, ticketing::ParseTicketCode(code));
    WriteTicket(claims, 0, ticket);
    return OkStatus();
  });
}

int32_t ticketing_code_verify(ticketing_view_t text, const ticketing_key_ring_t* ring, int64_t now,
                              ticketing_ticket_t* ticket, ticketing_error_t** error) {
  return Guard(error, [&]() -> Status {
    TICKETING_RETURN_IF_ERROR(CheckStruct(ticket, "ticket"));
    TICKETING_RETURN_IF_ERROR(CheckHandle(ring, "ring"));
    TICKETING_ASSIGN_OR_RETURN(const std::string_view code, ReadView(text, "text"));
    TICKETING_ASSIGN_OR_RETURN(const ticketing::VerifiedTicket verified,
                               ticketing::VerifyTicketCode(code, ring->ring, Timestamp{now}));
    WriteTicket(verified.claims, verified.window, ticket);
    return OkStatus();
  });
}
