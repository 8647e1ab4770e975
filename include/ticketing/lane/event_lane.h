// The event lane: the one way the seats and holds of an event, or of a season with all its matches,
// change durably. Who embeds the library sells through it.
//
// A lane keeps a seat::EventSet in memory. Commands queue; one batch is in flight at a time. A
// batch is applied in memory, and then written in one transaction that first compares and swaps the
// version of the lane's row. What is written is an append to the lane's log (which is also the
// history of every seat), the rows that the commands bring along (orders, outbox), and now and then
// a snapshot, so that loading never reads a long log. Cost: one small write per batch however many
// seats it sells, and none that grows with the venue.
//
// Invariants, which tests/lane attacks:
//   1. Nobody hears an answer, good or bad, before the commit that it rests on: a refusal is only
//      believed when the lane's row still had the version it was computed from.
//   2. Memory is never ahead of what a reader may see: views are made of committed states only.
//   3. What is written is what the inventory said has changed, with the rows of the same command,
//      all in one transaction.
//   4. When a commit fails or another process moved the version, the state in memory is dropped and
//      loaded again, and the commands are applied anew. Correctness rests on the database alone;
//      two lanes of one event are slower, never wrong.
//   5. A command whose rows are refused is taken out alone; the rest of its batch goes on.
//
// The lane has no thread. A batch starts on the thread that submits into an idle lane and goes on
// where the database reports commits.
#ifndef TICKETING_LANE_EVENT_LANE_H_
#define TICKETING_LANE_EVENT_LANE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/env/database.h"
#include "ticketing/env/env.h"
#include "ticketing/seat/event_set.h"

namespace ticketing {

// Names a lane: the event's id, or that of the season whose events share it.
using LaneId = EventId;

// The tables of all lanes of a database: run them in a migration.
std::vector<std::string> LaneSchema();

// Numbers that a service keeps in step with an event.
struct LaneCounters {
  uint32_t next_ordinal = 0;  // of its tickets
  uint64_t copy_version = 1;  // of its copy for the gates; 0 is that of somebody who has none
  bool operator==(const LaneCounters&) const = default;
};

// What a lane owns. Commands change it; an error must leave it as it was.
struct LaneState {
  seat::EventSet seats;
  std::vector<LaneCounters> counters;  // by slot; the lane adds those of new events
};

// Who changed something and why: what the history tells.
struct LaneNote {
  std::string actor;   // an account, a device, an API key's name; never a secret
  std::string origin;  // "api", "hold expired": from where
  std::string reason;  // free text
  bool operator==(const LaneNote&) const = default;
};

// One row that a command brings along. Rows with the same text are written together, those of one
// text in the order of the commands, texts in the order in which they came first.
struct LaneInsert {
  std::string_view sql;  // INSERT ... VALUES (?, ...); must live as long as the program
  SqlArgs args;
};

// What one command did.
struct LaneEffect {
  std::vector<seat::Changes> changes;  // as the commands on `seats` gave them, in order
  bool head = false;                   // events, rules or overrides changed
  LaneNote note;
  std::vector<LaneInsert> inserts;
  std::function<Status(SqlTransaction&)> rows;  // whatever else, after the inserts; may be null
};

// Runs in the order of submission and, after a lost race, more than once: it must depend on its
// captured values, the state and the time alone, and overwrite what it hands out. One that throws
// gets kInternal and has no effect, at the cost of loading the lane again.
using LaneApply = std::function<StatusOr<LaneEffect>(LaneState& state, Timestamp now)>;

struct LaneCommand {
  LaneApply apply;
  // Called once, after the commit, on any thread. It must not block.
  std::function<void(Status)> done;
};

// The committed state of one event, for readers.
struct LaneView {
  uint64_t version = 0;  // of its inventory
  std::string map;       // seat::PackAvailability
  std::vector<seat::CategoryTotals> categories;
};

// Thread-safe. The database must have called every `done` before the lane goes.
class EventLane {
 public:
  EventLane(Env env, Database& database, LaneId id, std::shared_ptr<const seat::Chart> chart);
  ~EventLane();

  // Writes a new lane with one event or season in it, as part of the caller's transaction.
  static Status Create(SqlTransaction& tx, LaneId id, std::shared_ptr<const seat::Chart> chart,
                       seat::EventKind kind, const seat::SaleRules& rules, Timestamp now);

  // Errors that `done` may get beside those of the command: kAborted after too many lost races,
  // and those of the database, after which the command may or may not have had its effect.
  void Submit(LaneCommand command);

  // The same, waiting for the answer. Not to be called where the database reports commits.
  Status Run(LaneApply apply);

  // Looks at the state as it is committed now. `ask` runs like a command, and must change nothing.
  Status Ask(std::function<Status(const LaneState& state)> ask);

  // The state of a moment ago at most: expired holds are let go first, and other processes' commits
  // are seen within a second. kNotFound for a slot that is not there.
  StatusOr<std::shared_ptr<const LaneView>> View(uint32_t slot = 0);

  // What changed in an event since a version that View gave: seat::PackDelta. nullopt when that was
  // too long ago: take the map.
  StatusOr<std::optional<std::string>> Delta(uint64_t since, uint32_t slot = 0);

  // Lets expired holds go, if any are due.
  Status ExpireHolds();

  LaneId id() const;
  const seat::Chart& chart() const;
  const std::shared_ptr<const seat::Chart>& shared_chart() const;

  struct Core;  // of the library alone

 private:
  friend Status RunTogether(std::span<EventLane* const> lanes,
                            const std::function<StatusOr<std::vector<LaneEffect>>(
                                std::span<LaneState* const>, Timestamp)>& apply);
  std::shared_ptr<Core> core_;
};

// One command over several lanes of one database: all of it happens or nothing. `apply` gets the
// states in the order of `lanes` (no lane twice) and gives one effect for each; it may run more
// than once. What changes events, rules or overrides cannot be undone: such an `apply` checks
// everything before it changes anything. Waits for the answer; errors as Run. Lanes are taken in
// the order of their ids, so that two such commands never wait for each other.
Status RunTogether(
    std::span<EventLane* const> lanes,
    const std::function<StatusOr<std::vector<LaneEffect>>(std::span<LaneState* const>, Timestamp)>&
        apply);

}  // namespace ticketing

#endif  // TICKETING_LANE_EVENT_LANE_H_
