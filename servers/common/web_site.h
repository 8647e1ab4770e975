// A web site out of parts: folders of static files and handlers under path prefixes.
#ifndef TICKETING_SERVERS_COMMON_WEB_SITE_H_
#define TICKETING_SERVERS_COMMON_WEB_SITE_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/env/http.h"

namespace ticketing {

// Files of a built web client, read once and kept in memory. A path that names no file and looks
// like a page (no dot in its last part) gets index.html, because clients route by themselves.
// Nothing outside the folder can be reached: a request is looked up in a table, never opened.
class StaticFiles final : public HttpHandler {
 public:
  // Errors: kNotFound when the folder has no index.html, with the advice to build the web clients.
  static StatusOr<std::unique_ptr<StaticFiles>> Load(const std::string& folder);

  HttpResponse Handle(const HttpRequest& request) override;

 private:
  struct File {
    std::string type;
    std::string etag;
    std::string bytes;
    bool immutable = false;  // its name has a hash of its content
  };
  std::map<std::string, File, std::less<>> files_;  // "/assets/app-1a2b3c.js"
};

// Sends each request to the part with the longest prefix of its path. Prefixes begin with '/'; one
// that ends in '/' stands for everything below, another for itself and everything below. Parts must
// outlive the site.
class WebSite final : public HttpHandler {
 public:
  void Mount(std::string prefix, HttpHandler& part, bool strip_prefix = false);

  HttpResponse Handle(const HttpRequest& request) override;

 private:
  struct Part {
    std::string prefix;
    HttpHandler* handler;
    bool strip;
  };
  std::vector<Part> parts_;  // longest prefix first
};

// A page made here: HTML that may load nothing but its own styles.
HttpResponse HtmlPage(std::string html);

}  // namespace ticketing

#endif  // TICKETING_SERVERS_COMMON_WEB_SITE_H_
