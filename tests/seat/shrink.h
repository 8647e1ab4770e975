// The shortest list that still fails: delta debugging over the steps of a random walk.
#ifndef TICKETING_TESTS_SEAT_SHRINK_H_
#define TICKETING_TESTS_SEAT_SHRINK_H_

#include <algorithm>
#include <cstddef>
#include <vector>

namespace ticketing::seat {

// A part of `steps`, in their order, for which `fails` is still true and no longer is when any one
// step is taken away. `fails(steps)` must be true. `fails` must give the same answer each time.
template <typename T, typename Fails>
std::vector<T> Shrink(std::vector<T> steps, const Fails& fails) {
  size_t chunk = std::max<size_t>(1, steps.size() / 2);
  while (true) {
    bool shorter = false;
    // From the end: what comes late rests on what comes early.
    for (size_t end = steps.size(); end > 0;) {
      const size_t begin = end > chunk ? end - chunk : 0;
      std::vector<T> fewer(steps.begin(), steps.begin() + static_cast<ptrdiff_t>(begin));
      fewer.insert(fewer.end(), steps.begin() + static_cast<ptrdiff_t>(end), steps.end());
      if (fails(fewer)) {
        steps = std::move(fewer);
        shorter = true;
      }
      end = begin;
    }
    if (chunk == 1 && !shorter) return steps;
    if (chunk > 1) chunk /= 2;
  }
}

}  // namespace ticketing::seat

#endif  // TICKETING_TESTS_SEAT_SHRINK_H_
