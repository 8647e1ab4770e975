// Flags of a program: declared once, read from the command line, the environment and a file.
//
//   HostPort listen{"127.0.0.1", 8080};
//   Flags flags("client-api", "The public API for customers.");
//   flags.Add("listen", &listen, "Where to answer HTTP.");
//   if (auto code = flags.ParseMain(argc, argv)) return *code;
//
// Precedence: --name=value, --name value (a bool: --name, --no_name or --name=false), then the
// environment (TICKETING_LISTEN), then the lines `listen = value` of the file named by --config,
// then the default: the value that the variable held when it was declared. Lines of the file that
// begin with '#' are comments; a key that no flag has is an error.
#ifndef TICKETING_SYSTEM_FLAGS_H_
#define TICKETING_SYSTEM_FLAGS_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"

namespace ticketing {

// Where to listen or to connect: "127.0.0.1:8080", "[::1]:8080", ":8080" (every interface) or
// "example.org:443".
struct HostPort {
  std::string host;
  uint16_t port = 0;

  auto operator<=>(const HostPort&) const = default;
  std::string ToString() const;
  static std::optional<HostPort> Parse(std::string_view text);
};

class Flags {
 public:
  // `program` is the name that --help and errors show, `purpose` one or two sentences.
  Flags(std::string_view program, std::string_view purpose);

  const std::string& program() const { return program_; }

  // Declares a flag. `name` is snake_case; on the command line '-' does for '_'. The variable must
  // live as long as the parsing; its present value is the default. `help` is a sentence or more:
  // what it means, in which unit.
  void Add(std::string_view name, std::string* value, std::string_view help);
  void Add(std::string_view name, bool* value, std::string_view help);
  void Add(std::string_view name, int64_t* value, std::string_view help, int64_t min, int64_t max);
  void Add(std::string_view name, Duration* value,
           std::string_view help);  // "300ms", "15s", "10m", "2h", "7d"
  void Add(std::string_view name, HostPort* value, std::string_view help);
  void AddPath(std::string_view name, std::string* value, std::string_view help);
  void AddChoice(std::string_view name, std::string* value, std::vector<std::string> choices,
                 std::string_view help);
  // A text that neither --help nor an error ever shows. Better given by environment or file than by
  // command line.
  void AddSecret(std::string_view name, std::string* value, std::string_view help);

  // Takes what stands beside the flags, in order; without this call it is an error. `usage` is
  // shown in the first line of --help, "FILE..." for instance.
  void AllowArguments(std::vector<std::string>* rest, std::string_view usage);

  // Every flag as `name = value` for the log of a start; secrets as "***".
  std::vector<std::pair<std::string, std::string>> Values() const;

  enum class Outcome { kRun, kHelp, kVersion };
  // The name of an environment variable to its value, nullopt when not set.
  using Environment = std::function<std::optional<std::string>(const std::string&)>;

  // Reads everything. Errors: kInvalidField with one line that names the flag and where the value
  // came from; then some variables may be set already.
  StatusOr<Outcome> Parse(const std::vector<std::string>& args, const Environment& environment);

  // The page that --help prints.
  std::string Help() const;

  // Parse for main(): answers --help and --version on standard output and errors on standard error,
  // and gives the code to exit with (0 or 2), or nullopt to go on.
  std::optional<int> ParseMain(int argc, const char* const* argv);

 private:
  // Says what is wrong with a value, or sets the variable and gives nullopt.
  using Setter = std::function<std::optional<std::string>(std::string_view)>;

  struct Flag {
    std::string name;
    std::string type;  // as --help shows it: "HOST:PORT"; empty for a bool
    std::string help;
    std::string default_text;
    bool secret = false;
    Setter set;
    std::function<std::string()> text;  // the present value
  };
  struct Assignment {
    Flag* flag;
    std::string value;
    std::string where;  // "--listen", "line 3 of /etc/x.conf": for errors
  };
  using Assignments = std::vector<Assignment>;

  Flag& Declare(std::string_view name, std::string_view type, std::string_view help, Setter set,
                std::function<std::string()> text);
  Flag* Find(std::string_view name);
  Status ReadArguments(const std::vector<std::string>& args, Assignments& out, Outcome& outcome);
  Status ReadArgument(const std::vector<std::string>& args, size_t& index, Assignments& out);
  Status ReadConfig(const std::string& path, Assignments& out);

  std::string program_;
  std::string purpose_;
  std::string config_;
  std::string rest_usage_;
  std::vector<std::string>* rest_ = nullptr;
  std::deque<Flag> flags_;
};

// "TICKETING_DATA_DIR" for "data_dir".
std::string EnvironmentName(std::string_view flag);

}  // namespace ticketing

#endif  // TICKETING_SYSTEM_FLAGS_H_
