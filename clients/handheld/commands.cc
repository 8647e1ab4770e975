#include "clients/handheld/commands.h"

#include <charconv>

#include "ticketing/admission/reason.h"

namespace ticketing {
namespace {

// The next word, taken off `rest`.
std::string_view TakeWord(std::string_view& rest) {
  const size_t start = rest.find_first_not_of(' ');
  if (start == rest.npos) return rest = {};
  rest.remove_prefix(start);
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(word.size());
  return word;
}

std::string_view Trimmed(std::string_view text) {
  const size_t start = text.find_first_not_of(' ');
  if (start == text.npos) return {};
  return text.substr(start, text.find_last_not_of(' ') - start + 1);
}

std::string WhysFor() {
  std::string list;
  for (uint64_t number = 1; StaffWhyOfNumber(number); ++number) {
    list += (list.empty() ? "" : ", ") + std::string(StaffWhyName(*StaffWhyOfNumber(number)));
  }
  return list;
}

}  // namespace

bool IsCommand(std::string_view line) {
  for (const std::string_view word : {":override", ":annul", ":areas", ":find", ":admit"}) {
    if (line == word || (line.starts_with(word) && line[word.size()] == ' ')) return true;
  }
  return false;
}

StatusOr<Command> ParseCommand(std::string_view line, std::string_view staff) {
  Command command;
  const std::string_view name = TakeWord(line);
  if (name == ":areas") return command;
  if (name == ":find") {
    command.kind = Command::Kind::kFind;
    command.words = std::string(Trimmed(line));
    return command;
  }
  command.kind = name == ":annul"   ? Command::Kind::kAnnul
                 : name == ":admit" ? Command::Kind::kAdmit
                                    : Command::Kind::kOverride;
  if (staff.empty()) {
    return InvalidField("--staff", "must say who holds this device before it overrules anything");
  }
  std::string_view word = TakeWord(line);
  if (command.kind == Command::Kind::kAnnul) {
    command.scan = ScanId::Parse(word);
    if (command.scan) word = TakeWord(line);
  }
  if (command.kind == Command::Kind::kAdmit) {
    const auto [end, error] =
        std::from_chars(word.data(), word.data() + word.size(), command.choice);
    if (error != std::errc() || end != word.data() + word.size() || command.choice == 0) {
      return InvalidField(":admit", "needs the number of a ticket that :find has shown");
    }
    word = TakeWord(line);
  }
  const std::optional<StaffWhy> why = StaffWhyOfName(word);
  if (!why) return InvalidField("why", "must be one of " + WhysFor());
  command.staff = {static_cast<uint8_t>(*why), std::string(staff), std::string(Trimmed(line))};
  TICKETING_RETURN_IF_ERROR(CheckStaffNote(command.staff));
  if (*why == StaffWhy::kOther && command.staff.note.empty()) {
    return InvalidField("why", "other needs words behind it");
  }
  return command;
}

}  // namespace ticketing
