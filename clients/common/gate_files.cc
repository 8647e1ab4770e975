#include "clients/common/gate_files.h"

#include <cstdio>

#include "ticketing/base/bytes.h"
#include "ticketing/gate/gate_transfer.h"
#include "ticketing/system/files.h"
#include "ticketing/wire/gate_file.h"

namespace ticketing {
namespace {

std::string Field(const char* name, size_t count) {
  return std::string(", \"") + name + "\": " + std::to_string(count);
}

Status Import(GateEngine& engine, const GateFileOptions& options) {
  std::string signer;
  if (!options.import_signer.empty()) {
    const auto key = HexDecode(options.import_signer);
    if (!key || key->size() != 32) {
      return InvalidField("--import_signer", "must be a public key, 64 hexadecimal digits");
    }
    signer = *key;
  }
  TICKETING_ASSIGN_OR_RETURN(const std::string file,
                             ReadFile(options.import_from, kGateFileBytesMax));
  TICKETING_ASSIGN_OR_RETURN(const GateImport done, ImportGate(engine, file, signer));
  std::printf("{\"imported\": true, \"writer\": \"%s\", \"trusted\": %s%s}\n",
              done.writer.ToString().c_str(), done.trusted ? "true" : "false",
              (Field("event_copies", done.copies) + Field("devices", done.devices) +
               Field("entries", done.entries) + Field("repeated", done.repeated) +
               Field("rejected", done.rejected) + Field("unknown", done.unknown))
                  .c_str());
  return OkStatus();
}

Status Export(GateEngine& engine, const GateFileOptions& options) {
  TICKETING_ASSIGN_OR_RETURN(const std::string file, ExportGate(engine));
  TICKETING_RETURN_IF_ERROR(WriteFileAtomically(options.export_to, file, 0600));
  std::printf("{\"exported\": true, \"bytes\": %zu, \"writer\": \"%s\", \"signer\": \"%s\"}\n",
              file.size(), engine.device().ToString().c_str(),
              HexEncode(engine.key().public_key()).c_str());
  return OkStatus();
}

}  // namespace

void GateFileOptions::Declare(Flags& flags) {
  flags.AddPath("export", &export_to,
                "Write all that is here (event copies, devices, logs) into this file, and end.");
  flags.AddPath("import", &import_from,
                "Take in what such a file holds and is new here, and end. Doing it again changes "
                "nothing.");
  flags.Add("import_signer", &import_signer,
            "The key that --export printed as \"signer\": believe that device's event copies, too. "
            "Not needed for files of bastions that are known here.");
}

Status MoveGateFiles(GateEngine& engine, const GateFileOptions& options) {
  if (!options.import_from.empty()) TICKETING_RETURN_IF_ERROR(Import(engine, options));
  if (!options.export_to.empty()) TICKETING_RETURN_IF_ERROR(Export(engine, options));
  std::fflush(stdout);
  return OkStatus();
}

}  // namespace ticketing
