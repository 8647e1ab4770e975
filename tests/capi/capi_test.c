// Goal: a C program can do with the C interface what its header says. Method: golden ticket codes
// made and read, a gate opened on a temporary folder, wrong input for every kind of refusal, and in
// the end nothing left alive.
//
// capi_test <golden rows> <event copy>; golden_rows.cmake describes the rows.
#define _XOPEN_SOURCE 700
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ticketing/c.h"

static int failures = 0;

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      ++failures;                                                     \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
    }                                                                 \
  } while (0)

enum { kFieldsMax = 16, kLineMax = 2048 };
static const char kOrdinaryText[] =
    "040G000FPM8J4CT4ANK7F20001GTE003006001YBR8PG2F6XWZSV280B9MHR33VT287G9C8N1MZHBPP3ZJVBY6AN8HSE6J"
    "FTHJPCP25FCTN6XXT32N5PM8W303J3PASMHEG0Z93XFB604";
static const uint64_t kOrdinaryTicket = UINT64_C(1234605616436508552);

// Keys of the golden file, by id, and the one device.
static ticketing_signing_key_t* issuers[256];
static ticketing_signing_key_t* phone;
static ticketing_key_ring_t* ring;

static ticketing_view_t view_of(ticketing_bytes_t bytes) {
  const ticketing_view_t view = {bytes.data, bytes.size};
  return view;
}

