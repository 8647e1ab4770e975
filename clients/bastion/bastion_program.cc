#include "clients/bastion/bastion_program.h"

#include <mutex>

#include "clients/bastion/place.h"
#include "clients/bastion/screen.h"
#include "clients/common/device_identity.h"
#include "clients/common/sealed_identity.h"
#include "clients/common/tls_files.h"
#include "ticketing/gate/pairing_text.h"
#include "ticketing/http/http_client.h"
#include "ticketing/http/http_server.h"
#include "ticketing/service/common/device_session.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/system/files.h"

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

// How to pair with this bastion: on the terminal now and whenever the code changes, and in the
// console of its page.
class PairingScreen {
 public:
  explicit PairingScreen(bool qr) : qr_(qr) {}

  // From here on there is something to show.
  void Show(BastionService& service, HostPort address, std::string pin) {
    const std::lock_guard lock(mutex_);
    service_ = &service;
    address_ = std::move(address);
    pin_ = std::move(pin);
  }

  // As HTML, on any thread.
  StatusOr<std::string> Html() {
    const std::lock_guard lock(mutex_);
    if (service_ == nullptr) return MakeError(ErrorCode::kUnavailable, "It is not ready yet.");
    TICKETING_ASSIGN_OR_RETURN(const std::string text, Text(service_->PairingCode()));
    TICKETING_ASSIGN_OR_RETURN(const std::string svg, SvgSymbol(text));
    return svg + "<p><code>handheld --pairing=" + text + "</code></p>";
  }

  // What the line says that tells of it, and what stands below that line.
  StatusOr<std::string> Fields() {
    const std::lock_guard lock(mutex_);
    shown_ = service_->PairingCode();
    TICKETING_ASSIGN_OR_RETURN(text_, Text(shown_));
    return "\"pairing_code\": \"" + shown_ + "\", \"pairing\": \"" + text_ + "\"";
  }
  Status DrawSymbol() const {
    if (!qr_) return OkStatus();
    TICKETING_ASSIGN_OR_RETURN(const std::string symbol, TerminalSymbol(text_));
    PrintLine(symbol + "handheld --pairing=" + text_);
    return OkStatus();
  }

  Status Refresh() {
    if (service_->PairingCode() == shown_) return OkStatus();
    TICKETING_ASSIGN_OR_RETURN(const std::string fields, Fields());
    PrintLine("{" + fields + "}");
    return DrawSymbol();
  }

 private:
  StatusOr<std::string> Text(const std::string& code) const {
    return MakePairingText({address_.host, address_.port, pin_, code});
  }

  const bool qr_;
  std::mutex mutex_;
  BastionService* service_ = nullptr;
  HostPort address_;
  std::string pin_, shown_, text_;
};

// The bastion that this one follows, or null.
StatusOr<std::unique_ptr<HttpClient>> ConnectToFirst(const BastionProgramOptions& options) {
  if (options.follow.empty()) return std::unique_ptr<HttpClient>();
  HttpClientOptions http;
  http.base_url = options.follow;
  http.pinned_keys = {options.follow_pin};
  http.connect_timeout = Duration::Millis(500);
  if (!options.follow.starts_with("https://")) {
    TICKETING_ASSIGN_OR_RETURN(const PairingText text, ParsePairingText(options.follow));
    http.base_url = text.Url();
    http.pinned_keys = {text.pin};
  } else if (options.follow_pin.empty()) {
    return InvalidField("--follow_pin", "is needed beside --follow=https://...");
  }
  TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<SocketHttpClient> client,
                             SocketHttpClient::Create(http));
  return std::unique_ptr<HttpClient>(std::move(client));
}

StatusOr<std::unique_ptr<HttpClient>> ConnectToCloud(Program& program,
                                                     const BastionProgramOptions& options,
                                                     const DeviceIdentity& identity,
                                                     const SigningKey& key) {
  if (options.cloud_url.empty()) return std::unique_ptr<HttpClient>();
  HttpClientOptions http;
  http.base_url = options.cloud_url;
  TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<SocketHttpClient> wire,
                             SocketHttpClient::Create(http));
  if (!identity.IsEnrolled("cloud")) {
    if (options.pairing_code.empty()) {
      return InvalidField("--pairing_code",
                          "is needed at the first start: make one in the admin portal, Devices");
    }
    TICKETING_RETURN_IF_ERROR(EnrolPatiently(program, *wire, options.pairing_code, identity, key));
  }
  return std::unique_ptr<HttpClient>(std::move(wire));
}

