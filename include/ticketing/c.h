// The C interface of libticketing: what other languages stand on. C11, and C++ as well.
//
// Conventions, the same for every function:
// - A function that can fail returns 0 (TICKETING_OK) or one of the codes below; they never change
//   their meaning. Its last parameter takes the error: pass NULL or the address of a pointer, which
//   is written only on failure; free it with ticketing_error_free. Outputs are written only on
//   success. There is no "last error" of a thread, and no exception leaves the library.
// - Inputs are views, borrowed for the time of the call. Text is UTF-8 with a length; no zero byte
//   is needed at its end. A view with size 0 may have data NULL.
// - Outputs of bytes are owned by the caller: ticketing_bytes_free. Views that an accessor returns
//   belong to the object and live as long as it does. Both are followed by a zero byte that `size`
//   does not count, so that text can be printed.
// - Objects are opaque. Each has a _free function, which takes NULL too. An object that is freed
//   while another thread uses it, or twice, is a bug of the caller.
// - Structs begin with struct_size, which the caller sets to sizeof of the struct before every
//   call; set the rest to zero first. A library that does not know the struct's size refuses with
//   TICKETING_ERROR_INVALID_FIELD.
// - Times are microseconds since 1970-01-01T00:00:00Z; ids are numbers of 63 bits, 0 is none.
// - Constants are int32_t; lists only grow, so expect numbers that you do not know.
// - Functions are safe from any thread unless they say otherwise.
//
// Everything here is stable from TICKETING_ABI_VERSION 1 on; what is not says "Unstable."
#ifndef TICKETING_C_H_
#define TICKETING_C_H_

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define TICKETING_API __declspec(dllimport)
#else
#define TICKETING_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

// Grows when functions or fields are added. A library serves programs of its own version and older.
#define TICKETING_ABI_VERSION 1

// --- Values ---

typedef struct ticketing_view {
  const uint8_t* data;
  size_t size;
} ticketing_view_t;

typedef struct ticketing_bytes {
  uint8_t* data;
  size_t size;
} ticketing_bytes_t;

// What functions return.
enum {
  TICKETING_OK = 0,
  TICKETING_ERROR_BAD_SYNTAX = 1,
  TICKETING_ERROR_UNAUTHENTICATED = 2,
  TICKETING_ERROR_PERMISSION_DENIED = 3,
  TICKETING_ERROR_NOT_FOUND = 4,
  TICKETING_ERROR_METHOD_NOT_ALLOWED = 5,
  TICKETING_ERROR_CONFLICT = 6,
  TICKETING_ERROR_INVALID_FIELD = 7,
  TICKETING_ERROR_RATE_LIMITED = 8,
  TICKETING_ERROR_INTERNAL = 9,
  TICKETING_ERROR_UNAVAILABLE = 10,
  TICKETING_ERROR_DEADLINE_EXCEEDED = 11,
  TICKETING_ERROR_PAYLOAD_TOO_LARGE = 12,
  TICKETING_ERROR_DATA_LOSS = 13,
  TICKETING_ERROR_ABORTED = 14,
  TICKETING_ERROR_UNSUPPORTED_MEDIA = 15,
  TICKETING_ERROR_PRECONDITION_FAILED = 16,
  TICKETING_ERROR_IDEMPOTENCY_IN_FLIGHT = 17,
  TICKETING_ERROR_IDEMPOTENCY_MISMATCH = 18,
  TICKETING_ERROR_IDEMPOTENCY_KEY_MISSING = 19,
  TICKETING_ERROR_HEADERS_TOO_LARGE = 20,
  TICKETING_ERROR_SEAT_NOT_AVAILABLE = 100,
  TICKETING_ERROR_HOLD_EXPIRED = 101,
  TICKETING_ERROR_HOLD_NOT_FOUND = 102,
  TICKETING_ERROR_NO_ADJACENT_SEATS = 103,
  TICKETING_ERROR_UNKNOWN_OBJECT = 104,
  TICKETING_ERROR_CHART_INVALID = 105,
  TICKETING_ERROR_NOT_FOR_SALE = 106,
  TICKETING_ERROR_LEAVES_SINGLE_SEAT = 107,
  TICKETING_ERROR_PAYMENT_DECLINED = 200,
  TICKETING_ERROR_ORDER_STATE = 201,
  TICKETING_ERROR_AMOUNT_OVERFLOW = 202,
  TICKETING_ERROR_LEDGER_UNBALANCED = 203,
  TICKETING_ERROR_SHIFT_NOT_OPEN = 204,
  TICKETING_ERROR_GATEWAY_UNAVAILABLE = 205,
  TICKETING_ERROR_CODE_MALFORMED = 300,
  TICKETING_ERROR_CODE_FORGED = 301,
  TICKETING_ERROR_TOKEN_EXPIRED = 302,
  TICKETING_ERROR_UNKNOWN_KEY = 303,
  TICKETING_ERROR_LOG_BROKEN = 400,
  TICKETING_ERROR_PAIRING_REFUSED = 401,
  TICKETING_ERROR_DEVICE_REVOKED = 402,
  TICKETING_ERROR_ACCOUNT_EXISTS = 500,
  TICKETING_ERROR_WRONG_CREDENTIALS = 501
};

