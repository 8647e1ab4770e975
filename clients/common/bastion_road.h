// A handheld's road to the venue's bastions: an HttpClient that speaks to one of them, over TLS to
// the key that was paired, and goes over to the next when that one does not answer.
#ifndef TICKETING_CLIENTS_COMMON_BASTION_ROAD_H_
#define TICKETING_CLIENTS_COMMON_BASTION_ROAD_H_

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "clients/common/tls_files.h"
#include "ticketing/env/http.h"
#include "ticketing/env/log.h"

namespace ticketing {

// Thread-safe. The log must outlive it. It stays with the bastion that answered last: after
// kBastionFailuresMax requests in a row without an answer, or answered by one that does not decide
// (gate/own_log.h), it asks the next one. Which of several
// bastions decides is theirs to settle (service/bastion/bastion_service.h), not the handheld's.
inline constexpr int kBastionFailuresMax = 2;

class BastionRoad final : public HttpClient {
 public:
  explicit BastionRoad(Log& log) : log_(log) {}

  // Also while others send. A url that is there already gets the new pin beside the ones it has.
  // Errors: kInvalidField for a url that is not https, or a pin that is none.
  Status Add(const KnownBastion& bastion);
  // Speaks to the holder of that key no more.
  void Forget(const std::string& pin);
  bool empty() const;

  StatusOr<HttpResponse> Send(const HttpRequest& request, Duration timeout) override;

 private:
  struct Stop {
    std::string url;
    std::vector<std::string> pins;
    std::shared_ptr<HttpClient> client;
  };

  Log& log_;
  mutable std::mutex mutex_;
  std::vector<Stop> stops_;
  size_t present_ = 0;
  int failures_ = 0;         // of the present one, in a row
  bool complained_ = false;  // since one of them last decided
};

}  // namespace ticketing

#endif  // TICKETING_CLIENTS_COMMON_BASTION_ROAD_H_
