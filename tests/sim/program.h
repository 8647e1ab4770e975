// The command line of ticketing_sim.
#ifndef TICKETING_TESTS_SIM_PROGRAM_H_
#define TICKETING_TESTS_SIM_PROGRAM_H_

namespace ticketing::sim {

// 0: every match kept every promise (or, with --plant, the bug was caught); 1: one did not; 2:
// wrong flags.
int RunSimProgram(int argc, char** argv);

}  // namespace ticketing::sim

#endif  // TICKETING_TESTS_SIM_PROGRAM_H_
