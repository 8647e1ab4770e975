// The engines of this program for the contract of the database port.
#include "tests/database/engine.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/temp_dir.h"

namespace ticketing {
namespace {

enum class Kind { kFile, kMemory, kSingleThreaded };

class SqliteEngine final : public Engine {
 public:
  explicit SqliteEngine(Kind kind) : kind_(kind) {}

  std::unique_ptr<DatabaseFactory> Factory(const EngineOptions& wanted) override {
    SqliteOptions options;
    if (kind_ != Kind::kMemory) options.data_dir = dir_ / "data";
    options.single_threaded = kind_ == Kind::kSingleThreaded;
    options.read_connections = wanted.read_connections;
    return std::make_unique<SqliteDatabaseFactory>(options);
  }

 private:
  const Kind kind_;
  const TempDir dir_;
};

template <Kind kind>
std::unique_ptr<Engine> Make() {
  return std::make_unique<SqliteEngine>(kind);
}

constexpr char kTables[] = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";

}  // namespace

std::vector<EngineKind> EngineKinds() {
  return {{.name = "File", .make = Make<Kind::kFile>, .tables = kTables},
          {.name = "Memory", .make = Make<Kind::kMemory>, .keeps = false, .tables = kTables},
          {.name = "SingleThreaded",
           .make = Make<Kind::kSingleThreaded>,
           .threads = false,
           .tables = kTables}};
}

}  // namespace ticketing
