#include "lib/postgres/errors.h"

#include <array>

namespace ticketing::postgres {
namespace {

struct Meaning {
  std::string_view prefix;  // of SQLSTATE; the first row that fits counts
  ErrorCode code;
  std::string_view what;
};

constexpr std::array<Meaning, 16> kMeanings = {{
    {"", ErrorCode::kInternal, "the database refused a statement"},  // what nothing else fits
    {"23", ErrorCode::kConflict, "the data does not allow it"},
    {"40003", ErrorCode::kUnavailable, "the database does not know how the statement ended"},
    {"40", ErrorCode::kAborted, "the database asks for a retry"},
    {"55P03", ErrorCode::kAborted, "the data is held by somebody else"},
    {"08", ErrorCode::kUnavailable, "the connection to the database failed"},
    {"57014", ErrorCode::kUnavailable, "a statement took too long and was stopped"},
    {"57", ErrorCode::kUnavailable, "the database server is stopping or starting"},
    {"25P03", ErrorCode::kUnavailable, "a transaction was left open for too long"},
    {"53", ErrorCode::kUnavailable, "the database server has no room"},
    {"58", ErrorCode::kUnavailable, "the database server's system failed"},
    {"XX001", ErrorCode::kDataLoss, "the database is damaged"},
    {"XX002", ErrorCode::kDataLoss, "the database is damaged"},
    {"28", ErrorCode::kUnavailable, "the database does not let us in"},
    {"3D", ErrorCode::kUnavailable, "the server has no such database"},
    {"25006", ErrorCode::kInternal, "a statement of a read would write"},
}};

const Meaning& MeaningOf(std::string_view state) {
  for (size_t i = 1; i < kMeanings.size(); ++i) {
    if (state.starts_with(kMeanings[i].prefix)) return kMeanings[i];
  }
  return kMeanings[0];
}

}  // namespace

Trouble TroubleOf(std::string_view state, std::string_view message) {
  if (state == "57014") return Trouble::kNone;
  if (state.empty() || state == "40003" || state == "25P03") return Trouble::kLost;
  if (state.starts_with("40") || state == "55P03") return Trouble::kRetry;
  // Another process changed a table under a prepared statement: a new connection prepares anew.
  if (state == "26000" || (state == "0A000" && message.starts_with("cached plan")))
    return Trouble::kLost;
  const bool lost = state.starts_with("08") || state.starts_with("57") || state.starts_with("58");
  return lost ? Trouble::kLost : Trouble::kNone;
}

Status ErrorOf(std::string_view state, std::string_view message) {
  const Meaning& meaning = MeaningOf(state);
  std::string text(meaning.what);
  // Class 22 is about values, and its messages quote them.
  if (!state.starts_with("22") && !message.empty()) text.append(": ").append(message);
  if (!state.empty()) text.append(" (SQLSTATE ").append(state).append(")");
  return MakeError(meaning.code, text);
}

std::string WithoutSecrets(std::string_view message) {
  // "connection to server at "host" (address), port 5432 failed: the reason", once for each host.
  constexpr std::string_view kFailed = " failed: ";
  const size_t at = message.rfind(kFailed);
  if (at != std::string_view::npos) message.remove_prefix(at + kFailed.size());
  // A password with '@' or '/' in it can be read as a host or a port; libpq quotes whatever it took
  // from the string.
  std::string text;
  bool quoted = false;
  for (const char c : message) {
    if (c == '"') {
      if (!quoted) text.append("...");
      quoted = !quoted;
    } else if (!quoted) {
      text.push_back(c == '\n' || c == '\t' ? ' ' : c);
    }
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

}  // namespace ticketing::postgres
