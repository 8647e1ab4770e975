// What the handheld reads: lines of a keyboard-wedge scanner on standard input, and pictures.
#ifndef TICKETING_CLIENTS_HANDHELD_INPUT_H_
#define TICKETING_CLIENTS_HANDHELD_INPUT_H_

#include <optional>
#include <set>
#include <string>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/env/clock.h"
#include "ticketing/token/typed_code.h"

namespace ticketing {

// Reads standard input without blocking longer than asked. One reader per process.
class LineReader {
 public:
  enum class Outcome { kLine, kNothing, kEnd };
  explicit LineReader(Clock& clock);
  // A line without its end, as TypedLines cuts them: a code, or the path of a file. kNothing after
  // `wait`, kEnd when there will be no more.
  Outcome Next(std::string& line, Duration wait);

 private:
  bool TakeLine(std::string& line);
  Clock& clock_;
  TypedLines lines_;
  bool ended_ = false;
};

// New pictures of a folder, each once, in the order of their names.
class PictureFolder {
 public:
  explicit PictureFolder(std::string path) : path_(std::move(path)) {}
  std::optional<std::string> Next();

 private:
  const std::string path_;
  std::set<std::string> seen_;
};

// Whether a line names a picture rather than a code: a path with the ending of one.
bool IsPicture(const std::string& line);

// The code text in a picture. Errors: kNotFound when no code can be read, and those of the file.
StatusOr<std::string> CodeInPicture(const std::string& path);

}  // namespace ticketing

#endif  // TICKETING_CLIENTS_HANDHELD_INPUT_H_
