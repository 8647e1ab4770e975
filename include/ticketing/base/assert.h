// Assertions that stay on in release builds. A failed one is a bug in this library: the process
// says where and ends, because going on with a broken invariant could sell a seat twice. Refusals
// and I/O are Status, not this.
#ifndef TICKETING_BASE_ASSERT_H_
#define TICKETING_BASE_ASSERT_H_

namespace ticketing::internal {
[[noreturn]] void AssertFailed(const char* condition, const char* file, int line);
}  // namespace ticketing::internal

#define TICKETING_ASSERT(condition) \
  (static_cast<bool>(condition)     \
       ? static_cast<void>(0)       \
       : ::ticketing::internal::AssertFailed(#condition, __FILE__, __LINE__))

#endif  // TICKETING_BASE_ASSERT_H_
