#include "clients/handheld/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace ticketing {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kGreen[] = "\x1b[30;102m";
constexpr char kRed[] = "\x1b[97;41m";
constexpr char kYellow[] = "\x1b[30;103m";
constexpr char kPlain[] = "\x1b[0m";

// How many columns a UTF-8 text takes; continuation bytes take none.
size_t Width(std::string_view text) {
  size_t columns = 0;
  for (const char c : text) columns += (c & 0xc0) != 0x80 ? 1 : 0;
  return columns;
}

void Line(std::string& panel, const char* color, const std::string& text, int columns) {
  const size_t width = Width(text);
  const size_t wide = static_cast<size_t>(columns);
  const size_t left = width < wide ? (wide - width) / 2 : 0;
  const size_t right = width < wide ? wide - width - left : 0;
  panel += color + std::string(left, ' ') + text + std::string(right, ' ') + kPlain + "\n";
}

}  // namespace

std::string Trouble(const Status& status, GateLanguage language) {
  if (language == GateLanguage::kSpanish) {
    switch (CodeOf(status)) {
      case ErrorCode::kPermissionDenied:
        return "Solo el dispositivo de un supervisor puede hacer esto";
      case ErrorCode::kNotFound:
        return "Aquí no se conoce todavía; intente otra vez en un momento";
      case ErrorCode::kRateLimited:
        return "Demasiadas búsquedas; espere unos segundos";
      case ErrorCode::kUnavailable:
      case ErrorCode::kDeadlineExceeded:
        return "Nadie contesta; intente otra vez";
      default:
        break;
    }
  }
  return std::string(MessageOf(status));
}

std::string FoundJson(const FoundTickets& found) {
  Json json = {{"found", Json::array()}, {"more", found.more}};
  for (size_t i = 0; i < found.tickets.size(); ++i) {
    const FoundTicket& ticket = found.tickets[i];
    json["found"].push_back({{"number", i + 1},
                             {"seat", ticket.seat},
                             {"type", ticket.type},
                             {"buyer", ticket.buyer},
                             {"order", ticket.order}});
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string FoundPanel(const FoundTickets& found, GateLanguage language) {
  const bool spanish = language == GateLanguage::kSpanish;
  if (found.tickets.empty()) return spanish ? "Ningún boleto" : "No ticket";
  std::string panel;
  for (size_t i = 0; i < found.tickets.size(); ++i) {
    const FoundTicket& ticket = found.tickets[i];
    panel += (i == 0 ? "" : "\n") + std::to_string(i + 1) + "  ";
    for (const std::string* part : {&ticket.seat, &ticket.type, &ticket.buyer, &ticket.order}) {
      if (!part->empty()) panel += (part == &ticket.seat ? "" : " · ") + *part;
    }
  }
  if (found.more) panel += spanish ? "\n… hay más: busque con más letras" : "\n… and more";
  return panel;
}

std::string GateName(const GateEngine& engine, uint32_t event, uint16_t gate) {
  const auto header = engine.Event(event);
  const CopyGate* found = header == nullptr ? nullptr : header->FindGate(gate);
  return found == nullptr ? std::to_string(gate) : found->name;
}

std::string ScanJson(const GateEngine& engine, const ScanResult& result, GateLanguage language) {
  Json json = {{"scan_id", result.scan_id.ToString()},
               {"ticket_id", result.ticket_id ? result.ticket_id.ToString() : ""},
               {"outcome", OutcomeName(result.decision.outcome)},
               {"reason", ReasonName(result.decision.reason)},
               {"mode", DecidedByName(result.mode)},
               {"micros", result.micros},
               {"seat", result.seat_label},
               {"text", engine.Explain(result, language)}};
  if (result.decision.first) {
    json["first_at"] = FormatTimestamp(result.decision.first->at);
    json["first_gate"] = GateName(engine, result.event, result.decision.first->gate);
  }
  if (!result.decision.right_gates.empty()) {
    json["right_gates"] = Json::array();
    for (const uint16_t gate : result.decision.right_gates) {
      json["right_gates"].push_back(GateName(engine, result.event, gate));
    }
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string ScanPanel(const GateEngine& engine, const ScanResult& result,
                      const HandheldCounts& counts, GateLanguage language, int columns) {
  const char* color = result.decision.outcome == Outcome::kAdmitted ? kGreen : kRed;
  const bool heard = result.mode == DecidedBy::kAlone && counts.peers > 0;
  const std::string mode = heard ? "peers (" + std::to_string(counts.peers) + ")"
                                 : std::string(DecidedByName(result.mode));
  std::string panel;
  Line(panel, color, "", columns);
  Line(panel, color, std::string(Headline(result.decision.outcome, language)), columns);
  Line(panel, color, engine.Explain(result, language), columns);
  if (!result.seat_label.empty()) Line(panel, color, result.seat_label, columns);
  Line(panel, color, "", columns);
  Line(panel, color,
       mode + " · " + std::to_string(result.micros / 1000) + " ms · ✓ " +
           std::to_string(counts.admitted) + "  ✗ " + std::to_string(counts.refused) + "  ↑ " +
           std::to_string(counts.waiting),
       columns);
  return panel;
}

std::string NoticePanel(const std::string& text, int columns) {
  std::string panel;
  Line(panel, kYellow, text, columns);
  return panel;
}

std::string UnsavedPanel(GateLanguage language, int columns) {
  const bool spanish = language == GateLanguage::kSpanish;
  std::string panel;
  Line(panel, kRed, "", columns);
  Line(panel, kRed, std::string(Headline(Outcome::kRefused, language)), columns);
  Line(panel, kRed,
       spanish ? "No se pudo guardar: el disco está lleno o falla."
               : "It could not be saved: the disk is full or failing.",
       columns);
  Line(panel, kRed,
       spanish ? "No se perdió nada. Libera espacio y lee el boleto otra vez."
               : "Nothing was lost. Make room and scan the ticket again.",
       columns);
  Line(panel, kRed, "", columns);
  return panel;
}

int TerminalColumns() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace ticketing
