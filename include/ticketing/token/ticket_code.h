// Ticket codes: what a QR code on paper or on a phone says, and what a gate needs to believe it
// without a network. CODE.md beside this header is the specification, for every language, with
// keys, clocks, issues and test vectors; what follows is its layout.
//
// Layout, all integers big-endian. The issuer signs (Ed25519) every byte before its signature:
//
//   offset  bytes  body
//        0      1  form: 1 static, 2 rotating
//        1      1  id of the issuer's key, 1-255
//        2      4  event number, not 0
//        6      8  ticket id, 63 bits, not 0
//       14      4  ordinal of the ticket in its event: dense, for bitmaps
//       18      2  issue: every transfer or reprint counts up and ends the lower ones
//       20      2  zone
//       22      2  ticket type
//
//   offset  bytes  static code, 88 bytes
//        0     24  body
//       24     64  issuer's signature over bytes 0-23
//
//   offset  bytes  rotating code, 188 bytes, of which the first 120 are the rotating ticket
//        0     24  body
//       24     32  public key of the customer's device
//       56     64  issuer's signature over bytes 0-55
//      120      4  window: Unix time in seconds / 15
//      124     64  device's signature over bytes 0-123
//
// The text is Base32Encode of the bytes: digits and capital letters, which is QR alphanumeric mode
// and survives keyboard-wedge scanners on every layout. There is one text for each code; everything
// else is refused: lower case, other lengths, spare bits, an unknown form, zero ids. The identity
// of a ticket is its signed id, never the text.
//
//   text                     bytes  characters  QR at level L      QR at level M
//   static code                 88         141  version 5, 37x37   version 6, 41x41
//   rotating ticket            120         192  (never shown: what the server sends to the phone)
//   rotating code              188         301  version 9, 53x53   version 10, 57x57
//
// A static code can be copied; the first one scanned enters. A rotating code is good for some
// seconds, and only the holder of the device's private key can make the next one; gates hold public
// keys only. The rotating ticket alone (192 characters) is not a code and opens nothing.
//
// Source of the two-level form: UIC's dynamic barcode for rail tickets (DOSIPAS). Pure functions,
// safe from any thread.
#ifndef TICKETING_TOKEN_TICKET_CODE_H_
#define TICKETING_TOKEN_TICKET_CODE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/crypto/key_ring.h"
#include "ticketing/crypto/signature.h"

namespace ticketing {

inline constexpr size_t kTicketBodyBytes = 24;
inline constexpr size_t kStaticCodeBytes = 88;
inline constexpr size_t kStaticCodeChars = 141;
inline constexpr size_t kRotatingTicketBytes = 120;
inline constexpr size_t kRotatingTicketChars = 192;
inline constexpr size_t kRotatingCodeBytes = 188;
inline constexpr size_t kRotatingCodeChars = 301;

// How long one rotating code is shown, and by how many windows a verifier lets a phone's clock
// differ.
inline constexpr Duration kRotatingWindow = Duration::Seconds(15);
inline constexpr uint32_t kRotatingWindowSkew = 1;

enum class TicketForm : uint8_t { kStatic = 1, kRotating = 2 };

// What the issuer signs. `form` is set by the functions that issue; what the caller puts there is
// ignored.
struct TicketClaims {
  TicketForm form = TicketForm::kStatic;
  uint8_t key_id = 0;         // of the issuer's key, 1-255
  uint32_t event_number = 0;  // not 0
  TicketId ticket;            // not 0, 63 bits
  uint32_t ordinal = 0;
  uint16_t issue = 0;
  uint16_t zone = 0;
  uint16_t ticket_type = 0;

  bool operator==(const TicketClaims&) const = default;
};

// A code whose signatures hold.
struct VerifiedTicket {
  TicketClaims claims;
  std::string device_key;  // rotating: the 32 bytes the issuer bound the ticket to; static: empty
  uint32_t window = 0;     // rotating: the window the device signed; static: 0

  bool operator==(const VerifiedTicket&) const = default;
};

// The static code of a ticket. Claims outside the bounds above are bugs and assert. The same claims
// and key always give the same text.
std::string IssueTicketCode(const TicketClaims& claims, const SigningKey& issuer);

// The rotating ticket for the device with this public key (192 characters), from which the phone
// makes its codes. Error: kInvalidField ("device_key") when the key, which comes from outside, is
// not a valid one.
StatusOr<std::string> IssueRotatingTicket(const TicketClaims& claims, std::string_view device_key,
                                          const SigningKey& issuer);

// On the phone, when it receives a ticket: whether it is one, signed by a known issuer; its
// `window` is 0. Errors: kCodeMalformed, kUnknownKey, kCodeForged.
StatusOr<VerifiedTicket> VerifyRotatingTicket(std::string_view ticket, const KeyRing& issuers,
                                              Timestamp now);

// What a rotating ticket claims, and for which device, whoever made it; its `window` is 0. Error:
// kCodeMalformed.
StatusOr<VerifiedTicket> ParseRotatingTicket(std::string_view ticket);

// On the phone: the code to show at `now`. Errors: kCodeMalformed when `ticket` is no rotating
// ticket; kUnknownKey when it is bound to the key of another device; kInvalidField ("now") for a
// time before 1970 or after 4011.
StatusOr<std::string> MakeRotatingCode(std::string_view ticket, const SigningKey& device,
                                       Timestamp now);

// What a code claims, whoever made it: the shape is checked, no signature is. Error:
// kCodeMalformed.
StatusOr<TicketClaims> ParseTicketCode(std::string_view text);

// What a code says when it is to be believed at `now`. Whether the ticket may enter is the
// admission module's to say, and so is whether its type may use the static form. Errors, in this
// order:
//   kCodeMalformed  not a ticket code at all
//   kUnknownKey     the issuer's key id is unknown, or its key is not trusted at `now`
//   kCodeForged     a signature is wrong
//   kTokenExpired   a genuine rotating code of a window further than `window_skew` from `now`: an
//   old screenshot, or
//                   a clock that is wrong; ParseTicketCode then gives the claims of a genuine
//                   ticket
StatusOr<VerifiedTicket> VerifyTicketCode(std::string_view text, const KeyRing& issuers,
                                          Timestamp now,
                                          uint32_t window_skew = kRotatingWindowSkew);

// The window of a time, nullopt before 1970 and after 4011; and the first moment of a window.
std::optional<uint32_t> RotatingWindowAt(Timestamp now);
Timestamp RotatingWindowStart(uint32_t window);

// What a scanner typed, as a code: without spaces and control characters (CR, LF, Tab, GS, STX,
// ...) at both ends, without the AIM symbology prefix ("]Q1": a bracket, a letter, a letter or
// digit) and with ASCII letters in upper case. Nothing else is changed or repaired; typed_code.h
// undoes foreign keyboard layouts.
std::string NormalizeScannedText(std::string_view text);

}  // namespace ticketing

#endif  // TICKETING_TOKEN_TICKET_CODE_H_
