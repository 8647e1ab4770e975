// The body of one row of the lane's log: what one commit changed, command by command.
//
//    byte    format, 1
//    signed  time of the commit in microseconds (base/varint.h)
//    then per command:
//      byte    1 when a note follows, 0 when it is that of the command before
//      texts   actor, origin, reason, if so
//      varint  number of changes, then each as seat::AppendChanges writes it
#ifndef TICKETING_LIB_LANE_COMMIT_LOG_H_
#define TICKETING_LIB_LANE_COMMIT_LOG_H_

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/lane/event_lane.h"

namespace ticketing::lane {

// Makes a body. One instance serves many commits, so that its memory is used again.
class LogWriter {
 public:
  // `buffer` gives its memory.
  void Begin(Timestamp now, std::string buffer);
  void Add(const LaneNote& note, std::span<const seat::Changes> changes);
  size_t size() const { return body_.size(); }
  std::string Take() { return std::move(body_); }

 private:
  std::string body_;
  LaneNote last_;
  bool first_ = true;
};

struct LogRecord {
  Timestamp at;
  LaneNote note;
  std::vector<seat::Changes> changes;
  size_t bytes = 0;  // that it takes in the body
};

// Calls `use` for every command of a body, in order. kDataLoss, which names the lane and the
// version, for anything that LogWriter does not write; else the first error of `use`.
Status ReadLogBody(LaneId lane, uint64_t version, std::string_view body,
                   const std::function<Status(LogRecord&)>& use);

// The time of the commit; zero for anything that LogWriter does not write.
Timestamp TimeOfLogBody(std::string_view body);

Status DamagedLog(LaneId lane, uint64_t version);

}  // namespace ticketing::lane

#endif  // TICKETING_LIB_LANE_COMMIT_LOG_H_
