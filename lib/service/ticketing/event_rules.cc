#include <algorithm>
#include <array>
#include <set>

#include "lib/service/ticketing/catalog.h"
#include "lib/service/ticketing/gate_policy.h"
#include "lib/wire/convert.h"

namespace ticketing {
namespace {

constexpr Duration kDoorsBefore = Duration::Hours(2);
constexpr Duration kEndsAfter = Duration::Hours(4);

using Faults = std::vector<FieldError>;

std::string Place(std::string_view list, int index, std::string_view field) {
  return std::string(list) + "[" + std::to_string(index) + "]" + std::string(field);
}

void CheckMoney(const v1::Money& money, std::string_view currency, const std::string& place,
                Faults& faults) {
  if (money.currency() != currency) {
    faults.push_back({place + ".currency", "must be " + std::string(currency)});
  }
  if (money.minor() < 0) faults.push_back({place + ".minor", "must not be negative"});
}

void CheckPrices(const v1::CreateEventRequest& request, const seat::Chart& chart, Faults& faults) {
  std::set<std::string, std::less<>> priced;  // as ordinary tickets
  std::set<std::pair<std::string, std::string>> known;
  for (int i = 0; i < request.prices_size(); ++i) {
    const v1::CategoryPrice& price = request.prices(i);
    const std::string place = Place("prices", i, ".category");
    if (!chart.FindCategory(price.category())) {
      faults.push_back({place, "is not a category of the chart"});
    } else if (!known.emplace(price.category(), price.ticket_type()).second) {
      faults.push_back({place, "has a price already"});
    }
    if (price.ticket_type().empty()) priced.insert(price.category());
    if (price.ticket_type().empty() && price.staff_only())
      faults.push_back({Place("prices", i, ".staff_only"),
                        "cannot be set for an ordinary price; sale rules keep a category from the"
                        " public"});
    // These have a meaning of their own at the gates.
    if (price.ticket_type() == kGeneralType || price.ticket_type() == kSeasonType)
      faults.push_back({Place("prices", i, ".ticket_type"), "cannot have this name"});
    CheckMoney(price.price(), request.currency(), Place("prices", i, ".price"), faults);
  }
  for (const seat::Category& category : chart.drawing().categories) {
    if (priced.contains(category.key)) continue;
    faults.push_back({"prices", "has none for the category " + category.key});
  }
}

void CheckFees(const v1::CreateEventRequest& request, Faults& faults) {
  std::set<std::string, std::less<>> names;
  for (int i = 0; i < request.fees_size(); ++i) {
    const v1::Fee& fee = request.fees(i);
    if (!names.insert(fee.name()).second)
      faults.push_back({Place("fees", i, ".name"), "is there already"});
    if (fee.has_per_ticket()) {
      CheckMoney(fee.per_ticket(), request.currency(), Place("fees", i, ".per_ticket"), faults);
    } else if (fee.basis_points() == 0) {
      faults.push_back({Place("fees", i, ""), "needs per_ticket or basis_points"});
    }
  }
}

// The zones that tickets of this chart name must be zones of the event, and the gates' too.
void CheckZones(const v1::Event& event, const seat::Chart& chart, Faults& faults) {
  std::set<std::string, std::less<>> zones;
  for (int i = 0; i < event.zones_size(); ++i) {
    if (!zones.insert(event.zones(i).id()).second)
      faults.push_back({Place("zones", i, ".id"), "is there already"});
  }
  for (const seat::Zone& zone : chart.drawing().zones) {
    if (!zones.contains(zone.id)) faults.push_back({"zones", "lacks the chart's zone " + zone.id});
  }
  std::set<std::string, std::less<>> gates;
  for (int i = 0; i < event.gates_size(); ++i) {
    const v1::Gate& gate = event.gates(i);
    if (!gates.insert(gate.id()).second)
      faults.push_back({Place("gates", i, ".id"), "is there already"});
    for (int k = 0; k < gate.zones_size(); ++k) {
      if (zones.contains(gate.zones(k))) continue;
      faults.push_back({Place("gates", i, Place(".zones", k, "")), "is not a zone of the event"});
    }
  }
  for (const seat::Named& gate : chart.drawing().gates) {
    if (!gates.contains(gate.id)) faults.push_back({"gates", "lacks the chart's gate " + gate.id});
  }
}

void TakeZones(const v1::CreateEventRequest& request, const seat::Chart& chart, v1::Event& event) {
  *event.mutable_zones() = request.zones();
  if (event.zones_size() > 0) return;
  for (const seat::Zone& zone : chart.drawing().zones) {
    v1::Zone* out = event.add_zones();
    out->set_id(zone.id);
    out->set_name(zone.name.empty() ? zone.id : zone.name);
  }
}

// A gate of the chart leads to the zones of what it serves; to all of them when it serves something
// that is in none.
void TakeGates(const v1::CreateEventRequest& request, const seat::Chart& chart, v1::Event& event) {
  *event.mutable_gates() = request.gates();
  if (event.gates_size() > 0) return;
  const auto& drawing = chart.drawing();
  std::vector<std::set<uint32_t>> zones(drawing.gates.size());
  for (const seat::Object& object : chart.objects()) {
    if (object.gate != seat::kNone) zones[object.gate].insert(object.zone);
  }
  for (size_t i = 0; i < drawing.gates.size(); ++i) {
    v1::Gate* out = event.add_gates();
    out->set_id(drawing.gates[i].id);
    out->set_name(drawing.gates[i].name.empty() ? drawing.gates[i].id : drawing.gates[i].name);
    if (zones[i].contains(seat::kNone)) continue;
    for (const uint32_t zone : zones[i]) out->add_zones(drawing.zones[zone].id);
  }
}

void TakeTimes(const v1::CreateEventRequest& request, v1::Event& event, Faults& faults) {
  const Timestamp starts = wire::TimeOf(request.starts_at());
  const Timestamp doors =
      request.has_doors_open_at() ? wire::TimeOf(request.doors_open_at()) : starts - kDoorsBefore;
  const Timestamp ends =
      request.has_ends_at() ? wire::TimeOf(request.ends_at()) : starts + kEndsAfter;
  if (starts.micros <= 0) faults.push_back({"starts_at", "is before 1970"});
  if (doors > starts) faults.push_back({"doors_open_at", "is after the start"});
  if (doors.micros < 0) faults.push_back({"doors_open_at", "is before 1970"});
  if (ends <= starts) faults.push_back({"ends_at", "is not after the start"});
  wire::SetTime(starts, event.mutable_starts_at());
  wire::SetTime(doors, event.mutable_doors_open_at());
  wire::SetTime(ends, event.mutable_ends_at());
}

Status Refusal(Faults faults) {
  if (faults.empty()) return OkStatus();
  std::string text = "The event is not valid: " + faults[0].field + " " + faults[0].detail;
  if (faults.size() > 1) text += ", and " + std::to_string(faults.size() - 1) + " more";
  return MakeError(ErrorCode::kInvalidField, text + ".", {.fields = std::move(faults)});
}

}  // namespace

Status FillEvent(const v1::CreateEventRequest& request, const seat::Chart& chart,
                 v1::Event& event) {
  Faults faults;
  if (!Currency::Parse(request.currency()))
    faults.push_back({"currency", "must be three capital letters of ISO 4217"});
  CheckPrices(request, chart, faults);
  CheckFees(request, faults);
  TakeTimes(request, event, faults);
  TakeZones(request, chart, event);
  TakeGates(request, chart, event);
  CheckZones(event, chart, faults);
  TICKETING_RETURN_IF_ERROR(Refusal(std::move(faults)));
  event.set_chart_id(request.chart_id());
  event.set_name(request.name());
  event.set_description(request.description());
  event.set_currency(request.currency());
  *event.mutable_prices() = request.prices();
  *event.mutable_fees() = request.fees();
  event.set_tax_basis_points(request.tax_basis_points());
  event.set_status("on_sale");
  return PriceListOf(event).status();
}

Status RefitEvent(const seat::Chart& chart, ChartId chart_id,
                  std::span<const v1::AddedPrices> added, v1::Event& event) {
  v1::CreateEventRequest like;
  like.set_currency(event.currency());
  like.set_tax_basis_points(event.tax_basis_points());
  *like.mutable_starts_at() = event.starts_at();
  std::set<std::pair<std::string, std::string>> priced;
  const auto take = [&](const v1::CategoryPrice& price) {
    if (chart.FindCategory(price.category()) &&
        priced.emplace(price.category(), price.ticket_type()).second)
      *like.add_prices() = price;
  };
  for (const v1::CategoryPrice& price : event.prices()) take(price);
  for (const bool own : {true, false}) {
    for (const v1::AddedPrices& more : added) {
      if (own ? more.event_id() != event.id() : !more.event_id().empty()) continue;
      for (const v1::CategoryPrice& price : more.prices()) take(price);
    }
  }
  v1::Event fresh;
  TICKETING_RETURN_IF_ERROR(FillEvent(like, chart, fresh));
  *event.mutable_prices() = fresh.prices();
  for (const v1::Zone& zone : fresh.zones()) {
    const bool known = std::ranges::any_of(
        event.zones(), [&](const v1::Zone& one) { return one.id() == zone.id(); });
    if (!known) *event.add_zones() = zone;
  }
  for (const v1::Gate& gate : fresh.gates()) {
    const auto known = std::ranges::find_if(
        *event.mutable_gates(), [&](const v1::Gate& one) { return one.id() == gate.id(); });
    if (known == event.mutable_gates()->end()) {
      *event.add_gates() = gate;
    } else if (gate.zones().empty()) {
      known->clear_zones();  // it leads everywhere now
    } else if (!known->zones().empty()) {
      for (const std::string& zone : gate.zones()) {
        if (std::ranges::find(known->zones(), zone) == known->zones().end()) known->add_zones(zone);
      }
    }
  }
  event.set_chart_id(chart_id.ToString());
  return OkStatus();
}

StatusOr<PriceList> PriceListOf(const v1::Event& event) {
  PriceList list;
  list.currency = Currency::Parse(event.currency()).value_or(Currency());
  for (const v1::CategoryPrice& price : event.prices()) {
    list.prices.push_back({.category = price.category(),
                           .ticket_type = price.ticket_type(),
                           .price = Money{price.price().minor(), list.currency},
                           .staff_only = price.staff_only()});
  }
  for (const v1::Fee& fee : event.fees()) {
    if (fee.has_per_ticket()) {
      list.fees.push_back({.code = fee.name(),
                           .basis = FeeBasis::kPerTicket,
                           .amount = Money{fee.per_ticket().minor(), list.currency}});
    }
    if (fee.basis_points() > 0) {
      // A fee with both parts becomes two rules, and a rule's code is unique.
      list.fees.push_back({.code = fee.has_per_ticket() ? fee.name() + " %" : fee.name(),
                           .basis = FeeBasis::kPercentage,
                           .basis_points = fee.basis_points()});
    }
  }
  list.tax_mode = TaxMode::kInclusive;
  if (event.tax_basis_points() > 0)
    list.taxes.push_back({.code = "iva", .basis_points = event.tax_basis_points()});
  TICKETING_RETURN_IF_ERROR(ValidatePriceList(list));
  return list;
}

Timestamp EventInfo::starts_at() const {
  return wire::TimeOf(event.starts_at());
}

uint16_t EventInfo::ZoneNumberOf(uint32_t object) const {
  const auto it = zone_numbers.find(chart->zone_of(object));
  return it == zone_numbers.end() ? 0 : it->second;
}

std::string EventInfo::ZoneNameOf(uint32_t object) const {
  const uint16_t zone = ZoneNumberOf(object);
  return zone == 0 ? std::string() : event.zones(zone - 1).name();
}

std::string EventInfo::GateNameOf(uint32_t object) const {
  const std::string_view wanted = chart->gate_of(object);
  const auto gate =
      std::ranges::find_if(event.gates(), [&](const auto& g) { return g.id() == wanted; });
  return gate == event.gates().end() ? std::string() : gate->name();
}

std::string EventInfo::StartText(std::string_view language) const {
  constexpr std::array<std::string_view, 7> kDaysEs = {"domingo", "lunes",   "martes", "miércoles",
                                                       "jueves",  "viernes", "sábado"};
  constexpr std::array<std::string_view, 12> kMonthsEs = {
      "enero", "febrero", "marzo",      "abril",   "mayo",      "junio",
      "julio", "agosto",  "septiembre", "octubre", "noviembre", "diciembre"};
  constexpr std::array<std::string_view, 7> kDaysEn = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};
  constexpr std::array<std::string_view, 12> kMonthsEn = {
      "January", "February", "March",     "April",   "May",      "June",
      "July",    "August",   "September", "October", "November", "December"};
  const Timestamp local = starts_at() + Duration::Minutes(event.venue().utc_offset_minutes());
  const std::string text = FormatTimestamp(local);  // "2026-11-22T19:30:00Z"
  const auto weekday = static_cast<size_t>((local.seconds() / 86'400 + 4) % 7);  // 1970: Thursday
  const auto month = static_cast<size_t>(std::stoi(text.substr(5, 2)) - 1);
  const std::string day = std::to_string(std::stoi(text.substr(8, 2)));
  const std::string year = text.substr(0, 4);
  const std::string time = text.substr(11, 5);
  if (language == "en") {
    return std::string(kDaysEn[weekday]) + " " + day + " " + std::string(kMonthsEn[month]) + " " +
           year + ", " + time;
  }
  return std::string(kDaysEs[weekday]) + " " + day + " de " + std::string(kMonthsEs[month]) +
         " de " + year + ", " + time;
}

}  // namespace ticketing
