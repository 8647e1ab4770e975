// A PostgreSQL server of a test's own: a private cluster in a temporary folder, reached over a Unix
// socket in that folder only, with every promise of durability kept. It stops when the object or
// the program goes.
#ifndef TICKETING_TESTING_POSTGRES_CLUSTER_H_
#define TICKETING_TESTING_POSTGRES_CLUSTER_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/testing/temp_dir.h"

namespace ticketing {

// Not thread-safe. PostgreSQL refuses to run as root, so root starts it as the user "postgres".
class PostgresCluster {
 public:
  // Errors: kUnavailable when PostgreSQL is not installed or does not start, in one sentence.
  static StatusOr<std::unique_ptr<PostgresCluster>> Start();
  ~PostgresCluster();
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;

  // For PostgresOptions. It names a database made for the test's user.
  std::string url() const;

  // Runs SQL as the superuser with psql and gives what it prints: rows as lines, columns divided
  // by '|'.
  StatusOr<std::string> Sql(std::string_view sql) const;

  // Ends every client's connection, as an administrator would.
  Status CutConnections() const;

  // kill -9 of the server.
  void Kill();
  // An orderly stop that cuts the clients off.
  void Stop();
  // Starts the server again after Kill or Stop.
  Status StartAgain();

 private:
  PostgresCluster() = default;
  Status StartServer();
  void End(int signal);
  StatusOr<std::string> Run(const std::vector<std::string>& command) const;
  pid_t Spawn(const std::vector<std::string>& command, int output) const;

  TempDir dir_;
  std::string bin_;
  pid_t server_ = -1;
};

}  // namespace ticketing

#endif  // TICKETING_TESTING_POSTGRES_CLUSTER_H_