// Six digits for staff, when they have not chosen their own.
std::string MadePin(Random& random) {
  std::string pin = std::to_string(1'000'000 + random.Next64() % 1'000'000);
  return pin.substr(1);
}

// Without the cloud and without serving anybody.
Status MoveFiles(const Env& env, const DeviceIdentity& identity,
                 const BastionProgramOptions& options) {
  SqliteDatabaseFactory databases({.data_dir = options.data_dir, .page_size = kGatePageBytes});
  TICKETING_ASSIGN_OR_RETURN(
      const std::unique_ptr<BastionService> service,
      BastionService::Open({env, databases, identity.id, identity.seed, nullptr}));
  return MoveGateFiles(service->engine(), options.files);
}

Status PrintIdentity(const char* what, const DeviceIdentity& identity) {
  PrintLine(std::string("{\"") + what + "\": true, \"device_id\": \"" + identity.id.ToString() +
            "\"}");
  return OkStatus();
}

// Into a file under the passphrase. The TLS key is made now if it never served.
Status SealInto(const Env& env, const DeviceIdentity& identity,
                const BastionProgramOptions& options) {
  TICKETING_RETURN_IF_ERROR(
      OpenTlsFile(options.data_dir, identity.id.ToString(), env.clock).status());
  TICKETING_ASSIGN_OR_RETURN(const std::string sealed,
                             SealIdentity(options.data_dir, options.passphrase, env.random));
  TICKETING_RETURN_IF_ERROR(WriteFileAtomically(options.seal_identity, sealed, 0600));
  return PrintIdentity("sealed", identity);
}

// Out of such a file into an empty data folder. What the lost bastion had written in its log is
// still to come back: this one must not begin a second log under the same name.
Status OpenFrom(const Env& env, const BastionProgramOptions& options) {
  TICKETING_ASSIGN_OR_RETURN(const std::string sealed,
                             ReadFile(options.open_identity, kSealedIdentityBytesMax));
  TICKETING_RETURN_IF_ERROR(OpenIdentity(options.data_dir, sealed, options.passphrase));
  TICKETING_ASSIGN_OR_RETURN(const DeviceIdentity identity,
                             DeviceIdentity::Open(options.data_dir, env.random));
  SqliteDatabaseFactory databases({.data_dir = options.data_dir, .page_size = kGatePageBytes});
  TICKETING_RETURN_IF_ERROR(
      BastionService::Open({env, databases, identity.id, identity.seed, nullptr},
                           {.restored = true})
          .status());
  return PrintIdentity("opened", identity);
}

