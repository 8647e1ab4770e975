#include "clients/common/bastion_road.h"

#include <algorithm>

#include "ticketing/gate/own_log.h"
#include "ticketing/http/http_client.h"

namespace ticketing {
namespace {

// Over a slow network a connection and its TLS take several round trips. A decision waits no longer
// than its budget anyway; what needs more time is the log.
constexpr Duration kConnectTimeout = Duration::Seconds(2);

StatusOr<std::shared_ptr<HttpClient>> Connect(const std::string& url,
                                              const std::vector<std::string>& pins) {
  HttpClientOptions options;
  options.base_url = url;
  options.connect_timeout = kConnectTimeout;
  options.pinned_keys = pins;
  TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<SocketHttpClient> client,
                             SocketHttpClient::Create(options));
  return std::shared_ptr<HttpClient>(std::move(client));
}

}  // namespace

Status BastionRoad::Add(const KnownBastion& bastion) {
  if (!bastion.url.starts_with("https://")) {
    return InvalidField("--bastion_url", "must begin with https://: bastions speak TLS only");
  }
  const std::lock_guard lock(mutex_);
  auto stop = std::ranges::find(stops_, bastion.url, &Stop::url);
  std::vector<std::string> pins;
  if (stop != stops_.end()) pins = stop->pins;
  if (std::ranges::find(pins, bastion.pin) != pins.end()) return OkStatus();
  pins.push_back(bastion.pin);
  TICKETING_ASSIGN_OR_RETURN(std::shared_ptr<HttpClient> client, Connect(bastion.url, pins));
  if (stop == stops_.end()) stop = stops_.insert(stops_.end(), Stop{bastion.url, {}, nullptr});
  stop->pins = std::move(pins);
  stop->client = std::move(client);
  return OkStatus();
}

void BastionRoad::Forget(const std::string& pin) {
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < stops_.size();) {
    Stop& stop = stops_[i];
    if (std::erase(stop.pins, pin) == 0 || !stop.pins.empty()) {
      // The url was good when it was added, and pins that were read once are.
      if (auto client = Connect(stop.url, stop.pins); client.ok()) stop.client = *std::move(client);
      ++i;
      continue;
    }
    stops_.erase(stops_.begin() + static_cast<std::ptrdiff_t>(i));
    present_ = 0;
    failures_ = 0;
  }
}

bool BastionRoad::empty() const {
  const std::lock_guard lock(mutex_);
  return stops_.empty();
}

StatusOr<HttpResponse> BastionRoad::Send(const HttpRequest& request, Duration timeout) {
  std::shared_ptr<HttpClient> client;
  size_t asked = 0;
  {
    const std::lock_guard lock(mutex_);
    if (stops_.empty()) return MakeError(ErrorCode::kUnavailable, "no bastion is paired");
    asked = present_;
    client = stops_[asked].client;
  }
  StatusOr<HttpResponse> answer = client->Send(request, timeout);
  const std::lock_guard lock(mutex_);
  if (asked != present_) return answer;  // somebody else has moved on meanwhile
  const bool decides = answer.ok() && answer->headers.Get(kDecidesHeader).value_or("") != "no";
  failures_ = decides ? 0 : failures_ + 1;
  if (decides) complained_ = false;
  if (failures_ >= kBastionFailuresMax && stops_.size() > 1) {
    present_ = (present_ + 1) % stops_.size();
    failures_ = 0;
    // When none of them decides they are gone through again and again.
    if (!complained_) {
      log_.Warning(
          answer.ok() ? "The bastion does not decide; the next one is asked."
                      : "The bastion does not answer; the next one is asked.",
          {{"url", stops_[present_].url}, {"cause", std::string(MessageOf(answer.status()))}});
    }
    complained_ = true;
  }
  return answer;
}

}  // namespace ticketing
