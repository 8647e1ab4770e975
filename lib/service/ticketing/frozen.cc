#include "lib/service/ticketing/frozen.h"

#include <algorithm>

#include "lib/wire/convert.h"
#include "ticketing/base/limits.h"
#include "ticketing/pricing/quote.h"

namespace ticketing {
namespace {

bool HasPrice(const EventInfo& event, std::string_view category, std::string_view type,
              Buyer buyer) {
  const CategoryPrice* price = FindPrice(event.prices, category, type);
  return price != nullptr && (buyer == Buyer::kStaff || !price->staff_only);
}

}  // namespace

StatusOr<v1::FrozenLines> Freeze(const EventInfo& event, std::span<const seat::Pick> picks,
                                 Buyer buyer, const SoldTypes& types) {
  QuoteRequest request;
  for (const seat::Pick& pick : picks) {
    const std::string& category = event.chart->category_of(pick.index).key;
    const std::string& type = types.Of(pick.index);
    if (!type.empty() && !HasPrice(event, category, type, buyer))
      return InvalidField(
          "ticket_type",
          std::string(type).append(" has no price in the category ").append(category));
    request.items.push_back({.object = event.chart->object(pick.index).label,
                             .category = category,
                             .ticket_type = type,
                             .quantity = pick.quantity});
  }
  TICKETING_ASSIGN_OR_RETURN(const Quote quote, MakeQuote(event.prices, request));
  v1::FrozenLines out;
  out.set_currency(std::string(event.prices.currency.code()));
  out.set_subtotal(quote.subtotal.minor);
  out.set_fees(quote.fees_total.minor);
  out.set_taxes(quote.tax_total.minor);
  out.set_total(quote.total.minor);
  for (size_t i = 0; i < quote.lines.size(); ++i) {
    const QuoteLine& line = quote.lines[i];
    v1::FrozenLine* frozen = out.add_lines();
    frozen->set_event(event.id.value);
    frozen->set_label(line.object);
    frozen->set_index(picks[i].index);
    frozen->set_quantity(line.quantity);
    frozen->set_category(line.category);
    frozen->set_ticket_type(line.ticket_type);
    frozen->set_unit_price(line.unit_price.minor);
    frozen->set_discount(line.discount.minor);
    frozen->set_fees(line.fees.minor);
    frozen->set_tax(line.tax.minor);
    frozen->set_total(line.total.minor);
    frozen->set_organizer_share(line.shares.organizer.minor);
    frozen->set_fee_share(line.shares.fees.minor);
  }
  return out;
}

Status CheckBuyer(Catalog& catalog, const v1::FrozenLines& lines, Buyer buyer) {
  if (buyer == Buyer::kStaff) return OkStatus();
  for (const v1::FrozenLine& line : lines.lines()) {
    if (line.ticket_type().empty()) continue;  // an ordinary price is everybody's
    TICKETING_ASSIGN_OR_RETURN(const auto event, catalog.Event(EventId{line.event()}));
    const CategoryPrice* price = FindPrice(event->prices, line.category(), line.ticket_type());
    if (price != nullptr && price->staff_only)
      return MakeError(ErrorCode::kPermissionDenied,
                       "Only staff sells at the price " + line.ticket_type() + ".");
  }
  return OkStatus();
}

Currency CurrencyOf(const v1::FrozenLines& lines) {
  return Currency::Parse(lines.currency()).value_or(Currency());
}

Money TotalOf(const v1::FrozenLines& lines) {
  return {lines.total(), CurrencyOf(lines)};
}

v1::Quote QuoteMessage(const v1::FrozenLines& lines) {
  const Currency currency = CurrencyOf(lines);
  v1::Quote quote;
  wire::SetMoney({lines.subtotal(), currency}, quote.mutable_subtotal());
  wire::SetMoney({lines.fees(), currency}, quote.mutable_fees());
  wire::SetMoney({lines.taxes(), currency}, quote.mutable_taxes());
  wire::SetMoney({lines.total(), currency}, quote.mutable_total());
  return quote;
}

Status Join(v1::FrozenLines& lines, const v1::FrozenLines& more) {
  if (lines.currency() != more.currency())
    return InvalidField("events", "must be of one currency to be bought together");
  lines.mutable_lines()->MergeFrom(more.lines());
  lines.set_subtotal(lines.subtotal() + more.subtotal());
  lines.set_fees(lines.fees() + more.fees());
  lines.set_taxes(lines.taxes() + more.taxes());
  lines.set_total(lines.total() + more.total());
  if (lines.total() > limits::kAmountMinorMax)
    return MakeError(ErrorCode::kAmountOverflow, "These seats together cost too much.");
  return OkStatus();
}

v1::HeldObject ObjectMessage(const EventInfo& event, const v1::FrozenLine& line,
                             Currency currency) {
  v1::HeldObject object;
  object.set_event_id(event.id.ToString());
  object.set_label(line.label());
  object.set_quantity(line.quantity());
  object.set_category(line.category());
  object.set_ticket_type(line.ticket_type());
  wire::SetMoney({line.unit_price(), currency}, object.mutable_price());
  // By its label: the number of an object is that of the chart of the day.
  const std::optional<uint32_t> index = event.chart->Find(line.label());
  if (!index) return object;
  object.set_index(*index);
  object.set_section(std::string(event.chart->section_label_of(*index)));
  object.set_row(std::string(event.chart->row_label_of(*index)));
  object.set_seat(std::string(event.chart->seat_label_of(*index)));
  object.set_zone(event.ZoneNameOf(*index));
  object.set_gate(event.GateNameOf(*index));
  return object;
}

std::vector<OrderLine> OrderLinesOf(const v1::FrozenLines& lines) {
  const Currency currency = CurrencyOf(lines);
  std::vector<OrderLine> out;
  for (const v1::FrozenLine& line : lines.lines()) {
    out.push_back({.event = EventId{line.event()},
                   .object = line.label(),
                   .object_index = line.index(),
                   .category = line.category(),
                   .ticket_type = line.ticket_type(),
                   .quantity = line.quantity(),
                   .unit_price = {line.unit_price(), currency},
                   .discount = {line.discount(), currency},
                   .fees = {line.fees(), currency},
                   .tax = {line.tax(), currency},
                   .total = {line.total(), currency},
                   .organizer_share = {line.organizer_share(), currency},
                   .fee_share = {line.fee_share(), currency}});
  }
  return out;
}

std::vector<EventId> EventsOf(const v1::FrozenLines& lines) {
  std::vector<EventId> events;
  for (const v1::FrozenLine& line : lines.lines()) {
    if (std::ranges::find(events, EventId{line.event()}) == events.end())
      events.push_back(EventId{line.event()});
  }
  return events;
}

}  // namespace ticketing
