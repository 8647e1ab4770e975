// A handheld's scan from trigger to answer: the intent is written down first, then the cloud or the
// bastion is asked within the decision budget, and when no answer is there in time the device
// decides alone. Whatever crashes in between, the scan is finished with the same scan id, or closed
// as abandoned, when the program starts again.
//
// The budget is shared: when the cloud is asked first and a bastion is up, the cloud gets half of
// it and the bastion what is left, so that two handhelds that both reach the bastion never decide
// apart.
#ifndef TICKETING_GATE_SCANNER_H_
#define TICKETING_GATE_SCANNER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "ticketing/base/limits.h"
#include "ticketing/base/status.h"
#include "ticketing/gate/engine.h"
#include "ticketing/gate/link.h"
#include "ticketing/gate/mode.h"
#include "ticketing/gate/sync_agent.h"

namespace ticketing {

struct ScannerConfig {
  Duration decision_budget = limits::kDecisionBudget;
  Duration sync_interval = Duration::Seconds(1);
  Duration sync_interval_max = Duration::Seconds(8);  // while a route fails
  // For a device that corrects its clock by the servers it talks to; may be null.
  ServerTimeListener on_server_time;
};

// Scan from one thread; Tick from the same or from others: as many as there are routes, so that
// one that does not answer keeps nobody from the news of the other. Everything referred to must
// outlive it.
class Scanner {
 public:
  // Either client may be null: there is no such route.
  Scanner(GateEngine& engine, HttpClient* cloud, HttpClient* bastion, ScannerConfig config = {});

  // Finishes what a crash interrupted. Call once before the first Scan; show the results: their
  // persons may still be standing there.
  StatusOr<std::vector<ScanResult>> Recover();

  // Never waits for the network longer than the budget. Errors: those of GateEngine::Scan.
  StatusOr<ScanResult> Scan(std::string_view text, const ScanContext& context);

  // Tickets by their buyer's name, order or seat, for a device that the event lets do so; whom
  // staff know enters by ScanContext::picked. Names are in the cloud only: it is asked, directly or
  // through the bastion, for at most `patience` each; out of its reach, seats alone are looked up
  // here. Errors: kPermissionDenied for other devices, kInvalidField for too few letters,
  // kRateLimited.
  StatusOr<FoundTickets> Search(const TicketSearch& search, Duration patience);

  // Background work when its time has come: uploads, downloads, probes of routes that are down, and
  // closing scans that failed and were never repeated. A route that another thread serves is left
  // to that one. Call it often; returns whether there is more to do at once.
  bool Tick();
  // The same now, whatever the time; the first error of any route.
  Status SyncNow();
  // A round with the bastion now, for whoever hears that it has news. Also while a Tick runs, and
  // waits for that one's own round with the bastion only. OK when there is no bastion.
  Status SyncBastion();

  DecidedBy mode() const;
  GateEngine& engine() { return engine_; }

 private:
  struct Route {
    Route(GateEngine& engine, HttpClient& http, DecidedBy by, const ServerTimeListener& on_time);
    DecidedBy by;
    SyncLink link;
    SyncAgent agent;
    std::mutex stepping;  // one round of this route at a time; guards what follows
    Duration next_sync{};
    Duration interval{};
  };
  StatusOr<ScanResult> Finish(const ScanIntent& intent, Duration started);
  std::optional<ScanResponse> Ask(const ScanIntent& intent, Duration started, DecidedBy& by);
  std::optional<ScanResponse> AskRoute(Route& route, const ScanIntent& intent, Duration timeout);
  Status StepRoute(Route& route, bool& more);
  void CloseForgotten();
  void Report(DecidedBy route, bool ok);

  GateEngine& engine_;
  const ScannerConfig config_;
  std::unique_ptr<Route> cloud_;
  std::unique_ptr<Route> bastion_;
  std::mutex scan_mutex_;              // held while an intent is being served
  std::atomic<bool> left_open_{true};  // perhaps there are intents that nobody serves
  mutable std::mutex mode_mutex_;
  ModeSelector modes_;
};

}  // namespace ticketing

#endif  // TICKETING_GATE_SCANNER_H_
