// The engine of this program for the contract of the database port, and its server.
#include "tests/database/engine.h"

#include <cstdio>
#include <cstdlib>

#include "tests/postgres/cluster.h"
#include "ticketing/testing/matchers.h"

namespace ticketing {
namespace {

std::unique_ptr<PostgresCluster>& ClusterSlot() {
  static std::unique_ptr<PostgresCluster> cluster;
  return cluster;
}

class PostgresEngine final : public Engine {
 public:
  PostgresEngine() { EmptyCluster(); }

  std::unique_ptr<DatabaseFactory> Factory(const EngineOptions& wanted) override {
    return std::make_unique<PostgresFactory>(
        PostgresOptions{.url = Cluster().url(), .read_connections = wanted.read_connections});
  }
};

}  // namespace

PostgresCluster& Cluster() {
  std::unique_ptr<PostgresCluster>& slot = ClusterSlot();
  if (slot == nullptr) {
    StatusOr<std::unique_ptr<PostgresCluster>> started = PostgresCluster::Start();
    if (!started.ok()) {
      std::fprintf(stderr, "%s\n", std::string(MessageOf(started.status())).c_str());
      std::exit(1);
    }
    slot = *std::move(started);
  }
  return *slot;
}

void EmptyCluster() {
  EXPECT_OK(Cluster().Sql("SET client_min_messages = warning; DROP SCHEMA IF EXISTS test CASCADE"));
}

std::vector<EngineKind> EngineKinds() {
  return {{.name = "Postgres",
           .make = []() -> std::unique_ptr<Engine> { return std::make_unique<PostgresEngine>(); },
           .text_holds_zero = false,
           .tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"
                     " ORDER BY tablename"}};
}

}  // namespace ticketing
