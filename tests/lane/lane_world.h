// Lanes of a small hall with orders beside them, over a real database that a test can hold back,
// make fail, or overtake.
#ifndef TICKETING_TESTS_LANE_LANE_WORLD_H_
#define TICKETING_TESTS_LANE_LANE_WORLD_H_

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ticketing/lane/event_lane.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"
#include "ticketing/testing/test_env.h"

namespace ticketing {

enum class EngineKind { kSqlite, kPostgres };
inline auto AllEngines() {
  return ::testing::Values(EngineKind::kSqlite, EngineKind::kPostgres);
}
std::string NameOf(const ::testing::TestParamInfo<EngineKind>& info);

// One database with the lane's tables and those of a shop, which any number may open.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::unique_ptr<Database> Open() = 0;
  static std::unique_ptr<Engine> Make(EngineKind kind);
};

// A database between a lane and the real one.
class TrickyDatabase final : public Database {
 public:
  explicit TrickyDatabase(Database& real) : real_(real) {}

  Status Read(const SqlFunction& fn) override;
  Status Write(const SqlFunction& fn) override;
  void WriteAsync(SqlFunction fn, std::function<void(Status)> done) override;

  // Holds writes back.
  void Close();
  void Open();

  // Counts what can fail: every statement of a write, its commit, and the news of its commit. The
  // n-th from now on, counted from 1, fails once.
  void FailAt(int n);
  bool failed() const { return left_ <= 0; }

  // Runs before every write, outside of it.
  std::function<void()> before_write;

  std::atomic<int> reads = 0;
  std::atomic<int> writes = 0;

 private:
  bool Step();  // false: fail now
  Status Run(SqlTransaction& tx, const SqlFunction& fn);
  Status Heard(Status status);

  Database& real_;
  std::mutex mutex_;
  std::condition_variable opened_;
  bool open_ = true;
  std::atomic<int> left_ = INT32_MAX;
};

// 4 rows of 10 seats (objects 0 to 39), a table of 4 (seats 40 to 43, the table 44), standing room
// for 50 (object 45).
std::shared_ptr<const seat::Chart> SmallHall(int rows = 4, int seats = 10);
inline constexpr uint32_t kHallTable = 44;
inline constexpr uint32_t kHallArea = 45;

inline constexpr LaneId kLane{1000};

// --- Commands.

struct Shop {
  // Holds objects for five minutes.
  static LaneApply Hold(uint64_t hold, std::vector<uint32_t> objects, uint32_t slot = 0);
  static LaneApply HoldPlaces(uint64_t hold, int64_t places, uint32_t slot = 0);
  static LaneApply Release(uint64_t hold);
  // Books and writes an order and a message about it.
  static LaneApply Book(uint64_t hold, uint64_t order);
  // `apply`, with rows that may be refused.
  static LaneApply WithRows(LaneApply apply, Status rows);
};

class LaneTest : public ::testing::TestWithParam<EngineKind> {
 protected:
  LaneTest();
  ~LaneTest() override;

  void CreateLane(LaneId id, seat::EventKind kind = seat::EventKind::kEvent);
  std::unique_ptr<EventLane> MakeLane(Database& database, LaneId id = kLane);

  // Submits to `lane_` without waiting; the answers come in the order of the commands.
  void Submit(LaneApply apply);
  std::vector<ErrorCode> WaitForAnswers();

  // The first column of the first row, as it is durable.
  int64_t Sql(const std::string& query);
  // Everything that a lane knows, in slots.
  std::string Dump(EventLane& lane);
  // The same, of a lane that has just been loaded.
  std::string FreshDump(LaneId id = kLane);
  // The row of an object as a new lane finds it.
  seat::SeatRow Row(uint32_t index, uint32_t slot = 0, LaneId id = kLane);
  // What is free, held, booked of the only category.
  seat::CategoryTotals Totals(uint32_t slot = 0, LaneId id = kLane);
  // Seats, orders and messages agree.
  void Audit(LaneId id = kLane);

  TestEnv env_;
  std::unique_ptr<Engine> engine_;
  std::shared_ptr<const seat::Chart> chart_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<TrickyDatabase> tricky_;
  std::mutex mutex_;
  std::mutex answer_mutex_;
  std::condition_variable answered_;
  std::deque<std::optional<Status>> answers_;
  std::unique_ptr<EventLane> lane_;
};

}  // namespace ticketing

#endif  // TICKETING_TESTS_LANE_LANE_WORLD_H_
