// What every function of the C interface is made of: the guard that turns a Status or an exception
// into a code and an error object, checked views and structs, and handles that know their kind.
#ifndef TICKETING_BINDINGS_C_SUPPORT_H_
#define TICKETING_BINDINGS_C_SUPPORT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/c.h"

namespace ticketing::capi {

// One for each object and each allocation that the caller has to free.
class Counted {
 public:
  Counted();
  ~Counted();
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
};
int64_t LiveObjects();

// A handle begins with the number of its kind, so that a pointer of another kind is refused.
template <uint32_t kKind>
class Handle : private Counted {
 public:
  ~Handle() { kind_ = 0; }
  bool IsOfItsKind() const { return kind_ == kKind; }

 private:
  volatile uint32_t kind_ = kKind;
};

template <typename T>
Status CheckHandle(const T* handle, std::string_view name) {
  if (handle == nullptr) return InvalidField(name, "is NULL");
  if (!handle->IsOfItsKind()) return InvalidField(name, "is not an object of this kind");
  return OkStatus();
}

template <typename T>
Status CheckOutput(const T* output, std::string_view name) {
  return output == nullptr ? InvalidField(name, "has no place to go: NULL") : OkStatus();
}

// A struct of exactly the size that this version knows; sizes are part of the ABI.
template <typename T>
Status CheckStruct(const T* value, std::string_view name) {
  if (value == nullptr) return InvalidField(name, "is NULL");
  if (value->struct_size != sizeof(T))
    return InvalidField(name, "has a struct_size that this library does not know");
  return OkStatus();
}

StatusOr<std::string_view> ReadView(ticketing_view_t view, std::string_view name);
inline ticketing_view_t ViewOf(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// Hands out a copy that the caller frees.
Status GiveBytes(std::string_view bytes, ticketing_bytes_t* out, std::string_view name);

// The code of `status`; makes the error object when it failed and somebody wants it. Never throws.
int32_t Report(const Status& status, ticketing_error_t** error) noexcept;

// Runs the body of a function. Nothing is thrown out of it: an exception is kInternal.
template <typename Body>
int32_t Guard(ticketing_error_t** error, Body&& body) noexcept {
  try {
    return Report(std::forward<Body>(body)(), error);
  } catch (...) {
    return Report(MakeError(ErrorCode::kInternal, "The library ran out of memory or failed."),
                  error);
  }
}

}  // namespace ticketing::capi

#endif  // TICKETING_BINDINGS_C_SUPPORT_H_
