#include "clients/handheld/notices.h"

#include <nlohmann/json.hpp>

#include "clients/handheld/output.h"

namespace ticketing {
namespace {

using Json = nlohmann::ordered_json;

constexpr Duration kLookInterval = Duration::Millis(500);
constexpr Duration kDiskReminder = Duration::Minutes(10);

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::vector<std::string> Notices::News(std::string_view mode, size_t peers) {
  std::vector<std::string> news;
  if (mode != mode_) {
    mode_ = std::string(mode);
    news.push_back(ModeNotice(peers));
  }
  const Duration now = engine_.env().clock.Monotonic();
  if (now < next_look_) return news;
  next_look_ = now + kLookInterval;
  const StatusOr<std::vector<Conflict>> conflicts = engine_.Conflicts();
  if (!conflicts.ok()) return news;  // the database says so itself at the next scan
  for (const Conflict& conflict : *conflicts) {
    if (told_.insert(conflict.second_scan).second) news.push_back(ConflictNotice(conflict));
  }
  return news;
}

std::optional<std::string> Notices::Disk(bool low, uint64_t free_bytes) {
  const Duration now = engine_.env().clock.Monotonic();
  if (low == disk_low_ && (!low || now - disk_told_ < kDiskReminder)) return std::nullopt;
  disk_low_ = low;
  disk_told_ = now;
  const std::string left = std::to_string(free_bytes >> 20) + " MB";
  if (json_) return Dump({{"notice", "disk"}, {"low", low}, {"free_bytes", free_bytes}});
  const bool spanish = language_ == GateLanguage::kSpanish;
  if (!low) return NoticePanel(spanish ? "Otra vez hay espacio" : "Room again", TerminalColumns());
  return NoticePanel((spanish ? "Disco casi lleno: quedan " : "Disk nearly full, left: ") + left,
                     TerminalColumns());
}

std::string Notices::ModeNotice(size_t peers) const {
  if (json_) return Dump({{"notice", "mode"}, {"mode", mode_}, {"peers", peers}});
  const std::string others = peers == 0 ? "" : " (" + std::to_string(peers) + ")";
  return NoticePanel("Modo / mode: " + mode_ + others, TerminalColumns());
}

std::string Notices::ConflictNotice(const Conflict& conflict) const {
  const std::string first = GateName(engine_, conflict.event, conflict.first_gate);
  const std::string second = GateName(engine_, conflict.event, conflict.second_gate);
  const std::string text = language_ == GateLanguage::kSpanish
                               ? "El mismo boleto entró dos veces: " + first + " y " + second
                               : "One ticket went in twice: " + first + " and " + second;
  if (!json_) return NoticePanel(text, TerminalColumns());
  return Dump({{"notice", "conflict"},
               {"ticket_id", conflict.ticket.ToString()},
               {"first_scan", conflict.first_scan.ToString()},
               {"first_gate", first},
               {"first_at", FormatTimestamp(conflict.first_at)},
               {"second_scan", conflict.second_scan.ToString()},
               {"second_gate", second},
               {"second_at", FormatTimestamp(conflict.second_at)},
               {"text", text}});
}

}  // namespace ticketing
