// The bastion as a program: flags in, a served LAN out.
#ifndef TICKETING_CLIENTS_BASTION_BASTION_PROGRAM_H_
#define TICKETING_CLIENTS_BASTION_BASTION_PROGRAM_H_

#include <string>

#include "clients/common/gate_files.h"
#include "ticketing/service/bastion/bastion_service.h"
#include "ticketing/system/flags.h"
#include "ticketing/system/program.h"

namespace ticketing {

struct BastionProgramOptions {
  HostPort listen{"127.0.0.1", 7500};
  std::string address;
  std::string show_qr = "auto";
  std::string data_dir = "bastion-data";
  std::string cloud_url;
  std::string pairing_code;
  std::string follow;
  std::string follow_pin;
  int64_t disk_warning_mb = 500;
  GateFileOptions files;
  std::string seal_identity;
  std::string open_identity;
  std::string passphrase;
  BastionOptions service;

  void Declare(Flags& flags);
};

// Enrols at the cloud if need be, fetches the event, serves the handhelds and syncs until told to
// stop. Prints a JSON line when it is ready, and one whenever the pairing code for handhelds
// changes.
Status RunBastion(Program& program, const BastionProgramOptions& options);

}  // namespace ticketing

#endif  // TICKETING_CLIENTS_BASTION_BASTION_PROGRAM_H_
