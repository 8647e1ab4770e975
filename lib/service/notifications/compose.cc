#include "lib/service/notifications/compose.h"

#include <map>

#include "lib/wire/convert.h"
#include "ticketing/notification/mime.h"
#include "ticketing/notification/template.h"
#include "ticketing/v1/notifications.pb.h"

namespace ticketing {
namespace {

using notification::Language;

// Names come from people: a line break in one becomes a space instead of a mail that cannot be
// sent.
std::string OneLine(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return out;
}

// "boleto-104-F-23.pdf": letters, digits and what is safe in a file name on every system; numbered
// when a mail has several of one name.
std::string FileName(const v1::TicketPage& ticket, Language language,
                     std::map<std::string, int>& used) {
  std::string name = language == Language::kSpanish ? "boleto" : "ticket";
  for (const std::string& part : {ticket.section(), ticket.row(), ticket.seat()}) {
    if (part.empty()) continue;
    name.push_back('-');
    for (const char c : part.substr(0, 30)) {
      const auto byte = static_cast<unsigned char>(c);
      const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (plain) {
        name.push_back(c);
      } else if (byte < 0x80 && !name.ends_with('-')) {
        name.push_back('-');
      }
    }
  }
  const int number = ++used[name];
  if (number > 1) name.append("-" + std::to_string(number));
  return name.append(".pdf");
}

StatusOr<Money> MoneyOrNone(bool given, const v1::Money& money, std::string_view field) {
  if (!given) return Money{};
  return wire::MoneyOf(money, field);
}

// What the prices leave of the total: fees and taxes. None when they cannot be compared.
Money ChargesOf(const std::vector<notification::TicketLine>& tickets, Money total) {
  Money rest = total;
  for (const notification::TicketLine& line : tickets) {
    const auto less = Subtract(rest, line.price);
    if (!less.ok()) return Money{};
    rest = *less;
  }
  return rest.minor > 0 ? rest : Money{};
}

StatusOr<notification::OrderConfirmation> ConfirmationOf(const v1::CreateMessageRequest& request,
                                                         const NotificationsOptions& options) {
  notification::OrderConfirmation order{
      .customer_name =
          OneLine(request.to().name().empty() ? request.to().email() : request.to().name()),
      .order_id = request.order_id(),
      .event_name = request.event_name(),
      .venue_name = request.venue_name(),
      .date_text = request.starts_at_text()};
  for (const v1::TicketPage& ticket : request.tickets()) {
    TICKETING_ASSIGN_OR_RETURN(const Money price,
                               MoneyOrNone(ticket.has_price(), ticket.price(), "tickets.price"));
    order.tickets.push_back(
        {.section = ticket.section().empty() ? ticket.label() : ticket.section(),
         .row = ticket.row(),
         .seat = ticket.seat(),
         .gate = ticket.gate(),
         .category = ticket.category(),
         .price = price});
  }
  TICKETING_ASSIGN_OR_RETURN(order.total,
                             MoneyOrNone(request.has_total(), request.total(), "total"));
  order.charges = ChargesOf(order.tickets, order.total);
  if (!options.public_url.empty() && !order.order_id.empty()) {
    std::string_view base = options.public_url;
    if (base.ends_with('/')) base.remove_suffix(1);
    // client-web keeps its place behind the '#'.
    order.order_url = std::string(base) + "/#/orders/" + order.order_id;
  }
  return order;
}

std::string HostOf(const NotificationsOptions& options) {
  if (!options.message_id_host.empty()) return options.message_id_host;
  return options.from_address.substr(options.from_address.find('@') + 1);
}

}  // namespace

StatusOr<notification::TicketPage> PageOf(const v1::TicketPage& ticket, Language language) {
  notification::TicketPage page{
      .event_name = ticket.event_name(),
      .venue_name = ticket.venue_name(),
      .date_text = ticket.starts_at_text(),
      .gate = ticket.gate(),
      .section = ticket.section().empty() ? ticket.label() : ticket.section(),
      .row = ticket.row(),
      .seat = ticket.seat(),
      .category = ticket.category(),
      .holder_name = ticket.holder(),
      .order_id = ticket.order_id(),
      .ticket_id = ticket.ticket_id(),
      .code_text = ticket.code(),
      .language = language};
  TICKETING_ASSIGN_OR_RETURN(page.price,
                             MoneyOrNone(ticket.has_price(), ticket.price(), "tickets.price"));
  return page;
}

StatusOr<ComposedMail> ComposeMail(const v1::CreateMessageRequest& request, MessageId id,
                                   Timestamp created_at, const NotificationsOptions& options,
                                   notification::TicketDocument& documents) {
  const Language language = notification::LanguageOf(request.language());
  TICKETING_ASSIGN_OR_RETURN(const notification::OrderConfirmation order,
                             ConfirmationOf(request, options));
  TICKETING_ASSIGN_OR_RETURN(
      notification::RenderedMessage texts,
      notification::RenderMessage(request.template_(), language,
                                  notification::OrderConfirmationData(order, language)));
  notification::MailMessage mail{
      .from = {options.from_name, options.from_address},
      .to = {{OneLine(request.to().name()), request.to().email()}},
      .subject = std::move(texts.subject),
      .text = std::move(texts.text),
      .html = std::move(texts.html),
      .date = created_at,
      .message_id = id.ToString() + "@" + HostOf(options),
      .headers = {{"Auto-Submitted", "auto-generated"},
                  {"Content-Language", std::string(notification::LanguageTag(language))}}};
  std::map<std::string, int> used;
  for (const v1::TicketPage& ticket : request.tickets()) {
    TICKETING_ASSIGN_OR_RETURN(const notification::TicketPage page, PageOf(ticket, language));
    TICKETING_ASSIGN_OR_RETURN(std::string pdf, documents.RenderPdf(page));
    mail.attachments.push_back(
        {FileName(ticket, language, used), "application/pdf", std::move(pdf)});
  }
  ComposedMail composed{.envelope = {options.from_address, {request.to().email()}}};
  TICKETING_ASSIGN_OR_RETURN(composed.bytes, notification::BuildMime(mail));
  return composed;
}

}  // namespace ticketing
