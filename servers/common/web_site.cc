#include "servers/common/web_site.h"

#include <algorithm>
#include <filesystem>

#include "ticketing/base/bytes.h"
#include "ticketing/crypto/hash.h"
#include "ticketing/system/files.h"

namespace ticketing {
namespace {

namespace fs = std::filesystem;

// Scripts and styles of our own only; WebAssembly for the SDK in the browser; inline styles because
// the viewers of others (API documents) cannot do without.
constexpr char kPolicy[] =
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; object-src 'none'; base-uri "
    "'none'; form-action 'self'; "
    "frame-ancestors 'none'";

std::string TypeOf(std::string_view path) {
  static const std::map<std::string, std::string, std::less<>> kTypes = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".wasm", "application/wasm"},
      {".txt", "text/plain; charset=utf-8"},
      {".map", "application/json"}};
  const size_t dot = path.rfind('.');
  const auto it = dot == std::string_view::npos ? kTypes.end() : kTypes.find(path.substr(dot));
  return it == kTypes.end() ? "application/octet-stream" : it->second;
}

HttpResponse Plain(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.headers.Set("Content-Type", "text/plain; charset=utf-8");
  response.body = std::move(body);
  return response;
}

}  // namespace

StatusOr<std::unique_ptr<StaticFiles>> StaticFiles::Load(const std::string& folder) {
  auto site = std::make_unique<StaticFiles>();
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (!it->is_regular_file(error)) continue;
    TICKETING_ASSIGN_OR_RETURN(std::string bytes, ReadFile(it->path().string()));
    File file;
    const std::string path = "/" + fs::relative(it->path(), folder).generic_string();
    file.type = TypeOf(path);
    file.etag = "\"" + Base64UrlEncode(Blake2b256(bytes)).substr(0, 22) + "\"";
    file.immutable = path.starts_with("/assets/");
    file.bytes = std::move(bytes);
    site->files_.emplace(path, std::move(file));
  }
  if (!site->files_.contains("/index.html")) {
    return MakeError(ErrorCode::kNotFound,
                     "There is no web client in " + folder + ": build it with `make web`.");
  }
  return site;
}

HttpResponse StaticFiles::Handle(const HttpRequest& request) {
  if (request.method != "GET" && request.method != "HEAD")
    return Plain(405, "Only GET and HEAD.\n");
  const std::optional<std::string> path = PercentDecode(request.path(), false);
  if (!path) return Plain(400, "This address cannot be read.\n");
  auto it = files_.find(*path);
  if (it == files_.end()) {
    const std::string_view last = std::string_view(*path).substr(path->rfind('/') + 1);
    if (last.find('.') != std::string_view::npos) return Plain(404, "There is no such file.\n");
    it = files_.find("/index.html");
  }
  const File& file = it->second;
  HttpResponse response;
  response.headers.Set("Content-Type", file.type);
  response.headers.Set("ETag", file.etag);
  response.headers.Set("Cache-Control",
                       file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.Set("Content-Security-Policy", kPolicy);
  response.headers.Set("X-Content-Type-Options", "nosniff");
  response.headers.Set("Referrer-Policy", "same-origin");
  if (request.headers.Get("If-None-Match") == std::string_view(file.etag)) {
    response.status = 304;
    return response;
  }
  response.body = file.bytes;
  return response;
}

void WebSite::Mount(std::string prefix, HttpHandler& part, bool strip_prefix) {
  parts_.push_back({std::move(prefix), &part, strip_prefix});
  std::ranges::stable_sort(
      parts_, [](const Part& a, const Part& b) { return a.prefix.size() > b.prefix.size(); });
}

HttpResponse WebSite::Handle(const HttpRequest& request) {
  const std::string_view path = request.path();
  for (const Part& part : parts_) {
    const bool folder = part.prefix.ends_with('/');
    const bool fits = folder ? path.starts_with(part.prefix)
                             : path == part.prefix || path.starts_with(part.prefix + "/");
    if (!fits) continue;
    if (!part.strip) return part.handler->Handle(request);
    HttpRequest inner = request;
    inner.target = request.target.substr(part.prefix.size() - (folder ? 1 : 0));
    if (inner.target.empty() || inner.target[0] != '/') inner.target.insert(0, "/");
    return part.handler->Handle(inner);
  }
  return Plain(404, "There is nothing at this address.\n");
}

HttpResponse HtmlPage(std::string html) {
  HttpResponse response;
  response.headers.Set("Content-Type", "text/html; charset=utf-8");
  response.headers.Set("Content-Security-Policy",
                       "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
                       "base-uri 'none'; frame-ancestors 'none'");
  response.headers.Set("X-Content-Type-Options", "nosniff");
  response.headers.Set("Cache-Control", "no-store");
  response.body = std::move(html);
  return response;
}

}  // namespace ticketing
