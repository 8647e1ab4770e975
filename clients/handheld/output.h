// What the handheld shows: a full-width panel, or one JSON object per scan.
#ifndef TICKETING_CLIENTS_HANDHELD_OUTPUT_H_
#define TICKETING_CLIENTS_HANDHELD_OUTPUT_H_

#include <string>

#include "ticketing/admission/explain.h"
#include "ticketing/gate/engine.h"

namespace ticketing {

struct HandheldCounts {
  uint64_t admitted = 0;
  uint64_t refused = 0;
  uint64_t waiting = 0;  // scans that the cloud does not have yet
  size_t peers = 0;      // handhelds that one who decides alone hears
};

// {"scan_id", "ticket_id", "outcome", "reason", "mode", "micros", "seat", "text"} and, where they
// explain, "first_at", "first_gate", "right_gates".
std::string ScanJson(const GateEngine& engine, const ScanResult& result, GateLanguage language);

// A green or red panel as wide as the terminal: the word, the reason, the seat, the mode, and the
// counts.
std::string ScanPanel(const GateEngine& engine, const ScanResult& result,
                      const HandheldCounts& counts, GateLanguage language, int columns);

// {"found": [{"number", "seat", "type", "buyer", "order"}], "more"}.
std::string FoundJson(const FoundTickets& found);

// The same as numbered lines, for :admit.
std::string FoundPanel(const FoundTickets& found, GateLanguage language);

// Why what staff asked for was not done, as they read it.
std::string Trouble(const Status& status, GateLanguage language);

// A yellow line for what is no answer to a scan.
std::string NoticePanel(const std::string& text, int columns);

// The name of a gate as on its sign; its number when the event copy does not have it.
std::string GateName(const GateEngine& engine, uint32_t event, uint16_t gate);

// A red panel for a scan that could not be written down, as on a full disk: nobody goes in on it.
std::string UnsavedPanel(GateLanguage language, int columns);

// The columns of the terminal, 80 when there is none.
int TerminalColumns();

}  // namespace ticketing

#endif  // TICKETING_CLIENTS_HANDHELD_OUTPUT_H_
