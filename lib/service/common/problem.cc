#include "ticketing/service/common/api.h"
#include "ticketing/v1/common.pb.h"
#include "ticketing/wire/json.h"

namespace ticketing {
namespace {

constexpr char kTypePrefix[] = "https://libticketing.dev/problems/";
constexpr int64_t kMicrosPerSecond = 1'000'000;

}  // namespace

HttpResponse ProblemResponse(const Status& status, std::string_view request_id) {
  const ErrorInfo& info = InfoOf(CodeOf(status));
  const ErrorDetails details = DetailsOf(status);
  v1::Problem problem;
  problem.set_type(kTypePrefix + std::string(info.slug));
  problem.set_title(std::string(info.title));
  problem.set_status(info.http_status);
  problem.set_code(std::string(info.slug));
  problem.set_request_id(std::string(request_id));
  if (info.http_status < 500 || info.retryable) {
    problem.set_detail(std::string(MessageOf(status)));
    for (const FieldError& field : details.fields) {
      v1::FieldProblem* error = problem.add_errors();
      error->set_field(field.field);
      error->set_detail(field.detail);
    }
    for (const std::string& object : details.objects) problem.add_objects(object);
  }
  HttpResponse response;
  response.status = info.http_status;
  response.headers.Set("Content-Type", "application/problem+json");
  response.headers.Set("Cache-Control", "no-store");
  if (details.retry_after) {
    const int64_t seconds = (details.retry_after->micros + kMicrosPerSecond - 1) / kMicrosPerSecond;
    response.headers.Set("Retry-After", std::to_string(seconds < 1 ? 1 : seconds));
  } else if (info.http_status == 429 || info.http_status == 503) {
    response.headers.Set("Retry-After", "1");
  }
  if (info.http_status == 401) response.headers.Set("WWW-Authenticate", "Bearer");
  response.body = wire::ToJson(problem);
  return response;
}

Status StatusOfResponse(const HttpResponse& response) {
  if (response.status < 400) return OkStatus();
  v1::Problem problem;
  if (!wire::FromJson(response.body, &problem).ok()) {
    return MakeError(response.status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kInternal,
                     "The answer of another service cannot be read.");
  }
  ErrorDetails details;
  for (const v1::FieldProblem& error : problem.errors())
    details.fields.push_back({error.field(), error.detail()});
  for (const std::string& object : problem.objects()) details.objects.push_back(object);
  if (const auto after = response.headers.Get("Retry-After")) {
    details.retry_after = Duration::Seconds(std::atoll(std::string(*after).c_str()));
  }
  return MakeError(ErrorCodeOfSlug(problem.code()), problem.detail(), details);
}

}  // namespace ticketing
