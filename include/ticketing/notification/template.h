// Texts with holes: a logic-less subset of Mustache (https://mustache.github.io/mustache.5.html),
// so that a template can never do more than name values.
//
//   {{name}}                the value, escaped for the format      {{#list}}...{{/list}}  once per
//   item
//   {{^list}}...{{/list}}   when the list is empty or missing      {{! comment}}
//
// A name is looked up in the innermost item first, then outwards. In Html a value is escaped for
// element content and quoted attributes. In a Subject line breaks and control characters become
// spaces. There is no unescaped form.
#ifndef TICKETING_NOTIFICATION_TEMPLATE_H_
#define TICKETING_NOTIFICATION_TEMPLATE_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/money.h"
#include "ticketing/base/status.h"
#include "ticketing/notification/language.h"

namespace ticketing::notification {

struct TemplateData {
  std::map<std::string, std::string> values;
  std::map<std::string, std::vector<TemplateData>> lists;
};

enum class TemplateFormat { kText, kHtml, kSubject };

// Errors: kInvalidField (naming "template") for a tag that is not closed or closes another, nesting
// deeper than 8, and a name that no value has.
StatusOr<std::string> RenderTemplate(std::string_view text, const TemplateData& data,
                                     TemplateFormat format);

// What a mail says, in each of its forms.
struct RenderedMessage {
  std::string subject;
  std::string text;  // LF line ends
  std::string html;
};

// Renders a message the project knows, by name ("order_confirmation") and language. Errors:
// kInvalidField naming "template" for an unknown name, and those of RenderTemplate.
StatusOr<RenderedMessage> RenderMessage(std::string_view name, Language language,
                                        const TemplateData& data);

// The names that RenderMessage knows, in order.
std::vector<std::string_view> TemplateNames();

// One ticket in a mail. Empty texts leave their part out.
struct TicketLine {
  std::string section;
  std::string row;
  std::string seat;
  std::string gate;
  std::string category;
  Money price;
};

// "Sección 101 · Fila F · Asiento 12", "Section 101 · Row F · Seat 12".
std::string SeatText(const TicketLine& line, Language language);

// What the confirmation of an order tells.
struct OrderConfirmation {
  std::string customer_name;
  std::string order_id;
  std::string event_name;
  std::string venue_name;
  std::string date_text;
  std::vector<TicketLine> tickets;
  Money charges;  // fees and taxes on top of the prices; zero leaves the line out
  Money total;
  std::string order_url;  // empty leaves the link out
};

// The data that the template "order_confirmation" expects.
TemplateData OrderConfirmationData(const OrderConfirmation& order, Language language);

}  // namespace ticketing::notification

#endif  // TICKETING_NOTIFICATION_TEMPLATE_H_
