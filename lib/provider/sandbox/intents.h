// PaymentIntents as they stand at a moment.
#ifndef TICKETING_LIB_PROVIDER_SANDBOX_INTENTS_H_
#define TICKETING_LIB_PROVIDER_SANDBOX_INTENTS_H_

#include <optional>
#include <string_view>

#include "lib/provider/sandbox/endpoints.h"
#include "lib/provider/sandbox/objects.h"

namespace ticketing::sandbox {

// The intent as it is now: a voucher whose time has come is paid or expired. nullopt when there is
// none.
StatusOr<std::optional<Intent>> CurrentIntent(const Scene& scene, std::string_view id);

}  // namespace ticketing::sandbox

#endif  // TICKETING_LIB_PROVIDER_SANDBOX_INTENTS_H_
