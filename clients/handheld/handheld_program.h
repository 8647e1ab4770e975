// The handheld as a program: it reads codes, decides, shows, and syncs behind the scenes.
#ifndef TICKETING_CLIENTS_HANDHELD_HANDHELD_PROGRAM_H_
#define TICKETING_CLIENTS_HANDHELD_HANDHELD_PROGRAM_H_

#include <string>

#include "clients/common/gate_files.h"
#include "clients/handheld/peers.h"
#include "ticketing/base/limits.h"
#include "ticketing/system/flags.h"
#include "ticketing/system/program.h"

namespace ticketing {

struct HandheldOptions {
  std::string data_dir = "handheld-data";
  std::string pairing;
  std::string bastion_url;
  std::string bastion_pin;
  std::string cloud_url;
  std::string pairing_code;
  std::string name = "Handheld";
  std::string battery_file;
  GateFileOptions files;
  std::string event;
  std::string gate;
  std::string direction = "entry";
  std::string staff;
  std::string images;
  std::string output = "panel";
  std::string language = "es";
  PeerOptions peers;
  int64_t disk_warning_mb = 100;
  Duration decision_budget = limits::kDecisionBudget;

  void Declare(Flags& flags);
};

// Enrols if need be, downloads the event, and scans until standard input ends or it is told to
// stop.
Status RunHandheld(Program& program, const HandheldOptions& options);

}  // namespace ticketing

#endif  // TICKETING_CLIENTS_HANDHELD_HANDHELD_PROGRAM_H_
