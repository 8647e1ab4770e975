// Matchers for Status and StatusOr, and assertions built on them.
//
//   EXPECT_THAT(inventory.Hold(...), IsOk());
//   EXPECT_THAT(inventory.Hold(...), HasCode(ErrorCode::kSeatNotAvailable));
//   EXPECT_THAT(ParseThing(text), IsOkAndHolds(Thing{3}));
//   ASSERT_OK_AND_ASSIGN(const Order order, orders.Get(id));
#ifndef TICKETING_TESTING_MATCHERS_H_
#define TICKETING_TESTING_MATCHERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <utility>

#include "ticketing/base/error_code.h"
#include "ticketing/base/status.h"

namespace ticketing {
namespace internal {

inline const Status& StatusOf(const Status& status) {
  return status;
}
template <typename T>
const Status& StatusOf(const StatusOr<T>& result) {
  return result.status();
}

inline std::string Describe(const Status& status) {
  if (status.ok()) return "is OK";
  return "is " + std::string(InfoOf(CodeOf(status)).slug) + ": " + std::string(MessageOf(status));
}

}  // namespace internal

MATCHER(IsOk, negation ? "is an error" : "is OK") {
  const Status& status = internal::StatusOf(arg);
  *result_listener << "which " << internal::Describe(status);
  return status.ok();
}

MATCHER_P(HasCode, code,
          std::string(negation ? "does not have" : "has") + " the code " +
              std::string(InfoOf(code).slug)) {
  const Status& status = internal::StatusOf(arg);
  *result_listener << "which " << internal::Describe(status);
  return CodeOf(status) == code;
}

// A StatusOr that is OK and whose value matches.
MATCHER_P(IsOkAndHolds, inner, "is OK and holds a value that matches") {
  if (!arg.ok()) {
    *result_listener << "which " << internal::Describe(arg.status());
    return false;
  }
  return ::testing::ExplainMatchResult(inner, *arg, result_listener);
}

}  // namespace ticketing

#define EXPECT_OK(expression) EXPECT_THAT((expression), ::ticketing::IsOk())
#define ASSERT_OK(expression) ASSERT_THAT((expression), ::ticketing::IsOk())

// Declares or assigns `lhs` from a StatusOr; an error fails the test and returns from the function.
#define ASSERT_OK_AND_ASSIGN(lhs, expression) \
  ASSERT_OK_AND_ASSIGN_INNER(TICKETING_CONCAT(ticketing_test_result_, __LINE__), lhs, expression)
#define ASSERT_OK_AND_ASSIGN_INNER(result, lhs, expression) \
  auto result = (expression);                               \
  ASSERT_THAT(result, ::ticketing::IsOk());                 \
  lhs = *std::move(result)

#endif  // TICKETING_TESTING_MATCHERS_H_
