#include "ticketing/service/common/idempotency.h"

#include <gtest/gtest.h>

#include <future>

#include "ticketing/base/limits.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/matchers.h"

namespace ticketing {
namespace {

class IdempotencyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SqliteDatabaseFactory factory{SqliteOptions{}};
    database_ = *factory.Open("idempotency", {{1, IdempotencyStore::Schema()}});
    store_ = std::make_unique<IdempotencyStore>(*database_);
  }

  // Finish does not wait for its write; a write behind it does.
  void Settle() {
    ASSERT_THAT(database_->Write([](SqlTransaction&) { return OkStatus(); }), IsOk());
  }

  static HttpResponse Answer(int status) {
    HttpResponse response;
    response.status = status;
    response.headers.Set("Content-Type", "application/json");
    response.body = "{\"n\":1}";
    return response;
  }

  const Timestamp now_ = Timestamp::FromSeconds(1'800'000'000);
  std::unique_ptr<Database> database_;
  std::unique_ptr<IdempotencyStore> store_;
};

TEST_F(IdempotencyTest, GivesTheFirstAnswerAgain) {
  ASSERT_OK_AND_ASSIGN(auto first, store_->Start("k", "f", now_));
  EXPECT_FALSE(first);
  store_->Finish("k", "f", Answer(201), now_);
  Settle();
  ASSERT_OK_AND_ASSIGN(auto again, store_->Start("k", "f", now_));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->status, 201);
  EXPECT_EQ(again->body, "{\"n\":1}");
}

TEST_F(IdempotencyTest, RefusesAKeyThatIsRunningOrMeansSomethingElse) {
  ASSERT_THAT(store_->Start("k", "f", now_), IsOk());
  EXPECT_THAT(store_->Start("k", "f", now_), HasCode(ErrorCode::kIdempotencyInFlight));
  store_->Finish("k", "f", Answer(200), now_);
  Settle();
  EXPECT_THAT(store_->Start("k", "other", now_), HasCode(ErrorCode::kIdempotencyMismatch));
  // A refusal leaves the key as it was.
  EXPECT_THAT(store_->Start("k", "f", now_), IsOk());
}

// Only a sanitizer sees a callback that touches what is gone.
TEST_F(IdempotencyTest, RemembersWhatItNeedNotStore) {
  ASSERT_OK_AND_ASSIGN(auto first, store_->Start("k", "f", now_, Repeats::kKnown));
  EXPECT_FALSE(first);
  EXPECT_THAT(store_->Start("k", "f", now_, Repeats::kKnown),
              HasCode(ErrorCode::kIdempotencyInFlight));
  store_->Finish("k", "f", Answer(201), now_, Repeats::kKnown);
  ASSERT_OK_AND_ASSIGN(auto again, store_->Start("k", "f", now_, Repeats::kKnown));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->body, "{\"n\":1}");
  EXPECT_THAT(store_->Start("k", "other", now_, Repeats::kKnown),
              HasCode(ErrorCode::kIdempotencyMismatch));
  int64_t rows = -1;
  ASSERT_OK(database_->Write([&](SqlTransaction& tx) {
    return tx.Query("SELECT COUNT(*) FROM idempotency", {}, [&](const SqlRow& row) {
      rows = row.Int(0);
      return OkStatus();
    });
  }));
  EXPECT_EQ(rows, 0);
  const Timestamp later = now_ + limits::kIdempotencyRetention;
  ASSERT_OK_AND_ASSIGN(auto forgotten, store_->Start("k", "f", later, Repeats::kKnown));
  EXPECT_FALSE(forgotten);
}

TEST_F(IdempotencyTest, WhatItRemembersIsBounded) {
  HttpResponse large = Answer(200);
  large.body.assign(1 << 20, 'x');
  const auto remember = [&](const std::string& key) {
    ASSERT_THAT(store_->Start(key, "f", now_, Repeats::kKnown), IsOk());
    store_->Finish(key, "f", large, now_, Repeats::kKnown);
  };
  const auto knows = [&](const std::string& key) {
    const auto answer = *store_->Start(key, "f", now_, Repeats::kKnown);
    if (!answer) store_->Abandon(key);
    return answer.has_value();
  };
  for (int i = 0; i < 10; ++i) remember(std::to_string(i));
  EXPECT_TRUE(knows("0"));  // the generation before
  for (int i = 10; i < 30; ++i) remember(std::to_string(i));
  EXPECT_FALSE(knows("0"));
  EXPECT_TRUE(knows("29"));
}

TEST_F(IdempotencyTest, StoresAnAnswerThoughTheStoreGoes) {
  std::promise<void> go;
  database_->WriteAsync(
      [wait = go.get_future().share()](SqlTransaction&) {
        wait.wait();
        return OkStatus();
      },
      [](const Status&) {});
  // Nothing may be read meanwhile: in memory there is one connection.
  store_->Finish("k", "f", Answer(201), now_);
  store_ = std::make_unique<IdempotencyStore>(*database_);
  go.set_value();
  Settle();
  ASSERT_OK_AND_ASSIGN(const auto stored, store_->Start("k", "f", now_));
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->status, 201);
}

TEST_F(IdempotencyTest, KeepsOutcomesOnly) {
  for (const int status : {400, 422, 429, 500, 503}) {
    ASSERT_OK_AND_ASSIGN(auto first, store_->Start("k", "f", now_));
    EXPECT_FALSE(first) << status;
    store_->Finish("k", "f", Answer(status), now_);
    Settle();
  }
  for (const int status : {402, 409}) {
    const std::string key = "k" + std::to_string(status);
    ASSERT_THAT(store_->Start(key, "f", now_), IsOk());
    store_->Finish(key, "f", Answer(status), now_);
    Settle();
    ASSERT_OK_AND_ASSIGN(auto again, store_->Start(key, "f", now_));
    EXPECT_TRUE(again) << status;
  }
}

TEST_F(IdempotencyTest, AnAbandonedRequestMayBeMadeAgain) {
  ASSERT_THAT(store_->Start("k", "f", now_), IsOk());
  store_->Abandon("k");
  ASSERT_OK_AND_ASSIGN(auto again, store_->Start("k", "f", now_));
  EXPECT_FALSE(again);
}

TEST_F(IdempotencyTest, ForgetsAfterTheRetention) {
  ASSERT_THAT(store_->Start("k", "f", now_), IsOk());
  store_->Finish("k", "f", Answer(200), now_);
  Settle();
  const Timestamp later = now_ + limits::kIdempotencyRetention + Duration::Seconds(1);
  ASSERT_THAT(store_->Expire(later), IsOk());
  ASSERT_OK_AND_ASSIGN(auto again, store_->Start("k", "f", later));
  EXPECT_FALSE(again);
}

}  // namespace
}  // namespace ticketing
