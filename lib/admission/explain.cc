#include "ticketing/admission/explain.h"

#include <array>
#include <cstdio>

namespace ticketing {
namespace {

// Sentences without values. The index of a language is its number in GateLanguage.
struct Sentence {
  Reason reason;
  std::array<std::string_view, 2> text;
};

constexpr Sentence kSentences[] = {
    {Reason::kOk, {"Adelante", "Go ahead"}},
    {Reason::kReread, {"Adelante: es la misma lectura", "Go ahead: the same reading"}},
    {Reason::kOverride, {"Adelante: lo autorizó el personal", "Go ahead: allowed by staff"}},
    {Reason::kMalformed, {"No es un boleto. Léalo de nuevo", "Not a ticket. Scan it again"}},
    {Reason::kForged, {"Código falso. Llame al supervisor", "Forged code. Call the supervisor"}},
    {Reason::kUnknownKey,
     {"Firma desconocida. Llame al supervisor", "Unknown signature. Call the supervisor"}},
    {Reason::kOtherEvent,
     {"Es de otro evento: revise fecha y lugar", "For another event: check its date and place"}},
    {Reason::kExpiredCode,
     {"Código vencido: abra el boleto en el teléfono", "Old code: open the ticket on the phone"}},
    {Reason::kStaticCode,
     {"Muestre el boleto en el teléfono, no una copia",
      "Show the ticket on the phone, not a copy"}},
    {Reason::kUnknownTicket,
     {"Boleto desconocido. Llame al supervisor", "Unknown ticket. Call the supervisor"}},
    {Reason::kSuperseded,
     {"Hay una emisión más nueva: muestre la última que recibió",
      "A newer issue of this ticket exists: show the last one received"}},
    {Reason::kRevoked,
     {"Boleto reembolsado: pase a taquilla", "Ticket refunded: go to the box office"}},
    {Reason::kBlocked,
     {"Boleto bloqueado. Llame al supervisor", "Ticket blocked. Call the supervisor"}},
    {Reason::kCancelled,
     {"Boleto cancelado: pase a taquilla", "Ticket cancelled: go to the box office"}},
    {Reason::kUnpaid, {"Sin pagar: pase a taquilla", "Not paid: go to the box office"}},
    {Reason::kSuspended,
     {"Suspendido por pagos vencidos: pase a taquilla",
      "Suspended for overdue payments: go to the box office"}},
    {Reason::kTransferred,
     {"Se transfirió a otra persona: entra con el boleto de ella",
      "Transferred to another person, whose ticket enters"}},
    {Reason::kNotYet, {"Aún no abre", "Not open yet"}},
    {Reason::kTooLate, {"Ya cerró", "Closed"}},
    {Reason::kWrongGate, {"Puerta equivocada", "Wrong gate"}},
    {Reason::kWrongZone, {"Zona equivocada", "Wrong zone"}},
    {Reason::kWrongProduct,
     {"Este tipo de boleto no entra aquí", "This kind of ticket does not enter here"}},
    {Reason::kRule, {"No cumple una regla", "A rule refuses it"}},
    {Reason::kHolderFirst,
     {"Primero debe entrar el boleto titular", "The main ticket must enter first"}},
    {Reason::kAreaFull,
     {"Área llena: espere a que salga alguien", "Area full: wait until somebody leaves"}},
    {Reason::kAlreadyUsed, {"Ya se usó", "Already used"}},
    {Reason::kNotInside,
     {"No consta su entrada. Llame al supervisor", "No entry on record. Call the supervisor"}},
    {Reason::kAbandoned,
     {"Lectura interrumpida. Léalo de nuevo", "Interrupted reading. Scan it again"}},
};

std::string_view SentenceOf(Reason reason, GateLanguage language) {
  for (const Sentence& row : kSentences) {
    if (row.reason == reason) return row.text[static_cast<size_t>(language)];
  }
  return language == GateLanguage::kSpanish ? "Llame al supervisor" : "Call the supervisor";
}

std::string GateName(uint16_t gate, const ExplainContext& context) {
  if (context.gate_name) {
    std::string name = context.gate_name(gate);
    if (!name.empty()) return name;
  }
  return (context.language == GateLanguage::kSpanish ? "Puerta " : "gate ") + std::to_string(gate);
}

std::string GateList(const std::vector<uint16_t>& gates, const ExplainContext& context) {
  std::string list;
  for (size_t i = 0; i < gates.size(); ++i) {
    if (i > 0) list += ", ";
    list += GateName(gates[i], context);
  }
  return list;
}

int64_t FloorDivide(int64_t a, int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

constexpr int64_t kMinutesOfDay = 1440;

// What would let the person in; empty when that cannot be said in a few words.
std::string HintText(const RuleHint& hint, const ExplainContext& context) {
  const bool spanish = context.language == GateLanguage::kSpanish;
  const std::string number = std::to_string(hint.value);
  const auto time = [&] {
    return VenueTime(Timestamp{hint.value}, context.now, context.utc_offset_minutes);
  };
  switch (hint.kind) {
    case RuleHint::Kind::kOther:
      return "";
    case RuleHint::Kind::kOpensAt:
      return (spanish ? "desde " : "from ") + time();
    case RuleHint::Kind::kClosedAt:
      return (spanish ? "hasta " : "until ") + time();
    case RuleHint::Kind::kEntriesMax:
      return (spanish ? "entradas permitidas: " : "entries allowed: ") + number;
    case RuleHint::Kind::kEntriesTodayMax:
      return (spanish ? "entradas permitidas por día: " : "entries allowed a day: ") + number;
    case RuleHint::Kind::kEntryDaysMax:
      return (spanish ? "días permitidos: " : "days allowed: ") + number;
    case RuleHint::Kind::kWaitMinutes:
      return (spanish ? "espere " : "wait ") + number + " min";
    case RuleHint::Kind::kProduct:
      return spanish ? "no con este tipo de boleto" : "not with this kind of ticket";
    case RuleHint::Kind::kGate:
      if (hint.value == 0) return spanish ? "por otra puerta" : "through another gate";
      return (spanish ? "vaya a " : "go to ") +
             GateName(static_cast<uint16_t>(hint.value), context);
    case RuleHint::Kind::kZone:
      return spanish ? "no con boletos de esta zona" : "not with tickets of this zone";
    case RuleHint::Kind::kWeekday:
      return spanish ? "hoy no" : "not today";
  }
  return "";
}

std::string HintList(const std::vector<RuleHint>& hints, const ExplainContext& context) {
  std::string list;
  for (const RuleHint& hint : hints) {
    const std::string text = HintText(hint, context);
    if (text.empty()) continue;
    if (!list.empty()) list += ", ";
    list += text;
  }
  return list;
}

}  // namespace

std::optional<GateLanguage> GateLanguageOf(std::string_view tag) {
  const std::string_view base = tag.substr(0, tag.find('-'));
  if (base == "es") return GateLanguage::kSpanish;
  if (base == "en") return GateLanguage::kEnglish;
  return std::nullopt;
}

std::string VenueTime(Timestamp time, Timestamp now, int32_t utc_offset_minutes) {
  const Duration offset = Duration::Minutes(utc_offset_minutes);
  const int64_t minute = FloorDivide((time + offset).micros, Duration::Minutes(1).micros);
  const int64_t day = FloorDivide(minute, kMinutesOfDay);
  const int64_t minute_of_day = minute - day * kMinutesOfDay;
  char text[32];
  std::snprintf(text, sizeof text, "%02d:%02d", static_cast<int>(minute_of_day / 60),
                static_cast<int>(minute_of_day % 60));
  if (FloorDivide((now + offset).micros, Duration::Days(1).micros) == day) return text;
  // "2026-11-21T..." of the shifted time: its day and month are those on the venue's calendar.
  const std::string date = FormatTimestamp(time + offset);
  if (date.size() < 10) return text;
  return date.substr(8, 2) + "/" + date.substr(5, 2) + " " + text;
}

std::string_view Headline(Outcome outcome, GateLanguage language) {
  const bool spanish = language == GateLanguage::kSpanish;
  if (outcome == Outcome::kAdmitted) return spanish ? "ADELANTE" : "GO AHEAD";
  return spanish ? "NO PASA" : "STOP";
}

std::string Explain(const Decision& decision, const ExplainContext& context) {
  const bool spanish = context.language == GateLanguage::kSpanish;
  std::string text(SentenceOf(decision.reason, context.language));
  const auto time = [&](Timestamp t) {
    return VenueTime(t, context.now, context.utc_offset_minutes);
  };
  switch (decision.reason) {
    case Reason::kAlreadyUsed:
      if (decision.first) {
        text += (spanish ? " a las " : " at ") + time(decision.first->at) +
                (spanish ? " en " : ", ") + GateName(decision.first->gate, context);
      }
      break;
    case Reason::kNotYet:
      if (decision.opens_at) text += (spanish ? ": abre " : ": opens ") + time(*decision.opens_at);
      break;
    case Reason::kTooLate:
      if (decision.closed_at) {
        text += (spanish ? ": cerró " : ": closed ") + time(*decision.closed_at);
      }
      break;
    case Reason::kWrongGate:
    case Reason::kWrongZone:
    case Reason::kWrongProduct:
      if (!decision.right_gates.empty()) {
        text += (spanish ? ": vaya a " : ": go to ") + GateList(decision.right_gates, context);
      }
      break;
    case Reason::kRule:
      if (!decision.rule_text.empty()) {
        text = decision.rule_text;
      } else if (const std::string hints = HintList(decision.rule_hints, context); !hints.empty()) {
        text += ": " + hints;
      }
      break;
    default:
      break;
  }
  return text;
}

}  // namespace ticketing
