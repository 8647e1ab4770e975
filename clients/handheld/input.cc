#include "clients/handheld/input.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string_view>

#include "ticketing/provider/qr/reader.h"
#include "ticketing/system/files.h"

namespace ticketing {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLineBytesMax = 4096;  // a path may be long; the engine bounds codes itself

}  // namespace

LineReader::Outcome LineReader::Next(std::string& line, Duration wait) {
  if (TakeLine(line)) return Outcome::kLine;
  if (ended_) return Outcome::kEnd;
  pollfd descriptor{STDIN_FILENO, POLLIN, 0};
  const int ready = poll(&descriptor, 1, static_cast<int>(wait.millis()));
  if (ready <= 0) return Outcome::kNothing;
  std::array<char, 4096> bytes;
  const ssize_t count = read(STDIN_FILENO, bytes.data(), bytes.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return Outcome::kNothing;
  if (count <= 0) {
    ended_ = true;
    // A last line without an end counts as one.
    if (!buffer_.empty() && !skipping_) buffer_.push_back('\n');
  } else {
    buffer_.append(bytes.data(), static_cast<size_t>(count));
  }
  if (TakeLine(line)) return Outcome::kLine;
  return ended_ ? Outcome::kEnd : Outcome::kNothing;
}

// Scanners end a line with CR, LF or both; empty lines are nothing.
bool LineReader::TakeLine(std::string& line) {
  while (true) {
    const size_t end = buffer_.find_first_of("\r\n");
    if (end == std::string::npos && buffer_.size() <= kLineBytesMax) return false;
    const size_t size = std::min(end, kLineBytesMax);
    line = buffer_.substr(0, size);
    const bool skip = skipping_;
    skipping_ = end == std::string::npos || end > kLineBytesMax;
    buffer_.erase(0, skipping_ ? size : end + 1);
    if (!skip && !line.empty()) return true;
  }
}

std::optional<std::string> PictureFolder::Next() {
  std::error_code error;
  std::set<std::string> fresh;
  for (fs::directory_iterator it(path_, error), end; !error && it != end; it.increment(error)) {
    const std::string path = it->path().string();
    if (IsPicture(path) && !seen_.contains(path) && it->is_regular_file(error)) fresh.insert(path);
  }
  if (fresh.empty()) return std::nullopt;
  seen_.insert(*fresh.begin());
  return *fresh.begin();
}

bool IsPicture(const std::string& line) {
  for (const std::string_view ending : {".png", ".jpg", ".jpeg", ".pgm"}) {
    if (line.ends_with(ending)) return true;
  }
  return false;
}

StatusOr<std::string> CodeInPicture(const std::string& path) {
  TICKETING_ASSIGN_OR_RETURN(const std::string file, ReadFile(path, qr::kImageBytesMax));
  return qr::ReadCodeFromFile(file);
}

}  // namespace ticketing
