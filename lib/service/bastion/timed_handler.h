// Puts this place's time on every answer, so that a device with a wrong clock can correct its
// proofs.
#ifndef TICKETING_LIB_SERVICE_BASTION_TIMED_HANDLER_H_
#define TICKETING_LIB_SERVICE_BASTION_TIMED_HANDLER_H_

#include <string>

#include "ticketing/env/clock.h"
#include "ticketing/env/http.h"
#include "ticketing/sync/device_auth.h"

namespace ticketing {

// Thread-safe when the inner one is. Both must outlive it.
class TimedHandler final : public HttpHandler {
 public:
  TimedHandler(HttpHandler& inner, Clock& clock) : inner_(inner), clock_(clock) {}

  HttpResponse Handle(const HttpRequest& request) override {
    HttpResponse response = inner_.Handle(request);
    response.headers.Set(kServerTimeHeader, std::to_string(clock_.Now().micros));
    return response;
  }

 private:
  HttpHandler& inner_;
  Clock& clock_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_BASTION_TIMED_HANDLER_H_
