// An HTTP client whose answers a test writes.
#ifndef TICKETING_TESTING_FAKE_HTTP_CLIENT_H_
#define TICKETING_TESTING_FAKE_HTTP_CLIENT_H_

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/env/http.h"

namespace ticketing {

// Answers with what was queued, in order; then with the fallback; kUnavailable when there is
// neither. Thread-safe.
class FakeHttpClient final : public HttpClient {
 public:
  using Answer = std::function<StatusOr<HttpResponse>(const HttpRequest&)>;

  StatusOr<HttpResponse> Send(const HttpRequest& request, Duration timeout) override;

  void Push(HttpResponse response);
  void Push(int status, std::string_view body = {},
            std::string_view content_type = "application/json");
  void PushError(Status error);
  void Push(Answer answer);
  // Answers whatever comes when the queue is empty.
  void SetFallback(Answer answer);

  // What was sent, in order.
  std::vector<HttpRequest> requests() const;
  // How many answers are still queued.
  size_t pending() const;

 private:
  mutable std::mutex mutex_;
  std::deque<Answer> queue_;
  Answer fallback_;
  std::vector<HttpRequest> requests_;
};

}  // namespace ticketing

#endif  // TICKETING_TESTING_FAKE_HTTP_CLIENT_H_
