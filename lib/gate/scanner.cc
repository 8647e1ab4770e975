#include "ticketing/gate/scanner.h"

#include <algorithm>
#include <utility>

namespace ticketing {
namespace {

// With less than this left, asking would only cost the time.
constexpr Duration kAskMin = Duration::Millis(10);

SyncPeer PeerOf(DecidedBy by) {
  return by == DecidedBy::kCloud ? SyncPeer::kCloud : SyncPeer::kBastion;
}

}  // namespace

Scanner::Route::Route(GateEngine& engine, HttpClient& http, DecidedBy decided_by,
                      const ServerTimeListener& on_time)
    : by(decided_by),
      link(engine.env(), http, engine.device(), engine.key(), on_time),
      agent(engine, link, PeerOf(decided_by)) {}

Scanner::Scanner(GateEngine& engine, HttpClient* cloud, HttpClient* bastion, ScannerConfig config)
    : engine_(engine), config_(std::move(config)), modes_(cloud != nullptr, bastion != nullptr) {
  const ServerTimeListener& on_time = config_.on_server_time;
  if (cloud != nullptr) {
    cloud_ = std::make_unique<Route>(engine, *cloud, DecidedBy::kCloud, on_time);
  }
  if (bastion != nullptr) {
    bastion_ = std::make_unique<Route>(engine, *bastion, DecidedBy::kBastion, on_time);
  }
}

StatusOr<std::vector<ScanResult>> Scanner::Recover() {
  TICKETING_ASSIGN_OR_RETURN(const std::vector<ScanIntent> intents, engine_.OpenIntents());
  std::vector<ScanResult> results;
  for (const ScanIntent& intent : intents) {
    const Duration age = engine_.env().clock.Now() - intent.at;
    const bool fresh = age.micros >= 0 && age <= kIntentLife;
    if (!fresh) {
      TICKETING_RETURN_IF_ERROR(intent.decided ? engine_.DropIntent(intent.scan_id)
                                               : engine_.Abandon(intent));
      continue;
    }
    const Duration started = engine_.env().clock.Monotonic();
    // A decided one was perhaps never shown: the same scan id gives the same answer.
    TICKETING_ASSIGN_OR_RETURN(ScanResult result, intent.decided
                                                      ? engine_.Scan(intent.text, intent.context)
                                                      : Finish(intent, started));
    results.push_back(std::move(result));
  }
  return results;
}

StatusOr<ScanResult> Scanner::Scan(std::string_view text, const ScanContext& context) {
  const Duration started = engine_.env().clock.Monotonic();
  const std::lock_guard lock(scan_mutex_);
  TICKETING_ASSIGN_OR_RETURN(const ScanIntent intent, engine_.BeginScan(text, context));
  StatusOr<ScanResult> result = Finish(intent, started);
  if (!result.ok()) left_open_ = true;
  return result;
}

// A scan that could not be recorded may stand in the log of whoever was asked. Unless its scanner
// says what became of it, the others never agree: the one who was asked may be lost the next
// moment.
void Scanner::CloseForgotten() {
  if (!left_open_) return;
  const std::unique_lock lock(scan_mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return;
  const StatusOr<std::vector<ScanIntent>> intents = engine_.OpenIntents();
  if (!intents.ok()) return;
  bool left = false;
  for (const ScanIntent& intent : *intents) {
    const Duration age = engine_.env().clock.Now() - intent.at;
    const bool fresh = age.micros >= 0 && age <= kIntentLife;
    if (intent.decided) continue;  // its answer is in the log
    if (fresh || !engine_.Abandon(intent).ok()) left = true;
  }
  left_open_ = left;
}

StatusOr<ScanResult> Scanner::Finish(const ScanIntent& intent, Duration started) {
  const auto took = [&] { return (engine_.env().clock.Monotonic() - started).micros; };
  // A code that is not genuine here is not genuine anywhere: nobody need be asked.
  if (intent.check == CodeCheck::kGood) {
    DecidedBy by = DecidedBy::kAlone;
    if (const std::optional<ScanResponse> answer = Ask(intent, started, by)) {
      StatusOr<ScanResult> recorded = engine_.RecordAnswer(intent, *answer, by);
      if (recorded.ok()) {
        recorded->micros = took();
        return recorded;
      }
      // An answer to something else counts as none; what the database cannot do it cannot do twice.
      if (CodeOf(recorded.status()) != ErrorCode::kLogBroken) return recorded.status();
      Report(by, false);
    }
  }
  TICKETING_ASSIGN_OR_RETURN(ScanResult alone, engine_.Scan(intent.text, intent.context));
  alone.micros = took();
  return alone;
}

std::optional<ScanResponse> Scanner::Ask(const ScanIntent& intent, Duration started,
                                         DecidedBy& by) {
  bool cloud_up = false;
  bool bastion_up = false;
  {
    const std::lock_guard lock(mode_mutex_);
    cloud_up = modes_.IsUp(DecidedBy::kCloud);
    bastion_up = modes_.IsUp(DecidedBy::kBastion);
  }
  const auto left = [&] {
    return config_.decision_budget - (engine_.env().clock.Monotonic() - started);
  };
  if (cloud_up) {
    const Duration share = bastion_up ? Duration{left().micros / 2} : left();
    by = DecidedBy::kCloud;
    if (auto answer = AskRoute(*cloud_, intent, share)) return answer;
  }
  if (bastion_up) {
    by = DecidedBy::kBastion;
    if (auto answer = AskRoute(*bastion_, intent, left())) return answer;
  }
  by = DecidedBy::kAlone;
  return std::nullopt;
}

std::optional<ScanResponse> Scanner::AskRoute(Route& route, const ScanIntent& intent,
                                              Duration timeout) {
  if (timeout < kAskMin) return std::nullopt;
  ScanRequest request;
  request.scan = intent.scan_id;
  request.text = intent.text;
  request.event = intent.context.event;
  request.gate = intent.context.gate;
  request.direction = intent.context.direction;
  request.at = intent.at;
  request.staff_override = intent.context.staff_override;
  request.picked = intent.context.picked;
  request.staff = intent.context.staff;
  StatusOr<ScanResponse> answer = route.link.Decide(request, timeout);
  Report(route.by, answer.ok());
  if (!answer.ok()) return std::nullopt;
  return *std::move(answer);
}

StatusOr<FoundTickets> Scanner::Search(const TicketSearch& search, Duration patience) {
  const std::shared_ptr<const EventHeader> event = engine_.Event(search.event);
  if (event == nullptr || !event->IsSupervisor(engine_.device())) {
    return MakeError(ErrorCode::kPermissionDenied,
                     "Only a supervisor's device of this event looks for people.");
  }
  if (search.words.size() < kSearchBytesMin || search.words.size() > kSearchBytesMax) {
    return InvalidField("words", "Give at least three letters of a name, an order or a seat.");
  }
  for (Route* route : {cloud_.get(), bastion_.get()}) {
    if (route == nullptr) continue;
    StatusOr<FoundTickets> found = route->link.Search(search, patience);
    const ErrorCode code = CodeOf(found.status());
    const bool out_of_reach = code == ErrorCode::kUnavailable ||
                              code == ErrorCode::kDeadlineExceeded ||
                              code == ErrorCode::kUnauthenticated;
    if (!out_of_reach) return found;
  }
  return engine_.FindSeat(search);
}

void Scanner::Report(DecidedBy route, bool ok) {
  const Duration now = engine_.env().clock.Monotonic();
  DecidedBy before, after;
  {
    const std::lock_guard lock(mode_mutex_);
    before = modes_.mode();
    modes_.Report(route, ok, now);
    after = modes_.mode();
  }
  if (before == after) return;
  engine_.env().log.Info(
      "The gate changed its mode.",
      {{"from", std::string(DecidedByName(before))}, {"to", std::string(DecidedByName(after))}});
}

DecidedBy Scanner::mode() const {
  const std::lock_guard lock(mode_mutex_);
  return modes_.mode();
}

Status Scanner::StepRoute(Route& route, bool& more) {
  SyncReport report;
  Status done = route.agent.Step(&report);
  const ErrorCode code = CodeOf(done);
  // Only the network's failures say something about the route, not what our own disk refused.
  const bool reached = code != ErrorCode::kUnavailable && code != ErrorCode::kDeadlineExceeded &&
                       code != ErrorCode::kUnauthenticated && code != ErrorCode::kPermissionDenied;
  // A road that is too slow for a decision is no better for carrying logs: its rounds neither bring
  // the mode back nor make up for scans that waited in vain.
  const bool in_time = route.link.TakeQuickest() <= config_.decision_budget;
  if (!reached || in_time) Report(route.by, reached && route.link.decides());
  route.interval = reached ? config_.sync_interval
                           : std::min(std::max(route.interval, config_.sync_interval) * 2,
                                      config_.sync_interval_max);
  route.next_sync = engine_.env().clock.Monotonic() + route.interval;
  if (report.more && done.ok()) {
    route.next_sync = {};
    more = true;
  }
  return done;
}

bool Scanner::Tick() {
  CloseForgotten();
  bool more = false;
  for (Route* route : {bastion_.get(), cloud_.get()}) {
    if (route == nullptr) continue;
    const std::unique_lock stepping(route->stepping, std::try_to_lock);
    if (!stepping.owns_lock() || engine_.env().clock.Monotonic() < route->next_sync) continue;
    (void)StepRoute(*route, more);  // what failed is tried again at the next interval
  }
  return more;
}

Status Scanner::SyncBastion() {
  if (bastion_ == nullptr) return OkStatus();
  const std::lock_guard stepping(bastion_->stepping);
  bool more = true;
  while (more) {
    more = false;
    TICKETING_RETURN_IF_ERROR(StepRoute(*bastion_, more));
  }
  return OkStatus();
}

Status Scanner::SyncNow() {
  Status first = OkStatus();
  for (Route* route : {bastion_.get(), cloud_.get()}) {
    if (route == nullptr) continue;
    bool more = true;
    for (int round = 0; more && round < 10'000; ++round) {
      more = false;
      const std::lock_guard stepping(route->stepping);
      const Status done = StepRoute(*route, more);
      if (!done.ok() && first.ok()) first = done;
    }
  }
  return first;
}

}  // namespace ticketing
