// Last season's holders keep their seats until a release time.
#include "tests/service_ticketing/season_world.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;

struct RenewalWorld : SeasonWorld {
  // The single event is last season; the season is the new one.
  HttpResponse Start(Timestamp release, const std::string& key) {
    return Post("/v1/events/" + season + "/renewals",
                R"({"from_event_id":")" + event_id + R"(","release_at":")" +
                    FormatTimestamp(release) + "\"}",
                key);
  }
  v1::RenewalList Staff() {
    return Parse<v1::RenewalList>(Send("GET", "/v1/events/" + season + "/renewals", box_office));
  }
  v1::RenewalList Own(const std::string& token) {
    return Parse<v1::RenewalList>(Send("GET", "/v1/renewals", token));
  }
  Timestamp InDays(int days) { return env.clock.Now() + Duration::Days(days); }
};

TEST(RenewalTest, TheHolderAloneCanBuyHisSeatsUntilTheyAreReleased) {
  RenewalWorld world;
  const v1::Order old = world.BuyOf(world.event_id, {"N-A-1", "N-A-2"}, "old");
  world.BuyOf(world.event_id, {"N-B-1", "N-B-2"}, "old2");
  const Timestamp release = world.InDays(10);
  const HttpResponse started = world.Start(release, "start");
  ASSERT_EQ(started.status, 200) << started.body;
  EXPECT_EQ(Parse<v1::StartedRenewals>(started).kept(), 2);
  EXPECT_EQ(Parse<v1::StartedRenewals>(started).not_kept_size(), 0);
  // Nobody else, on no match, for days.
  world.env.clock.Advance(Duration::Days(5));
  ASSERT_OK(world.service->Tick());
  EXPECT_EQ(world.HoldOf(world.season, {"N-A-1", "N-A-2"}, "x").status, 409);
  EXPECT_EQ(world.HoldOf(world.matches[0], {"N-A-1", "N-A-2"}, "y").status, 409);
  const v1::RenewalList own = world.Own(world.customer);
  ASSERT_EQ(own.renewals_size(), 2);
  EXPECT_EQ(world.Own(world.stranger).renewals_size(), 0);
  const v1::Renewal& mine =
      own.renewals(0).from_order_id() == old.id() ? own.renewals(0) : own.renewals(1);
  EXPECT_EQ(mine.status(), "kept");
  EXPECT_EQ(mine.objects_size(), 2);
  EXPECT_EQ(mine.objects(0).price().minor(), 25001) << "the new price list";
  // The id of the hold helps nobody but him.
  const std::string path = "/v1/holds/" + mine.hold_id();
  EXPECT_EQ(world.OrderOf(mine.hold_id(), "thief", world.stranger).status, 404);
  for (const std::string& token : {world.stranger, world.visitor}) {
    EXPECT_EQ(world.Send("GET", path, token).status,
              world.Send("GET", "/v1/holds/x", token).status);
    EXPECT_EQ(world.Send("DELETE", path, token).status,
              world.Send("DELETE", "/v1/holds/x", token).status);
  }
  const auto order = Parse<v1::Order>(world.OrderOf(mine.hold_id(), "renew"));
  EXPECT_EQ(world.Staff().renewals_size(), 2);
  const HttpResponse paid = world.Pay(order.id(), "pm_ok", "renew");
  ASSERT_EQ(paid.status, 200) << paid.body;
  EXPECT_EQ(Parse<v1::Order>(paid).tickets_size(), 6);
  // The time comes: what was renewed stays, the rest is for everybody.
  world.env.clock.SetNow(release);
  ASSERT_OK(world.service->Tick());
  std::map<std::string, std::string> states;
  const v1::RenewalList after = world.Staff();
  for (const v1::Renewal& one : after.renewals()) states[one.from_order_id()] = one.status();
  EXPECT_EQ(states[old.id()], "renewed");
  states.erase(old.id());
  EXPECT_EQ(states.begin()->second, "released");
  EXPECT_EQ(world.HoldOf(world.season, {"N-A-1", "N-A-2"}, "z").status, 409);
  EXPECT_EQ(world.HoldOf(world.season, {"N-B-1", "N-B-2"}, "w").status, 201);
  world.SettleAll();
  world.AuditSeason();
}

TEST(RenewalTest, WhatIsGoneIsTold) {
  RenewalWorld world;
  const v1::Order old = world.BuyOf(world.event_id, {"N-A-1", "N-A-2"}, "old");
  world.BuyOf(world.matches[1], {"N-A-1"}, "single");
  const HttpResponse started = world.Start(world.InDays(1), "start");
  ASSERT_EQ(started.status, 200) << started.body;
  const auto result = Parse<v1::StartedRenewals>(started);
  EXPECT_EQ(result.kept(), 1);
  ASSERT_EQ(result.not_kept_size(), 1);
  EXPECT_EQ(result.not_kept(0).from_order_id(), old.id());
  EXPECT_THAT(std::vector<std::string>(result.not_kept(0).objects().begin(),
                                       result.not_kept(0).objects().end()),
              ElementsAre("N-A-1"));
  // Starting again, in whatever way, keeps what is kept.
  EXPECT_EQ(Parse<v1::StartedRenewals>(world.Start(world.InDays(2), "again")).kept(), 1);
  world.ForgetAnswers();
  EXPECT_EQ(Parse<v1::StartedRenewals>(world.Start(world.InDays(1), "start")).kept(), 1);
  EXPECT_EQ(world.Staff().renewals_size(), 1);
  EXPECT_EQ(world.Start(world.env.clock.Now(), "now").status, 422);
  EXPECT_EQ(world.Start(world.InDays(2000), "never").status, 422);
  EXPECT_EQ(
      world.Send("POST", "/v1/events/" + world.season + "/renewals", world.box_office, "{}", "b")
          .status,
      403);
}

