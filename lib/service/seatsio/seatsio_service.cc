#include "ticketing/service/seatsio/seatsio_service.h"

#include <algorithm>
#include <exception>

#include "lib/service/seatsio/accounts.h"
#include "lib/service/seatsio/best_available.h"
#include "lib/service/seatsio/channels.h"
#include "lib/service/seatsio/chart_reports.h"
#include "lib/service/seatsio/charts.h"
#include "lib/service/seatsio/event_log.h"
#include "lib/service/seatsio/event_reports.h"
#include "lib/service/seatsio/events.h"
#include "lib/service/seatsio/for_sale.h"
#include "lib/service/seatsio/objects.h"
#include "lib/service/seatsio/schema.h"
#include "lib/service/seatsio/seasons.h"
#include "lib/service/seatsio/status_changes.h"
#include "lib/service/seatsio/ticket_buyers.h"
#include "lib/service/seatsio/workspaces.h"
#include "ticketing/service/common/api.h"

namespace ticketing {
namespace {

using seatsio::Auth;
using seatsio::Call;
using seatsio::Json;
using seatsio::Reply;
using seatsio::Route;

constexpr Duration kCleanEvery = Duration::Minutes(10);

std::vector<std::string_view> SegmentsOf(std::string_view path) {
  std::vector<std::string_view> out;
  // Clients put the address together with one slash too many, or one too few.
  while (path.starts_with('/')) path.remove_prefix(1);
  while (true) {
    const size_t slash = path.find('/');
    out.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    path.remove_prefix(slash + 1);
  }
}

bool IsVariable(std::string_view segment) {
  return segment.starts_with('{');
}

// Answers requests by the table of routes.
class Door final : public HttpHandler {
 public:
  Door(Env env, seatsio::Setup& setup, seatsio::Companies& companies, std::vector<Route> routes)
      : env_(env), setup_(setup), companies_(companies), routes_(std::move(routes)) {
    for (const Route& route : routes_) segments_.push_back(SegmentsOf(route.path));
  }

  HttpResponse Handle(const HttpRequest& request) override {
    if (request.path() == "/healthz") return Plain("ok\n");
    if (request.path() == "/metrics" && MayReadMetrics(request)) return Plain(env_.metrics.Text());
    const Duration start = env_.clock.Monotonic();
    std::string label = "none";
    HttpResponse response = Answer(request, label);
    response.headers.Set("X-Content-Type-Options", "nosniff");
    response.headers.Set("Cache-Control", "no-store");
    const Duration spent = env_.clock.Monotonic() - start;
    MetricLabels labels = {{"service", "seatsio"}, {"route", label}};
    env_.metrics.Observe("http_request_seconds", "Time to answer a request.", labels,
                         static_cast<double>(spent.micros) / 1e6);
    labels.emplace("status", std::to_string(response.status));
    env_.metrics.Count("http_requests_total", "Requests answered.", labels);
    return response;
  }

 private:
  static HttpResponse Plain(std::string text) {
    HttpResponse response;
    response.headers.Set("Content-Type", "text/plain");
    response.body = std::move(text);
    return response;
  }

  HttpResponse Answer(const HttpRequest& request, std::string& label) {
    StatusOr<Reply> reply = Run(request, label);
    if (!reply.ok()) {
      HttpResponse response = seatsio::ErrorResponse(reply.status(), env_);
      if (response.status >= 500) {
        env_.log.Error("request failed", {{"api", "seatsio"},
                                          {"route", label},
                                          {"cause", std::string(MessageOf(reply.status()))}});
      }
      return response;
    }
    HttpResponse response;
    response.status = reply->status;
    if (!reply->type.empty()) response.headers.Set("Content-Type", reply->type);
    response.body = std::move(reply->body);
    return response;
  }

  StatusOr<Reply> Run(const HttpRequest& request, std::string& label) {
    Call call(request, env_);
    bool path_known = false;
    const Route* const route = Find(request, call, path_known);
    if (route == nullptr) {
      if (path_known)
        return MakeError(ErrorCode::kMethodNotAllowed, "Not a method of this address.");
      return seatsio::Missing("GENERAL_ERROR", "There is nothing at this address");
    }
    label = route->method + " " + route->path;
    TICKETING_ASSIGN_OR_RETURN(call.principal, companies_.Authenticate(request, route->auth));
    if (request.body.size() > route->body_bytes_max)
      return MakeError(ErrorCode::kPayloadTooLarge, "The body is too large.");
    auto query = ParseQuery(request.query());
    if (!query) return seatsio::Refuse("GENERAL_ERROR", "The query cannot be read");
    call.query = *std::move(query);
    std::optional<seatsio::Setup::Change> change;
    if (!route->sells && route->method != "GET") change.emplace(setup_);
    // The JSON library reports a wrong type by throwing; Fields never lets it come to that.
    try {
      return route->handler(call);
    } catch (const std::exception& error) {
      return MakeError(ErrorCode::kInternal, error.what());
    }
  }

