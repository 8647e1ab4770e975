// bastion: the venue's own server, which opens the gates with the cloud away.
#include "clients/bastion/bastion_program.h"

int main(int argc, char** argv) {
  using namespace ticketing;
  BastionProgramOptions options;
  Flags flags("bastion",
              "The venue's own server: decides scans for the handhelds on the LAN and keeps them "
              "in step with the cloud.");
  options.Declare(flags);
  return RunProgram(argc, argv, flags,
                    [&](Program& program) { return RunBastion(program, options); });
}
