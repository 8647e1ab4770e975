#include "ticketing/system/flags.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "ticketing/base/assert.h"
#include "ticketing/system/files.h"
#include "ticketing/version.h"

namespace ticketing {
namespace {

constexpr size_t kConfigBytesMax = 1 << 20;
constexpr size_t kHelpColumns = 88;
constexpr size_t kShownBytesMax = 60;

bool IsFlagName(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name[0] != '_' && !name.starts_with("no_") &&
         std::ranges::all_of(name, allowed);
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// What was typed, fit for one line of a terminal.
std::string Shown(std::string_view text) {
  std::string out = "\"";
  for (const char c : text.substr(0, kShownBytesMax)) {
    out.push_back(static_cast<uint8_t>(c) < 0x20 || c == 0x7f ? '?' : c);
  }
  return out + (text.size() > kShownBytesMax ? "...\"" : "\"");
}

// Breaks a text into lines at spaces, each behind `indent`.
std::string Wrap(std::string_view text, size_t indent) {
  std::string out;
  std::string line;
  const auto flush = [&] {
    if (!line.empty()) out.append(indent, ' ').append(line).push_back('\n');
    line.clear();
  };
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (!line.empty() && indent + line.size() + 1 + word.size() > kHelpColumns) flush();
    if (!line.empty()) line.push_back(' ');
    line.append(word);
  }
  flush();
  return out;
}

Status Wrong(std::string_view message) {
  return MakeError(ErrorCode::kInvalidField, message);
}

}  // namespace

std::string EnvironmentName(std::string_view flag) {
  std::string name = "TICKETING_";
  for (const char c : flag) name.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
  return name;
}

Flags::Flags(std::string_view program, std::string_view purpose)
    : program_(program), purpose_(purpose) {
  AddPath("config", &config_,
          "A file with more flags: lines of the form `name = value`; '#' begins a comment.");
}

Flags::Flag& Flags::Declare(std::string_view name, std::string_view type, std::string_view help,
                            Setter set, std::function<std::string()> text) {
  TICKETING_ASSERT(IsFlagName(name) && name != "help" && name != "version" &&
                   Find(name) == nullptr);
  Flag flag;
  flag.name = name;
  flag.type = type;
  flag.help = help;
  flag.default_text = text();
  flag.set = std::move(set);
  flag.text = std::move(text);
  flags_.push_back(std::move(flag));
  return flags_.back();
}

// People type either: --data_dir and --data-dir are one flag.
Flags::Flag* Flags::Find(std::string_view name) {
  std::string canonical(name);
  std::ranges::replace(canonical, '-', '_');
  const auto found = std::ranges::find(flags_, canonical, &Flag::name);
  return found == flags_.end() ? nullptr : &*found;
}

void Flags::AllowArguments(std::vector<std::string>* rest, std::string_view usage) {
  rest_ = rest;
  rest_usage_ = usage;
}

std::vector<std::pair<std::string, std::string>> Flags::Values() const {
  std::vector<std::pair<std::string, std::string>> values;
  for (const Flag& flag : flags_) {
    const std::string text = flag.text();
    values.emplace_back(flag.name, flag.secret && !text.empty() ? "***" : text);
  }
  return values;
}

// "--name=value", "--name value", "--name" and "--no-name", beginning at args[index].
Status Flags::ReadArgument(const std::vector<std::string>& args, size_t& index, Assignments& out) {
  const std::string_view text = std::string_view(args[index]).substr(2);
  const size_t equals = text.find('=');
  const std::string name(text.substr(0, equals));
  Flag* flag = Find(name);
  if (flag != nullptr && equals != std::string_view::npos) {
    out.push_back({flag, std::string(text.substr(equals + 1)), "--" + name});
  } else if (flag != nullptr && flag->type.empty()) {
    out.push_back({flag, "true", "--" + name});
  } else if (flag != nullptr) {
    if (index + 1 >= args.size()) return Wrong("--" + name + " needs a value");
    out.push_back({flag, args[++index], "--" + name});
  } else if ((name.starts_with("no-") || name.starts_with("no_")) &&
             equals == std::string_view::npos) {
    Flag* negated = Find(std::string_view(name).substr(3));
    if (negated == nullptr || !negated->type.empty())
      return Wrong("unknown flag " + Shown("--" + name));
    out.push_back({negated, "false", "--" + name});
  } else {
    return Wrong("unknown flag " + Shown("--" + name) + "; --help lists them");
  }
  return OkStatus();
}

Status Flags::ReadArguments(const std::vector<std::string>& args, Assignments& out,
                            Outcome& outcome) {
  bool flags_ended = false;
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if (!flags_ended && (arg == "--help" || arg == "-h")) {
      outcome = Outcome::kHelp;
      return OkStatus();
    }
    if (!flags_ended && arg == "--version") {
      outcome = Outcome::kVersion;
      return OkStatus();
    }
    if (!flags_ended && arg == "--") {
      flags_ended = true;
    } else if (!flags_ended && arg.starts_with("--")) {
      TICKETING_RETURN_IF_ERROR(ReadArgument(args, i, out));
    } else if (rest_ != nullptr && (flags_ended || arg == "-" || !arg.starts_with('-'))) {
      rest_->push_back(arg);
    } else {
      return Wrong("unexpected argument " + Shown(arg) + "; flags have the form --name=value");
    }
  }
  return OkStatus();
}

