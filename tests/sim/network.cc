#include "tests/sim/network.h"

#include "ticketing/base/assert.h"

namespace ticketing::sim {

NodeId Network::Add(bool far) {
  machines_.push_back({far, true, nullptr, 0});
  return static_cast<NodeId>(machines_.size()) - 1;
}

void Network::Bind(NodeId node, HttpHandler* handler) {
  Machine& machine = machines_[static_cast<size_t>(node)];
  machine.handler = handler;
  ++machine.life;
}

void Network::SetPower(NodeId node, bool on) {
  machines_[static_cast<size_t>(node)].on = on;
}

bool Network::Connected(NodeId a, NodeId b) const {
  return !cut_.contains({a, b}) && !cut_.contains({b, a}) && machines_[static_cast<size_t>(a)].on &&
         machines_[static_cast<size_t>(b)].on;
}

Duration Network::Latency(NodeId a, NodeId b) {
  const bool far = machines_[static_cast<size_t>(a)].far || machines_[static_cast<size_t>(b)].far;
  Duration latency = far ? Duration::Micros(20'000 + static_cast<int64_t>(random_.Uniform(30'000)))
                         : Duration::Micros(800 + static_cast<int64_t>(random_.Uniform(4'000)));
  if (weather.slow_per_mille > 0 && random_.Uniform(1000) < weather.slow_per_mille) {
    latency = latency + Duration::Micros(static_cast<int64_t>(
                            random_.Uniform(static_cast<uint64_t>(weather.slow.micros))));
  }
  return latency;
}

bool Network::Lost(NodeId from, NodeId to) {
  if (cut_.contains({from, to})) return true;
  return weather.loss_per_mille > 0 && random_.Uniform(1000) < weather.loss_per_mille;
}

StatusOr<HttpResponse> Network::Send(NodeId from, NodeId to, const HttpRequest& request,
                                     Duration timeout) {
  auto exchange = std::make_shared<Exchange>();
  auto carried = std::make_shared<HttpRequest>(request);
  carried->remote_address = "10.0.0." + std::to_string(from);
  if (on_request) {
    if (std::optional<HttpResponse> answer = on_request(from, to, *carried)) return *answer;
  }
  Carry(from, to, exchange, carried, false);
  if (weather.duplicate_per_mille > 0 && random_.Uniform(1000) < weather.duplicate_per_mille) {
    Carry(from, to, exchange, carried, true);
  }
  const auto place = waiting_.emplace(from, exchange);
  const bool heard = loop_.WaitFor(exchange.get(), timeout, [&] { return exchange->over; });
  waiting_.erase(place);
  exchange->over = true;
  if (!heard) return MakeError(ErrorCode::kDeadlineExceeded, "no answer came in time");
  if (exchange->refused || !exchange->response) {
    return MakeError(ErrorCode::kUnavailable, "nobody answers there");
  }
  return *std::move(exchange->response);
}

void Network::Abort(NodeId from) {
  const auto [begin, end] = waiting_.equal_range(from);
  for (auto it = begin; it != end; ++it) {
    it->second->over = true;
    it->second->refused = true;
    loop_.Wake(it->second.get());
  }
}

void Network::Carry(NodeId from, NodeId to, const std::shared_ptr<Exchange>& exchange,
                    const std::shared_ptr<const HttpRequest>& request, bool copy) {
  ++messages_;
  if (Lost(from, to)) {
    loop_.Note("lost", static_cast<uint64_t>(from), static_cast<uint64_t>(to));
    return;
  }
  // A copy comes later, sometimes much later: somebody who listens and plays it again.
  const Duration extra =
      copy ? Duration::Micros(static_cast<int64_t>(random_.Uniform(5'000'000))) : Duration{};
  loop_.After(Latency(from, to) + extra, [this, from, to, exchange, request, copy] {
    Arrive(from, to, exchange, *request, copy);
  });
}

void Network::Arrive(NodeId from, NodeId to, const std::shared_ptr<Exchange>& exchange,
                     const HttpRequest& request, bool copy) {
  const Machine machine = machines_[static_cast<size_t>(to)];
  if (!machine.on) return;
  if (machine.handler == nullptr) {
    if (!copy) Back(to, from, exchange, std::nullopt);
    return;
  }
  loop_.Note("request", static_cast<uint64_t>(from), static_cast<uint64_t>(to), request.target);
  const bool first_was_handled = exchange->handled;
  std::optional<HttpRequest> changed;
  if (copy && on_copy) on_copy(from, to, changed.emplace(request));
  HttpResponse response = machine.handler->Handle(changed ? *changed : request);
  if (machines_[static_cast<size_t>(to)].life != machine.life) return;  // it stopped meanwhile
  if (copy) {
    if (first_was_handled && on_duplicate) on_duplicate(to, request, response);
    return;
  }
  // What was refused the first time may be sent again.
  exchange->handled = response.status < 400;
  loop_.Note("response", static_cast<uint64_t>(response.status), static_cast<uint64_t>(to),
             response.body);
  if (on_response) on_response(from, to, request, response);
  Back(to, from, exchange, std::move(response));
}

void Network::Back(NodeId from, NodeId to, const std::shared_ptr<Exchange>& exchange,
                   std::optional<HttpResponse> response) {
  ++messages_;
  if (Lost(from, to)) {
    loop_.Note("lost", static_cast<uint64_t>(from), static_cast<uint64_t>(to));
    return;
  }
  loop_.After(Latency(from, to), [this, exchange, response = std::move(response)]() mutable {
    if (exchange->over) return;
    exchange->over = true;
    exchange->refused = !response.has_value();
    exchange->response = std::move(response);
    loop_.Wake(exchange.get());
  });
}

}  // namespace ticketing::sim
