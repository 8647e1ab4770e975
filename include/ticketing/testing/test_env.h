// An Env of fakes, whole and ready.
#ifndef TICKETING_TESTING_TEST_ENV_H_
#define TICKETING_TESTING_TEST_ENV_H_

#include <cstdint>

#include "ticketing/env/env.h"
#include "ticketing/testing/fake_clock.h"
#include "ticketing/testing/memory_log.h"
#include "ticketing/testing/metrics.h"
#include "ticketing/testing/seeded_random.h"

namespace ticketing {

// Must outlive whoever holds its env().
struct TestEnv {
  explicit TestEnv(uint64_t seed = 1) : random(seed) {}

  Env env() { return Env{clock, random, log, metrics}; }

  FakeClock clock;
  SeededRandom random;
  MemoryLog log;
  RecordingMetrics metrics;
};

}  // namespace ticketing

#endif  // TICKETING_TESTING_TEST_ENV_H_
