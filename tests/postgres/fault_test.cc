// Goal: whatever happens to the server or to a connection, an acknowledged write stays, a refused
// one left nothing, an unknown one is called so, and work goes on by itself. Method: a real server
// that is cut off, stopped, frozen and killed at chosen points.
#include <gmock/gmock.h>
#include <signal.h>

#include <atomic>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

#include "tests/postgres/fixture.h"

namespace ticketing {
namespace {

using ::testing::AnyOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;

using PostgresFaultTest = PostgresTest;

// Asks the server until it answers as expected; ends with the test's time limit.
void Await(const std::string& sql, const std::string& answer) {
  while (true) {
    const auto got = Cluster().Sql(sql);
    ASSERT_OK(got);
    if (*got == answer + "\n") return;
    std::this_thread::yield();
  }
}

TEST_F(PostgresFaultTest, AWriteThatIsCutOffRunsAgain) {
  const auto database = Open();
  int runs = 0;
  EXPECT_OK(database->Write([&](SqlTransaction& transaction) -> Status {
    TICKETING_RETURN_IF_ERROR(Insert(transaction, 1));
    if (++runs == 1) {
      EXPECT_OK(Cluster().CutConnections());
    }
    return Insert(transaction, 2);
  }));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(Numbers(*database), (std::set<int64_t>{1, 2}));
}

TEST_F(PostgresFaultTest, ABatchThatIsCutOffRunsAgain) {
  const auto database = Open();
  int runs = 0;
  std::vector<Status> outcomes;
  std::promise<void> entered;
  std::promise<void> opened;
  database->WriteAsync(
      [&](SqlTransaction&) {
        entered.set_value();
        opened.get_future().wait();
        return OkStatus();
      },
      nullptr);
  entered.get_future().wait();
  for (int64_t n = 0; n < 10; ++n) {
    database->WriteAsync(
        [&, n](SqlTransaction& transaction) {
          if (n == 5 && ++runs == 1) {
            EXPECT_OK(Cluster().CutConnections());
          }
          return Insert(transaction, n);
        },
        [&](Status status) { outcomes.push_back(status); });
  }
  opened.set_value();
  EXPECT_OK(database->Write([](SqlTransaction& transaction) { return Insert(transaction, 10); }));
  ASSERT_EQ(outcomes.size(), 10u);
  for (const Status& status : outcomes) EXPECT_OK(status);
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(Numbers(*database).size(), 11u);
}

// The commit hangs in a trigger while the connection is cut: nobody can know what became of it, so
// the function must not run again by itself.
TEST_F(PostgresFaultTest, ALostCommitIsCalledUnknown) {
  const auto database = Open();
  ASSERT_OK(Cluster().Sql(
      "SET search_path = test; CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS "
      "'BEGIN PERFORM pg_sleep(60); RETURN NULL; END'; CREATE CONSTRAINT TRIGGER linger AFTER "
      "INSERT ON numbers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.n = 13) EXECUTE "
      "FUNCTION linger()"));
  int runs = 0;
  std::thread cutter([] {
    Await("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query = 'COMMIT'", "1");
    EXPECT_OK(Cluster().CutConnections());
  });
  const Status status = database->Write([&](SqlTransaction& transaction) {
    ++runs;
    return Insert(transaction, 13);
  });
  cutter.join();
  EXPECT_THAT(status, HasCode(ErrorCode::kUnavailable));
  EXPECT_THAT(std::string(MessageOf(status)), HasSubstr("may or may not"));
  EXPECT_EQ(runs, 1);
  EXPECT_OK(database->Write([](SqlTransaction& transaction) { return Insert(transaction, 14); }));
  EXPECT_EQ(Numbers(*database), (std::set<int64_t>{14}));
}

TEST_F(PostgresFaultTest, ARestartIsNotNoticed) {
  const auto database = Open();
  EXPECT_OK(database->Write([](SqlTransaction& transaction) { return Insert(transaction, 1); }));
  EXPECT_EQ(Numbers(*database).size(), 1u);
  Cluster().Stop();
  ASSERT_OK(Cluster().StartAgain());
  EXPECT_EQ(Numbers(*database).size(), 1u);
  EXPECT_OK(database->Write([](SqlTransaction& transaction) { return Insert(transaction, 2); }));
  EXPECT_EQ(Numbers(*database).size(), 2u);
}

TEST_F(PostgresFaultTest, AServerThatStaysAwayIsSaidSo) {
  const auto database = Open({.reconnect_for = Duration::Millis(100)});
  const auto insert = [](SqlTransaction& transaction) { return Insert(transaction, 1); };
  const auto read = [](SqlTransaction& transaction) {
    std::set<int64_t> numbers;
    return Into(transaction, numbers);
  };
  EXPECT_OK(database->Read(read));
  Cluster().Stop();
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(database->Write(insert), HasCode(ErrorCode::kUnavailable));
    EXPECT_THAT(database->Read(read), HasCode(ErrorCode::kUnavailable));
  }
  PostgresOptions options{.url = Cluster().url()};
  EXPECT_THAT(PostgresFactory(options).Open("test", {}), HasCode(ErrorCode::kUnavailable));
  ASSERT_OK(Cluster().StartAgain());
  // The next attempt may be half a second away.
  Status written;
  do {
    written = database->Write(insert);
  } while (CodeOf(written) == ErrorCode::kUnavailable);
  EXPECT_OK(written);
  EXPECT_OK(database->Read(read));
}

TEST_F(PostgresFaultTest, AReadIsRepeatedOnlyWhileItHasSeenNothing) {
  const auto database = Open();
  ASSERT_OK(database->Write([](SqlTransaction& transaction) { return Insert(transaction, 1); }));
  EXPECT_EQ(Numbers(*database).size(), 1u);
  // Whoever waits in the pool is dead, and nobody notices.
  ASSERT_OK(Cluster().CutConnections());
  EXPECT_EQ(Numbers(*database).size(), 1u);
  int runs = 0;
  EXPECT_THAT(database->Read([&](SqlTransaction& transaction) -> Status {
    ++runs;
    std::set<int64_t> numbers;
    TICKETING_RETURN_IF_ERROR(Into(transaction, numbers));
    EXPECT_OK(Cluster().CutConnections());
    return Into(transaction, numbers);
  }),
              HasCode(ErrorCode::kUnavailable));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(Numbers(*database).size(), 1u);
}

TEST_F(PostgresFaultTest, AStatementHasATimeLimit) {
  const auto database = Open({.statement_timeout = Duration::Millis(100)});
  EXPECT_THAT(database->Write([](SqlTransaction& transaction) {
    return transaction.Query("SELECT 1 FROM pg_sleep(60)", {},
                             [](const SqlRow&) { return OkStatus(); });
  }),
              HasCode(ErrorCode::kUnavailable));
  EXPECT_OK(database->Write([](SqlTransaction& transaction) { return Insert(transaction, 1); }));
}

// A server that takes bytes and never answers: our own deadline gives the connection up.
TEST_F(PostgresFaultTest, AFrozenConnectionIsGivenUp) {
  const auto database = Open({.statement_timeout = Duration::Millis(100)});
  int64_t pid = 0;
  ASSERT_OK(database->Write([&](SqlTransaction& transaction) {
    return transaction.Query("SELECT pg_backend_pid()", {}, [&](const SqlRow& row) {
      pid = row.Int(0);
      return OkStatus();
    });
  }));
  ASSERT_EQ(::kill(static_cast<pid_t>(pid), SIGSTOP), 0);
  EXPECT_OK(database->Write([](SqlTransaction& transaction) { return Insert(transaction, 1); }));
  ASSERT_EQ(::kill(static_cast<pid_t>(pid), SIGCONT), 0);
  EXPECT_EQ(Numbers(*database).size(), 1u);
}

// kill -9 of the server under load: whatever was acknowledged is there afterwards, and whatever was
// refused with another error than "unavailable" is not.
TEST_F(PostgresFaultTest, AKilledServerLosesNothingThatWasAcknowledged) {
  auto database = Open();
  for (int64_t round = 0; round < 3; ++round) {
    std::mutex mutex;
    std::set<int64_t> acknowledged;
    std::promise<void> enough;
    std::atomic<int64_t> next = round * 1'000'000;
    std::atomic<bool> stop = false;
    // The pointer is let go of while a last callback may still ask for it; what it points to waits.
    Database* const writing = database.get();
    std::function<void()> submit = [&] {
      const int64_t n = next++;
      writing->WriteAsync(
          [n](SqlTransaction& transaction) { return Insert(transaction, n); },
          [&, n](Status status) {
            EXPECT_THAT(CodeOf(status), AnyOf(Eq(ErrorCode::kOk), Eq(ErrorCode::kUnavailable)))
                << MessageOf(status);
            const std::lock_guard lock(mutex);
            if (status.ok() && acknowledged.insert(n).second && acknowledged.size() == 500)
              enough.set_value();
            if (!stop) submit();
          });
    };
    for (int i = 0; i < 32; ++i) submit();
    enough.get_future().wait();
    Cluster().Kill();
    ASSERT_OK(Cluster().StartAgain());
    stop = true;
    database = nullptr;  // runs what is queued
    database = Open();
    const std::set<int64_t> kept = Numbers(*database);
    for (const int64_t n : acknowledged) EXPECT_TRUE(kept.contains(n)) << n;
  }
}

TEST_F(PostgresFaultTest, MessagesKeepTheConnectionStringSecret) {
  for (const char* url :
       {"postgresql://bob:s3cret@127.0.0.1:1/db", "postgresql://bob:s3/cret@host/db",
        "postgresql://bob:s3@cret@127.0.0.1:1/db", "postgresql://[s3cret",
        "postgresql://127.0.0.1:1/db?s3cret=1", "host=127.0.0.1 port=1 s3cret",
        "postgresql:///db?host=/nowhere/s3cret&password=s3cret"}) {
    const auto refused = PostgresFactory({.url = url}).Open("test", {});
    ASSERT_FALSE(refused.ok()) << url;
    const std::string message(MessageOf(refused.status()));
    EXPECT_THAT(message, Not(HasSubstr("s3"))) << message;
    EXPECT_THAT(message, Not(HasSubstr("cret"))) << message;
    EXPECT_THAT(DetailsOf(refused.status()).fields,
                ::testing::Each(::testing::Field(&FieldError::detail, Not(HasSubstr("s3")))));
  }
}

}  // namespace
}  // namespace ticketing
