// Sells one seat by hand: hold it, price it, make its ticket code, and check the code at the door.
#include <iostream>
#include <memory>
#include <utility>

#include "ticketing/pricing/quote.h"
#include "ticketing/seat/inventory.h"
#include "ticketing/token/ticket_code.h"

namespace {

ticketing::Status SellOneSeat() {
  ticketing::seat::Drawing hall{.name = "Hall", .focal_point = ticketing::seat::Point{0, 0}};
  hall.categories = {{"A", "Stalls", "#c8102e"}};
  hall.sections = {{.label = "1", .category = "A"}};
  hall.sections[0].rows = {{.label = "F", .seats = {{"1", {0, 900}}, {"2", {50, 900}}}}};
  TICKETING_ASSIGN_OR_RETURN(auto chart, ticketing::seat::Chart::Build(std::move(hall)));

  const auto now = ticketing::Timestamp::FromSeconds(1'795'375'800);
  ticketing::seat::Inventory seats(std::make_shared<const ticketing::seat::Chart>(chart));
  const ticketing::seat::Pick seats_wanted[] = {{*chart.Find("1-F-2")}};
  const auto hold =
      ticketing::seat::Step::ToHold({1}, seats_wanted, now + ticketing::Duration::Minutes(15));
  TICKETING_RETURN_IF_ERROR(seats.Apply(hold, now).status());

  const auto mxn = ticketing::Currency::Mxn();
  const ticketing::PriceList prices{.currency = mxn, .prices = {{"A", "", {85'000, mxn}}}};
  TICKETING_ASSIGN_OR_RETURN(auto quote, ticketing::MakeQuote(prices, {{{"1-F-2", "A", "", 1}}}));

  TICKETING_ASSIGN_OR_RETURN(auto key, ticketing::SigningKey::FromSeed(std::string(32, '7')));
  const std::string code =
      ticketing::IssueTicketCode({.key_id = 1, .event_number = 1, .ticket = {42}}, key);
  ticketing::KeyRing issuers;
  TICKETING_RETURN_IF_ERROR(issuers.Add(1, {key.public_key()}));
  TICKETING_ASSIGN_OR_RETURN(auto ticket, ticketing::VerifyTicketCode(code, issuers, now));

  std::cout << chart.object(seats_wanted[0].index).label << " is held, costs "
            << ticketing::FormatMoney(quote.total) << " and admits "
            << ticket.claims.ticket.ToString() << "\n";
  return ticketing::OkStatus();
}

}  // namespace

int main() {
  const ticketing::Status sold = SellOneSeat();
  if (!sold.ok()) std::cerr << ticketing::MessageOf(sold) << "\n";
  return sold.ok() ? 0 : 1;
}
