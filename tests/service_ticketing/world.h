// A ticketing service with everything around it: real SQLite in a folder of its own, a clock that
// stands still, and neighbours that do what a test tells them.
#ifndef TICKETING_TESTS_SERVICE_TICKETING_WORLD_H_
#define TICKETING_TESTS_SERVICE_TICKETING_WORLD_H_

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "lib/service/ticketing/order_store.h"
#include "ticketing/crypto/signature.h"
#include "ticketing/seat/inventory.h"
#include "ticketing/service/common/service_client.h"
#include "ticketing/service/common/token_verifier.h"
#include "ticketing/service/ticketing/ticketing_service.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"
#include "ticketing/testing/test_env.h"
#include "ticketing/v1/common.pb.h"
#include "ticketing/v1/notifications.pb.h"
#include "ticketing/v1/payments.pb.h"
#include "ticketing/v1/ticketing.pb.h"
#include "ticketing/wire/json.h"

namespace ticketing {

// Signs tokens as identity does, and answers what services ask identity.
class FakeIdentity final : public HttpHandler {
 public:
  explicit FakeIdentity(Clock& clock);
  HttpResponse Handle(const HttpRequest& request) override;
  std::string Token(std::string subject, std::vector<Role> roles);

  struct Device {
    DeviceId id;
    std::string public_key;
    std::string kind = "handheld";
    bool revoked = false;
  };
  std::vector<Device> devices;
  bool devices_down = false;

 private:
  Clock& clock_;
  SigningKey key_;
  std::string kid_;
};

// Takes money once per idempotency key. The card decides: "pm_ok", "pm_declined", "pm_action".
class FakePayments final : public HttpHandler {
 public:
  HttpResponse Handle(const HttpRequest& request) override;

  // What is kept when everything is settled, by order.
  std::map<std::string, int64_t> Net() const;
  int refunds() const;
  size_t payments() const;

  // Called with every request before it is looked at; an answer replaces the real one.
  std::function<std::optional<HttpResponse>(const HttpRequest&)> before;

 private:
  HttpResponse Pay(const HttpRequest& request);
  HttpResponse Refund(const HttpRequest& request);

  mutable std::mutex mutex_;
  std::map<std::string, v1::Payment> by_key_;
  std::map<std::string, v1::Refund> refunds_by_key_;
  std::map<std::string, int64_t> net_;
};

class FakeNotifications final : public HttpHandler {
 public:
  HttpResponse Handle(const HttpRequest& request) override;

  std::map<std::string, v1::CreateMessageRequest> messages;  // by dedupe key
  int calls = 0;
  bool down = false;
  std::string rendered;  // the last request for a document
};

// A client that a test can cut: before the other side sees the request, or after it did its work.
class CutClient final : public HttpClient {
 public:
  explicit CutClient(HttpHandler& handler) : handler_(handler) {}
  StatusOr<HttpResponse> Send(const HttpRequest& request, Duration timeout) override;

  bool cut_before = false;
  bool cut_after = false;

 private:
  HttpHandler& handler_;
};

// A database whose process dies: from the chosen write on nothing works any more.
class MortalFactory final : public DatabaseFactory {
 public:
  enum class Death { kBeforeWrite, kAfterWrite };  // after: committed, but nobody hears of it

  explicit MortalFactory(DatabaseFactory& real) : real_(real) {}
  StatusOr<std::unique_ptr<Database>> Open(std::string_view name,
                                           const std::vector<Migration>& schema) override;

  // Dies at the n-th write from now, counted from 1; 0: never.
  void DieAt(int n, Death death);
  bool dead() const;

 private:
  friend class MortalDatabase;
  DatabaseFactory& real_;
  mutable std::mutex mutex_;
  int left_ = 0;
  Death death_ = Death::kBeforeWrite;
  bool dead_ = false;
};

// "tests/service_ticketing" chart: section N (zone n, gate 1) with `rows` rows of `seats`, section
// S (zone s, gate 2) with one row of 4, and the standing area Pie for 50.
std::string SmallChart(int rows = 4, int seats = 10);

struct World {
  explicit World(uint64_t seed = 1);
  ~World();

  // Opens the service, or another one on the same database file.
  void Open();
  std::unique_ptr<TicketingService> OpenAnother();
  void Restart();

  HttpResponse Send(std::string method, std::string target, std::string_view token,
                    std::string body = "", std::string key = "");
  HttpResponse SendTo(TicketingService& to, std::string method, std::string target,
                      std::string_view token, std::string body = "", std::string key = "");

  // Makes venue, chart and event; sets event_id.
  void MakeEvent(std::string chart = SmallChart());
  // Another event at the same venue, on the same chart, that costs nothing: its id.
  std::string MakeFreeEvent();
  // The parts of a purchase.
  HttpResponse Hold(const std::vector<std::string>& labels, std::string key);
  HttpResponse Order(const std::string& hold_id, std::string key);
  HttpResponse Pay(const std::string& order_id, std::string card, std::string key);
  v1::Order Buy(const std::vector<std::string>& labels, const std::string& key);

  // The first column of the first row, read over a connection of its own: what is durable.
  int64_t Sql(const std::string& query);
  // What is not free, and the holds, as a new lane finds them. Lets nothing expire.
  std::vector<seat::SeatRow> Seats(std::vector<seat::Hold>* holds = nullptr);
  int64_t Count(seat::SeatStatus status);  // places
  // Ticks, with time passing, until everything that is in between had its turn.
  void SettleAll();
  // The orders that were completed.
  std::vector<OrderRecord> Sold();
  // Seats, orders, tickets, messages and money agree, and nothing is in between.
  void Audit();

  TempDir dir;
  TestEnv env;
  FakeIdentity identity;
  FakePayments payments;
  FakeNotifications notifications;
  InProcessHttpClient identity_client;
  CutClient payments_client;
  CutClient notifications_client;
  TokenVerifier verifier;
  ServiceToken service_token;
  SqliteDatabaseFactory sqlite;
  MortalFactory databases;
  std::unique_ptr<TicketingService> service;

  std::string admin, box_office, customer, stranger, visitor, gate, device;
  AccountId customer_id;
  DeviceId device_id;
  std::string event_id;
  std::string chart_id;
};

template <typename Message>
Message Parse(const HttpResponse& response) {
  Message message;
  EXPECT_OK(wire::FromJson(response.body, &message)) << response.body;
  return message;
}

inline v1::Problem ProblemOf(const HttpResponse& response) {
  return Parse<v1::Problem>(response);
}

}  // namespace ticketing

#endif  // TICKETING_TESTS_SERVICE_TICKETING_WORLD_H_
