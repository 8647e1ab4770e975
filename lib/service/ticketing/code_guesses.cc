#include "lib/service/ticketing/code_guesses.h"

#include <algorithm>
#include <vector>

namespace ticketing {
namespace {

// The gateways say it. Whoever speaks to this service directly can say what he likes, but has the
// limit of his account all the same.
std::string AddressOf(const Call& call) {
  const auto told = call.request.headers.Get("X-Client-Address");
  return std::string(told ? told->substr(0, 64) : std::string_view(call.request.remote_address));
}

struct Keys {
  std::string caller;
  std::string network;  // of an account; empty when it is not known
};

Keys KeysOf(const Call& call, EventId event) {
  const std::string at = event.ToString() + " ";
  const std::string address = AddressOf(call);
  const std::string network = address.empty() ? std::string() : at + NetworkOf(address);
  if (!call.principal.account() && !network.empty()) return {.caller = network, .network = {}};
  return {.caller = at + call.principal.subject, .network = network};
}

std::vector<std::string_view> GroupsOf(std::string_view text) {
  std::vector<std::string_view> groups;
  while (!text.empty()) {
    const size_t colon = text.find(':');
    groups.push_back(text.substr(0, colon));
    text.remove_prefix(colon == std::string_view::npos ? text.size() : colon + 1);
  }
  return groups;
}

}  // namespace

std::string NetworkOf(std::string_view address) {
  const size_t last = address.rfind(':');
  if (last == std::string_view::npos) return std::string(address);
  // An IPv4 address that came over an IPv6 socket.
  if (address.find('.') != std::string_view::npos) return std::string(address.substr(last + 1));
  constexpr size_t kGroups = 8;
  constexpr size_t kNetworkGroups = 4;
  const size_t gap = address.find("::");
  std::vector<std::string_view> groups = GroupsOf(address.substr(0, gap));
  if (gap != std::string_view::npos) {
    const std::vector<std::string_view> rest = GroupsOf(address.substr(gap + 2));
    groups.resize(std::max(groups.size(), kGroups - std::min(rest.size(), kGroups)), "0");
    groups.insert(groups.end(), rest.begin(), rest.end());
  }
  groups.resize(kNetworkGroups, "0");
  std::string network;
  for (const std::string_view group : groups) network.append(group).append(":");
  return network + ":/64";
}

Status CodeGuesses::Check(const Call& call, EventId event) const {
  if (call.principal.IsStaff()) return OkStatus();
  const Keys keys = KeysOf(call, event);
  const Duration now = call.env.clock.Monotonic();
  const std::optional<Duration> own = callers_.Wait(keys.caller, now);
  const std::optional<Duration> shared =
      keys.network.empty() ? std::nullopt : networks_.Wait(keys.network, now);
  if (!own && !shared) return OkStatus();
  return MakeError(
      ErrorCode::kRateLimited,
      call.principal.account()
          ? "Too many wrong access codes for this event. Wait, then try again with the"
            " code exactly as you were given it."
          : "Too many wrong access codes for this event from your network. Wait, or"
            " log in: your account has tries of its own.",
      {.retry_after = std::max(own.value_or(Duration()), shared.value_or(Duration()))});
}

void CodeGuesses::Count(const Call& call, EventId event) {
  if (call.principal.IsStaff()) return;
  const Keys keys = KeysOf(call, event);
  const Duration now = call.env.clock.Monotonic();
  callers_.Count(keys.caller, now);
  if (!keys.network.empty()) networks_.Count(keys.network, now);
}

}  // namespace ticketing
