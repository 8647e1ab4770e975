#include "ticketing/base/status.h"

#include <gtest/gtest.h>

#include <set>

namespace ticketing {
namespace {

TEST(StatusTest, DetailsTravelWithTheError) {
  const Status status = MakeError(ErrorCode::kSeatNotAvailable, "Taken.",
                                  {.fields = {{"objects[0]", "is taken"}},
                                   .objects = {"Norte 104-F-23", ""},
                                   .retry_after = Duration::Seconds(-3)});
  EXPECT_EQ(CodeOf(status), ErrorCode::kSeatNotAvailable);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(MessageOf(status), "Taken.");
  const ErrorDetails details = DetailsOf(status);
  EXPECT_EQ(details.fields, (std::vector<FieldError>{{"objects[0]", "is taken"}}));
  EXPECT_EQ(details.objects, (std::vector<std::string>{"Norte 104-F-23", ""}));
  EXPECT_EQ(details.retry_after, Duration::Seconds(-3));
}

TEST(StatusTest, ForeignStatusesGetTheNearestCode) {
  EXPECT_EQ(CodeOf(absl::OkStatus()), ErrorCode::kOk);
  EXPECT_EQ(CodeOf(absl::NotFoundError("")), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(absl::UnavailableError("")), ErrorCode::kUnavailable);
  EXPECT_TRUE(DetailsOf(absl::NotFoundError("")).fields.empty());
}

// Goal: the table stays whole. Every row has its own number and slug, rows are in order, and slugs
// lead back.
TEST(StatusTest, TheTableIsWhole) {
  std::set<std::string_view> slugs;
  int32_t last = -1;
  for (const ErrorInfo& row : AllErrors()) {
    EXPECT_GT(static_cast<int32_t>(row.code), last);
    last = static_cast<int32_t>(row.code);
    EXPECT_TRUE(slugs.insert(row.slug).second) << row.slug;
    EXPECT_EQ(ErrorCodeOfSlug(row.slug), row.code);
    EXPECT_EQ(InfoOf(row.code).slug, row.slug);
    EXPECT_GE(row.http_status, row.code == ErrorCode::kOk ? 200 : 400);
  }
  EXPECT_EQ(InfoOf(static_cast<ErrorCode>(99999)).code, ErrorCode::kInternal);
}

}  // namespace
}  // namespace ticketing
