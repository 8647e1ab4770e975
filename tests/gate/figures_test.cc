// Goal: what staff see of the gates is what the log tells, and looking costs what is new, not what
// the day has had. Method: random passages, refusals, annulments and logs of others, looked at now
// and then; an engine that was just opened on the same data counts everything anew. Rows that the
// database gives are counted.
#include <gtest/gtest.h>

#include <atomic>

#include "tests/gate/fixture.h"

namespace ticketing {
namespace {

// Counts the rows that are read.
class CountingDatabases final : public DatabaseFactory {
 public:
  explicit CountingDatabases(DatabaseFactory& inner) : inner_(inner) {}
  StatusOr<std::unique_ptr<Database>> Open(std::string_view name,
                                           const std::vector<Migration>& schema) override {
    TICKETING_ASSIGN_OR_RETURN(auto database, inner_.Open(name, schema));
    return std::unique_ptr<Database>(std::make_unique<Counting>(std::move(database), rows));
  }
  std::atomic<int> rows = 0;

 private:
  class CountingTransaction final : public SqlTransaction {
   public:
    CountingTransaction(SqlTransaction& inner, std::atomic<int>& rows)
        : inner_(inner), rows_(rows) {}
    StatusOr<int64_t> Execute(std::string_view sql, const SqlArgs& args) override {
      return inner_.Execute(sql, args);
    }
    StatusOr<int64_t> ExecuteMany(std::string_view sql, std::span<const SqlArgs> rows) override {
      return inner_.ExecuteMany(sql, rows);
    }
    Status Query(std::string_view sql, const SqlArgs& args,
                 const std::function<Status(const SqlRow&)>& row) override {
      return inner_.Query(sql, args, [&](const SqlRow& one) {
        ++rows_;
        return row(one);
      });
    }

   private:
    SqlTransaction& inner_;
    std::atomic<int>& rows_;
  };
  class Counting final : public Database {
   public:
    Counting(std::unique_ptr<Database> inner, std::atomic<int>& rows)
        : inner_(std::move(inner)), rows_(rows) {}
    Status Read(const SqlFunction& fn) override {
      return inner_->Read([&](SqlTransaction& tx) {
        CountingTransaction counting(tx, rows_);
        return fn(counting);
      });
    }
    Status Write(const SqlFunction& fn) override { return inner_->Write(fn); }
    void WriteAsync(SqlFunction fn, std::function<void(Status)> done) override {
      inner_->WriteAsync(std::move(fn), std::move(done));
    }

   private:
    const std::unique_ptr<Database> inner_;
    std::atomic<int>& rows_;
  };
  DatabaseFactory& inner_;
};

class FiguresTest : public ::testing::Test {
 protected:
  FiguresTest() : files_(SqliteOptions{.data_dir = dir_.path()}), counting_(files_) {
    engine_ = Open(counting_);
    EXPECT_OK(engine_->ApplyEventCopy(TestEvent()));
  }
  std::unique_ptr<GateEngine> Open(DatabaseFactory& files) {
    auto opened = GateEngine::Open(env_.env(), files, "gate", DeviceKey(kBastionId),
                                   ConfigOf(kBastionId, DecidedBy::kBastion));
    EXPECT_THAT(opened, IsOk());
    return *std::move(opened);
  }
  // Against an engine that has not looked yet.
  void ExpectTrue() {
    const Timestamp since = env_.clock.Now() - Duration::Minutes(1);
    const auto fresh = Open(files_);
    const GateFigures seen = *engine_->Figures(since);
    const GateFigures all = *fresh->Figures(since);
    EXPECT_EQ(seen.gates, all.gates);
    EXPECT_EQ(seen.zones, all.zones);
    const GateStatus here = *engine_->GetStatus();
    const GateStatus there = *fresh->GetStatus();
    EXPECT_EQ(here.scans, there.scans);
    EXPECT_EQ(here.admitted, there.admitted);
    EXPECT_EQ(here.refused, there.refused);
    EXPECT_EQ(here.inside, there.inside);
  }

  TestEnv env_{7};
  TempDir dir_;
  SqliteDatabaseFactory files_;
  CountingDatabases counting_;
  std::unique_ptr<GateEngine> engine_;
};

TEST_F(FiguresTest, TheyFollowTheLogWhateverComes) {
  Place other(env_, kHandA, DecidedBy::kAlone);
  std::vector<ScanId> admitted;
  uint64_t told = 0;
  for (int step = 0; step < 400; ++step) {
    env_.clock.Advance(Duration::Millis(static_cast<int64_t>(env_.random.Next64() % 9'000)));
    const uint64_t what = env_.random.Next64() % 10;
    const uint64_t ticket = env_.random.Next64() % 22;  // two are in no copy
    const auto way = env_.random.Next64() % 3 == 0 ? Direction::kExit : Direction::kEntry;
    const auto gate = static_cast<uint16_t>(1 + env_.random.Next64() % 3);
    if (what < 5) {
      const auto result = engine_->Scan(Code(ticket), At(gate, way));
      if (result.ok() && result->decision.counted) admitted.push_back(result->scan_id);
    } else if (what < 7) {
      (void)other->Scan(Code(ticket), At(gate, way));
    } else if (what == 7) {
      const auto log = other->OwnEntries(told + 1, 50);
      ASSERT_OK(log.status());
      ASSERT_OK(engine_->TakeEntries(*log, LogSource::kDevice).status());
      told += log->size();
    } else if (what == 8 && !admitted.empty()) {
      (void)engine_->Annul(admitted[env_.random.Next64() % admitted.size()]);
    } else if (step % 5 == 0) {
      ExpectTrue();
    }
  }
  ExpectTrue();
  EXPECT_GT(engine_->GetStatus()->admitted, 10u);
  // Tickets that come with a later copy have a zone from then on.
  EventCopy copy = TestEvent(2);
  for (uint64_t n : {20, 21}) {
    copy.tickets.push_back({Ticket(n), static_cast<uint32_t>(n), 2, 1, 1, 0, "B"});
  }
  NormalizeEventCopy(copy);
  ASSERT_OK(engine_->ApplyEventCopy(copy));
  ExpectTrue();
}

TEST_F(FiguresTest, ALookCostsWhatIsNew) {
  const auto rows = [&] {
    counting_.rows = 0;
    EXPECT_OK(engine_->Figures(env_.clock.Now()).status());
    EXPECT_OK(engine_->GetStatus().status());
    return counting_.rows.load();
  };
  ASSERT_OK(engine_->Scan(Code(0), At(1)).status());
  (void)rows();
  const int few = rows();
  for (int n = 0; n < 300; ++n) ASSERT_OK(engine_->Scan(Code(n % 8), At(1)).status());
  EXPECT_GT(rows(), 300);
  EXPECT_EQ(rows(), few);
  ASSERT_OK(engine_->Scan(Code(1), At(1)).status());
  EXPECT_LE(rows(), few + 1);
}

}  // namespace
}  // namespace ticketing
