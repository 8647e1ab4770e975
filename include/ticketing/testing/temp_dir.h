// A folder of its own for a test.
#ifndef TICKETING_TESTING_TEMP_DIR_H_
#define TICKETING_TESTING_TEMP_DIR_H_

#include <string>
#include <string_view>

namespace ticketing {

// Makes an empty folder with mode 0700 under TMPDIR (or /tmp) and removes it with all that is in
// it.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

}  // namespace ticketing

#endif  // TICKETING_TESTING_TEMP_DIR_H_
