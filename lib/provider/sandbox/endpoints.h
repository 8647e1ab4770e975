// The endpoints: each reads and changes objects within one transaction and says what to answer.
#ifndef TICKETING_LIB_PROVIDER_SANDBOX_ENDPOINTS_H_
#define TICKETING_LIB_PROVIDER_SANDBOX_ENDPOINTS_H_

#include <string>
#include <string_view>

#include "lib/provider/sandbox/answer.h"
#include "lib/provider/sandbox/form.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/env/database.h"
#include "ticketing/env/random.h"
#include "ticketing/provider/sandbox/sandbox_gateway.h"

namespace ticketing::sandbox {

struct Scene {
  SqlTransaction& tx;
  Random& random;
  Timestamp now;
  const SandboxOptions& options;

  // "pi_" and 24 digits and letters.
  std::string NewId(std::string_view prefix) const;
};

// Answers a request whose credentials were checked; an error only when the database fails.
StatusOr<Answer> Get(const Scene& scene, std::string_view path);
StatusOr<Answer> Post(const Scene& scene, std::string_view path, const Form& form);

// methods.cc, refunds.cc and intents.cc.
StatusOr<Answer> CreateMethod(const Scene& scene, const Form& form);
StatusOr<Answer> CreateRefund(const Scene& scene, const Form& form);
StatusOr<Answer> CreateIntent(const Scene& scene, const Form& form);
StatusOr<Answer> ConfirmIntent(const Scene& scene, std::string_view id, const Form& form);
StatusOr<Answer> CaptureIntent(const Scene& scene, std::string_view id, const Form& form);
StatusOr<Answer> CancelIntent(const Scene& scene, std::string_view id, const Form& form);

}  // namespace ticketing::sandbox

#endif  // TICKETING_LIB_PROVIDER_SANDBOX_ENDPOINTS_H_