// --- The library ---

// The ABI version and the release ("0.1.0") of the library that is loaded.
TICKETING_API uint32_t ticketing_abi_version(void);
TICKETING_API const char* ticketing_version(void);

// The stable name of a code, as in APIs and logs ("seat-not-available"); NULL for a number that is
// no code.
TICKETING_API const char* ticketing_code_name(int32_t code);

// How many objects and bytes of this library are alive in the process; for leak tests.
TICKETING_API int64_t ticketing_live_objects(void);

// A view of a text that ends with a zero byte. NULL gives an empty view.
TICKETING_API ticketing_view_t ticketing_text(const char* text);

// Frees the bytes and makes them empty. NULL and empty bytes are fine.
TICKETING_API void ticketing_bytes_free(ticketing_bytes_t* bytes);

// --- Errors ---

typedef struct ticketing_error ticketing_error_t;

TICKETING_API int32_t ticketing_error_code(const ticketing_error_t* error);
// For a person: what happened, what was kept, what to do.
TICKETING_API ticketing_view_t ticketing_error_message(const ticketing_error_t* error);
// 1 when the same call can succeed later without any change, else 0.
TICKETING_API int32_t ticketing_error_retryable(const ticketing_error_t* error);
// The inputs that were refused, of TICKETING_ERROR_INVALID_FIELD: path and reason. Empty views when
// `index` is not below the count.
TICKETING_API size_t ticketing_error_field_count(const ticketing_error_t* error);
TICKETING_API ticketing_view_t ticketing_error_field_path(const ticketing_error_t* error,
                                                          size_t index);
TICKETING_API ticketing_view_t ticketing_error_field_detail(const ticketing_error_t* error,
                                                            size_t index);
TICKETING_API void ticketing_error_free(ticketing_error_t* error);

// --- Keys ---

// An Ed25519 key pair of an issuer, or of a customer's device.
typedef struct ticketing_signing_key ticketing_signing_key_t;

// From a seed of 32 random bytes, which the caller keeps secret and wipes. The private key is wiped
// by _free.
TICKETING_API int32_t ticketing_signing_key_create(ticketing_view_t seed,
                                                   ticketing_signing_key_t** key,
                                                   ticketing_error_t** error);
// 32 bytes.
TICKETING_API int32_t ticketing_signing_key_public(const ticketing_signing_key_t* key,
                                                   ticketing_bytes_t* public_key,
                                                   ticketing_error_t** error);
TICKETING_API void ticketing_signing_key_free(ticketing_signing_key_t* key);

