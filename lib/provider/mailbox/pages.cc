#include "lib/provider/mailbox/pages.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "lib/provider/mailbox/mime_reader.h"
#include "ticketing/base/html.h"
#include "ticketing/base/limits.h"

namespace ticketing::mailbox {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kMessages = "/mailbox/messages";
constexpr std::string_view kStyle =
    "<style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 "
    "1rem;color:#17212b}"
    "h1{font-size:1.4rem}table{border-collapse:collapse;width:100%}th{text-align:left;color:#"
    "5e6b77;font-weight:600}"
    "td,th{padding:.45rem .6rem;border-bottom:1px solid #e3e8ec;vertical-align:top}a{color:#0b5f92}"
    "pre{white-space:pre-wrap;background:#f5f7f9;padding:1rem;border-radius:6px}"
    "iframe{width:100%;height:46rem;border:1px solid "
    "#e3e8ec;border-radius:6px}time{color:#5e6b77}</style>";

HttpResponse Respond(int status, std::string_view type, std::string body) {
  HttpResponse response{.status = status, .body = std::move(body)};
  response.headers.Set("Content-Type", type);
  response.headers.Set("Cache-Control", "no-store");
  response.headers.Set("X-Content-Type-Options", "nosniff");
  return response;
}

HttpResponse JsonPage(const Json& json, int status = 200,
                      std::string_view type = "application/json") {
  return Respond(status, type, json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

HttpResponse Problem(const Status& status) {
  const ErrorInfo& info = InfoOf(CodeOf(status));
  const bool hidden = info.http_status >= 500;
  return JsonPage({{"type", "about:blank"},
                   {"title", std::string(info.title)},
                   {"status", info.http_status},
                   {"code", std::string(info.slug)},
                   {"detail", std::string(hidden ? info.title : MessageOf(status))}},
                  info.http_status, "application/problem+json");
}

HttpResponse HtmlPage(std::string_view title, std::string_view body) {
  std::string page = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>";
  page.append(EscapeHtml(title)).append("</title>").append(kStyle).append("</head><body>");
  page.append(body).append("</body></html>\n");
  HttpResponse response = Respond(200, "text/html; charset=utf-8", std::move(page));
  // Mails come from anywhere: no scripts, nothing fetched from outside.
  response.headers.Set(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'");
  return response;
}

std::optional<int64_t> Number(std::string_view text) {
  int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::string Join(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out.append(out.empty() ? "" : ", ").append(text);
  return out;
}

Json Summary(const StoredMail& mail) {
  return {{"id", std::to_string(mail.id)},
          {"received_at", FormatTimestamp(mail.received_at)},
          {"from", mail.from},
          {"to", mail.to},
          {"subject", mail.subject},
          {"size", mail.size}};
}

StatusOr<std::string> QueryValue(const HttpRequest& request, std::string_view name) {
  const auto pairs = ParseQuery(request.query());
  if (!pairs) return MakeError(ErrorCode::kBadSyntax, "The query is malformed.");
  for (const auto& [key, value] : *pairs) {
    if (key == name) return value;
  }
  return std::string();
}

StatusOr<HttpResponse> ListJson(Store& store, const HttpRequest& request) {
  TICKETING_ASSIGN_OR_RETURN(const std::string to, QueryValue(request, "to"));
  TICKETING_ASSIGN_OR_RETURN(const auto mails, store.List(to, limits::kPageItemsMax));
  Json list = Json::array();
  for (const StoredMail& mail : mails) list.push_back(Summary(mail));
  return JsonPage({{"messages", std::move(list)}});
}

StatusOr<HttpResponse> ListPage(Store& store) {
  TICKETING_ASSIGN_OR_RETURN(const auto mails, store.List("", limits::kPageItemsMax));
  std::string body = "<h1>Mailbox</h1>";
  if (mails.empty()) return HtmlPage("Mailbox", body + "<p>No mail has arrived yet.</p>");
  body.append("<table><thead><tr><th>Received</th><th>To</th><th>Subject</th></tr></thead><tbody>");
  for (const StoredMail& mail : mails) {
    body.append("<tr><td><time>")
        .append(FormatTimestamp(mail.received_at))
        .append("</time></td><td>");
    body.append(EscapeHtml(Join(mail.to))).append("</td><td><a href=\"/mailbox/");
    body.append(std::to_string(mail.id)).append("\">");
    body.append(EscapeHtml(mail.subject.empty() ? "(no subject)" : mail.subject))
        .append("</a></td></tr>");
  }
  return HtmlPage("Mailbox", body.append("</tbody></table>"));
}

std::string MessagePath(int64_t id) {
  return std::string(kMessages) + "/" + std::to_string(id);
}

StatusOr<HttpResponse> OnePage(Store& store, int64_t id) {
  TICKETING_ASSIGN_OR_RETURN(const StoredMail mail, store.Get(id));
  const ParsedMail parsed = ParseMail(mail.raw);
  std::string body = "<p><a href=\"/mailbox\">Mailbox</a></p><h1>";
  body.append(EscapeHtml(mail.subject.empty() ? "(no subject)" : mail.subject))
      .append("</h1><table>");
  for (const char* name : {"From", "To", "Date"}) {
    body.append("<tr><th>").append(name).append("</th><td>");
    body.append(EscapeHtml(parsed.Header(name))).append("</td></tr>");
  }
  body.append("</table>");
  for (size_t i = 0; i < parsed.attachments.size(); ++i) {
    const ParsedAttachment& file = parsed.attachments[i];
    body.append("<p>&#128206; <a href=\"").append(MessagePath(id)).append("/attachments/");
    body.append(std::to_string(i)).append("\">");
    body.append(EscapeHtml(file.file_name.empty() ? "attachment" : file.file_name))
        .append("</a> (");
    body.append(std::to_string(file.bytes.size())).append(" bytes)</p>");
  }
  if (!parsed.html.empty()) {
    // A sandbox without any permission: the mail can neither run scripts nor reach this page.
    body.append("<iframe sandbox title=\"Message\" srcdoc=\"").append(EscapeHtml(parsed.html));
    body.append("\"></iframe>");
  }
  body.append("<pre>").append(EscapeHtml(parsed.text)).append("</pre><p><a href=\"");
  body.append(MessagePath(id)).append("/raw\">Source</a></p>");
  return HtmlPage(mail.subject, body);
}

StatusOr<HttpResponse> OneJson(Store& store, int64_t id) {
  TICKETING_ASSIGN_OR_RETURN(const StoredMail mail, store.Get(id));
  const ParsedMail parsed = ParseMail(mail.raw);
  Json out = Summary(mail);
  out["headers"] = Json::array();
  for (const auto& [name, value] : parsed.headers) {
    out["headers"].push_back({{"name", name}, {"value", value}});
  }
  out["text"] = parsed.text;
  out["html"] = parsed.html;
  out["attachments"] = Json::array();
  for (size_t i = 0; i < parsed.attachments.size(); ++i) {
    const ParsedAttachment& file = parsed.attachments[i];
    out["attachments"].push_back({{"index", i},
                                  {"file_name", file.file_name},
                                  {"content_type", file.content_type},
                                  {"size", file.bytes.size()},
                                  {"url", MessagePath(id) + "/attachments/" + std::to_string(i)}});
  }
  return JsonPage(out);
}

Status NoSuchPage() {
  return MakeError(ErrorCode::kNotFound, "There is nothing at this address.");
}

// A media type of a foreign mail, made harmless for a header; HTML is never served as HTML.
std::string SafeType(const std::string& type) {
  const bool token = !type.empty() && std::all_of(type.begin(), type.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '.' || c == '+' ||
           c == '-';
  });
  const bool shown = type == "application/pdf" || type == "image/png" || type == "image/jpeg";
  return token && shown ? type : "application/octet-stream";
}

StatusOr<HttpResponse> Attachment(Store& store, int64_t id, int64_t index) {
  TICKETING_ASSIGN_OR_RETURN(const StoredMail mail, store.Get(id));
  ParsedMail parsed = ParseMail(mail.raw);
  if (index < 0 || index >= static_cast<int64_t>(parsed.attachments.size())) return NoSuchPage();
  ParsedAttachment& file = parsed.attachments[static_cast<size_t>(index)];
  HttpResponse response = Respond(200, SafeType(file.content_type), std::move(file.bytes));
  response.headers.Set("Content-Disposition",
                       "inline; filename*=UTF-8''" + PercentEncode(file.file_name));
  return response;
}

StatusOr<HttpResponse> Route(Store& store, const HttpRequest& request) {
  if (request.method != "GET" && request.method != "HEAD") {
    return MakeError(ErrorCode::kMethodNotAllowed, "The mailbox can only be read.");
  }
  std::string_view path = request.path();
  if (path == "/mailbox" || path == "/mailbox/") return ListPage(store);
  if (path == kMessages) return ListJson(store, request);
  constexpr std::string_view kRoot = "/mailbox/";
  if (!path.starts_with(std::string(kMessages) + "/")) {
    const auto id = path.starts_with(kRoot) ? Number(path.substr(kRoot.size())) : std::nullopt;
    return id ? OnePage(store, *id) : StatusOr<HttpResponse>(NoSuchPage());
  }
  path.remove_prefix(kMessages.size() + 1);
  const size_t slash = std::min(path.find('/'), path.size());
  const auto id = Number(path.substr(0, slash));
  path.remove_prefix(slash);
  if (!id) return NoSuchPage();
  if (path.empty()) return OneJson(store, *id);
  if (path == "/raw") {
    TICKETING_ASSIGN_OR_RETURN(StoredMail mail, store.Get(*id));
    HttpResponse response = Respond(200, "message/rfc822", std::move(mail.raw));
    response.headers.Set("Content-Disposition", "attachment; filename=\"message.eml\"");
    return response;
  }
  constexpr std::string_view kAttachments = "/attachments/";
  if (!path.starts_with(kAttachments)) return NoSuchPage();
  const auto index = Number(path.substr(kAttachments.size()));
  if (!index) return NoSuchPage();
  return Attachment(store, *id, *index);
}

}  // namespace

HttpResponse AnswerPage(Store& store, const HttpRequest& request) {
  StatusOr<HttpResponse> response = Route(store, request);
  return response.ok() ? *std::move(response) : Problem(response.status());
}

}  // namespace ticketing::mailbox
