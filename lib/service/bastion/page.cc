#include "lib/service/bastion/page.h"

#include "ticketing/base/html.h"

namespace ticketing {
namespace {

// Large figures, few colours, one column on a phone; what needs somebody is red and says so in
// words.
constexpr char kStyle[] = R"(<style>
:root { color-scheme: light dark; --line: #8885; --soft: #8882; --bad: #c1121f; --good: #1a7f4b; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff6b6b; --good: #5fd39a; } }
* { box-sizing: border-box; }
body { font: 16px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.1rem; margin: 1.75rem 0 .5rem; }
nav { margin-left: auto; } a { color: inherit; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .6rem;
  margin: 1rem 0; }
.figures div { border: 1px solid var(--line); border-radius: .75rem; padding: .6rem .9rem; }
.figures b { display: block; font-size: 1.9rem; line-height: 1.15;
  font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
th { font-weight: 600; font-size: .85rem; opacity: .8; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.bad { color: var(--bad); font-weight: 700; } .good { color: var(--good); font-weight: 700; }
meter { width: 100%; min-width: 5rem; height: .9rem; vertical-align: middle; }
.quiet { opacity: .7; } 
form { display: flex; flex-wrap: wrap; gap: .5rem; margin: .5rem 0; }
input, select, button { font: inherit; padding: .5rem .7rem; }
.symbol svg { width: min(22rem, 90vw);
  height: auto; background: #fff; display: block; } code { overflow-wrap: anywhere; }
@media (max-width: 32rem) { body { padding: .75rem; } th, td { padding: .35rem .3rem; }
  td { font-size: .95rem; overflow-wrap: anywhere; } th { font-size: .78rem; }
  meter { min-width: 3rem; } }
</style>)";

}  // namespace

std::string PageHead(std::string_view title, std::string_view language, bool refresh) {
  std::string html =
      "<!doctype html><html lang=\"" + std::string(language) + "\"><head><meta charset=\"utf-8\">";
  if (refresh) html += "<meta http-equiv=\"refresh\" content=\"2\">";
  html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>" +
          EscapeHtml(title) + "</title>" + kStyle + "</head><body>";
  return html;
}

HttpResponse PageResponse(std::string_view type, std::string body, int status) {
  HttpResponse response;
  response.status = status;
  response.headers.Set("Content-Type", type);
  response.headers.Set("Content-Security-Policy",
                       "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
                       "base-uri 'none'; frame-ancestors 'none'");
  response.headers.Set("Cache-Control", "no-store");
  response.headers.Set("Referrer-Policy", "no-referrer");
  response.body = std::move(body);
  return response;
}

}  // namespace ticketing