// The issuers' public keys that a verifier trusts. Not to be changed while another thread uses it.
typedef struct ticketing_key_ring ticketing_key_ring_t;

TICKETING_API int32_t ticketing_key_ring_create(ticketing_key_ring_t** ring,
                                                ticketing_error_t** error);
// Trusts a key of 32 bytes under `key_id` (1-255), from `not_before` on and before `not_after`;
// INT64_MIN and INT64_MAX set no bound. Errors: INVALID_FIELD; CONFLICT when the id already names
// another key.
TICKETING_API int32_t ticketing_key_ring_add(ticketing_key_ring_t* ring, uint32_t key_id,
                                             ticketing_view_t public_key, int64_t not_before,
                                             int64_t not_after, ticketing_error_t** error);
TICKETING_API void ticketing_key_ring_free(ticketing_key_ring_t* ring);

// --- Ticket codes ---

enum { TICKETING_FORM_STATIC = 1, TICKETING_FORM_ROTATING = 2 };

// What a ticket code says; include/ticketing/token/ticket_code.h has the layout.
typedef struct ticketing_ticket {
  uint32_t struct_size;
  int32_t form;           // TICKETING_FORM_*; ignored by the functions that issue
  uint64_t ticket_id;     // not 0, 63 bits
  uint32_t event_number;  // not 0
  uint32_t ordinal;       // dense in its event
  uint32_t issue;         // up to 65535, as are zone and type
  uint32_t zone;
  uint32_t ticket_type;
  uint32_t key_id;    // of the issuer's key, 1-255
  uint32_t window;    // of a rotating code that was verified; ignored by the functions that issue
  uint32_t reserved;  // 0
} ticketing_ticket_t;

// The static code of a ticket: 141 digits and capital letters. Error: INVALID_FIELD.
TICKETING_API int32_t ticketing_code_issue(const ticketing_ticket_t* ticket,
                                           const ticketing_signing_key_t* issuer,
                                           ticketing_bytes_t* text, ticketing_error_t** error);

// The rotating ticket for the device with this public key, from which the phone makes its codes.
// Error: INVALID_FIELD.
TICKETING_API int32_t ticketing_rotating_ticket_issue(const ticketing_ticket_t* ticket,
                                                      ticketing_view_t device_public_key,
                                                      const ticketing_signing_key_t* issuer,
                                                      ticketing_bytes_t* text,
                                                      ticketing_error_t** error);

// On the phone: the code to show at `now`. Errors: CODE_MALFORMED; UNKNOWN_KEY when the ticket is
// bound to another device; INVALID_FIELD for a time out of range.
TICKETING_API int32_t ticketing_rotating_code_make(ticketing_view_t rotating_ticket,
                                                   const ticketing_signing_key_t* device,
                                                   int64_t now, ticketing_bytes_t* text,
                                                   ticketing_error_t** error);

// What a code claims, whoever made it: no signature is checked. Error: CODE_MALFORMED.
TICKETING_API int32_t ticketing_code_parse(ticketing_view_t text, ticketing_ticket_t* ticket,
                                           ticketing_error_t** error);

// What a code says when its signatures hold at `now`. Errors: CODE_MALFORMED, UNKNOWN_KEY,
// CODE_FORGED, TOKEN_EXPIRED (a genuine rotating code of another time).
TICKETING_API int32_t ticketing_code_verify(ticketing_view_t text, const ticketing_key_ring_t* ring,
                                            int64_t now, ticketing_ticket_t* ticket,
                                            ticketing_error_t** error);

// --- The gate ---

enum { TICKETING_OUTCOME_ADMITTED = 1, TICKETING_OUTCOME_REFUSED = 2 };
enum { TICKETING_DIRECTION_ENTRY = 1, TICKETING_DIRECTION_EXIT = 2 };

// A gate that decides alone, with a database of its own: event copies in, scans on record.
typedef struct ticketing_gate ticketing_gate_t;