  // The route of a request, with what stands in its path. Routes without variables win.
  const Route* Find(const HttpRequest& request, Call& call, bool& path_known) const {
    const std::vector<std::string_view> given = SegmentsOf(request.path());
    const Route* found = nullptr;
    size_t fewest = SIZE_MAX;
    for (size_t r = 0; r < routes_.size(); ++r) {
      const std::vector<std::string_view>& wanted = segments_[r];
      if (wanted.size() != given.size()) continue;
      size_t variables = 0;
      bool fits = true;
      for (size_t i = 0; i < wanted.size() && fits; ++i) {
        if (IsVariable(wanted[i])) {
          ++variables;
          fits = !given[i].empty();
        } else {
          fits = wanted[i] == given[i];
        }
      }
      if (!fits) continue;
      path_known = true;
      if (routes_[r].method != request.method || variables >= fewest) continue;
      std::map<std::string, std::string, std::less<>> values;
      for (size_t i = 0; i < wanted.size(); ++i) {
        if (!IsVariable(wanted[i])) continue;
        std::optional<std::string> value = PercentDecode(given[i], false);
        if (!value) return nullptr;
        values[std::string(wanted[i].substr(1, wanted[i].size() - 2))] = *std::move(value);
      }
      found = &routes_[r];
      fewest = variables;
      call.path_values = std::move(values);
    }
    return found;
  }

  Env env_;
  seatsio::Setup& setup_;
  seatsio::Companies& companies_;
  const std::vector<Route> routes_;
  std::vector<std::vector<std::string_view>> segments_;
};

}  // namespace

struct SeatsioService::Parts {
  Parts(Env env, std::unique_ptr<Database> opened, SeatsioOptions options)
      : database(std::move(opened)),
        setup(env.clock),
        context{env, *database, std::move(options), setup} {
    std::vector<seatsio::Route> routes = events_shown.Routes();
    const auto add = [&routes](std::vector<seatsio::Route> more) {
      std::ranges::move(more, std::back_inserter(routes));
    };
    add(charts.Routes());
    add(versions.Routes());
    add(objects.Routes());
    add(best_available.Routes());
    add(tokens.Routes());
    add(seasons.Routes());
    add(workspaces.Routes());
    add(accounts.Routes());
    add(seatsio::ChannelRoutes(context, events));
    add(seatsio::ForSaleRoutes(context, events));
    add(seatsio::StatusChangeRoutes(context, events));
    add(seatsio::EventReportRoutes(context, events));
    add(seatsio::ChartReportRoutes(chart_store));
    add(seatsio::EventLogRoutes(context));
    add(seatsio::TicketBuyerRoutes(context));
    add(seatsio::UsageRoutes());
    if (context.options.test_mode) routes.push_back(TestCompanyRoute());
    api = std::make_unique<Door>(env, setup, companies, std::move(routes));
  }

  seatsio::Route TestCompanyRoute() {
    return {"POST", "/system/private/create-test-company", Auth::kSystem,
            [this](seatsio::Call&) -> StatusOr<Reply> {
              TICKETING_ASSIGN_OR_RETURN(const seatsio::Companies::Made made,
                                         companies.Create("Production workspace", false, false));
              TICKETING_ASSIGN_OR_RETURN(const Json workspace, workspaces.Show(made.workspace));
              return seatsio::Ok({{"admin",
                                   {{"secretKey", made.company_secret},
                                    {"designerKey", made.company.designer_key},
                                    {"email", made.company.email}}},
                                  {"workspace", workspace}});
            }};
  }

  std::unique_ptr<Database> database;
  seatsio::Setup setup;
  seatsio::Context context;
  seatsio::Companies companies{context};
  seatsio::ChartStore chart_store{context};
  seatsio::EventStore events{context, chart_store};
  seatsio::Events events_shown{context, events};
  seatsio::Charts charts{context, chart_store, companies,
                         [this](const seatsio::Principal& principal, int64_t chart, size_t limit) {
                           return events_shown.OfChart(principal, chart, limit);
                         }};
  seatsio::ChartVersions versions{context, chart_store, companies};
  seatsio::HoldTokens tokens{context, companies, events};
  seatsio::Objects objects{context, events, tokens};
  seatsio::BestAvailable best_available{events, tokens, objects};
  seatsio::Seasons seasons{context, events, events_shown};
  seatsio::Workspaces workspaces{context, companies};
  seatsio::Accounts accounts{context, companies};
  std::unique_ptr<Door> api;
  bool awake = false;
  Duration cleaned;
};

StatusOr<std::unique_ptr<SeatsioService>> SeatsioService::Open(Env env, DatabaseFactory& databases,
                                                               SeatsioOptions options) {
  TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                             databases.Open(options.database, seatsio::Schema()));
  const bool test_mode = options.test_mode;
  auto parts = std::make_unique<Parts>(env, std::move(database), std::move(options));
  TICKETING_ASSIGN_OR_RETURN(const bool any, parts->companies.Any());
  if (!any && !test_mode) {
    TICKETING_RETURN_IF_ERROR(
        parts->companies.Create("Main workspace", false, /*undelivered=*/true).status());
  }
  return std::unique_ptr<SeatsioService>(new SeatsioService(std::move(parts)));
}

SeatsioService::SeatsioService(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
SeatsioService::~SeatsioService() = default;

HttpHandler& SeatsioService::api() {
  return *parts_->api;
}

StatusOr<std::optional<SeatsioKeys>> SeatsioService::UndeliveredKeys() {
  return parts_->companies.Undelivered();
}

Status SeatsioService::KeysDelivered() {
  return parts_->companies.Delivered();
}

SeatsioService::Loaded SeatsioService::InMemory() const {
  return {parts_->events.lanes(), parts_->chart_store.views()};
}

Status SeatsioService::Tick() {
  if (!parts_->awake) {
    TICKETING_RETURN_IF_ERROR(parts_->events.Wake());
    parts_->awake = true;
  }
  TICKETING_RETURN_IF_ERROR(parts_->events.ExpireHolds());
  const Duration now = parts_->context.env.clock.Monotonic();
  if (now - parts_->cleaned < kCleanEvery) return OkStatus();
  parts_->cleaned = now;
  return parts_->tokens.Clean();
}

}  // namespace ticketing
