#include "ticketing/notification/template.h"

#include "ticketing/testing/matchers.h"

namespace ticketing::notification {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

StatusOr<std::string> Text(std::string_view text, const TemplateData& data) {
  return RenderTemplate(text, data, TemplateFormat::kText);
}

TEST(Template, ValuesAreEscapedForTheirFormat) {
  const TemplateData data{.values = {{"x", "<b>\"Tom\" & 'Ana'</b>\r\nBcc: a@b.mx"}}};
  EXPECT_THAT(Text("{{x}}", data), IsOkAndHolds("<b>\"Tom\" & 'Ana'</b>\r\nBcc: a@b.mx"));
  EXPECT_THAT(
      RenderTemplate("{{ x }}", data, TemplateFormat::kHtml),
      IsOkAndHolds("&lt;b&gt;&quot;Tom&quot; &amp; &#39;Ana&#39;&lt;/b&gt;\r\nBcc: a@b.mx"));
  EXPECT_THAT(RenderTemplate("{{x}}", data, TemplateFormat::kSubject),
              IsOkAndHolds("<b>\"Tom\" & 'Ana'</b>  Bcc: a@b.mx"));
}

TEST(Template, ValuesAreNotTemplates) {
  EXPECT_THAT(Text("{{x}}", {.values = {{"x", "{{y}}"}, {"y", "secret"}}}), IsOkAndHolds("{{y}}"));
}

TEST(Template, SectionsRepeatAndLookOutwards) {
  const TemplateData data{
      .values = {{"unit", "MXN"}, {"n", "outer"}},
      .lists = {{"items", {{.values = {{"n", "1"}}}, {.values = {{"n", "2"}}}, {}}}, {"none", {}}}};
  EXPECT_THAT(Text("{{#items}}[{{n}} {{unit}}]{{/items}}", data),
              IsOkAndHolds("[1 MXN][2 MXN][outer MXN]"));
  EXPECT_THAT(
      Text("{{#none}}{{unknown}}{{/none}}{{^none}}empty{{/none}}{{^items}}no{{/items}}", data),
      IsOkAndHolds("empty"));
  EXPECT_THAT(Text("{{#missing}}x{{/missing}}{{^missing}}y{{/missing}}", data), IsOkAndHolds("y"));
}

TEST(Template, TagsAloneOnALineTakeTheLine) {
  const TemplateData data{.lists = {{"a", {{.values = {{"n", "1"}}}, {.values = {{"n", "2"}}}}}}};
  EXPECT_THAT(Text("begin\n  {{#a}}  \n- {{n}}\n{{/a}}\n{{! note }}\nend", data),
              IsOkAndHolds("begin\n- 1\n- 2\nend"));
  EXPECT_THAT(Text("{{#a}}\n{{n}}\n{{/a}}", data), IsOkAndHolds("1\n2\n"));
  EXPECT_THAT(Text("x {{#a}}\n{{n}}{{/a}}", data), IsOkAndHolds("x \n1\n2"));
}

TEST(Template, MalformedIsRefused) {
  const TemplateData data{.values = {{"x", "1"}}};
  for (const char* bad : {"{{x", "{{#a}}", "{{/a}}", "{{#a}}{{/b}}", "{{#a}}{{#b}}{{/a}}{{/b}}",
                          "{{}}", "{{# }}{{/ }}", "{{unknown}}"}) {
    EXPECT_THAT(Text(bad, data), HasCode(ErrorCode::kInvalidField)) << bad;
  }
  std::string deep;
  for (int i = 0; i < 100; ++i) deep.append("{{#a}}");
  for (int i = 0; i < 100; ++i) deep.append("{{/a}}");
  EXPECT_THAT(Text(deep, data), HasCode(ErrorCode::kInvalidField));
}

OrderConfirmation Order() {
  const Currency mxn = Currency::Mxn();
  return {.customer_name = "Ana <Gómez>",
          .order_id = "ord_0W2K9Q7ZC4T1A",
          .event_name = "Bravos & Pumas",
          .venue_name = "Estadio Olímpico",
          .date_text = "sábado 28 de noviembre de 2026, 19:00 h",
          .tickets = {{"104", "F", "23", "4", "Preferente", {65000, mxn}},
                      {"General Sur", "", "", "9", "General", {25000, mxn}}},
          .charges = {4500, mxn},
          .total = {94500, mxn},
          .order_url = "https://boletos.example.mx/o?a=1&b=2"};
}

StatusOr<RenderedMessage> Render(const OrderConfirmation& order, Language language) {
  return RenderMessage("order_confirmation", language, OrderConfirmationData(order, language));
}

TEST(OrderConfirmationMail, SaysEverythingInSpanish) {
  ASSERT_OK_AND_ASSIGN(const RenderedMessage mail, Render(Order(), Language::kSpanish));
  EXPECT_EQ(mail.subject, "Tus boletos para Bravos & Pumas");
  for (const char* part :
       {"Hola Ana <Gómez>:", "Bravos & Pumas", "Estadio Olímpico", "sábado 28 de noviembre de 2026",
        "Sección 104 · Fila F · Asiento 23", "Preferente · Puerta 4 · 650.00 MXN",
        "Sección General Sur\n", "Cargos e impuestos: 45.00 MXN", "Total: 945.00 MXN",
        "ord_0W2K9Q7ZC4T1A", "https://boletos.example.mx/o?a=1&b=2"}) {
    EXPECT_THAT(mail.text, HasSubstr(part));
  }
  EXPECT_THAT(mail.html, HasSubstr("Hola Ana &lt;Gómez&gt;:"));
  EXPECT_THAT(mail.html, HasSubstr("Bravos &amp; Pumas"));
  EXPECT_THAT(mail.html, HasSubstr("href=\"https://boletos.example.mx/o?a=1&amp;b=2\""));
  EXPECT_THAT(mail.html, HasSubstr("<html lang=\"es\">"));
}

TEST(OrderConfirmationMail, SaysEverythingInEnglish) {
  ASSERT_OK_AND_ASSIGN(const RenderedMessage mail, Render(Order(), Language::kEnglish));
  EXPECT_EQ(mail.subject, "Your tickets for Bravos & Pumas");
  EXPECT_THAT(mail.text, HasSubstr("Section 104 · Row F · Seat 23"));
  EXPECT_THAT(mail.text, HasSubstr("Gate 4"));
  EXPECT_THAT(mail.html, HasSubstr("Your purchase is confirmed."));
}

TEST(OrderConfirmationMail, EmptyPartsAreLeftOut) {
  OrderConfirmation order = Order();
  order.charges = {0, Currency::Mxn()};
  order.order_url.clear();
  ASSERT_OK_AND_ASSIGN(const RenderedMessage mail, Render(order, Language::kSpanish));
  EXPECT_THAT(mail.text + mail.html, Not(HasSubstr("Cargos")));
  EXPECT_THAT(mail.text + mail.html, Not(HasSubstr("Ver mi pedido")));
}

TEST(OrderConfirmationMail, OnlyWebLinksAreLinks) {
  OrderConfirmation order = Order();
  order.order_url = "javascript:alert(1)";
  ASSERT_OK_AND_ASSIGN(const RenderedMessage mail, Render(order, Language::kEnglish));
  EXPECT_THAT(mail.html, Not(HasSubstr("javascript")));
}

TEST(Messages, EveryTemplateRendersInEveryLanguage) {
  const OrderConfirmation order = Order();
  for (const std::string_view name : TemplateNames()) {
    for (const Language language : {Language::kSpanish, Language::kEnglish}) {
      ASSERT_OK_AND_ASSIGN(const RenderedMessage mail,
                           RenderMessage(name, language, OrderConfirmationData(order, language)));
      EXPECT_FALSE(mail.subject.empty());
      EXPECT_THAT(mail.html + mail.text, Not(HasSubstr("{{"))) << name;
    }
  }
  EXPECT_THAT(RenderMessage("nothing", Language::kSpanish, {}), HasCode(ErrorCode::kInvalidField));
}

TEST(Language, TagsAndDates) {
  EXPECT_EQ(LanguageOf("es-MX"), Language::kSpanish);
  EXPECT_EQ(LanguageOf(""), Language::kSpanish);
  EXPECT_EQ(LanguageOf("est"), Language::kEnglish);
  EXPECT_EQ(LanguageOf("en"), Language::kEnglish);
  const Timestamp time = *ParseTimestamp("2026-11-29T01:05:00Z");
  EXPECT_EQ(FormatLocalDate(time, -360, Language::kSpanish),
            "sábado 28 de noviembre de 2026, 19:05 h");
  EXPECT_EQ(FormatLocalDate(time, -360, Language::kEnglish),
            "Saturday, November 28, 2026, 7:05 PM");
  EXPECT_EQ(FormatLocalDate(*ParseTimestamp("2027-01-01T00:30:00Z"), 0, Language::kEnglish),
            "Friday, January 1, 2027, 12:30 AM");
}

}  // namespace
}  // namespace ticketing::notification
