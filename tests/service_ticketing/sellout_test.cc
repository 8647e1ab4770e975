// Goal: an event sold out over HTTP is sold once: no seat twice, no confirmed order lost, and who
// came too late hears so. Method: real sockets, two doors that do not know of each other (the API
// itself, and the customers' gateway before another service with its own lanes on the same files),
// two buyers for every pair of seats, and an audit of what the files say.
#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "tests/service_ticketing/world.h"
#include "ticketing/http/http_client.h"
#include "ticketing/http/http_server.h"
#include "ticketing/service/gateway/gateway.h"

namespace ticketing {
namespace {

constexpr int kRows = 12, kSeats = 20;
constexpr int kPairs = kRows * kSeats / 2;
constexpr int kBuyers = 8;

std::unique_ptr<SocketHttpClient> ClientOf(const HttpServer& server) {
  auto client =
      SocketHttpClient::Create({.base_url = "http://127.0.0.1:" + std::to_string(server.port())});
  EXPECT_OK(client);
  return *std::move(client);
}

class SelloutTest : public ::testing::Test {
 protected:
  void SetUp() override {
    world_.MakeEvent(SmallChart(kRows, kSeats));
    event_ = world_.MakeFreeEvent();
    other_ = world_.OpenAnother();
    ASSERT_OK(api_.Start(world_.service->api()));
    ASSERT_OK(behind_.Start(other_->api()));
    to_behind_ = ClientOf(behind_);
    GatewayLimits limits;
    limits.requests_per_second = limits.burst = 1'000'000;
    gateway_ =
        MakeClientApi(Upstreams{world_.identity_client, *to_behind_, world_.payments_client,
                                world_.notifications_client, world_.verifier, world_.service_token},
                      limits, world_.env.env());
    ASSERT_OK(public_.Start(*gateway_));
    doors_.push_back(ClientOf(api_));
    doors_.push_back(ClientOf(public_));
  }

  void TearDown() override {
    public_.Stop();
    behind_.Stop();
    api_.Stop();
  }

  HttpResponse Post(size_t door, const std::string& target, const std::string& key,
                    std::string body) {
    HttpRequest request;
    request.method = "POST";
    request.target = target;
    request.headers.Set("Authorization", "Bearer " + world_.customer);
    request.headers.Set("Idempotency-Key", key);
    request.headers.Set("Content-Type", "application/json");
    request.body = std::move(body);
    const StatusOr<HttpResponse> response = doors_[door]->Send(request, Duration::Seconds(60));
    EXPECT_OK(response);
    return response.ok() ? *response : HttpResponse{.status = 0, .headers = {}, .body = ""};
  }

  // Buys a pair; the order's id, or empty when somebody else has it.
  std::string Buy(int pair, size_t door, const std::string& key) {
    const std::string row(1, static_cast<char>('A' + pair / (kSeats / 2)));
    const int seat = 2 * (pair % (kSeats / 2)) + 1;
    const auto label = [&](int n) {
      return "{\"label\":\"N-" + row + "-" + std::to_string(n) + "\"}";
    };
    const HttpResponse held = Post(door, "/v1/events/" + event_ + "/holds", "hold-" + key,
                                   "{\"objects\":[" + label(seat) + "," + label(seat + 1) + "]}");
    if (held.status == 409) return {};
    EXPECT_EQ(held.status, 201) << held.body;
    const HttpResponse ordered =
        Post(door, "/v1/orders", "order-" + key,
             R"({"event_id":")" + event_ + R"(","hold_id":")" + Parse<v1::Hold>(held).id() + "\"}");
    EXPECT_EQ(ordered.status, 201) << ordered.body;
    const auto order = Parse<v1::Order>(ordered);
    EXPECT_EQ(order.status(), "completed");
    EXPECT_EQ(order.tickets_size(), 2);
    return order.id();
  }

  World world_;
  std::unique_ptr<TicketingService> other_;
  HttpServer api_{{.threads = 2 * kBuyers}}, behind_{{.threads = 2 * kBuyers}},
      public_{{.threads = 2 * kBuyers}};
  std::unique_ptr<SocketHttpClient> to_behind_;
  std::unique_ptr<Api> gateway_;
  std::vector<std::unique_ptr<SocketHttpClient>> doors_;
  std::string event_;
};

TEST_F(SelloutTest, EverySeatIsSoldOnceThroughTwoDoors) {
  // Sale 2n and 2n + 1 want the same pair, at different doors.
  std::vector<int> pairs(kPairs);
  for (int i = 0; i < kPairs; ++i) pairs[static_cast<size_t>(i)] = i;
  std::ranges::shuffle(pairs, std::mt19937(7));
  std::vector<std::string> orders(2 * kPairs);
  std::atomic<size_t> next = 0;
  std::vector<std::thread> buyers;
  for (int i = 0; i < kBuyers; ++i) {
    buyers.emplace_back([&] {
      for (size_t sale = next.fetch_add(1); sale < orders.size(); sale = next.fetch_add(1))
        orders[sale] = Buy(pairs[sale / 2], sale % 2, std::to_string(sale));
    });
  }
  for (std::thread& buyer : buyers) buyer.join();

  for (size_t i = 0; i < orders.size(); i += 2) {
    EXPECT_NE(orders[i].empty(), orders[i + 1].empty())
        << "pair " << i / 2 << " was sold to " << orders[i] << " and " << orders[i + 1];
    const std::string id =
        std::to_string(OrderId::Parse(orders[i] + orders[i + 1]).value_or(OrderId()).ToSql());
    EXPECT_EQ(world_.Sql("SELECT COUNT(*) FROM tickets WHERE order_id = " + id), 2);
  }
  EXPECT_EQ(world_.Sql("SELECT COUNT(*) FROM tickets"), 2 * kPairs);
  EXPECT_EQ(world_.Sql("SELECT COUNT(DISTINCT label) FROM tickets"), 2 * kPairs);
  EXPECT_EQ(world_.Sql("SELECT COUNT(*) FROM orders"), kPairs);
  EXPECT_EQ(world_.payments.payments(), 0u);
}

// A repeat hears of the order that it made, also when the stored answer is gone and its hold has
// become a booking.
TEST_F(SelloutTest, ARepeatIsNotAnotherSale) {
  const std::string first = Buy(0, 0, "again");
  ASSERT_FALSE(first.empty());
  const HoldId hold = HoldId::FromSql(world_.Sql("SELECT hold_id FROM orders"));
  world_.env.clock.Advance(limits::kIdempotencyRetention + Duration::Seconds(1));
  const HttpResponse repeat =
      Post(1, "/v1/orders", "order-again",
           R"({"event_id":")" + event_ + R"(","hold_id":")" + hold.ToString() + "\"}");
  EXPECT_EQ(repeat.status, 201) << repeat.body;
  EXPECT_EQ(Parse<v1::Order>(repeat).id(), first);
  EXPECT_EQ(Parse<v1::Order>(repeat).tickets_size(), 2);
  EXPECT_EQ(world_.Sql("SELECT COUNT(*) FROM orders"), 1);
}

}  // namespace
}  // namespace ticketing
