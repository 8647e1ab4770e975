// Makes a ticket code and checks it.
#include <stdio.h>

#include "ticketing/c.h"

int main(void) {
  const ticketing_ticket_t ticket = {
      .struct_size = sizeof ticket, .ticket_id = 42, .event_number = 1, .key_id = 1};
  ticketing_ticket_t read = {.struct_size = sizeof read};
  ticketing_signing_key_t* key = NULL;
  ticketing_key_ring_t* ring = NULL;
  ticketing_bytes_t public_key = {NULL, 0};
  ticketing_bytes_t text = {NULL, 0};
  ticketing_error_t* error = NULL;
  const ticketing_view_t seed = ticketing_text("0123456789abcdef0123456789abcdef");

  int32_t code = ticketing_signing_key_create(seed, &key, &error);
  if (code == TICKETING_OK) code = ticketing_signing_key_public(key, &public_key, &error);
  if (code == TICKETING_OK) code = ticketing_code_issue(&ticket, key, &text, &error);
  if (code == TICKETING_OK) code = ticketing_key_ring_create(&ring, &error);
  if (code == TICKETING_OK) {
    const ticketing_view_t trusted = {public_key.data, public_key.size};
    code = ticketing_key_ring_add(ring, 1, trusted, INT64_MIN, INT64_MAX, &error);
  }
  if (code == TICKETING_OK) {
    const ticketing_view_t scanned = {text.data, text.size};
    code = ticketing_code_verify(scanned, ring, 0, &read, &error);
  }
  if (code != TICKETING_OK) {
    fprintf(stderr, "%s: %s\n", ticketing_code_name(code), ticketing_error_message(error).data);
  } else {
    printf("libticketing %s read ticket %d\n", ticketing_version(), (int)read.ticket_id);
  }
  ticketing_error_free(error);
  ticketing_bytes_free(&public_key);
  ticketing_bytes_free(&text);
  ticketing_signing_key_free(key);
  ticketing_key_ring_free(ring);
  return code == TICKETING_OK && read.ticket_id == 42 && ticketing_live_objects() == 0 ? 0 : 1;
}
