// What an endpoint answers: a status and a body, and whether it got as far as executing.
#ifndef TICKETING_LIB_PROVIDER_SANDBOX_ANSWER_H_
#define TICKETING_LIB_PROVIDER_SANDBOX_ANSWER_H_

#include <string>
#include <string_view>

namespace ticketing::sandbox {

struct Answer {
  int status = 200;
  std::string body;
  // False for refused parameters: such an answer is not saved under an idempotency key, and nothing
  // it did is kept.
  bool executed = true;
};

// {"error": {...}} with the members that are not empty. `intent_json` is the PaymentIntent it is
// about, as JSON.
struct ErrorBody {
  std::string_view type;
  std::string_view code;
  std::string_view decline_code;
  std::string_view message;
  std::string_view param;
  std::string_view intent_json;
};
std::string FormatError(const ErrorBody& error);

// 400 invalid_request_error before anything was executed.
Answer BadParameter(std::string_view code, std::string_view param, std::string_view message);

// 404 resource_missing.
Answer NoSuch(std::string_view what, std::string_view id, std::string_view param);

}  // namespace ticketing::sandbox

#endif  // TICKETING_LIB_PROVIDER_SANDBOX_ANSWER_H_
