// ticketing_sim: plays simulated matches, each twice if asked, and says what the auditor found.
#include "tests/sim/program.h"

int main(int argc, char** argv) {
  return ticketing::sim::RunSimProgram(argc, argv);
}
