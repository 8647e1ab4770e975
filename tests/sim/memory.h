// Memory for a simulator: a match takes and gives back some hundred million small pieces, on one
// thread. They come from lists by size, in spans of one large region of addresses; what is larger
// comes from the C library. Under a sanitizer, which wants to see every piece, all of it does.
#ifndef TICKETING_TESTS_SIM_MEMORY_H_
#define TICKETING_TESTS_SIM_MEMORY_H_

namespace ticketing::sim {

// Makes SQLite take its memory there too. Before the first database is opened; again and later
// nothing happens. `new` and `delete` use it by being linked.
void UseSimMemory();

}  // namespace ticketing::sim

#endif  // TICKETING_TESTS_SIM_MEMORY_H_
