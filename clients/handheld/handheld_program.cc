#include "clients/handheld/handheld_program.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "clients/common/bastion_road.h"
#include "clients/common/device_identity.h"
#include "clients/common/tls_files.h"
#include "clients/handheld/commands.h"
#include "clients/handheld/input.h"
#include "clients/handheld/news_listener.h"
#include "clients/handheld/notices.h"
#include "clients/handheld/output.h"
#include "ticketing/env/server_clock.h"
#include "ticketing/gate/link.h"
#include "ticketing/gate/pairing_text.h"
#include "ticketing/gate/scanner.h"
#include "ticketing/http/http_client.h"
#include "ticketing/service/common/device_session.h"
#include "ticketing/sqlite/sqlite_database.h"

namespace ticketing {
namespace {

constexpr Duration kFirstSyncPatience = Duration::Seconds(60);
constexpr Duration kInputWait = Duration::Millis(100);
constexpr Duration kSearchPatience = Duration::Seconds(4);

StatusOr<std::unique_ptr<HttpClient>> Connect(const std::string& url) {
  if (url.empty()) return std::unique_ptr<HttpClient>();
  HttpClientOptions options;
  options.base_url = url;
  options.connect_timeout = Duration::Millis(500);
  TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<SocketHttpClient> client,
                             SocketHttpClient::Create(options));
  return std::unique_ptr<HttpClient>(std::move(client));
}

// One run of the program. Members are torn down in the reverse order of their making.
class Handheld {
 public:
  Handheld(Program& program, const HandheldOptions& options)
      : program_(program),
        clock_(program.env().clock),
        env_{clock_, program.env().random, program.env().log, program.env().metrics},
        options_(options),
        bastions_(env_.log) {}

  Status Run() {
    TICKETING_RETURN_IF_ERROR(Prepare());
    if (options_.files.asked()) return MoveGateFiles(*engine_, options_.files);
    TICKETING_RETURN_IF_ERROR(WaitForEvent());
    TICKETING_ASSIGN_OR_RETURN(const std::vector<ScanResult> interrupted, scanner_->Recover());
    TICKETING_RETURN_IF_ERROR(MeetPeers());
    // One for each road: news of the cloud must not wait for a bastion that does not answer.
    Ticker ticker(Duration::Millis(50), [this] { scanner_->Tick(); });
    Ticker other_road(Duration::Millis(50), [this] { scanner_->Tick(); });
    NewsListener listener(
        *engine_, bastions_, options_.data_dir, options_.battery_file, [this] { return DiskLow(); },
        [this] { (void)scanner_->SyncBastion(); });
    Ticker hearing(Duration::Millis(20), [&] {
      if (!bastions_.empty()) listener.Listen();
    });
    TICKETING_RETURN_IF_ERROR(SayReady());
    for (const ScanResult& result : interrupted) TICKETING_RETURN_IF_ERROR(Show(result));
    Status status = ScanUntilTheEnd();
    ticker.Stop();
    other_road.Stop();
    hearing.Stop();
    peers_.reset();
    // What is not in the cloud stays on the disk; a last try is a courtesy.
    if (status.ok()) (void)scanner_->SyncNow();
    return status;
  }

 private:
  Status Prepare() {
    TICKETING_ASSIGN_OR_RETURN(identity_, DeviceIdentity::Open(options_.data_dir, env_.random));
    TICKETING_ASSIGN_OR_RETURN(SigningKey key, SigningKey::FromSeed(identity_.seed));
    TICKETING_ASSIGN_OR_RETURN(wire_, Connect(options_.cloud_url));
    TICKETING_RETURN_IF_ERROR(MeetBastions(key));
    TICKETING_RETURN_IF_ERROR(EnrolAtCloudOnce(key));
    databases_ = std::make_unique<SqliteDatabaseFactory>(
        SqliteOptions{.data_dir = options_.data_dir, .page_size = kGatePageBytes});
    GateConfig config;
    config.device = identity_.id;
    TICKETING_ASSIGN_OR_RETURN(engine_,
                               GateEngine::Open(env_, *databases_, "gate", std::move(key), config));
    if (wire_ != nullptr) {
      cloud_ =
          std::make_unique<DeviceSessionClient>(*wire_, env_.clock, identity_.id, engine_->key());
    }
    ScannerConfig scanning;
    scanning.decision_budget = options_.decision_budget;
    // Rotating codes are good for seconds, and nobody sets the clocks of handhelds.
    scanning.on_server_time = [this](Timestamp server, Duration sent, Duration received) {
      (void)clock_.Learn(server, sent, received);
    };
    scanner_ = std::make_unique<Scanner>(*engine_, cloud_.get(),
                                         bastions_.empty() ? nullptr : &bastions_, scanning);
    language_ = GateLanguageOf(options_.language).value_or(GateLanguage::kSpanish);
    notices_ = std::make_unique<Notices>(*engine_, language_, options_.output == "json");
    return OkStatus();
  }

