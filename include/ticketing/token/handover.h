// Moving a ticket from one phone to another: what the two phones and the server say to each other.
// CODE.md, section 6, has the course of it and the bytes.
//
// The new phone shows its device code; the old one signs a handover to that key; the new one brings
// it to the server with a proof that it holds the key, and gets the next issue of the ticket. Only
// the holder of the key that the ticket is bound to can make a handover, and only the phone that it
// names can use it. Pure functions, safe from any thread.
#ifndef TICKETING_TOKEN_HANDOVER_H_
#define TICKETING_TOKEN_HANDOVER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/crypto/signature.h"

namespace ticketing {

inline constexpr size_t kDeviceCodeBytes = 37;
inline constexpr size_t kDeviceCodeChars = 60;
inline constexpr size_t kHandoverBytes = 115;
inline constexpr size_t kHandoverChars = 184;

// How far ahead the end of a handover may lie.
inline constexpr Duration kHandoverLifeMax = Duration::Days(7);

// The text by which a device asks for a ticket. Errors: kInvalidField ("device_key") for a key that
// is not valid.
StatusOr<std::string> MakeDeviceCode(std::string_view device_key);
// The key in it. Error: kCodeMalformed, also when a character was misread.
StatusOr<std::string> ParseDeviceCode(std::string_view text);

struct Handover {
  uint32_t event_number = 0;
  TicketId ticket;
  uint16_t issue = 0;      // the one that is given away
  std::string device_key;  // of the phone that gets it
  Timestamp ends_at;       // whole seconds
  bool operator==(const Handover&) const = default;
};

// On the old phone: gives `rotating_ticket` away to `new_device_key`. Errors: kCodeMalformed when
// it is no rotating ticket; kUnknownKey when it is bound to another key than `device`;
// kInvalidField for a bad new key ("device_key"), the own one among them, and for an end outside
// 1970-2105
// ("ends_at").
StatusOr<std::string> MakeHandover(std::string_view rotating_ticket, const SigningKey& device,
                                   std::string_view new_device_key, Timestamp ends_at);

// What a handover says, whoever made it. Error: kCodeMalformed.
StatusOr<Handover> ParseHandover(std::string_view text);

// On the server: `bound_key` is the one that the ticket is bound to. That the issue is the newest
// one is the caller's to check. Errors, in this order: kCodeMalformed, also when it ends later than
// kHandoverLifeMax from now; kCodeForged; kTokenExpired.
StatusOr<Handover> VerifyHandover(std::string_view text, std::string_view bound_key, Timestamp now);

// The new phone's proof, 64 bytes, that it takes the ticket for this account. Error:
// kCodeMalformed; kUnknownKey when the handover is for another phone than `device`.
StatusOr<std::string> AcceptHandover(std::string_view text, const SigningKey& device,
                                     AccountId account);
// Whether `proof` is that of the phone which the handover names, for this account.
bool IsHandoverAccepted(std::string_view text, AccountId account, std::string_view proof);

}  // namespace ticketing

#endif  // TICKETING_TOKEN_HANDOVER_H_
