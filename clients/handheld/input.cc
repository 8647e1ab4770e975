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

LineReader::LineReader(Clock& clock) : clock_(clock), lines_(kLineBytesMax) {}

LineReader::Outcome LineReader::Next(std::string& line, Duration wait) {
  if (TakeLine(line)) return Outcome::kLine;
  if (ended_) return Outcome::kEnd;
  pollfd descriptor{STDIN_FILENO, POLLIN, 0};
  const int ready = poll(&descriptor, 1, static_cast<int>(wait.millis()));
  if (ready <= 0) return TakeLine(line) ? Outcome::kLine : Outcome::kNothing;
  std::array<char, 4096> bytes;
  const ssize_t count = read(STDIN_FILENO, bytes.data(), bytes.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return Outcome::kNothing;
  if (count <= 0) {
    ended_ = true;
    lines_.End();  // a last line without an end counts as one
  } else {
    lines_.Type(std::string_view(bytes.data(), static_cast<size_t>(count)), clock_.Monotonic());
  }
  if (TakeLine(line)) return Outcome::kLine;
  return ended_ ? Outcome::kEnd : Outcome::kNothing;
}

bool LineReader::TakeLine(std::string& line) {
  std::optional<std::string> next = lines_.Take(clock_.Monotonic());
  if (!next) return false;
  line = *std::move(next);
  return true;
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
