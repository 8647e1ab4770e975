#include "servers/common/hosting.h"

#include <cstdio>
#include <map>

#include "ticketing/postgres/postgres.h"
#include "ticketing/sqlite/sqlite_database.h"

namespace ticketing {
namespace {

StatusOr<std::unique_ptr<HttpClient>> Client(const std::string& url, std::string_view flag) {
  HttpClientOptions options;
  options.base_url = url;
  // As many as a gateway's threads and more: one that is closed for being too many is opened anew
  // for the next request.
  options.idle_connections_max = 256;
  StatusOr<std::unique_ptr<SocketHttpClient>> client = SocketHttpClient::Create(std::move(options));
  if (!client.ok()) return InvalidField(flag, MessageOf(client.status()));
  return std::unique_ptr<HttpClient>(*std::move(client));
}

}  // namespace

void HostOptions::DeclareListen(Flags& flags) {
  flags.Add("listen", &listen, "Where to answer HTTP. Port 0 takes a free one.");
}

void StorageOptions::Declare(Flags& flags) {
  flags.AddPath("data_dir", &data_dir,
                "The folder of the databases; made when missing, readable by its owner only.");
  flags.AddSecret("database_url", &database_url,
                  "postgresql://user:password@host/database keeps the data on a PostgreSQL server "
                  "instead, a schema for each database. Empty: SQLite files in data_dir.");
}

StatusOr<std::unique_ptr<DatabaseFactory>> StorageOptions::Open() const {
  std::unique_ptr<DatabaseFactory> databases;
  if (database_url.empty()) {
    // Requests that find all connections taken queue up and pay for two changes of thread.
    databases = std::make_unique<SqliteDatabaseFactory>(
        SqliteOptions{.data_dir = data_dir, .read_connections = 16});
  } else if (PostgresFactory::IsUrl(database_url)) {
    databases = std::make_unique<PostgresFactory>(PostgresOptions{.url = database_url});
  } else {
    return InvalidField("--database_url", "must begin with postgresql://");
  }
  return databases;
}

void HostOptions::DeclareOthers(Flags& flags, std::string_view others) {
  flags.AddSecret("service_secret", &service_secret,
                  "What the services of one installation know each other by: the same random text "
                  "of at least 16 "
                  "characters for all of them.");
  if (others.find("identity") != std::string_view::npos) {
    flags.Add("identity_url", &identity_url, "Where identity-api answers.");
  }
  if (others.find("ticketing") != std::string_view::npos) {
    flags.Add("ticketing_url", &ticketing_url, "Where ticketing-api answers.");
  }
  if (others.find("payments") != std::string_view::npos) {
    flags.Add("payments_url", &payments_url, "Where payments-api answers.");
  }
  if (others.find("notifications") != std::string_view::npos) {
    flags.Add("notifications_url", &notifications_url, "Where notifications-api answers.");
  }
}

StatusOr<std::unique_ptr<Others>> Others::Connect(const HostOptions& options, std::string service,
                                                  Env env) {
  if (options.service_secret.size() < 16) {
    return InvalidField("--service_secret",
                        "is needed, at least 16 characters, the same for all services");
  }
  auto others = std::make_unique<Others>();
  TICKETING_ASSIGN_OR_RETURN(others->identity, Client(options.identity_url, "--identity_url"));
  TICKETING_ASSIGN_OR_RETURN(others->ticketing, Client(options.ticketing_url, "--ticketing_url"));
  TICKETING_ASSIGN_OR_RETURN(others->payments, Client(options.payments_url, "--payments_url"));
  TICKETING_ASSIGN_OR_RETURN(others->notifications,
                             Client(options.notifications_url, "--notifications_url"));
  others->verifier = std::make_unique<TokenVerifier>(*others->identity, env.clock);
  others->token = std::make_unique<ServiceToken>(*others->identity, env.clock, std::move(service),
                                                 options.service_secret);
  return others;
}

std::unique_ptr<Ticker> TickEvery(Duration interval, Env env, std::function<Status()> tick) {
  // What went wrong last and when it was logged: a fault that stays must not fill the log.
  auto logged = std::make_shared<std::map<std::string, Duration>>();
  return std::make_unique<Ticker>(interval, [env, tick = std::move(tick), logged] {
    const Status status = tick();
    if (status.ok()) return;
    const std::string cause(MessageOf(status));
    const Duration now = env.clock.Monotonic();
    const auto it = logged->find(cause);
    if (it != logged->end() && now - it->second < Duration::Minutes(1)) return;
    if (logged->size() > 100) logged->clear();
    (*logged)[cause] = now;
    env.log.Warning("background work failed and will be tried again", {{"cause", cause}});
  });
}

Status Serve(Program& program, const HostPort& listen, HttpHandler& handler,
             std::function<Status()> tick, size_t body_bytes_max) {
  HttpServerOptions options;
  options.host = listen.host;
  options.port = listen.port;
  options.body_bytes_max = body_bytes_max;
  HttpServer server(options);
  TICKETING_RETURN_IF_ERROR(server.Start(handler));
  const std::unique_ptr<Ticker> ticker =
      TickEvery(Duration::Millis(100), program.env(), std::move(tick));
  std::printf("listening on http://%s\n", HostPort{listen.host, server.port()}.ToString().c_str());
  std::fflush(stdout);
  program.WaitForStop();
  server.Stop();
  ticker->Stop();
  return OkStatus();
}

}  // namespace ticketing
