// Everything a service or an engine may know of the world, handed in by whoever builds the process.
// The referenced objects must outlive every holder. Copies are cheap.
#ifndef TICKETING_ENV_ENV_H_
#define TICKETING_ENV_ENV_H_

#include "ticketing/env/clock.h"
#include "ticketing/env/log.h"
#include "ticketing/env/metrics.h"
#include "ticketing/env/random.h"

namespace ticketing {

struct Env {
  Clock& clock;
  Random& random;
  Log& log;
  Metrics& metrics;
};

}  // namespace ticketing

#endif  // TICKETING_ENV_ENV_H_