  // The bastion that staff pairs this device with now, if any: from the text on its screen, or from
  // the flags that say the same one by one.
  StatusOr<std::vector<KnownBastion>> PairedNow(std::string& code) const {
    code = options_.pairing_code;
    if (options_.pairing.empty()) {
      std::vector<KnownBastion> named;
      if (!options_.bastion_pin.empty())
        named.push_back({options_.bastion_url, options_.bastion_pin});
      return named;
    }
    TICKETING_ASSIGN_OR_RETURN(const PairingText text, ParsePairingText(options_.pairing));
    if (!text.code.empty()) code = text.code;
    const std::string url = options_.bastion_url.empty() ? text.Url() : options_.bastion_url;
    return std::vector<KnownBastion>{{url, text.pin}};
  }

  // A bastion is paired once; from then on its key is known here and no other one is spoken to.
  Status MeetBastions(const SigningKey& key) {
    TICKETING_ASSIGN_OR_RETURN(std::vector<KnownBastion> known, LoadBastions(options_.data_dir));
    std::string code;
    TICKETING_ASSIGN_OR_RETURN(std::vector<KnownBastion> fresh, PairedNow(code));
    for (KnownBastion& bastion : fresh) {
      if (std::ranges::find(known, bastion.pin, &KnownBastion::pin) != known.end()) continue;
      if (!code.empty()) {
        BastionRoad road(env_.log);
        TICKETING_RETURN_IF_ERROR(road.Add(bastion));
        TICKETING_ASSIGN_OR_RETURN(
            const EnrolmentResponse joined,
            Enrol(road, code, identity_.id, key, options_.name, Duration::Seconds(10)));
        bastion.device = joined.server.ToString();
      }
      // The latest is asked first.
      known.insert(known.begin(), bastion);
      TICKETING_RETURN_IF_ERROR(SaveBastions(options_.data_dir, known));
    }
    if (known.empty() && !options_.bastion_url.empty()) {
      return InvalidField("--bastion_url",
                          "needs the bastion's key: give --pairing as its screen shows it, or "
                          "--bastion_pin");
    }
    for (KnownBastion bastion : known) {
      // A bastion that has moved is known by its key, wherever it answers.
      if (!options_.bastion_url.empty()) bastion.url = options_.bastion_url;
      TICKETING_RETURN_IF_ERROR(bastions_.Add(bastion));
    }
    return OkStatus();
  }

  // Without a bastion to pair with, a code is one of the cloud. Without a code the device must have
  // enrolled before, or its event must be in the data folder already.
  Status EnrolAtCloudOnce(const SigningKey& key) {
    if (!bastions_.empty() || identity_.IsEnrolled("venue") || options_.pairing_code.empty())
      return OkStatus();
    if (wire_ == nullptr) {
      return InvalidField("--pairing_code", "needs a --bastion_url or a --cloud_url to enrol at");
    }
    TICKETING_RETURN_IF_ERROR(
        EnrolAtCloud(*wire_, options_.pairing_code, identity_.id, key.public_key()));
    return identity_.MarkEnrolled("venue");
  }

  Status MeetPeers() {
    if (!options_.peers.enabled) return OkStatus();
    const auto alone = [this] { return scanner_->mode() == DecidedBy::kAlone; };
    TICKETING_ASSIGN_OR_RETURN(peers_,
                               Peers::Start(*engine_, alone, options_.data_dir, options_.peers));
    return OkStatus();
  }

  std::optional<uint64_t> DiskLeft() const {
    std::error_code error;
    const auto space = std::filesystem::space(options_.data_dir, error);
    if (error) return std::nullopt;
    return space.available;
  }
  bool DiskLow() const {
    const auto left = DiskLeft();
    return left && *left < static_cast<uint64_t>(options_.disk_warning_mb) << 20;
  }

