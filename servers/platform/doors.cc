#include "servers/platform/doors.h"

namespace ticketing {
namespace {

// Stands in for a web client that was not built: the APIs serve all the same.
class NotBuilt final : public HttpHandler {
 public:
  HttpResponse Handle(const HttpRequest&) override {
    HttpResponse response = HtmlPage(
        "<!doctype html><title>Not built</title><p>This web client has not been built. Run "
        "<code>make web</code> and "
        "start the platform again. The API at /v1 answers.");
    response.status = 404;
    return response;
  }
};

// "who|email|password;who|email|password".
StatusOr<std::vector<StartLogin>> ParseLogins(std::string_view text) {
  std::vector<StartLogin> logins;
  while (!text.empty()) {
    const size_t end = std::min(text.find(';'), text.size());
    const std::string_view row = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t first = row.find('|');
    const size_t second = first == std::string_view::npos ? first : row.find('|', first + 1);
    if (second == std::string_view::npos)
      return InvalidField("--demo_logins", "must be rows of who|email|password");
    logins.push_back({std::string(row.substr(0, first)),
                      std::string(row.substr(first + 1, second - first - 1)),
                      std::string(row.substr(second + 1))});
  }
  return logins;
}

std::string Url(const HostPort& address) {
  return "http://" + address.ToString();
}

}  // namespace

void DoorOptions::Declare(Flags& flags) {
  flags.Add("listen", &start, "Where the start page answers. Port 0 takes a free one.");
  flags.Add("client_web_listen", &client_web,
            "Where customers' browsers find client-web and client-api.");
  flags.Add("admin_portal_listen", &admin_portal, "Where staff find admin-portal and admin-api.");
  flags.Add("client_mobile_listen", &client_mobile,
            "Where phones find client-mobile and client-api.");
  flags.AddPath("web_dir", &web_dir,
                "The folder of the built web clients: <client>/dist below it.");
  flags.AddSecret("demo_logins", &demo_logins,
                  "Log-ins to show on the start page, for a demo only: who|email|password;...");
}

StatusOr<std::unique_ptr<Doors>> Doors::Open(const DoorOptions& options, Platform& platform,
                                             Env env) {
  auto doors = std::make_unique<Doors>();
  // Bodies are read before anybody is asked who sends them, and only staff send charts.
  TICKETING_RETURN_IF_ERROR(doors->AddClient(options, "client-web", options.client_web,
                                             platform.client_api(), limits::kBodyBytesMax, env));
  TICKETING_RETURN_IF_ERROR(doors->AddClient(options, "admin-portal", options.admin_portal,
                                             platform.admin_api(), limits::kChartBodyBytesMax,
                                             env));
  TICKETING_RETURN_IF_ERROR(doors->AddClient(options, "client-mobile", options.client_mobile,
                                             platform.client_api(), limits::kBodyBytesMax, env));
  TICKETING_RETURN_IF_ERROR(doors->AddStartPage(options, platform, env));
  return doors;
}

void Doors::Stop() {
  for (const std::unique_ptr<HttpServer>& server : servers_) server->Stop();
}

std::string Doors::start_address() const {
  return start_address_;
}

Status Doors::Serve(const HostPort& listen, HttpHandler& site, size_t body_bytes_max) {
  HttpServerOptions options;
  options.host = listen.host;
  options.port = listen.port;
  options.body_bytes_max = body_bytes_max;
  servers_.push_back(std::make_unique<HttpServer>(options));
  return servers_.back()->Start(site);
}

Status Doors::AddClient(const DoorOptions& options, const std::string& folder,
                        const HostPort& listen, Api& api, size_t body_bytes_max, Env env) {
  sites_.push_back(std::make_unique<WebSite>());
  WebSite& site = *sites_.back();
  StatusOr<std::unique_ptr<StaticFiles>> files =
      StaticFiles::Load(options.web_dir + "/" + folder + "/dist");
  if (files.ok()) {
    parts_.push_back(*std::move(files));
  } else {
    env.log.Warning("a web client is missing",
                    {{"client", folder}, {"cause", std::string(MessageOf(files.status()))}});
    parts_.push_back(std::make_unique<NotBuilt>());
  }
  site.Mount("/", *parts_.back());
  for (const char* path : {"/v1/", "/openapi.json", "/healthz", "/readyz"}) site.Mount(path, api);
  return Serve(listen, site, body_bytes_max);
}

Status Doors::AddStartPage(const DoorOptions& options, Platform& platform, Env env) {
  StartPageContent content;
  content.clients = {
      {"Customers", Url(options.client_web), "Events, the seat map, holds, orders and tickets."},
      {"Staff and box office", Url(options.admin_portal),
       "Sales at the window, shifts, devices, live scans."},
      {"Phone", Url(options.client_mobile), "Installable; shows tickets with the network off."},
  };
  content.documents = {
      {"Customer API", "/api-docs/?api=client", "OpenAPI 3.1, made from the routes."},
      {"Staff API", "/api-docs/?api=admin", "OpenAPI 3.1, made from the routes."},
  };
  content.operation = {{"Health", "/healthz", "Whether this process is alive."},
                       {"Ready", "/readyz", "Whether it can serve."},
                       {"Metrics", "/metrics", "Prometheus text format; from this machine only."}};
  if (platform.mailbox() != nullptr) {
    content.operation.insert(content.operation.begin(),
                             {"Mailbox", "/mailbox", "Every mail that the platform sent."});
  }
  TICKETING_ASSIGN_OR_RETURN(content.logins, ParseLogins(options.demo_logins));

  sites_.push_back(std::make_unique<WebSite>());
  WebSite& site = *sites_.back();
  parts_.push_back(std::make_unique<StartPage>(content));
  site.Mount("/", *parts_.back());
  if (platform.mailbox() != nullptr) site.Mount("/mailbox", *platform.mailbox());
  for (const char* path : {"/healthz", "/readyz", "/metrics"})
    site.Mount(path, platform.client_api());
  StatusOr<std::unique_ptr<StaticFiles>> viewer =
      StaticFiles::Load(options.web_dir + "/api-docs/dist");
  if (viewer.ok()) {
    parts_.push_back(*std::move(viewer));
    site.Mount("/api-docs", *parts_.back(), true);
  } else {
    env.log.Warning("the viewer of the API documents is missing",
                    {{"cause", std::string(MessageOf(viewer.status()))}});
  }
  site.Mount("/apis/client", platform.client_api(), true);
  site.Mount("/apis/admin", platform.admin_api(), true);
  TICKETING_RETURN_IF_ERROR(Serve(options.start, site, limits::kBodyBytesMax));
  start_address_ = Url({options.start.host, servers_.back()->port()});
  return OkStatus();
}

}  // namespace ticketing