static int same(ticketing_view_t a, ticketing_view_t b) {
  return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static int64_t now_micros(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

// "-" or an even number of hexadecimal digits.
static ticketing_view_t unhex(const char* digits, uint8_t* out) {
  ticketing_view_t view = {out, 0};
  if (strcmp(digits, "-") == 0) return view;
  for (size_t i = 0; digits[2 * i] != 0; ++i) {
    unsigned byte = 0;
    CHECK(sscanf(digits + 2 * i, "%2x", &byte) == 1);
    out[i] = (uint8_t)byte;
    view.size = i + 1;
  }
  return view;
}

static ticketing_signing_key_t* key_of(const char* seed_hex, const char* public_hex) {
  uint8_t seed[kLineMax];
  uint8_t expected[kLineMax];
  ticketing_signing_key_t* key = NULL;
  ticketing_bytes_t public_key = {NULL, 0};
  CHECK(ticketing_signing_key_create(unhex(seed_hex, seed), &key, NULL) == TICKETING_OK);
  CHECK(ticketing_signing_key_public(key, &public_key, NULL) == TICKETING_OK);
  CHECK(same(view_of(public_key), unhex(public_hex, expected)));
  ticketing_bytes_free(&public_key);
  return key;
}

static ticketing_ticket_t ticket_of(char** claims) {
  ticketing_ticket_t ticket = {0};
  ticket.struct_size = sizeof ticket;
  ticket.key_id = (uint32_t)strtoul(claims[0], NULL, 10);
  ticket.event_number = (uint32_t)strtoul(claims[1], NULL, 10);
  ticket.ticket_id = strtoull(claims[2], NULL, 10);
  ticket.ordinal = (uint32_t)strtoul(claims[3], NULL, 10);
  ticket.issue = (uint32_t)strtoul(claims[4], NULL, 10);
  ticket.zone = (uint32_t)strtoul(claims[5], NULL, 10);
  ticket.ticket_type = (uint32_t)strtoul(claims[6], NULL, 10);
  return ticket;
}

static void check_claims(const ticketing_ticket_t* got, const ticketing_ticket_t* want,
                         int32_t form, uint32_t window) {
  CHECK(got->struct_size == sizeof *got);
  CHECK(got->form == form);
  CHECK(got->ticket_id == want->ticket_id);
  CHECK(got->event_number == want->event_number);
  CHECK(got->ordinal == want->ordinal);
  CHECK(got->issue == want->issue);
  CHECK(got->zone == want->zone);
  CHECK(got->ticket_type == want->ticket_type);
  CHECK(got->key_id == want->key_id);
  CHECK(got->window == window);
}

static void check_static(char** fields) {
  uint8_t text[kLineMax];
  const ticketing_view_t expected = unhex(fields[9], text);
  const ticketing_ticket_t ticket = ticket_of(fields + 2);
  ticketing_bytes_t made = {NULL, 0};
  CHECK(ticketing_code_issue(&ticket, issuers[ticket.key_id], &made, NULL) == TICKETING_OK);
  CHECK(same(view_of(made), expected));
  CHECK(made.data != NULL && made.data[made.size] == 0);
  ticketing_ticket_t got = {.struct_size = sizeof got};
  CHECK(ticketing_code_parse(view_of(made), &got, NULL) == TICKETING_OK);
  check_claims(&got, &ticket, TICKETING_FORM_STATIC, 0);
  got = (ticketing_ticket_t){.struct_size = sizeof got};
  CHECK(ticketing_code_verify(view_of(made), ring, 0, &got, NULL) == TICKETING_OK);
  check_claims(&got, &ticket, TICKETING_FORM_STATIC, 0);
  ticketing_bytes_free(&made);
}

static void check_rotating(char** fields) {
  uint8_t text[kLineMax];
  uint8_t ticket_text[kLineMax];
  const ticketing_ticket_t ticket = ticket_of(fields + 2);
  const int64_t now = strtoll(fields[11], NULL, 10) * 1000000;
  ticketing_bytes_t public_key = {NULL, 0};
  ticketing_bytes_t rotating = {NULL, 0};
  ticketing_bytes_t code = {NULL, 0};
  CHECK(ticketing_signing_key_public(phone, &public_key, NULL) == TICKETING_OK);
  CHECK(ticketing_rotating_ticket_issue(&ticket, view_of(public_key), issuers[ticket.key_id],
                                        &rotating, NULL) == TICKETING_OK);
  CHECK(same(view_of(rotating), unhex(fields[10], ticket_text)));
  CHECK(ticketing_rotating_code_make(view_of(rotating), phone, now, &code, NULL) == TICKETING_OK);
  CHECK(same(view_of(code), unhex(fields[9], text)));
  ticketing_ticket_t got = {.struct_size = sizeof got};
  CHECK(ticketing_code_verify(view_of(code), ring, now, &got, NULL) == TICKETING_OK);
  check_claims(&got, &ticket, TICKETING_FORM_ROTATING, (uint32_t)strtoul(fields[12], NULL, 10));
  ticketing_bytes_free(&public_key);
  ticketing_bytes_free(&rotating);
  ticketing_bytes_free(&code);
}

static void check_refused(char** fields) {
  uint8_t text[kLineMax];
  ticketing_ticket_t ticket = {.struct_size = sizeof ticket};
  ticketing_error_t* error = NULL;
  const int64_t now = strtoll(fields[3], NULL, 10) * 1000000;
  const int32_t code = ticketing_code_verify(unhex(fields[4], text), ring, now, &ticket, &error);
  CHECK(code != TICKETING_OK && ticketing_error_code(error) == code);
  CHECK(ticketing_code_name(code) != NULL && strcmp(ticketing_code_name(code), fields[2]) == 0);
  CHECK(ticketing_error_message(error).size > 0);
  CHECK(ticket.ticket_id == 0);
  ticketing_error_free(error);
}

static void test_golden(const char* path) {
  static char line[kLineMax];
  int counts[3] = {0, 0, 0};
  FILE* file = fopen(path, "r");
  CHECK(file != NULL);
  if (file == NULL) return;
  CHECK(ticketing_key_ring_create(&ring, NULL) == TICKETING_OK);
  while (fgets(line, sizeof line, file) != NULL) {
    char* fields[kFieldsMax] = {line};
    line[strcspn(line, "\n")] = 0;
    for (int i = 1; i < kFieldsMax && fields[i - 1] != NULL; ++i) {
      fields[i] = strchr(fields[i - 1], '\t');
      if (fields[i] != NULL) *fields[i]++ = 0;
    }
    const int failed = failures;
    if (strcmp(fields[0], "key") == 0) {
      uint8_t public_key[kLineMax];
      const uint32_t id = (uint32_t)strtoul(fields[1], NULL, 10);
      issuers[id] = key_of(fields[2], fields[3]);
      CHECK(ticketing_key_ring_add(ring, id, unhex(fields[3], public_key), INT64_MIN, INT64_MAX,
                                   NULL) == TICKETING_OK);
    } else if (strcmp(fields[0], "device") == 0) {
      phone = key_of(fields[2], fields[3]);
    } else if (strcmp(fields[0], "static") == 0) {
      check_static(fields);
      ++counts[0];
    } else if (strcmp(fields[0], "rotating") == 0) {
      check_rotating(fields);
      ++counts[1];
    } else {
      check_refused(fields);
      ++counts[2];
    }
    if (failures != failed) fprintf(stderr, "  in golden row %s %s\n", fields[0], fields[1]);
  }
  fclose(file);
  CHECK(counts[0] == 3 && counts[1] == 3 && counts[2] >= 29);
}

static void test_versions_and_names(void) {
  CHECK(ticketing_abi_version() == TICKETING_ABI_VERSION);
  CHECK(ticketing_version()[0] >= '0' && ticketing_version()[0] <= '9');
  CHECK(strcmp(ticketing_code_name(TICKETING_ERROR_SEAT_NOT_AVAILABLE), "seat-not-available") == 0);
  CHECK(ticketing_code_name(-1) == NULL);
  // The header names every code of the library: none more and none less.
  int known = 0;
  for (int32_t code = 0; code < 10000; ++code) known += ticketing_code_name(code) != NULL;
  CHECK(known == TICKETING_TEST_CODES);
}

// Calls that refuse must name the field and leave their outputs alone.
static ticketing_error_t* refusal;

static void check_field(int32_t code, const char* path) {
  CHECK(code == TICKETING_ERROR_INVALID_FIELD);
  CHECK(ticketing_error_field_count(refusal) == 1);
  CHECK(same(ticketing_error_field_path(refusal, 0), ticketing_text(path)));
  CHECK(ticketing_error_field_detail(refusal, 0).size > 0);
  CHECK(ticketing_error_field_path(refusal, 1).size == 0);
  CHECK(ticketing_error_retryable(refusal) == 0);
  ticketing_error_free(refusal);
  refusal = NULL;
}

static void test_bad_codes(void) {
  ticketing_bytes_t text = {NULL, 0};
  ticketing_ticket_t ticket = {.struct_size = sizeof ticket, .ticket_id = 1, .event_number = 1};
  check_field(ticketing_code_issue(&ticket, issuers[1], &text, &refusal), "ticket.key_id");
  ticket.key_id = 256;
  check_field(ticketing_code_issue(&ticket, issuers[1], &text, &refusal), "ticket.key_id");
  ticket.key_id = 1;
  ticket.zone = 65536;
  check_field(ticketing_code_issue(&ticket, issuers[1], &text, &refusal), "ticket.zone");
  ticket.zone = 0;
  ticket.ticket_id = UINT64_C(1) << 63;
  check_field(ticketing_code_issue(&ticket, issuers[1], &text, &refusal), "ticket.ticket_id");
  ticket.ticket_id = 1;
  check_field(ticketing_code_issue(&ticket, NULL, &text, &refusal), "issuer");
  check_field(ticketing_code_issue(&ticket, (const ticketing_signing_key_t*)ring, &text, &refusal),
              "issuer");
  check_field(ticketing_code_issue(&ticket, issuers[1], NULL, &refusal), "text");
  check_field(ticketing_code_issue(NULL, issuers[1], &text, &refusal), "ticket");
  ticket.struct_size = sizeof ticket + 8;
  check_field(ticketing_code_issue(&ticket, issuers[1], &text, &refusal), "ticket");
  CHECK(text.data == NULL);

  ticketing_signing_key_t* key = NULL;
  check_field(ticketing_signing_key_create(ticketing_text("short"), &key, &refusal), "seed");
  const ticketing_view_t nowhere = {NULL, 32};
  check_field(ticketing_signing_key_create(nowhere, &key, &refusal), "seed");
  CHECK(key == NULL);
  // Nobody has to want the error.
  CHECK(ticketing_signing_key_create(nowhere, &key, NULL) == TICKETING_ERROR_INVALID_FIELD);
  CHECK(ticketing_key_ring_add(ring, 1, nowhere, INT64_MIN, INT64_MAX, NULL) ==
        TICKETING_ERROR_INVALID_FIELD);
}

static int remove_one(const char* path, const struct stat* info, int kind, struct FTW* where) {
  (void)info, (void)kind, (void)where;
  return remove(path);
}

static ticketing_bytes_t read_file(const char* path) {
  static uint8_t buffer[1 << 20];
  FILE* file = fopen(path, "rb");
  CHECK(file != NULL);
  const ticketing_bytes_t bytes = {buffer,
                                   file == NULL ? 0 : fread(buffer, 1, sizeof buffer, file)};
  if (file != NULL) fclose(file);
  return bytes;
}

// One scan whose outcome and reason are as expected; frees it.
static void scan(ticketing_gate_t* gate, ticketing_view_t text, uint32_t at_gate, uint64_t scan_id,
                 int32_t outcome, const char* reason, const char* sentence) {
  ticketing_scan_t* result = NULL;
  ticketing_bytes_t said = {NULL, 0};
  const ticketing_scan_options_t options = {
      .struct_size = sizeof options, .gate = at_gate, .scan_id = scan_id};
  CHECK(ticketing_gate_scan(gate, text, &options, &result, NULL) == TICKETING_OK);
  CHECK(ticketing_scan_outcome(result) == outcome);
  CHECK(strcmp(ticketing_scan_reason_name(result), reason) == 0);
  CHECK(ticketing_scan_reason(result) > 0);
  CHECK(scan_id == 0 ? ticketing_scan_id(result) != 0 : ticketing_scan_id(result) == scan_id);
  CHECK(llabs(ticketing_scan_decided_at(result) - now_micros()) < INT64_C(600000000));
  CHECK(ticketing_gate_explain(gate, result, ticketing_text("en"), &said, NULL) == TICKETING_OK);
  CHECK(said.data != NULL && strstr((const char*)said.data, sentence) != NULL);
  if (failures != 0) fprintf(stderr, "  %s: %s\n", ticketing_scan_reason_name(result), said.data);
  ticketing_bytes_free(&said);
  ticketing_scan_free(result);
}

static void test_first_scan(ticketing_gate_t* gate) {
  ticketing_scan_t* result = NULL;
  const ticketing_scan_options_t options = {
      .struct_size = sizeof options, .gate = 1, .scan_id = 99};
  CHECK(ticketing_gate_scan(gate, ticketing_text(kOrdinaryText), &options, &result, NULL) ==
        TICKETING_OK);
  CHECK(ticketing_scan_outcome(result) == TICKETING_OUTCOME_ADMITTED);
  CHECK(ticketing_scan_ticket_id(result) == kOrdinaryTicket);
  CHECK(same(ticketing_scan_seat_label(result), ticketing_text("Norte 104-F-23")));
  ticketing_bytes_t said = {NULL, 0};
  check_field(ticketing_gate_explain(gate, result, ticketing_text("tlh"), &said, &refusal),
              "language");
  CHECK(ticketing_gate_explain(gate, result, ticketing_text(NULL), &said, NULL) == TICKETING_OK);
  ticketing_bytes_free(&said);
  ticketing_scan_free(result);
}

// The ticket of the other zone as a rotating code of this moment.
static ticketing_bytes_t rotating_code_now(void) {
  const ticketing_ticket_t ticket = {.struct_size = sizeof ticket,
                                     .ticket_id = 77,
                                     .ordinal = 1,
                                     .event_number = 4021,
                                     .zone = 13,
                                     .ticket_type = 7,
                                     .key_id = 1};
  ticketing_bytes_t public_key = {NULL, 0};
  ticketing_bytes_t rotating = {NULL, 0};
  ticketing_bytes_t code = {NULL, 0};
  CHECK(ticketing_signing_key_public(phone, &public_key, NULL) == TICKETING_OK);
  CHECK(ticketing_rotating_ticket_issue(&ticket, view_of(public_key), issuers[1], &rotating,
                                        NULL) == TICKETING_OK);
  CHECK(ticketing_rotating_code_make(view_of(rotating), phone, now_micros(), &code, NULL) ==
        TICKETING_OK);
  ticketing_bytes_free(&public_key);
  ticketing_bytes_free(&rotating);
  return code;
}

static void test_bad_scans(ticketing_gate_t* gate) {
  ticketing_scan_t* result = NULL;
  const ticketing_view_t text = ticketing_text(kOrdinaryText);
  ticketing_scan_options_t options = {.struct_size = sizeof options, .gate = 65536};
  check_field(ticketing_gate_scan(gate, text, &options, &result, &refusal), "options.gate");
  options.gate = 0;
  options.direction = 3;
  check_field(ticketing_gate_scan(gate, text, &options, &result, &refusal), "options.direction");
  options.direction = 0;
  options.struct_size = 8;
  check_field(ticketing_gate_scan(gate, text, &options, &result, &refusal), "options");
  check_field(ticketing_gate_scan(NULL, text, NULL, &result, &refusal), "gate");
  CHECK(ticketing_gate_load_event(gate, ticketing_text("\x08\x80"), NULL) ==
        TICKETING_ERROR_BAD_SYNTAX);
  CHECK(result == NULL);
}

static void test_gate(const char* copy_path) {
  char folder[] = "/tmp/ticketing-capi-XXXXXX";
  CHECK(mkdtemp(folder) != NULL);
  const ticketing_view_t seed = ticketing_text("0123456789abcdef0123456789abcdef");
  ticketing_gate_options_t options = {.struct_size = sizeof options,
                                      .abi_version = TICKETING_ABI_VERSION,
                                      .device_id = 5,
                                      .data_dir = ticketing_text(folder),
                                      .device_seed = seed};
  ticketing_gate_t* gate = NULL;
  options.abi_version = TICKETING_ABI_VERSION + 1;
  check_field(ticketing_gate_open(&options, &gate, &refusal), "options.abi_version");
  options.abi_version = TICKETING_ABI_VERSION;
  CHECK(ticketing_gate_open(&options, &gate, NULL) == TICKETING_OK);

  const ticketing_view_t text = ticketing_text(kOrdinaryText);
  scan(gate, text, 0, 0, TICKETING_OUTCOME_REFUSED, "unknown_key", "");
  CHECK(ticketing_gate_load_event(gate, view_of(read_file(copy_path)), NULL) == TICKETING_OK);
  test_first_scan(gate);
  // The same scan again, then another one: the person is in already.
  scan(gate, text, 1, 99, TICKETING_OUTCOME_ADMITTED, "ok", "");
  scan(gate, text, 0, 0, TICKETING_OUTCOME_REFUSED, "already_used", "Puerta 1");
  scan(gate, ticketing_text("HELLO"), 1, 0, TICKETING_OUTCOME_REFUSED, "malformed", "");
  ticketing_bytes_t code = rotating_code_now();
  scan(gate, view_of(code), 1, 0, TICKETING_OUTCOME_REFUSED, "wrong_gate", "Puerta 2");
  test_bad_scans(gate);
  ticketing_gate_free(gate);

  // What was decided outlives the process, and belongs to this device.
  gate = NULL;
  options.device_id = 6;
  CHECK(ticketing_gate_open(&options, &gate, NULL) == TICKETING_ERROR_CONFLICT);
  CHECK(gate == NULL);
  options.device_id = 5;
  CHECK(ticketing_gate_open(&options, &gate, NULL) == TICKETING_OK);
  scan(gate, text, 0, 0, TICKETING_OUTCOME_REFUSED, "already_used", "Puerta 1");
  scan(gate, view_of(code), 2, 0, TICKETING_OUTCOME_ADMITTED, "ok", "");
  ticketing_bytes_free(&code);
  ticketing_gate_free(gate);
  nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

// Accessors and _free functions take NULL.
static void test_null(void) {
  CHECK(ticketing_error_code(NULL) == TICKETING_OK);
  CHECK(ticketing_error_message(NULL).size == 0);
  CHECK(ticketing_scan_outcome(NULL) == 0 && ticketing_scan_ticket_id(NULL) == 0);
  CHECK(ticketing_scan_seat_label(NULL).size == 0);
  ticketing_bytes_free(NULL);
  ticketing_error_free(NULL);
  ticketing_signing_key_free(NULL);
  ticketing_key_ring_free(NULL);
  ticketing_scan_free(NULL);
  ticketing_gate_free(NULL);
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: capi_test <golden rows> <event copy>\n");
    return 2;
  }
  test_versions_and_names();
  test_golden(argv[1]);
  test_bad_codes();
  test_gate(argv[2]);
  test_null();
  CHECK(ticketing_live_objects() > 0);  // the keys
  for (int i = 0; i < 256; ++i) ticketing_signing_key_free(issuers[i]);
  ticketing_signing_key_free(phone);
  ticketing_key_ring_free(ring);
  CHECK(ticketing_live_objects() == 0);
  printf("%s\n", failures == 0 ? "ok" : "FAILED");
  return failures == 0 ? 0 : 1;
}
