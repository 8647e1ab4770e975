#include "clients/bastion/bastion_program.h"

#include "clients/bastion/screen.h"
#include "clients/common/device_identity.h"
#include "clients/common/tls_files.h"
#include "ticketing/gate/pairing_text.h"
#include "ticketing/http/http_client.h"
#include "ticketing/http/http_server.h"
#include "ticketing/service/common/device_session.h"
#include "ticketing/sqlite/sqlite_database.h"

namespace ticketing {
namespace {

constexpr Duration kEnrolPatience = Duration::Seconds(30);

// The cloud may be starting, too: enrolment waits for it for a while. A code that is refused is
// refused at once.
Status EnrolPatiently(Program& program, HttpClient& cloud, const std::string& code,
                      const DeviceIdentity& identity, const SigningKey& key) {
  const Env env = program.env();
  const Duration start = env.clock.Monotonic();
  while (true) {
    Status status = EnrolAtCloud(cloud, code, identity.id, key.public_key());
    if (status.ok()) return identity.MarkEnrolled("cloud");
    const bool worth_waiting = InfoOf(CodeOf(status)).retryable;
    if (!worth_waiting || env.clock.Monotonic() - start > kEnrolPatience) return status;
    if (program.WaitForStop(Duration::Millis(300))) return status;
  }
}

// What handhelds are told to connect to: as staff says, else where we listen, else, when that is
// every interface, the machine's first address on a LAN.
StatusOr<HostPort> AddressFor(const BastionProgramOptions& options, uint16_t port) {
  if (!options.address.empty()) {
    const std::optional<HostPort> told = HostPort::Parse(options.address);
    if (!told || told->host.empty()) return InvalidField("--address", "must be HOST:PORT");
    return *told;
  }
  const std::string& host = options.listen.host;
  const bool everywhere = host.empty() || host == "0.0.0.0" || host == "::";
  return HostPort{everywhere ? LanAddress() : host, port};
}

// Shows how to pair with this bastion, now and whenever the code changes, until told to stop.
class Console {
 public:
  Console(BastionService& service, HostPort address, std::string pin, bool qr)
      : service_(service), address_(std::move(address)), pin_(std::move(pin)), qr_(qr) {}

  Status SayReady(const DeviceIdentity& identity, const HostPort& listen) {
    TICKETING_ASSIGN_OR_RETURN(const BastionService::Holdings held, service_.Held());
    TICKETING_ASSIGN_OR_RETURN(const std::string pairing, NextPairing());
    PrintLine("{\"ready\": true, \"device_id\": \"" + identity.id.ToString() +
              "\", \"listen\": \"" + listen.ToString() + "\", \"address\": \"" +
              address_.ToString() + "\", \"pin\": \"" + pin_ + "\", " + pairing + ", \"events\": " +
              std::to_string(held.events) + ", \"tickets\": " + std::to_string(held.tickets) + "}");
    return ShowSymbol();
  }

  Status Refresh() {
    if (service_.PairingCode() == code_) return OkStatus();
    TICKETING_ASSIGN_OR_RETURN(const std::string pairing, NextPairing());
    PrintLine("{" + pairing + "}");
    return ShowSymbol();
  }

 private:
  StatusOr<std::string> NextPairing() {
    code_ = service_.PairingCode();
    TICKETING_ASSIGN_OR_RETURN(text_, MakePairingText({address_.host, address_.port, pin_, code_}));
    return "\"pairing_code\": \"" + code_ + "\", \"pairing\": \"" + text_ + "\"";
  }

  Status ShowSymbol() {
    if (!qr_) return OkStatus();
    TICKETING_ASSIGN_OR_RETURN(const std::string symbol, TerminalSymbol(text_));
    PrintLine(symbol + "handheld --pairing=" + text_);
    return OkStatus();
  }

