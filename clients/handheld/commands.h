// What a person types at the handheld beside codes. A command begins with a colon, which no code
// does:
//
//   :override WHY [words]      the next code passes whatever the rules say, if this device may
//   :annul [SCAN] WHY [words]  takes a scan back; without its id the last one that let somebody in
//   :find WORDS                tickets by name, order or seat, if this device may look
//   :admit N WHY [words]       the Nth of them enters without a code, as far as the rules let it
//   :areas                     how many people are in the areas that have a limit
//
// WHY is a name of StaffWhy, such as identity_shown or turnstile_stuck.
#ifndef TICKETING_CLIENTS_HANDHELD_COMMANDS_H_
#define TICKETING_CLIENTS_HANDHELD_COMMANDS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/sync/log_entry.h"

namespace ticketing {

struct Command {
  enum class Kind { kOverride, kAnnul, kAreas, kFind, kAdmit };
  Kind kind = Kind::kAreas;
  StaffNote staff;
  std::optional<ScanId> scan;  // of kAnnul; without it the last one
  std::string words;           // of kFind
  size_t choice = 0;           // of kAdmit, from 1
};

bool IsCommand(std::string_view line);

// The command of a line that IsCommand takes; `staff` is who holds the device. Errors:
// kInvalidField, telling what is right.
StatusOr<Command> ParseCommand(std::string_view line, std::string_view staff);

}  // namespace ticketing

#endif  // TICKETING_CLIENTS_HANDHELD_COMMANDS_H_
