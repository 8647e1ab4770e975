// An engine behind the database port, as the contract's tests see it. Each program of tests that
// includes them says which engines it has.
#ifndef TICKETING_TESTS_DATABASE_ENGINE_H_
#define TICKETING_TESTS_DATABASE_ENGINE_H_

#include <future>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ticketing/env/database.h"

namespace ticketing {

struct EngineOptions {
  size_t read_connections = 4;
};

// A place for databases, empty when it is made. Several factories of it see the same databases.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::unique_ptr<DatabaseFactory> Factory(const EngineOptions& options) = 0;
};

struct EngineKind {
  std::string name;
  std::unique_ptr<Engine> (*make)() = nullptr;
  bool keeps = true;            // what was closed can be opened again
  bool threads = true;          // writes run on a thread of the database
  bool text_holds_zero = true;  // a zero byte in TEXT
  std::string tables;           // a query for the names of all tables, in order
};

inline void PrintTo(const EngineKind& kind, std::ostream* out) {
  *out << kind.name;
}

// Defined by the program of tests.
std::vector<EngineKind> EngineKinds();

inline std::vector<EngineKind> ThreadedEngineKinds() {
  std::vector<EngineKind> kinds = EngineKinds();
  std::erase_if(kinds, [](const EngineKind& kind) { return !kind.threads || !kind.keeps; });
  return kinds;
}

inline std::string EngineName(const ::testing::TestParamInfo<EngineKind>& info) {
  return info.param.name;
}

// Holds the writer thread until it is opened, so that what is submitted meanwhile becomes one
// batch.
class WriterGate {
 public:
  explicit WriterGate(Database& database) {
    std::promise<void> entered;
    database.WriteAsync(
        [this, &entered](SqlTransaction&) {
          entered.set_value();
          opened_.get_future().wait();
          return OkStatus();
        },
        nullptr);
    entered.get_future().wait();
  }
  void Open() { opened_.set_value(); }

 private:
  std::promise<void> opened_;
};

}  // namespace ticketing

#endif  // TICKETING_TESTS_DATABASE_ENGINE_H_
