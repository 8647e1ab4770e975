// A machine of the simulated venue: a clock that may be wrong, a disk, a place in the network, and
// a program that can stop at any moment and start again.
#ifndef TICKETING_TESTS_SIM_MACHINE_H_
#define TICKETING_TESTS_SIM_MACHINE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/disk.h"
#include "tests/sim/loop.h"
#include "tests/sim/network.h"
#include "ticketing/base/id.h"
#include "ticketing/env/env.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/metrics.h"
#include "ticketing/testing/seeded_random.h"

namespace ticketing::sim {

// The moment at which every simulation starts: 2026-11-22T12:00:00Z.
inline constexpr Timestamp kSimStart = Timestamp::FromSeconds(1'795'348'800);

class SimClock final : public Clock {
 public:
  explicit SimClock(Loop& loop) : loop_(loop) {}
  Timestamp Now() override {
    const int64_t micros = loop_.now().micros;
    return kSimStart + Duration{micros + micros / 1'000'000 * drift_ppm + offset.micros};
  }
  Duration Monotonic() override { return loop_.now(); }

  Duration offset{};
  int64_t drift_ppm = 0;

 private:
  Loop& loop_;
};

class NoLog final : public Log {
 public:
  void Write(LogLevel, std::string_view, const LogFields&) override {}
};

class Phone;

// What all machines of one simulation share.
struct Setting {
  Loop& loop;
  Network& network;
  // Puts itself between programs and their databases: planted faults. May be null.
  std::function<std::unique_ptr<DatabaseFactory>(NodeId node, std::unique_ptr<DatabaseFactory>)>
      wrap;
  // Tells a datagram to everybody on the LAN.
  std::function<void(NodeId from, const std::string& datagram)> announce;
  // May change what a phone shows: planted faults. May be null.
  std::function<void(Phone& phone, TicketId ticket, std::string& code)> on_show;
};

class Machine {
 public:
  // `page_bytes`: of its databases, as its program has them.
  Machine(Setting& setting, std::string name, bool far, int page_bytes, uint64_t seed);
  virtual ~Machine() = default;
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  NodeId node() const { return node_; }
  const std::string& name() const { return name_; }
  bool running() const { return running_; }
  Env env() { return {clock, random_, log_, metrics_}; }

  // Opens the program's data and starts it; tries again later when the disk does not let it. Inside
  // a task.
  void Start();
  // The program stops in the middle of whatever it does. Starts again after `pause`, with what the
  // disk still has; a negative pause: never.
  void Crash(bool keeps_some, Duration pause);

  // Never again.
  void Retire();

  SimClock clock;
  SimDisk disk;
  uint64_t crashes = 0;

 protected:
  // Whoever is inside the program, so that its parts outlive them.
  class Inside {
   public:
    explicit Inside(Machine& machine) : machine_(machine) { ++machine_.inside_; }
    ~Inside() { --machine_.inside_; }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    Machine& machine_;
  };

  virtual Status Open(DatabaseFactory& databases) = 0;  // makes the parts
  virtual void Close() = 0;                             // destroys them
  virtual void Started() {}                             // begins what runs by itself
  virtual void Stopped() {}                             // at once, when it crashes
  // Calls `step` every `pause` while this run of the program lasts.
  void Every(Duration pause, std::function<void()> step);

  Setting& setting_;

 private:
  void ComeBack(Duration pause);

  const std::string name_;
  const NodeId node_;
  const int page_bytes_;
  SeededRandom random_;
  NoLog log_;
  NullMetrics metrics_;
  std::unique_ptr<DatabaseFactory> databases_;
  int inside_ = 0;
  uint64_t life_ = 0;
  bool running_ = false;
};

}  // namespace ticketing::sim

#endif  // TICKETING_TESTS_SIM_MACHINE_H_
