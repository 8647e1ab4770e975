// A lane keeps its chart as long as it lives. Its events get another chart by moving: a command of
// the lane makes their state on the new chart (seat::EventSet::MovedTo) and writes it, in its own
// transaction, as another lane, which takes the first one's place.
#ifndef TICKETING_LANE_LANE_MOVE_H_
#define TICKETING_LANE_LANE_MOVE_H_

#include "ticketing/lane/event_lane.h"

namespace ticketing {

// Ends the lane `from` and makes `to` with `state`: for the rows of a command of `from` that is
// alone in its transaction, as RunTogether runs it. What came after it there would be lost. Whoever
// still has the old lane is refused with kNotFound from then on and must look where it went. Its
// log stays, for the history; that of `to` begins with larger versions. kConflict when there is a
// lane `to`.
Status MoveLane(SqlTransaction& tx, LaneId from, LaneId to, const LaneState& state, Timestamp now);

}  // namespace ticketing

#endif  // TICKETING_LANE_LANE_MOVE_H_