typedef struct ticketing_gate_options {
  uint32_t struct_size;
  uint32_t abi_version;          // TICKETING_ABI_VERSION, as compiled into the caller
  uint64_t device_id;            // owner of the log; not 0
  ticketing_view_t data_dir;     // folder of the database, made when missing; one gate at a time
  ticketing_view_t device_seed;  // 32 bytes: the key that signs the log
} ticketing_gate_options_t;

// Opens or makes the gate's database. Errors: INVALID_FIELD; CONFLICT when it belongs to another
// device; UNAVAILABLE when it cannot be written; DATA_LOSS when it is damaged.
TICKETING_API int32_t ticketing_gate_open(const ticketing_gate_options_t* options,
                                          ticketing_gate_t** gate, ticketing_error_t** error);

// Takes in an event copy or a delta, as the server sent it. An older version than the one held
// changes nothing. Errors: BAD_SYNTAX, INVALID_FIELD; PRECONDITION_FAILED for a delta that does not
// fit: ask for a snapshot; CONFLICT for too many events.
TICKETING_API int32_t ticketing_gate_load_event(ticketing_gate_t* gate, ticketing_view_t copy,
                                                ticketing_error_t** error);
TICKETING_API void ticketing_gate_free(ticketing_gate_t* gate);

typedef struct ticketing_scan_options {
  uint32_t struct_size;
  uint32_t gate;           // number in the event copy; 0: a gate that leads everywhere
  uint32_t event_number;   // 0: whichever event the code is of
  int32_t direction;       // TICKETING_DIRECTION_*; 0 is an entry
  uint64_t scan_id;        // of a scan that is tried again; 0: a new one
  int32_t staff_override;  // 1: staff with the right to do so let the person pass
  uint32_t reserved;       // 0
} ticketing_scan_options_t;

// One decision, on record.
typedef struct ticketing_scan ticketing_scan_t;

// Decides about a scanned text and records it before it answers; `options` may be NULL. A refusal
// is a result, not an error. Errors: INVALID_FIELD for a gate that the event does not have;
// CONFLICT for a scan id that was used with another ticket; UNAVAILABLE and DATA_LOSS of the
// database.
TICKETING_API int32_t ticketing_gate_scan(ticketing_gate_t* gate, ticketing_view_t text,
                                          const ticketing_scan_options_t* options,
                                          ticketing_scan_t** scan, ticketing_error_t** error);

// One sentence for a screen: what happened and what to do. `language` is a tag such as "es-MX" or
// "en"; empty is Spanish. Error: INVALID_FIELD for a language that is not known.
TICKETING_API int32_t ticketing_gate_explain(const ticketing_gate_t* gate,
                                             const ticketing_scan_t* scan,
                                             ticketing_view_t language, ticketing_bytes_t* sentence,
                                             ticketing_error_t** error);

TICKETING_API int32_t ticketing_scan_outcome(const ticketing_scan_t* scan);
// Number and name ("already_used") of the reason; include/ticketing/admission/reason.h lists them.
TICKETING_API int32_t ticketing_scan_reason(const ticketing_scan_t* scan);
TICKETING_API const char* ticketing_scan_reason_name(const ticketing_scan_t* scan);
TICKETING_API uint64_t ticketing_scan_id(const ticketing_scan_t* scan);
// 0 when the code could not be read.
TICKETING_API uint64_t ticketing_scan_ticket_id(const ticketing_scan_t* scan);
// Empty when the event copy has none.
TICKETING_API ticketing_view_t ticketing_scan_seat_label(const ticketing_scan_t* scan);
TICKETING_API int64_t ticketing_scan_decided_at(const ticketing_scan_t* scan);
TICKETING_API void ticketing_scan_free(ticketing_scan_t* scan);

#ifdef __cplusplus
}
#endif

#endif  // TICKETING_C_H_
