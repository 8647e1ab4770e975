#include "lib/notification/messages.h"
#include "ticketing/notification/template.h"

namespace ticketing::notification {
namespace {

TemplateData WithPhrases(const TemplateData& data, Language language) {
  TemplateData out = data;
  for (const Phrase& phrase : Phrases()) {
    const std::string_view words = language == Language::kSpanish ? phrase.spanish : phrase.english;
    out.values["t." + std::string(phrase.key)] = words;
  }
  return out;
}

// The list form of an optional line: one item with one value, or nothing.
void AddOptional(TemplateData& data, const std::string& list, const std::string& name,
                 const std::string& value, bool wanted) {
  std::vector<TemplateData>& items = data.lists[list];
  if (wanted) items.push_back({.values = {{name, value}}});
}

}  // namespace

StatusOr<RenderedMessage> RenderMessage(std::string_view name, Language language,
                                        const TemplateData& data) {
  for (const MessageTemplate& message : MessageTemplates()) {
    if (message.name != name) continue;
    const TemplateData all = WithPhrases(data, language);
    RenderedMessage out;
    TICKETING_ASSIGN_OR_RETURN(out.subject,
                               RenderTemplate(message.subject, all, TemplateFormat::kSubject));
    TICKETING_ASSIGN_OR_RETURN(out.text, RenderTemplate(message.text, all, TemplateFormat::kText));
    std::string html(HtmlFrameHead());
    html.append(message.html_content).append(HtmlFrameFoot());
    TICKETING_ASSIGN_OR_RETURN(out.html, RenderTemplate(html, all, TemplateFormat::kHtml));
    return out;
  }
  return InvalidField("template", "there is no template of this name");
}

std::vector<std::string_view> TemplateNames() {
  std::vector<std::string_view> names;
  for (const MessageTemplate& message : MessageTemplates()) names.push_back(message.name);
  return names;
}

std::string SeatText(const TicketLine& line, Language language) {
  const bool spanish = language == Language::kSpanish;
  std::string out;
  const auto add = [&out](std::string_view label, const std::string& value) {
    if (value.empty()) return;
    if (!out.empty()) out.append(" · ");
    out.append(label).append(" ").append(value);
  };
  add(spanish ? "Sección" : "Section", line.section);
  add(spanish ? "Fila" : "Row", line.row);
  add(spanish ? "Asiento" : "Seat", line.seat);
  return out;
}

TemplateData OrderConfirmationData(const OrderConfirmation& order, Language language) {
  TemplateData data;
  data.values = {{"customer_name", order.customer_name}, {"order_id", order.order_id},
                 {"event_name", order.event_name},       {"venue_name", order.venue_name},
                 {"date_text", order.date_text},         {"total", FormatMoney(order.total)}};
  std::vector<TemplateData>& tickets = data.lists["tickets"];
  for (const TicketLine& line : order.tickets) {
    tickets.push_back({.values = {{"seat", SeatText(line, language)},
                                  {"gate", line.gate},
                                  {"category", line.category},
                                  {"price", FormatMoney(line.price)}}});
  }
  AddOptional(data, "charges", "amount", FormatMoney(order.charges), !order.charges.IsZero());
  // Only web links: a "javascript:" that came in through an order must not become clickable.
  const bool web =
      order.order_url.starts_with("https://") || order.order_url.starts_with("http://");
  AddOptional(data, "links", "url", order.order_url, web);
  return data;
}

}  // namespace ticketing::notification
