#include "servers/platform/start_page.h"

#include "servers/common/web_site.h"
#include "ticketing/base/html.h"
#include "ticketing/version.h"

namespace ticketing {
namespace {

constexpr char kStyle[] = R"(
:root { color-scheme: light dark; --ink: #14213d; --soft: #5b6478; --line: #d9dee8;
  --card: #ffffff; --ground: #f3f5f9; --mark: #0b6e4f; }
@media (prefers-color-scheme: dark) { :root { --ink: #eef1f7; --soft: #a7b0c2; --line: #323a4b;
  --card: #1b2231; --ground: #11161f; --mark: #5fd3a8; } }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 2rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .75rem; }
.about { color: var(--soft); margin: .25rem 0 0; }
.cards { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  padding: 1rem 1.1rem; text-decoration: none; color: inherit; display: block; }
.card:hover, .card:focus-visible { border-color: var(--mark); outline: 2px solid var(--mark);
  outline-offset: 1px; }
.card strong { color: var(--mark); } .card span { display: block; color: var(--soft);
  font-size: .9rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; background: var(--card); border: 1px solid var(--line);
  border-radius: .75rem; }
th, td { text-align: left; padding: .5rem 1rem; border-bottom: 1px solid var(--line); }
code { font-size: .95em; }
)";

void AddCards(std::string& html, const std::string& title, const std::vector<StartLink>& links) {
  if (links.empty()) return;
  html += "<h2>" + EscapeHtml(title) + "</h2><div class=\"cards\">";
  for (const StartLink& link : links) {
    html += "<a class=\"card\" href=\"" + EscapeHtml(link.address) + "\"><strong>" +
            EscapeHtml(link.title) + "</strong><span>" + EscapeHtml(link.about) + "</span><span>" +
            EscapeHtml(link.address) + "</span></a>";
  }
  html += "</div>";
}

void AddLogins(std::string& html, const std::vector<StartLogin>& logins) {
  if (logins.empty()) return;
  html +=
      "<h2>Log-ins of this demo</h2><table><tr><th>Who</th><th>Email</th><th>Password</th></tr>";
  for (const StartLogin& login : logins) {
    html += "<tr><td>" + EscapeHtml(login.who) + "</td><td><code>" + EscapeHtml(login.email) +
            "</code></td><td><code>" + EscapeHtml(login.password) + "</code></td></tr>";
  }
  html += "</table>";
}

}  // namespace

StartPage::StartPage(const StartPageContent& content) {
  html_ = std::string(
              "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
              "<title>Ticketing platform</title><style>") +
          kStyle +
          "</style></head><body><main><h1>Ticketing platform</h1><p "
          "class=\"about\">Version " TICKETING_VERSION ". Every API runs in this one process.</p>";
  AddCards(html_, "Clients", content.clients);
  AddCards(html_, "API documents", content.documents);
  AddCards(html_, "Operation", content.operation);
  AddLogins(html_, content.logins);
  html_ += "</main></body></html>";
}

HttpResponse StartPage::Handle(const HttpRequest& request) {
  if (request.path() == "/" && (request.method == "GET" || request.method == "HEAD"))
    return HtmlPage(html_);
  HttpResponse response =
      HtmlPage("<!doctype html><title>Not found</title><p>There is nothing at this address.");
  response.status = 404;
  return response;
}

}  // namespace ticketing