  size_t Hearing() const { return peers_ == nullptr ? 0 : peers_->hearing(); }

  // As the screen shows it: whoever decides alone but hears others is not all alone.
  std::string ShownMode() const {
    const DecidedBy mode = scanner_->mode();
    if (mode == DecidedBy::kAlone && Hearing() > 0) return "peers";
    return std::string(DecidedByName(mode));
  }

  // The event to scan for: the one asked for, else the first there is.
  uint32_t FindEvent() const {
    for (const EventVersion& event : engine_->Events()) {
      if (options_.event.empty() || event.id.ToString() == options_.event) return event.number;
    }
    return 0;
  }

  Status WaitForEvent() {
    const Duration start = env_.clock.Monotonic();
    Status last;
    while ((event_ = FindEvent()) == 0) {
      last = scanner_->SyncNow();
      if (FindEvent() != 0) continue;
      if (env_.clock.Monotonic() - start > kFirstSyncPatience || program_.WaitForStop(kInputWait)) {
        return MakeError(ErrorCode::kUnavailable,
                         "There is no event on this device yet and none came: check --event, "
                         "--cloud_url and the pairing. " +
                             std::string(MessageOf(last)));
      }
    }
    context_.event = event_;
    context_.direction = options_.direction == "exit" ? Direction::kExit : Direction::kEntry;
    if (options_.gate.empty()) return OkStatus();
    const CopyGate* gate = engine_->Event(event_)->FindGateById(options_.gate);
    if (gate == nullptr) return InvalidField("--gate", "is not a gate of this event");
    context_.gate = gate->number;
    return OkStatus();
  }

