#include "ticketing/system/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"

namespace ticketing {
namespace {

unsigned ModeOf(const std::string& path) {
  struct stat info {};
  EXPECT_EQ(::stat(path.c_str(), &info), 0);
  return info.st_mode & 07777;
}

size_t EntriesOf(const std::string& path) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
}

TEST(FilesTest, WritesAndReads) {
  const TempDir dir;
  const std::string bytes("\0\xff\n x", 5);
  ASSERT_OK(WriteFileAtomically(dir / "key", bytes, 0600));
  EXPECT_THAT(ReadFile(dir / "key"), IsOkAndHolds(bytes));
  EXPECT_EQ(ModeOf(dir / "key"), 0600u);
  ASSERT_OK(WriteFileAtomically(dir / "key", "", 0644));
  EXPECT_THAT(ReadFile(dir / "key"), IsOkAndHolds(""));
  EXPECT_EQ(ModeOf(dir / "key"), 0644u);
  EXPECT_EQ(EntriesOf(dir.path()), 1u) << "a temporary file was left";
}

TEST(FilesTest, ReadsUpToItsBound) {
  const TempDir dir;
  const std::string bytes(200'000, 'x');
  ASSERT_OK(WriteFileAtomically(dir / "file", bytes));
  EXPECT_THAT(ReadFile(dir / "file", 200'000), IsOkAndHolds(bytes));
  EXPECT_THAT(ReadFile(dir / "file", 199'999), HasCode(ErrorCode::kPayloadTooLarge));
}

TEST(FilesTest, TellsMissingFromUnreadable) {
  const TempDir dir;
  EXPECT_THAT(ReadFile(dir / "none"), HasCode(ErrorCode::kNotFound));
  EXPECT_THAT(ReadFile(dir.path()), HasCode(ErrorCode::kUnavailable));
}

TEST(FilesTest, AFailedWriteLeavesTheOldFile) {
  const TempDir dir;
  EXPECT_THAT(WriteFileAtomically(dir / "no/such/folder", "x"), HasCode(ErrorCode::kUnavailable));
  // A folder that is not empty cannot be renamed over.
  ASSERT_OK(MakeDirectory(dir / "taken"));
  ASSERT_OK(WriteFileAtomically(dir / "taken/file", "old"));
  EXPECT_THAT(WriteFileAtomically(dir / "taken", "x"), HasCode(ErrorCode::kUnavailable));
  EXPECT_THAT(ReadFile(dir / "taken/file"), IsOkAndHolds("old"));
  EXPECT_EQ(EntriesOf(dir.path()), 1u) << "a temporary file was left";
}

TEST(FilesTest, MakesFolders) {
  const TempDir dir;
  ASSERT_OK(MakeDirectory(dir / "a/b/c/", 0700));
  EXPECT_EQ(ModeOf(dir / "a/b/c"), 0700u);
  EXPECT_OK(MakeDirectory(dir / "a/b/c", 0755));
  EXPECT_EQ(ModeOf(dir / "a/b/c"), 0700u);
  ASSERT_OK(WriteFileAtomically(dir / "file", "x"));
  EXPECT_THAT(MakeDirectory(dir / "file"), HasCode(ErrorCode::kUnavailable));
  EXPECT_THAT(MakeDirectory(dir / "file/below"), HasCode(ErrorCode::kUnavailable));
}

}  // namespace
}  // namespace ticketing
