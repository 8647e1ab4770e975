// How one service calls another: with its own short-lived token, which it gets from identity with
// the secret that the installation's services share, and with the request id of the request it
// works for.
#ifndef TICKETING_SERVICE_COMMON_SERVICE_CLIENT_H_
#define TICKETING_SERVICE_COMMON_SERVICE_CLIENT_H_

#include <mutex>
#include <string>
#include <string_view>

#include "ticketing/base/status.h"
#include "ticketing/env/env.h"
#include "ticketing/env/http.h"

namespace google::protobuf {
class Message;
}

namespace ticketing {

// Keeps a valid service token. Thread-safe.
class ServiceToken {
 public:
  // `identity` must outlive it. `service` is the name in the token's subject.
  ServiceToken(HttpClient& identity, Clock& clock, std::string service, std::string secret);

  // A token that holds for at least another minute. Errors: those of identity or of the way to it.
  StatusOr<std::string> Get();

 private:
  HttpClient& identity_;
  Clock& clock_;
  const std::string service_;
  const std::string secret_;
  std::mutex mutex_;
  std::string token_;
  Timestamp expires_at_;
};

// What a call to another service carries.
struct ServiceCall {
  std::string method = "POST";
  std::string target;
  const google::protobuf::Message* body = nullptr;
  std::string idempotency_key;
  std::string request_id;
  Duration timeout = Duration::Seconds(10);
};

// Sends the call with `token` and reads the answer into `response` (null: the answer's body is not
// read). Errors: a refusal of the other service comes back with its own code, details and message;
// kUnavailable and kDeadlineExceeded when there was no answer.
Status CallService(HttpClient& client, ServiceToken& token, const ServiceCall& call,
                   google::protobuf::Message* response);
// The same; gives the answer's body as it is.
StatusOr<std::string> AskService(HttpClient& client, ServiceToken& token, const ServiceCall& call);

}  // namespace ticketing

#endif  // TICKETING_SERVICE_COMMON_SERVICE_CLIENT_H_
