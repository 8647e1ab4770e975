// All that a gate holds into a gate file (wire/gate_file.h) and out of one.
#ifndef TICKETING_GATE_GATE_TRANSFER_H_
#define TICKETING_GATE_GATE_TRANSFER_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "ticketing/base/status.h"
#include "ticketing/gate/engine.h"

namespace ticketing {

// Errors: the database's.
StatusOr<std::string> ExportGate(GateEngine& engine);

struct GateImport {
  DeviceId writer;
  bool trusted = false;  // its event copies and devices were taken, too
  size_t copies = 0;
  size_t devices = 0;   // told of
  size_t entries = 0;   // new here
  size_t repeated = 0;  // were here already
  size_t rejected = 0;  // broken, or of a device that was shut out
  size_t unknown = 0;   // of devices that this gate does not know: nothing is taken of them
};

// Takes in what is new; doing it again changes nothing. Log entries are sealed by their
// devices and taken from anybody, but those of a device that was shut out only from a writer who is
// believed, as he took them before. Event copies and devices are taken only from a bastion or cloud
// that this gate knows, or from the device whose public key is `trusted_key` (32 bytes; empty:
// none), because they say who gets in. Errors: those of ReadGateFile before anything is taken; the
// database's, then what was taken stays.
StatusOr<GateImport> ImportGate(GateEngine& engine, std::string_view file,
                                std::string_view trusted_key);

}  // namespace ticketing

#endif  // TICKETING_GATE_GATE_TRANSFER_H_
