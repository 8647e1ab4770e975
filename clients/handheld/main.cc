// handheld: what gate staff hold. Reads codes, answers green or red, with or without a network.
#include "clients/handheld/handheld_program.h"

int main(int argc, char** argv) {
  using namespace ticketing;
  HandheldOptions options;
  Flags flags(
      "handheld",
      "Scans tickets at a gate: codes from a keyboard-wedge scanner on standard input, or paths of "
      "pictures, or "
      "pictures from a folder. Answers green or red with the reason; goes on without a network.");
  options.Declare(flags);
  return RunProgram(argc, argv, flags,
                    [&](Program& program) { return RunHandheld(program, options); });
}
