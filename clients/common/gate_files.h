// Gate files on a disk: what --export and --import of bastion and handheld do.
#ifndef TICKETING_CLIENTS_COMMON_GATE_FILES_H_
#define TICKETING_CLIENTS_COMMON_GATE_FILES_H_

#include <string>

#include "ticketing/gate/engine.h"
#include "ticketing/system/flags.h"

namespace ticketing {

struct GateFileOptions {
  std::string export_to;
  std::string import_from;
  std::string import_signer;

  void Declare(Flags& flags);
  bool asked() const { return !export_to.empty() || !import_from.empty(); }
};

// Imports first, then exports, each when asked, and prints a JSON line that says what was done.
// Errors: those of reading and writing, and of gate/gate_transfer.h.
Status MoveGateFiles(GateEngine& engine, const GateFileOptions& options);

}  // namespace ticketing

#endif  // TICKETING_CLIENTS_COMMON_GATE_FILES_H_
