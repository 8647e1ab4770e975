#include "ticketing/testing/fake_http_client.h"

namespace ticketing {

StatusOr<HttpResponse> FakeHttpClient::Send(const HttpRequest& request, Duration) {
  Answer answer;
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    if (!queue_.empty()) {
      answer = std::move(queue_.front());
      queue_.pop_front();
    } else {
      answer = fallback_;
    }
  }
  // Outside the lock: an answer may use this client again.
  if (!answer)
    return MakeError(ErrorCode::kUnavailable, "no answer was written for " + request.target);
  return answer(request);
}

void FakeHttpClient::Push(HttpResponse response) {
  Push([response = std::move(response)](const HttpRequest&) -> StatusOr<HttpResponse> {
    return response;
  });
}

void FakeHttpClient::Push(int status, std::string_view body, std::string_view content_type) {
  HttpResponse response;
  response.status = status;
  if (!body.empty()) response.headers.Add("Content-Type", content_type);
  response.body = body;
  Push(std::move(response));
}

void FakeHttpClient::PushError(Status error) {
  Push([error = std::move(error)](const HttpRequest&) -> StatusOr<HttpResponse> { return error; });
}

void FakeHttpClient::Push(Answer answer) {
  const std::lock_guard lock(mutex_);
  queue_.push_back(std::move(answer));
}

void FakeHttpClient::SetFallback(Answer answer) {
  const std::lock_guard lock(mutex_);
  fallback_ = std::move(answer);
}

std::vector<HttpRequest> FakeHttpClient::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

size_t FakeHttpClient::pending() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

}  // namespace ticketing