TEST(RenewalTest, WhoPaysWhenTheTimeComesKeepsHisSeats) {
  RenewalWorld world;
  world.BuyOf(world.event_id, {"N-A-1", "N-A-2"}, "old");
  const Timestamp release = world.InDays(3);
  ASSERT_EQ(world.Start(release, "start").status, 200);
  const std::string hold = world.Own(world.customer).renewals(0).hold_id();
  world.env.clock.SetNow(release - Duration::Seconds(30));
  const auto order = Parse<v1::Order>(world.OrderOf(hold, "renew"));
  bool once = true;
  world.payments.before = [&](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (!once || request.path() != "/v1/payments") return std::nullopt;
    once = false;
    world.env.clock.Advance(Duration::Minutes(1));  // the release time passes
    EXPECT_EQ(world.HoldOf(world.season, {"N-A-1", "N-A-2"}, "thief").status, 409);
    return std::nullopt;
  };
  const HttpResponse paid = world.Pay(order.id(), "pm_ok", "renew");
  ASSERT_EQ(paid.status, 200) << paid.body;
  world.payments.before = nullptr;
  world.SettleAll();
  EXPECT_EQ(world.payments.refunds(), 0);
  world.AuditSeason();
}

TEST(RenewalTest, WhoComesTooLateBuysNothing) {
  RenewalWorld world;
  world.BuyOf(world.event_id, {"N-A-1", "N-A-2"}, "old");
  const Timestamp release = world.InDays(3);
  ASSERT_EQ(world.Start(release, "start").status, 200);
  const std::string hold = world.Own(world.customer).renewals(0).hold_id();
  const auto order = Parse<v1::Order>(world.OrderOf(hold, "renew"));
  world.env.clock.SetNow(release);
  EXPECT_EQ(world.HoldOf(world.season, {"N-A-1", "N-A-2"}, "public").status, 201);
  EXPECT_EQ(world.Pay(order.id(), "pm_ok", "renew").status, 409);
  ASSERT_OK(world.service->Tick());
  EXPECT_EQ(
      Parse<v1::Order>(world.Send("GET", "/v1/orders/" + order.id(), world.customer)).status(),
      "expired");
  EXPECT_EQ(world.payments.payments(), 1u) << "that of last season";
}

TEST(RenewalTest, StaffReleasesWhatNobodyIsBuying) {
  RenewalWorld world;
  world.BuyOf(world.event_id, {"N-A-1", "N-A-2"}, "a");
  world.BuyOf(world.event_id, {"N-B-1", "N-B-2"}, "b");
  world.BuyOf(world.event_id, {"N-C-1", "N-C-2"}, "c");
  ASSERT_EQ(world.Start(world.InDays(3), "start").status, 200);
  const v1::RenewalList all = world.Staff();
  ASSERT_EQ(all.renewals_size(), 3);
  const auto order = Parse<v1::Order>(world.OrderOf(all.renewals(0).hold_id(), "renew"));
  const std::string path = "/v1/events/" + world.season + "/renewals/release";
  const auto one = Parse<v1::ReleasedRenewals>(
      world.Post(path, R"({"hold_ids":[")" + all.renewals(1).hold_id() + "\"]}", "r1"));
  EXPECT_EQ(one.released(), 1);
  const auto rest = Parse<v1::ReleasedRenewals>(world.Post(path, "{}", "r2"));
  EXPECT_EQ(rest.released(), 1);
  EXPECT_EQ(rest.ordered(), 1);
  EXPECT_EQ(world.Pay(order.id(), "pm_ok", "renew").status, 200);
  EXPECT_EQ(world.Post(path, R"({"hold_ids":[")" + HoldId{5}.ToString() + "\"]}", "r3").status,
            422);
  // Pages.
  const auto first = Parse<v1::RenewalList>(
      world.Send("GET", "/v1/events/" + world.season + "/renewals?limit=2", world.admin));
  EXPECT_EQ(first.renewals_size(), 2);
  const auto second = Parse<v1::RenewalList>(
      world.Send("GET", "/v1/events/" + world.season + "/renewals?cursor=" + first.next_cursor(),
                 world.admin));
  EXPECT_EQ(second.renewals_size(), 1);
  world.SettleAll();
  world.AuditSeason();
}

}  // namespace
}  // namespace ticketing
