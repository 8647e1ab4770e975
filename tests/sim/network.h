// The simulated network: machines, roads between them, and messages that are late, lost, doubled,
// overtaken or cut off, in one direction or both. A request is one message, its answer another.
#ifndef TICKETING_TESTS_SIM_NETWORK_H_
#define TICKETING_TESTS_SIM_NETWORK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim/loop.h"
#include "ticketing/env/http.h"
#include "ticketing/testing/seeded_random.h"

namespace ticketing::sim {

using NodeId = int;  // index of a machine

struct Weather {
  uint32_t loss_per_mille = 0;
  uint32_t duplicate_per_mille = 0;
  uint32_t slow_per_mille = 0;  // messages that take up to `slow` more
  Duration slow = Duration::Millis(400);
};

class Network {
 public:
  Network(Loop& loop, uint64_t seed) : loop_(loop), random_(seed) {}

  NodeId Add(bool far);  // `far`: across the internet
  // Who answers at a machine; null: the machine is there, the program is not.
  void Bind(NodeId node, HttpHandler* handler);
  void SetPower(NodeId node, bool on);  // off: messages to it vanish

  // Cuts the road in one direction.
  void Cut(NodeId from, NodeId to) { cut_.insert({from, to}); }
  void CutBoth(NodeId a, NodeId b) { Cut(a, b), Cut(b, a); }
  void Mend(NodeId a, NodeId b) { cut_.erase({a, b}), cut_.erase({b, a}); }
  void MendAll() { cut_.clear(); }
  bool Connected(NodeId a, NodeId b) const;
  Weather weather;

  StatusOr<HttpResponse> Send(NodeId from, NodeId to, const HttpRequest& request, Duration timeout);
  // A machine has stopped: whatever it waits for does not come.
  void Abort(NodeId from);

  // For planted faults and for the auditor: may answer in the place of the other side, change the
  // request on its way, or change the answer.
  using OnRequest =
      std::function<std::optional<HttpResponse>(NodeId from, NodeId to, HttpRequest& request)>;
  using OnResponse = std::function<void(NodeId from, NodeId to, const HttpRequest& request,
                                        HttpResponse& response)>;
  OnRequest on_request;
  OnResponse on_response;
  // May change the second copy of a doubled request.
  std::function<void(NodeId from, NodeId to, HttpRequest& request)> on_copy;
  // Hears what a doubled request was answered, after the first copy had been answered.
  std::function<void(NodeId to, const HttpRequest& request, const HttpResponse&)> on_duplicate;

  uint64_t messages() const { return messages_; }

 private:
  struct Machine {
    bool far = false;
    bool on = true;
    HttpHandler* handler = nullptr;
    uint64_t life = 0;  // counts the programs that ran there
  };
  struct Exchange {
    std::optional<HttpResponse> response;
    bool refused = false;
    bool over = false;
    bool handled = false;
  };

  void Carry(NodeId from, NodeId to, const std::shared_ptr<Exchange>& exchange,
             const std::shared_ptr<const HttpRequest>& request, bool copy);
  void Arrive(NodeId from, NodeId to, const std::shared_ptr<Exchange>& exchange,
              const HttpRequest& request, bool copy);
  void Back(NodeId from, NodeId to, const std::shared_ptr<Exchange>& exchange,
            std::optional<HttpResponse> response);
  Duration Latency(NodeId a, NodeId b);
  bool Lost(NodeId from, NodeId to);

  Loop& loop_;
  SeededRandom random_;
  std::vector<Machine> machines_;
  std::set<std::pair<NodeId, NodeId>> cut_;
  std::multimap<NodeId, std::shared_ptr<Exchange>> waiting_;
  uint64_t messages_ = 0;
};

// A client on one machine. Where it leads can be changed, as an address in a settings page.
class SimHttpClient final : public HttpClient {
 public:
  SimHttpClient(Network& network, NodeId from, NodeId to)
      : network_(network), from_(from), to_(to) {}
  StatusOr<HttpResponse> Send(const HttpRequest& request, Duration timeout) override {
    if (stopped) return MakeError(ErrorCode::kUnavailable, "this machine has stopped");
    return network_.Send(from_, to_, request, timeout);
  }
  void Redirect(NodeId to) { to_ = to; }
  NodeId to() const { return to_; }
  bool stopped = false;

 private:
  Network& network_;
  const NodeId from_;
  NodeId to_;
};

}  // namespace ticketing::sim

#endif  // TICKETING_TESTS_SIM_NETWORK_H_
