// The whole platform in this process: one purchase from the hold to the tickets, and what a request
// costs on its way.
#include <benchmark/benchmark.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/scratch.h"
#include "servers/platform/platform.h"
#include "ticketing/http/http_client.h"
#include "ticketing/http/http_server.h"
#include "ticketing/seat/chart_json.h"
#include "ticketing/sqlite/sqlite_database.h"

namespace ticketing {
namespace {

using nlohmann::json;

// 25,000 seats in 50 sections of 20 rows of 25.
std::string ChartJson() {
  seat::Drawing drawing;
  drawing.name = "Bench";
  drawing.focal_point = seat::Point{0, 0};
  drawing.categories.push_back({"A", "A", "#336699"});
  for (int s = 0; s < 50; ++s) {
    seat::DrawnSection section;
    section.label = "S" + std::to_string(s);
    section.category = "A";
    for (int r = 0; r < 20; ++r) {
      seat::DrawnRow row;
      row.label = std::to_string(r + 1);
      for (int n = 0; n < 25; ++n) {
        seat::DrawnSeat place;
        place.label = std::to_string(n + 1);
        place.at = {(s % 10) * 2000 + n * 50, (s / 10) * 3000 + r * 90 + 500};
        row.seats.push_back(place);
      }
      section.rows.push_back(std::move(row));
    }
    drawing.sections.push_back(std::move(section));
  }
  StatusOr<seat::Chart> chart = seat::Chart::Build(std::move(drawing));
  return chart.ok() ? seat::ToJson(*chart) : std::string();
}

// A platform with one event on sale and one customer logged in.
class Bench {
 public:
  Bench() : databases_({.data_dir = scratch_.path()}) {
    PlatformOptions options;
    options.identity.admin_email = "admin@bench.example";
    options.identity.admin_password = "a-long-enough-password";
    options.limits.requests_per_second = 1'000'000;
    options.limits.burst = 1'000'000;
    auto platform = Platform::Open(options, env_.env(), databases_);
    if (!platform.ok()) return;
    platform_ = *std::move(platform);
    const std::string admin = Post(platform_->admin_api(), "", "/v1/sessions",
                                   {{"email", options.identity.admin_email},
                                    {"password", options.identity.admin_password}})
                                  .value("access_token", "");
    const json venue = Post(platform_->admin_api(), admin, "/v1/venues", {{"name", "Bench"}});
    const json chart = Post(platform_->admin_api(), admin, "/v1/charts", json::parse(ChartJson()));
    const json event = Post(
        platform_->admin_api(), admin, "/v1/events",
        {{"venue_id", venue.value("id", "")},
         {"chart_id", chart.value("id", "")},
         {"name", "Bench"},
         {"starts_at", "2040-01-01T00:00:00Z"},
         {"currency", "MXN"},
         {"prices", {{{"category", "A"}, {"price", {{"minor", "50000"}, {"currency", "MXN"}}}}}}});
    event_ = event.value("id", "");
    customer_ = Post(platform_->client_api(), "", "/v1/accounts",
                     {{"email", "ana@bench.example"},
                      {"password", "a-long-enough-password"},
                      {"name", "Ana"}})
                    .value("access_token", "");
  }

  bool ok() const { return !customer_.empty() && !event_.empty(); }
  Api& client_api() { return platform_->client_api(); }
  const std::string& event() const { return event_; }

  // One purchase of two seats; whether it ended with two tickets.
  bool Purchase() {
    const json hold = Post(client_api(), customer_, "/v1/events/" + event_ + "/holds",
                           {{"best_available", {{"quantity", 2}}}});
    const json order = Post(client_api(), customer_, "/v1/orders",
                            {{"event_id", event_}, {"hold_id", hold.value("id", "")}});
    const json paid =
        Post(client_api(), customer_, "/v1/orders/" + order.value("id", "") + "/payments",
             {{"card", {{"payment_method", "pm_card_visa"}}}});
    return paid.value("status", "") == "completed" && paid["tickets"].size() == 2;
  }

 private:
  json Post(HttpHandler& api, const std::string& token, const std::string& target,
            const json& body) {
    HttpRequest request;
    request.method = "POST";
    request.target = target;
    request.headers.Set("Content-Type", "application/json");
    request.headers.Set("Idempotency-Key", "k" + std::to_string(++keys_));
    if (!token.empty()) request.headers.Set("Authorization", "Bearer " + token);
    request.body = body.dump();
    const HttpResponse response = api.Handle(request);
    const json parsed = json::parse(response.body, nullptr, false);
    return parsed.is_object() ? parsed : json::object();
  }

  const Scratch scratch_;
  BenchEnv env_;
  SqliteDatabaseFactory databases_;
  std::unique_ptr<Platform> platform_;
  std::string event_, customer_;
  uint64_t keys_ = 0;
};

void Purchase(benchmark::State& state) {
  Bench bench;
  if (!bench.ok()) return state.SkipWithError("no platform");
  for (auto _ : state) {
    if (!bench.Purchase()) return state.SkipWithError("a purchase failed");
  }
}
BENCHMARK(Purchase)->UseRealTime()->Unit(benchmark::kMicrosecond);

// What a purchase cannot do without: this many commits, one after the other (hold, order, attempt,
// payment, gateway, outcome, booking).
void DurableCommits(benchmark::State& state) {
  const Scratch scratch;
  SqliteDatabaseFactory databases({.data_dir = scratch.path()});
  auto database = databases.Open(
      "plain", {{1, {"CREATE TABLE entries (id INTEGER PRIMARY KEY, entry TEXT) STRICT"}}});
  if (!database.ok()) return state.SkipWithError("no database");
  for (auto _ : state) {
    for (int64_t i = 0; i < state.range(0); ++i) {
      const Status status = (*database)->Write([&](SqlTransaction& tx) {
        return tx.Execute("INSERT INTO entries (entry) VALUES (?)", {std::string(200, 'x')})
            .status();
      });
      if (!status.ok()) return state.SkipWithError("a commit failed");
    }
  }
}
BENCHMARK(DurableCommits)->Arg(7)->UseRealTime()->Unit(benchmark::kMicrosecond);

void RequestInProcess(benchmark::State& state) {
  Bench bench;
  if (!bench.ok()) return state.SkipWithError("no platform");
  HttpRequest request;
  request.target = "/v1/events/" + bench.event();
  for (auto _ : state) {
    if (bench.client_api().Handle(request).status != 200) return state.SkipWithError("refused");
  }
}
BENCHMARK(RequestInProcess)->UseRealTime()->Unit(benchmark::kMicrosecond);

void RequestOverHttp(benchmark::State& state) {
  Bench bench;
  if (!bench.ok()) return state.SkipWithError("no platform");
  HttpServer server({});
  if (!server.Start(bench.client_api()).ok()) return state.SkipWithError("no server");
  HttpClientOptions options;
  options.base_url = "http://127.0.0.1:" + std::to_string(server.port());
  auto client = SocketHttpClient::Create(options);
  HttpRequest request;
  request.target = "/v1/events/" + bench.event();
  for (auto _ : state) {
    const StatusOr<HttpResponse> response = (*client)->Send(request, Duration::Seconds(5));
    if (!response.ok() || response->status != 200) return state.SkipWithError("refused");
  }
}
BENCHMARK(RequestOverHttp)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace ticketing
