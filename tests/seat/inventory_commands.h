// Random commands on an inventory, as data: they can be replayed, left out and printed.
#ifndef TICKETING_TESTS_SEAT_INVENTORY_COMMANDS_H_
#define TICKETING_TESTS_SEAT_INVENTORY_COMMANDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/seat/chart_fixture.h"
#include "ticketing/seat/inventory.h"

namespace ticketing::seat {

struct Command {
  enum class Kind {
    kApply,
    kBest,
    kExtend,
    kRelease,
    kBook,
    kExpire,
    kExtra,
    kRules,
    kMark,
    kRollback,
    kForget
  };
  Kind kind = Kind::kApply;
  Timestamp now;
  Step step;
  BestAvailableRequest request;
  HoldId hold;
  OrderId order;
  Timestamp expires_at;
  Duration hold_max;
  uint32_t index = 0;
  std::string extra;
  SaleRules rules;  // channels without ids: the inventory gives them, by key
};

// A readable line, enough to write the command down in a test.
std::string Describe(const Command& command, const Chart& chart);
std::string DescribeRules(const SaleRules& rules);
std::string DescribeStep(const Step& step, const Chart& chart);

Step RandomStep(Sequence& random, const Chart& chart, Timestamp now);
SaleRules RandomRules(Sequence& random, const Chart& chart, Timestamp now);
BestAvailableRequest RandomRequest(Sequence& random, const Chart& chart);
std::vector<Command> RandomCommands(uint64_t seed, const Chart& chart, int count);
// A small chart with a bit of everything.
Drawing RandomDrawing(uint64_t seed);

}  // namespace ticketing::seat

#endif  // TICKETING_TESTS_SEAT_INVENTORY_COMMANDS_H_