Status Flags::ReadConfig(const std::string& path, Assignments& out) {
  const StatusOr<std::string> bytes = ReadFile(path, kConfigBytesMax);
  if (!bytes.ok()) return Wrong("--config: " + std::string(MessageOf(bytes.status())));
  std::string_view text = *bytes;
  for (int number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line[0] == '#') continue;
    const std::string where = "line " + std::to_string(number) + " of " + path;
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos)
      return Wrong(where + " is not of the form `name = value`");
    const std::string_view name = Trim(line.substr(0, equals));
    Flag* flag = Find(name);
    if (flag == nullptr || flag->name == "config")
      return Wrong(where + ": unknown flag " + Shown(name));
    out.push_back({flag, std::string(Trim(line.substr(equals + 1))), flag->name + " in " + where});
  }
  return OkStatus();
}

StatusOr<Flags::Outcome> Flags::Parse(const std::vector<std::string>& args,
                                      const Environment& environment) {
  Outcome outcome = Outcome::kRun;
  Assignments from_arguments;
  TICKETING_RETURN_IF_ERROR(ReadArguments(args, from_arguments, outcome));
  if (outcome != Outcome::kRun) return outcome;

  Assignments from_environment;
  for (Flag& flag : flags_) {
    const std::string name = EnvironmentName(flag.name);
    if (const auto value = environment(name)) from_environment.push_back({&flag, *value, name});
  }
  for (const Assignments* source : {&from_environment, &from_arguments}) {
    for (const Assignment& assignment : *source) {
      if (assignment.flag->name == "config") config_ = assignment.value;
    }
  }
  Assignments from_file;
  if (!config_.empty()) TICKETING_RETURN_IF_ERROR(ReadConfig(config_, from_file));

  // From weak to strong: what comes later overrides.
  for (const Assignments* source : {&from_file, &from_environment, &from_arguments}) {
    for (const Assignment& assignment : *source) {
      const std::optional<std::string> wrong = assignment.flag->set(assignment.value);
      if (!wrong) continue;
      const std::string value =
          assignment.flag->secret ? std::string() : ", not " + Shown(assignment.value);
      return Wrong(assignment.where + " " + *wrong + value);
    }
  }
  return outcome;
}

std::string Flags::Help() const {
  std::string out = program_ + " " + TICKETING_VERSION + "\n" + Wrap(purpose_, 0) +
                    "\nUsage: " + program_ + " [--flag=value ...]" +
                    (rest_usage_.empty() ? "" : " " + rest_usage_) +
                    "\nFlags may also come from the environment and from a file; the command line "
                    "wins, then the\n"
                    "environment.\n";
  for (const Flag& flag : flags_) {
    out += "\n  --" + flag.name + (flag.type.empty() ? "" : "=" + flag.type) + "\n" +
           Wrap(flag.help, 6);
    std::string origin;
    if (!flag.secret)
      origin = "Default: " + (flag.default_text.empty() ? "empty" : flag.default_text) + ". ";
    out += Wrap(origin + "Environment: " + EnvironmentName(flag.name), 6);
  }
  out +=
      "\n  --help\n      Print this page and end.\n\n  --version\n      Print the version and "
      "end.\n";
  return out;
}

std::optional<int> Flags::ParseMain(int argc, const char* const* argv) {
  const std::vector<std::string> args(argv + std::min(argc, 1), argv + argc);
  const auto environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
  const StatusOr<Outcome> outcome = Parse(args, environment);
  if (!outcome.ok()) {
    const std::string message(MessageOf(outcome.status()));
    std::fprintf(stderr, "%s: %s\n", program_.c_str(), message.c_str());
    return 2;
  }
  if (*outcome == Outcome::kRun) return std::nullopt;
  const std::string page =
      *outcome == Outcome::kHelp ? Help() : program_ + " " + TICKETING_VERSION + "\n";
  std::fputs(page.c_str(), stdout);
  return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace ticketing