  BastionService& service_;
  const HostPort address_;
  const std::string pin_;
  const bool qr_;
  std::string code_, text_;
};

}  // namespace

void BastionProgramOptions::Declare(Flags& flags) {
  flags.Add("listen", &listen,
            "Where handhelds on the LAN reach this bastion. Port 0 takes a free one.");
  flags.Add("address", &address,
            "HOST:PORT that handhelds are told to connect to; empty: where it listens, or the "
            "machine's address when it listens on every interface.");
  flags.AddChoice("show_qr", &show_qr, {"auto", "always", "never"},
                  "Whether to draw the pairing symbol; auto: when standard output is a terminal.");
  flags.AddPath("data_dir", &data_dir, "The folder of its key and databases; made when missing.");
  flags.Add("cloud_url", &cloud_url,
            "Where admin-api answers; empty: no cloud, only what is in the data folder.");
  flags.AddSecret("pairing_code", &pairing_code,
                  "The code that staff made for this bastion (admin portal, Devices). Needed once, "
                  "at the first start.");
  flags.Add("name", &service.name, "What people call this bastion.");
  flags.Add("sync_interval", &service.sync_interval,
            "Pause between two rounds of sync with the cloud.");
}

Status RunBastion(Program& program, const BastionProgramOptions& options) {
  const Env env = program.env();
  TICKETING_ASSIGN_OR_RETURN(const DeviceIdentity identity,
                             DeviceIdentity::Open(options.data_dir, env.random));
  TICKETING_ASSIGN_OR_RETURN(const SigningKey key, SigningKey::FromSeed(identity.seed));
  std::unique_ptr<HttpClient> wire;
  std::unique_ptr<DeviceSessionClient> cloud;
  if (!options.cloud_url.empty()) {
    HttpClientOptions http;
    http.base_url = options.cloud_url;
    TICKETING_ASSIGN_OR_RETURN(wire, SocketHttpClient::Create(http));
    cloud = std::make_unique<DeviceSessionClient>(*wire, env.clock, identity.id, key);
    if (!identity.IsEnrolled("cloud")) {
      if (options.pairing_code.empty()) {
        return InvalidField("--pairing_code",
                            "is needed at the first start: make one in the admin portal, Devices");
      }
      TICKETING_RETURN_IF_ERROR(
          EnrolPatiently(program, *wire, options.pairing_code, identity, key));
    }
  }
  SqliteDatabaseFactory databases({.data_dir = options.data_dir});
  TICKETING_ASSIGN_OR_RETURN(
      const std::unique_ptr<BastionService> service,
      BastionService::Open({env, databases, identity.id, identity.seed, cloud.get()},
                           options.service));
  // A first round before the doors open; a cloud that is away does not keep them shut.
  if (const Status first = service->SyncNow(); !first.ok()) {
    env.log.Warning("the cloud is out of reach; serving what is here",
                    {{"cause", std::string(MessageOf(first))}});
  }
  TICKETING_ASSIGN_OR_RETURN(const TlsFile tls,
                             OpenTlsFile(options.data_dir, identity.id.ToString(), env.clock));
  HttpServerOptions http;
  http.host = options.listen.host;
  http.port = options.listen.port;
  http.body_bytes_max = 4 << 20;
  http.threads = 64;
  http.tls_certificate = tls.path;
  http.tls_key = tls.path;
  HttpServer server(http);
  TICKETING_RETURN_IF_ERROR(server.Start(service->api()));
  Ticker ticker(Duration::Millis(100), [&] {
    // The state of the way to the cloud is on the status page; a log line per try would drown the
    // rest.
    (void)service->Tick();
  });
  TICKETING_ASSIGN_OR_RETURN(const HostPort address, AddressFor(options, server.port()));
  const bool qr = options.show_qr == "always" || (options.show_qr == "auto" && IsTerminal());
  Console console(*service, address, tls.pin, qr);
  TICKETING_RETURN_IF_ERROR(
      console.SayReady(identity, HostPort{options.listen.host, server.port()}));
  while (!program.WaitForStop(Duration::Seconds(1))) {
    TICKETING_RETURN_IF_ERROR(console.Refresh());
  }
  server.Stop();
  ticker.Stop();
  return OkStatus();
}

}  // namespace ticketing