  Status SayReady() {
    TICKETING_ASSIGN_OR_RETURN(const std::optional<EventCopy> copy,
                               engine_->ReadEventCopy(event_, 0));
    const size_t tickets = copy ? copy->tickets.size() : 0;
    const std::string name = engine_->Event(event_)->name;
    const std::string mode = ShownMode();
    notices_->Begin(mode);
    if (options_.output == "json") {
      Print(nlohmann::ordered_json{{"ready", true},
                                   {"device_id", identity_.id.ToString()},
                                   {"event", name},
                                   {"tickets", tickets},
                                   {"mode", mode}}
                .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    } else {
      Print(name + ": " + std::to_string(tickets) + " boletos / tickets. Modo / mode: " + mode +
            ". ");
    }
    return OkStatus();
  }

  Status ScanUntilTheEnd() {
    LineReader reader(env_.clock);
    PictureFolder folder(options_.images);
    while (!program_.WaitForStop(Duration{})) {
      if (!options_.images.empty()) {
        while (const std::optional<std::string> picture = folder.Next())
          TICKETING_RETURN_IF_ERROR(ScanOne(*picture));
      }
      std::string line;
      const LineReader::Outcome outcome = reader.Next(line, kInputWait);
      for (const std::string& notice : notices_->News(ShownMode(), Hearing())) Print(notice);
      if (const auto notice = notices_->Disk(DiskLow(), DiskLeft().value_or(0))) Print(*notice);
      if (outcome == LineReader::Outcome::kLine) {
        TICKETING_RETURN_IF_ERROR(IsCommand(line) ? Obey(line) : ScanOne(line));
      }
      if (outcome != LineReader::Outcome::kEnd) continue;
      if (options_.images.empty()) return OkStatus();
      program_.WaitForStop(kInputWait);
    }
    return OkStatus();
  }

  Status ScanOne(const std::string& line) {
    std::string text = line;
    if (IsPicture(line)) {
      const StatusOr<std::string> code = CodeInPicture(line);
      if (!code.ok()) {
        const std::string why(MessageOf(code.status()));
        Print(options_.output == "json"
                  ? nlohmann::json{{"unread", line}, {"why", why}}.dump(
                        -1, ' ', false, nlohmann::json::error_handler_t::replace)
                  : NoticePanel(why, TerminalColumns()));
        return OkStatus();
      }
      text = *code;
    }
    return Decide(text);
  }

  Status Decide(const std::string& text) {
    StatusOr<ScanResult> result = scanner_->Scan(text, context_);
    // Whatever came of it, the next person is held to the rules again.
    const bool picking = std::exchange(context_.picked, TicketId{}) != TicketId{};
    const bool overriding = std::exchange(context_.staff_override, false) || picking;
    if (picking && CodeOf(result.status()) == ErrorCode::kNotFound)
      return Note(Trouble(result.status(), language_));
    if (overriding && !result.ok() && CodeOf(result.status()) == ErrorCode::kPermissionDenied)
      return Note(Trouble(result.status(), language_));
    if (CodeOf(result.status()) == ErrorCode::kUnavailable) return ShowUnsaved(result.status());
    TICKETING_RETURN_IF_ERROR(result.status());
    if (peers_ != nullptr) peers_->Decided();
    if (result->decision.outcome == Outcome::kAdmitted && result->decision.counted)
      last_admitted_ = result->scan_id;
    return Show(*result);
  }

  // What cannot be written down is not admitted, loudly, and the device goes on: whoever makes room
  // on its disk finds it where it was.
  Status ShowUnsaved(const Status& why) {
    env_.log.Error("a scan could not be saved", {{"cause", std::string(MessageOf(why))}});
    if (options_.output == "json") {
      Print(nlohmann::ordered_json{{"unsaved", true}, {"why", std::string(MessageOf(why))}}.dump(
          -1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    } else {
      Print(UnsavedPanel(language_, TerminalColumns()));
    }
    return OkStatus();
  }

  // What a person typed: never ends the program, whatever it is.
  Status Obey(const std::string& line) {
    const StatusOr<Command> command = ParseCommand(line, options_.staff);
    if (!command.ok()) return Note(Trouble(command.status(), language_));
    switch (command->kind) {
      case Command::Kind::kOverride:
        context_.staff_override = true;
        context_.staff = command->staff;
        return Note(language_ == GateLanguage::kSpanish
                        ? "El siguiente boleto pasa por decisión del personal"
                        : "The next ticket passes by decision of staff");
      case Command::Kind::kAnnul:
        return TakeBack(*command);
      case Command::Kind::kAreas:
        return TellAreas();
      case Command::Kind::kFind:
        return Find(command->words);
      case Command::Kind::kAdmit:
        return Admit(*command);
    }
    return OkStatus();
  }

  Status Find(const std::string& words) {
    found_.clear();
    const StatusOr<FoundTickets> found =
        scanner_->Search({.event = event_, .words = words}, kSearchPatience);
    if (!found.ok()) return Note(Trouble(found.status(), language_));
    found_ = found->tickets;
    Print(options_.output == "json" ? FoundJson(*found) : FoundPanel(*found, language_));
    return OkStatus();
  }

  Status Admit(const Command& command) {
    if (command.choice > found_.size()) return InvalidChoice();
    context_.picked = found_[command.choice - 1].ticket;
    context_.staff = command.staff;
    return Decide("");
  }

  Status InvalidChoice() {
    return Note(language_ == GateLanguage::kSpanish
                    ? "Busque primero con :find; ese número no está en la lista"
                    : "Look with :find first; that number is not in the list");
  }

  Status TakeBack(const Command& command) {
    const ScanId scan = command.scan.value_or(last_admitted_);
    if (!scan) return Note("No scan of this device has let anybody in yet.");
    const Status done = engine_->Annul(scan, command.staff);
    if (!done.ok()) return Note(Trouble(done, language_));
    if (scan == last_admitted_) last_admitted_ = {};
    if (options_.output == "json") return PrintJson({{"annulled", scan.ToString()}});
    return Note((language_ == GateLanguage::kSpanish ? "Lectura anulada: " : "Scan taken back: ") +
                scan.ToString());
  }

  Status TellAreas() {
    TICKETING_ASSIGN_OR_RETURN(const auto inside, engine_->ZoneCounts(event_));
    const std::shared_ptr<const EventHeader> event = engine_->Event(event_);
    nlohmann::ordered_json areas = nlohmann::ordered_json::array();
    std::string text;
    for (const auto& [number, people] : inside) {
      const CopyZone* zone = event == nullptr ? nullptr : event->FindZone(number);
      if (zone == nullptr) continue;
      areas.push_back({{"zone", zone->id}, {"inside", people}, {"max", zone->persons_max}});
      text += (text.empty() ? "" : " · ") + zone->name + " " + std::to_string(people) + "/" +
              std::to_string(zone->persons_max);
    }
    if (options_.output == "json") return PrintJson({{"areas", areas}});
    return Note(text.empty() ? "-" : text);
  }

  Status PrintJson(const nlohmann::ordered_json& json) {
    Print(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    return OkStatus();
  }

  Status Note(const std::string& text) {
    if (options_.output == "json") return PrintJson({{"note", text}});
    Print(NoticePanel(text, TerminalColumns()));
    return OkStatus();
  }

  Status Show(const ScanResult& result) {
    result.decision.outcome == Outcome::kAdmitted ? ++counts_.admitted : ++counts_.refused;
    if (options_.output == "json") {
      Print(ScanJson(*engine_, result, language_));
      return OkStatus();
    }
    // The answer is recorded: what the disk does next must not keep it from the screen.
    if (const StatusOr<GateStatus> status = engine_->GetStatus(); status.ok()) {
      counts_.waiting = status->waiting_for_cloud;
    }
    counts_.peers = Hearing();
    Print(ScanPanel(*engine_, result, counts_, language_, TerminalColumns()));
    return OkStatus();
  }

  static void Print(const std::string& text) {
    std::printf("%s\n", text.c_str());
    std::fflush(stdout);
  }

  Program& program_;
  ServerClock clock_;
  const Env env_;
  const HandheldOptions& options_;
  DeviceIdentity identity_;
  BastionRoad bastions_;
  std::unique_ptr<HttpClient> wire_;
  std::unique_ptr<SqliteDatabaseFactory> databases_;
  std::unique_ptr<GateEngine> engine_;
  std::unique_ptr<DeviceSessionClient> cloud_;
  std::unique_ptr<Scanner> scanner_;
  std::unique_ptr<Peers> peers_;
  std::unique_ptr<Notices> notices_;
  ScanContext context_;
  ScanId last_admitted_;
  std::vector<FoundTicket> found_;  // what :find showed last
  HandheldCounts counts_;
  GateLanguage language_ = GateLanguage::kSpanish;
  uint32_t event_ = 0;
};

}  // namespace

void HandheldOptions::Declare(Flags& flags) {
  flags.AddPath("data_dir", &data_dir,
                "The folder of its key, its event copy and its log; made when missing.");
  flags.AddSecret("pairing", &pairing,
                  "The text in the symbol on the bastion's screen: its address, its key and the "
                  "pairing code. Needed once for each bastion; the data folder remembers them.");
  flags.Add("bastion_url", &bastion_url,
            "Where the bastion answers, when that is not where it said: https://HOST:PORT.");
  flags.Add(
      "bastion_pin", &bastion_pin,
      "The SHA-256 of the bastion's public key, 64 hexadecimal digits; with --bastion_url and "
      "--pairing_code in place of --pairing.");
  flags.Add("cloud_url", &cloud_url, "Where admin-api answers; empty: the cloud is not asked.");
  flags.AddSecret("pairing_code", &pairing_code,
                  "The code on the bastion's screen, or of the cloud when there is no bastion. "
                  "Needed once, at the first start.");
  flags.Add("name", &name, "What people call this device.");
  flags.AddPath("battery_file", &battery_file,
                "A file with the battery's percentage; empty: the first battery of the machine.");
  files.Declare(flags);
  flags.Add("event", &event, "The id of the event; empty: the first one that comes.");
  flags.Add("gate", &gate, "The id of the gate it stands at; empty: every gate.");
  flags.AddChoice("direction", &direction, {"entry", "exit"}, "Which way people walk past it.");
  flags.Add("staff", &staff,
            "Who holds it: an account, a badge. Logged with what :override and :annul do.");
  flags.AddPath("images", &images, "A folder to watch for pictures of tickets, each read once.");
  flags.AddChoice("output", &output, {"panel", "json"},
                  "A panel for a person, or one JSON object per scan.");
  flags.AddChoice("language", &language, {"es", "en"}, "Of the panel.");
  peers.Declare(flags);
  flags.Add("disk_warning_mb", &disk_warning_mb,
            "Less room on the disk than this is shown, and told to the bastion.", 0, 1 << 20);
  flags.Add("decision_budget", &decision_budget,
            "How long an answer may take before the device decides alone.");
}

Status RunHandheld(Program& program, const HandheldOptions& options) {
  return Handheld(program, options).Run();
}

}  // namespace ticketing
