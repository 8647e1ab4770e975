// Names, orders and seats that supervisors look for.
#include "lib/service/ticketing/ticket_search.h"

#include "tests/service_ticketing/world.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {
namespace {

TEST(FoldedForSearchTest, ComparesAsPeopleDo) {
  EXPECT_EQ(FoldedForSearch("  Núñez   PÉREZ "), "nunez perez");
  EXPECT_EQ(FoldedForSearch("N\u0075\u0301\u00f1ez"), "nunez") << "composed or not";
  EXPECT_EQ(FoldedForSearch("Straße"), "strasse");
  EXPECT_EQ(FoldedForSearch("\xff"), "");
  EXPECT_EQ(FoldedForSearch(""), "");
  EXPECT_TRUE(BeginsWords("ana maria nunez", "nun ana"));
  EXPECT_TRUE(BeginsWords("ana maria nunez", "maria n"));
  EXPECT_FALSE(BeginsWords("ana maria nunez", "unez"));
  EXPECT_FALSE(BeginsWords("ana maria nunez", "ana perez"));
}

class TicketSearchTest : public ::testing::Test {
 protected:
  static constexpr DeviceId kBoss{900};
  static constexpr DeviceId kBastion{901};
  static constexpr DeviceId kPlain{902};

  TicketSearchTest() {
    world_.MakeEvent();
    for (const DeviceId id : {kBoss, kBastion, kPlain}) {
      world_.identity.devices.push_back(
          {.id = id,
           .public_key =
               SigningKey::FromSeed(std::string(32, static_cast<char>(id.value)))->public_key(),
           .kind = id == kBastion ? "bastion" : "handheld"});
    }
    world_.env.clock.Advance(Duration::Seconds(11));  // identity is asked again
    EXPECT_OK(world_.service->Tick());
    const HttpResponse put =
        world_.Send("PUT", "/v1/events/" + world_.event_id + "/gate-policy", world_.admin,
                    R"({"supervisor_devices":[")" + kBoss.ToString() + R"("]})");
    EXPECT_EQ(put.status, 200) << put.body;
  }

  HttpResponse Ask(DeviceId caller, const TicketSearch& search) {
    HttpRequest request;
    request.method = "POST";
    request.target = std::string(kSearchPath);
    request.headers.Set("Authorization",
                        "Bearer " + world_.identity.Token(caller.ToString(), {Role::kDevice}));
    request.headers.Set("Content-Type", kProtobufMediaType);
    request.body = EncodeTicketSearch(search);
    return world_.service->api().Handle(request);
  }

  std::vector<std::string> Seats(const std::string& words) {
    world_.env.clock.Advance(Duration::Seconds(2));
    const HttpResponse response = Ask(kBoss, {1, words, {}});
    EXPECT_EQ(response.status, 200) << response.body;
    last_ = DecodeFoundTickets(response.body).value_or(FoundTickets());
    std::vector<std::string> seats;
    for (const FoundTicket& ticket : last_.tickets) seats.push_back(ticket.seat);
    return seats;
  }

  World world_;
  FoundTickets last_;
};

using Labels = std::vector<std::string>;

TEST_F(TicketSearchTest, FindsByNameOrderAndSeat) {
  const v1::Order first = world_.Buy({"N-A-1", "N-A-2"}, "k1");
  world_.Buy({"S-A-1"}, "k2");
  const std::string name = first.buyer().name();
  ASSERT_GE(name.size(), 3u);
  EXPECT_EQ(Seats(name).size(), 3u) << "both orders are this buyer's";
  EXPECT_EQ(last_.tickets[0].buyer, name);
  EXPECT_EQ(Seats(first.id()), (Labels{"N-A-1", "N-A-2"}));
  EXPECT_EQ(last_.tickets[0].order, first.id());
  EXPECT_EQ(Seats(first.id().substr(first.id().size() - 6)), (Labels{"N-A-1", "N-A-2"}));
  EXPECT_EQ(Seats("s-a-1"), Labels{"S-A-1"});
  EXPECT_EQ(Seats("n-a"), Labels{}) << "part of a seat is none";
  EXPECT_EQ(Seats("zzz"), Labels{});
}

TEST_F(TicketSearchTest, GivesAPageAndSaysThatThereIsMore) {
  std::vector<std::string> labels;
  for (int seat = 1; seat <= 10; ++seat) {
    labels.push_back("N-A-" + std::to_string(seat));
    labels.push_back("N-B-" + std::to_string(seat));
  }
  const std::string name = world_.Buy({labels.begin(), labels.begin() + 10}, "k1").buyer().name();
  world_.Buy({labels.begin() + 10, labels.end()}, "k2");
  EXPECT_EQ(Seats(name).size(), kFoundTicketsMax);
  EXPECT_FALSE(last_.more);
  world_.Buy({"N-C-1"}, "k3");
  EXPECT_EQ(Seats(name).size(), kFoundTicketsMax);
  EXPECT_TRUE(last_.more);
}

TEST_F(TicketSearchTest, IsForSupervisorsAndWhoAsksForThem) {
  world_.Buy({"N-A-1"}, "k1");
  EXPECT_EQ(Ask(kPlain, {1, "n-a-1", {}}).status, 403);
  EXPECT_EQ(Ask(kBastion, {1, "n-a-1", {}}).status, 403) << "for itself";
  EXPECT_EQ(Ask(kBastion, {1, "n-a-1", kPlain}).status, 403);
  EXPECT_EQ(Ask(kPlain, {1, "n-a-1", kBoss}).status, 403) << "only bastions speak for others";
  EXPECT_EQ(Ask(kBastion, {1, "n-a-1", kBoss}).status, 200);
  EXPECT_EQ(Ask(kBoss, {1, "n-a-1", {}}).status, 200);
  EXPECT_EQ(Ask(kBoss, {7, "n-a-1", {}}).status, 404);
  for (auto& device : world_.identity.devices) device.revoked = device.id == kBoss;
  world_.env.clock.Advance(Duration::Seconds(11));
  EXPECT_OK(world_.service->Tick());
  EXPECT_EQ(Ask(kBoss, {1, "n-a-1", {}}).status, 403);
  EXPECT_EQ(Ask(kBastion, {1, "n-a-1", kBoss}).status, 403) << "a stolen one, through the bastion";
}

TEST_F(TicketSearchTest, NobodyReadsTheWholeHouse) {
  world_.env.clock.Advance(Duration::Seconds(60));
  int answered = 0;
  for (int i = 0; i < 40; ++i) answered += Ask(kBoss, {1, "nobody", {}}).status == 200 ? 1 : 0;
  EXPECT_GE(answered, 10);
  EXPECT_LE(answered, 12);
  EXPECT_EQ(Ask(kBoss, {1, "nobody", {}}).status, 429);
  EXPECT_EQ(Ask(kBoss, {1, "ab", {}}).status, 422);
  world_.env.clock.Advance(Duration::Seconds(2));
  EXPECT_EQ(Ask(kBoss, {1, "   ", {}}).status, 422) << "nothing once it is folded";
}

}  // namespace
}  // namespace ticketing
