// PaymentMethods as parameters describe them.
#ifndef TICKETING_LIB_PROVIDER_SANDBOX_METHODS_H_
#define TICKETING_LIB_PROVIDER_SANDBOX_METHODS_H_

#include <optional>
#include <string_view>
#include <variant>

#include "lib/provider/sandbox/endpoints.h"
#include "lib/provider/sandbox/objects.h"

namespace ticketing::sandbox {

// A method, or why there is none.
using MethodOrAnswer = std::variant<Method, Answer>;

// The method of a test token or of a stored id; `param` is named in the refusal.
StatusOr<MethodOrAnswer> ResolveMethod(const Scene& scene, const std::string& id,
                                       std::string_view param);

// The new method that "<prefix>type", "<prefix>card[number]", ... describe. Not saved yet.
MethodOrAnswer BuildMethod(const Scene& scene, const Form& form, std::string_view prefix,
                           std::string_view suffix);

}  // namespace ticketing::sandbox

#endif  // TICKETING_LIB_PROVIDER_SANDBOX_METHODS_H_
