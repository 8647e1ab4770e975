// The C header alone, twice, as a strict C11 compiler sees it.
#include "ticketing/c.h"

// Sizes are part of the ABI of 64-bit machines.
_Static_assert(sizeof(ticketing_view_t) == 2 * sizeof(void*), "ticketing_view_t");
_Static_assert(sizeof(ticketing_ticket_t) == 48, "ticketing_ticket_t");
_Static_assert(sizeof(ticketing_scan_options_t) == 32, "ticketing_scan_options_t");
_Static_assert(sizeof(ticketing_gate_options_t) == 16 + 4 * sizeof(void*), "gate_options");

uint32_t header_is_c11(void);
uint32_t header_is_c11(void) {
  return ticketing_abi_version();
}
