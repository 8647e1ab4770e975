#include "lib/notification/messages.h"

namespace ticketing::notification {
namespace {

constexpr Phrase kPhrases[] = {
    {"lang", "es", "en"},
    {"hello", "Hola", "Hello"},
    {"your_tickets", "Tus boletos", "Your tickets"},
    {"for", "para", "for"},
    {"order", "Pedido", "Order"},
    {"confirmed", "Tu compra está confirmada.", "Your purchase is confirmed."},
    {"attached",
     "Adjuntamos un PDF por boleto. Puedes imprimirlo o mostrar el código desde el teléfono; cada "
     "código "
     "abre la puerta una sola vez.",
     "There is one PDF per ticket attached. Print it or show the code on your phone; each code "
     "opens the "
     "gate once."},
    {"gate", "Puerta", "Gate"},
    {"charges", "Cargos e impuestos", "Fees and taxes"},
    {"total", "Total", "Total"},
    {"see_order", "Ver mi pedido", "See my order"},
    {"secret", "No compartas ni publiques tus códigos: quien llega primero con uno, entra.",
     "Do not share or post your codes: whoever comes first with one gets in."},
    {"automatic",
     "Este mensaje se envió automáticamente porque hiciste una compra o creaste una cuenta.",
     "This message was sent automatically because you bought something or made an account."},
    {"welcome_subject", "Tu cuenta está lista", "Your account is ready"},
    {"welcome",
     "Tu cuenta está lista. Con ella verás tus pedidos y boletos en cualquier dispositivo.",
     "Your account is ready. It shows your orders and tickets on any device."},
    {"released_subject", "Liberamos tus lugares", "Your seats were released"},
    {"released",
     "No recibimos el pago a tiempo, así que liberamos los lugares de este pedido. Si pagaste de "
     "todos "
     "modos, el pago no se pierde: te asignamos lugares otra vez o te lo devolvemos.",
     "The payment did not arrive in time, so the seats of this order were released. If you paid "
     "all the "
     "same, nothing is lost: you get seats again or your money back."},
};

constexpr std::string_view kFrameHead =
    R"(<!DOCTYPE html>
<html lang="{{t.lang}}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"></head>
<body style="margin:0;padding:24px 12px;background:#eef1f4;color:#17212b;font-family:Helvetica,Arial,sans-serif">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" style="max-width:600px;width:100%;background:#ffffff;border-radius:10px">
)";

constexpr std::string_view kFrameFoot =
    R"(<tr><td style="padding:18px 32px 26px;color:#6b7783;font-size:12px;line-height:18px;border-top:1px solid #e3e8ec">
{{t.automatic}}
</td></tr></table></td></tr></table></body></html>
)";

constexpr std::string_view kOrderText = R"({{t.hello}} {{customer_name}}:

{{t.confirmed}}

  {{event_name}}
  {{venue_name}}
  {{date_text}}

{{t.order}} {{order_id}}

{{#tickets}}
  * {{seat}}
    {{category}} · {{t.gate}} {{gate}} · {{price}}
{{/tickets}}

{{#charges}}
  {{t.charges}}: {{amount}}
{{/charges}}
  {{t.total}}: {{total}}

{{t.attached}}
{{t.secret}}
{{#links}}

{{t.see_order}}: {{url}}
{{/links}}

--
{{t.automatic}}
)";

constexpr std::string_view kOrderHtml =
    R"(<tr><td style="background:#0b3d5c;color:#ffffff;padding:26px 32px;border-radius:10px 10px 0 0">
<div style="font-size:13px;letter-spacing:1px;text-transform:uppercase;color:#9fd0ea">{{t.your_tickets}}</div>
<div style="font-size:26px;line-height:32px;font-weight:bold;padding-top:6px">{{event_name}}</div>
<div style="font-size:15px;line-height:22px;padding-top:6px">{{venue_name}}<br>{{date_text}}</div>
</td></tr>
<tr><td style="padding:24px 32px 8px;font-size:15px;line-height:23px">
<p style="margin:0 0 12px">{{t.hello}} {{customer_name}}:</p>
<p style="margin:0 0 12px"><strong>{{t.confirmed}}</strong> {{t.attached}}</p>
</td></tr>
<tr><td style="padding:0 32px 8px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="font-size:15px;border-collapse:collapse">
{{#tickets}}
<tr><td style="padding:12px 0;border-bottom:1px solid #e3e8ec"><strong>{{seat}}</strong><br><span style="color:#4b5763;font-size:13px">{{category}} &middot; {{t.gate}} {{gate}}</span></td>
<td align="right" style="padding:12px 0;border-bottom:1px solid #e3e8ec;white-space:nowrap">{{price}}</td></tr>
{{/tickets}}
{{#charges}}
<tr><td style="padding:8px 0 0;color:#4b5763">{{t.charges}}</td><td align="right" style="padding:8px 0 0;color:#4b5763">{{amount}}</td></tr>
{{/charges}}
<tr><td style="padding:12px 0;font-size:18px"><strong>{{t.total}}</strong></td><td align="right" style="padding:12px 0;font-size:18px;white-space:nowrap"><strong>{{total}}</strong></td></tr>
</table></td></tr>
{{#links}}
<tr><td style="padding:4px 32px 16px"><a href="{{url}}" style="display:inline-block;background:#0b3d5c;color:#ffffff;text-decoration:none;padding:12px 22px;border-radius:6px;font-weight:bold">{{t.see_order}}</a></td></tr>
{{/links}}
<tr><td style="padding:4px 32px 22px;font-size:13px;line-height:20px;color:#4b5763">{{t.order}} {{order_id}}<br>{{t.secret}}</td></tr>
)";

constexpr std::string_view kWelcomeText = R"({{t.hello}} {{customer_name}}:

{{t.welcome}}

--
{{t.automatic}}
)";

constexpr std::string_view kWelcomeHtml =
    R"(<tr><td style="padding:30px 32px 22px;font-size:15px;line-height:23px">
<p style="margin:0 0 12px">{{t.hello}} {{customer_name}}:</p><p style="margin:0">{{t.welcome}}</p></td></tr>
)";

constexpr std::string_view kReleasedText = R"({{t.hello}} {{customer_name}}:

{{t.released}}

  {{event_name}}
  {{t.order}} {{order_id}}

--
{{t.automatic}}
)";

constexpr std::string_view kReleasedHtml =
    R"(<tr><td style="padding:30px 32px 22px;font-size:15px;line-height:23px">
<p style="margin:0 0 12px">{{t.hello}} {{customer_name}}:</p><p style="margin:0 0 12px">{{t.released}}</p>
<p style="margin:0"><strong>{{event_name}}</strong><br>{{t.order}} {{order_id}}</p></td></tr>
)";

constexpr MessageTemplate kTemplates[] = {
    {"account_welcome", "{{t.welcome_subject}}", kWelcomeText, kWelcomeHtml},
    {"order_confirmation", "{{t.your_tickets}} {{t.for}} {{event_name}}", kOrderText, kOrderHtml},
    {"order_released", "{{t.released_subject}}: {{event_name}}", kReleasedText, kReleasedHtml},
};

}  // namespace

std::span<const MessageTemplate> MessageTemplates() {
  return kTemplates;
}
std::span<const Phrase> Phrases() {
  return kPhrases;
}
std::string_view HtmlFrameHead() {
  return kFrameHead;
}
std::string_view HtmlFrameFoot() {
  return kFrameFoot;
}

}  // namespace ticketing::notification