// Answers handhelds until told to stop.
Status Serve(Program& program, const BastionProgramOptions& options, const DeviceIdentity& identity,
             BastionService& service, PairingScreen& screen) {
  const Env env = program.env();
  TICKETING_ASSIGN_OR_RETURN(const TlsFile tls,
                             OpenTlsFile(options.data_dir, identity.id.ToString(), env.clock));
  HttpServerOptions http;
  http.host = options.listen.host;
  http.port = options.listen.port;
  http.body_bytes_max = 4 << 20;
  // On the LAN a handheld has an address of its own.
  http.connections_per_peer_max = 256;
  http.threads =
      64 + options.service.news_waiters_max;  // those who wait must not keep scans waiting
  http.tls_certificate = tls.path;
  http.tls_key = tls.path;
  HttpServer server(http);
  TICKETING_RETURN_IF_ERROR(server.Start(service.api()));
  TICKETING_ASSIGN_OR_RETURN(const HostPort address, AddressFor(options, server.port()));
  TICKETING_RETURN_IF_ERROR(service.SetAddress("https://" + address.ToString(), tls.pin));
  screen.Show(service, address, tls.pin);
  // The state of the ways is on the status page; a log line per try would drown the rest.
  Ticker ticker(Duration::Millis(100), [&] { (void)service.Tick(); });
  Ticker follower(Duration::Millis(250), [&] { (void)service.FollowTick(); });
  Ticker watch(Duration::Millis(250), [&] { (void)service.Watch(); });
  Ticker pulse(Duration::Millis(50), [&] { service.Pulse(); });
  TICKETING_ASSIGN_OR_RETURN(const BastionService::Holdings held, service.Held());
  TICKETING_ASSIGN_OR_RETURN(const std::string pairing, screen.Fields());
  PrintLine("{\"ready\": true, \"device_id\": \"" + identity.id.ToString() + "\", \"listen\": \"" +
            HostPort{options.listen.host, server.port()}.ToString() + "\", \"address\": \"" +
            address.ToString() + "\", \"pin\": \"" + tls.pin + "\", " + pairing +
            ", \"staff_pin\": \"" + options.service.staff_pin + "\", \"events\": " +
            std::to_string(held.events) + ", \"tickets\": " + std::to_string(held.tickets) + "}");
  Status status = screen.DrawSymbol();
  while (status.ok() && !program.WaitForStop(Duration::Seconds(1))) status = screen.Refresh();
  service.StopWaiting();
  server.Stop();
  return status;
}

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
  flags.AddSecret("follow", &follow,
                  "Makes this bastion the spare of another one: that one's pairing text, or its "
                  "https://HOST:PORT with --follow_pin. Both must be enrolled at the cloud.");
  flags.Add("follow_pin", &follow_pin, "The pin of the bastion to follow, 64 hexadecimal digits.");
  flags.AddSecret(
      "staff_pin", &service.staff_pin,
      "Opens the console on the bastion's page; empty: six digits made at each start and "
      "printed on the terminal.");
  flags.Add("restored", &service.restored,
            "Says that the data folder was restored from a backup in place: decide nothing until "
            "the cloud and the other bastions have given back what they have of its own log. A "
            "folder that was copied is known without it.");
  flags.Add("disk_warning_mb", &disk_warning_mb,
            "Less room on the disk than this is told: status page, log, metrics.", 0, 1 << 20);
  files.Declare(flags);
  flags.AddPath("seal_identity", &seal_identity,
                "Write this bastion's keys into this file under --passphrase, and end: with it "
                "another machine can take this one's place, and handhelds know it.");
  flags.AddPath("open_identity", &open_identity,
                "Take the keys out of such a file into an empty data folder, and end. The machine "
                "that they are of must never serve again.");
  flags.AddSecret("passphrase", &passphrase, "Of the sealed identity; 12 bytes or more.");
  flags.Add("name", &service.name, "What people call this bastion.");
  flags.Add("sync_interval", &service.sync_interval,
            "Pause between two rounds of sync with the cloud.");
}

Status RunBastion(Program& program, const BastionProgramOptions& given) {
  const Env env = program.env();
  BastionProgramOptions options = given;
  if (!options.open_identity.empty()) return OpenFrom(env, options);
  TICKETING_ASSIGN_OR_RETURN(const DeviceIdentity identity,
                             DeviceIdentity::Open(options.data_dir, env.random));
  if (!options.seal_identity.empty()) return SealInto(env, identity, options);
  if (options.files.asked()) return MoveFiles(env, identity, options);
  options.service.disk_warning_bytes = static_cast<uint64_t>(options.disk_warning_mb) << 20;
  if (options.service.staff_pin.empty()) options.service.staff_pin = MadePin(env.random);
  TICKETING_ASSIGN_OR_RETURN(const SigningKey key, SigningKey::FromSeed(identity.seed));
  TICKETING_ASSIGN_OR_RETURN(const std::unique_ptr<HttpClient> wire,
                             ConnectToCloud(program, options, identity, key));
  TICKETING_ASSIGN_OR_RETURN(const std::unique_ptr<HttpClient> first, ConnectToFirst(options));
  std::unique_ptr<DeviceSessionClient> cloud;
  if (wire != nullptr) {
    cloud = std::make_unique<DeviceSessionClient>(*wire, env.clock, identity.id, key);
  }
  SqliteDatabaseFactory databases({.data_dir = options.data_dir, .page_size = kGatePageBytes});
  PairingScreen screen(options.show_qr == "always" || (options.show_qr == "auto" && IsTerminal()));
  TICKETING_ASSIGN_OR_RETURN(
      const std::unique_ptr<BastionService> service,
      BastionService::Open(
          {env, databases, identity.id, identity.seed, cloud.get(), first.get(),
           [&] { return screen.Html(); }, [&] { return FreeBytes(options.data_dir); },
           [&] { return PlaceOfFile(options.data_dir + "/gate.db"); }},
          options.service));
  // A first round before the doors open; a cloud that is away does not keep them shut.
  if (const Status synced = service->SyncNow(); !synced.ok()) {
    env.log.Warning("the cloud is out of reach; serving what is here",
                    {{"cause", std::string(MessageOf(synced))}});
  }
  return Serve(program, options, identity, *service, screen);
}

}  // namespace ticketing
