// The cloud of the simulated venue: the real ticketing service with its gates' side and its sales,
// behind the doors that devices use. Identity, payments and notifications are the stand-ins that
// the ticketing service's own tests use.
#ifndef TICKETING_TESTS_SIM_CLOUD_H_
#define TICKETING_TESTS_SIM_CLOUD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/service_ticketing/world.h"
#include "tests/sim/machine.h"
#include "ticketing/identity/device.h"
#include "ticketing/lane/event_lane.h"
#include "ticketing/token/ticket_code.h"

namespace ticketing::sim {

// Half of the forgers sign under a key id that nobody issued.
inline constexpr uint8_t kStrangeKeyId = 77;

// A ticket as its holder knows it.
struct SoldTicket {
  TicketId id;
  uint32_t ordinal = 0;
  uint16_t zone = 0;
  uint16_t issue = 0;
};

class Cloud final : public Machine, public HttpHandler {
 public:
  Cloud(Setting& setting, Duration tick, uint64_t seed);
  ~Cloud() override;

  // Makes the event: 8 gates, 4 zones, doors open at once, kick-off after `until_kickoff`. Then
  // sells `count` tickets at a stroke, as on the days before. Inside a task.
  Status MakeEvent(Duration until_kickoff);
  StatusOr<std::vector<SoldTicket>> SellBefore(size_t count, SeededRandom& random);

  // How the event is entered from now on: whether who went out may come back, and how many people
  // zone 4 takes (0: as many as come). Inside a task.
  Status SetPolicy(bool reentry, int area_max);

  // A purchase on the day: held, ordered, paid and issued by the service. Inside a task.
  StatusOr<std::vector<SoldTicket>> Buy(uint16_t zone, int quantity, uint64_t key);
  // What staff do to one ticket: refunded, or given to somebody else (the issue counts up).
  Status Refund(TicketId ticket);
  StatusOr<uint16_t> Reissue(TicketId ticket);

  void AddDevice(DeviceId id, const std::string& public_key, bool bastion);
  void Revoke(DeviceId id);

  // The code of a ticket; with a stranger's key when `forged`.
  std::string CodeFor(const SoldTicket& ticket, bool forged = false) const;
  // The same ticket for the phone with this key, and whose signature it bears.
  StatusOr<std::string> RotatingTicketFor(const SoldTicket& ticket,
                                          const std::string& device_key) const;
  KeyRing Issuers() const;
  std::string StrangeKey() const { return stranger_key_->public_key(); }
  uint32_t event_number() const { return event_number_; }

  // The tables, for the auditor.
  Database& Tables(const std::string& name) { return *opened_.at(name); }

  HttpResponse Handle(const HttpRequest& request) override;

 protected:
  Status Open(DatabaseFactory& databases) override;
  void Close() override;
  void Started() override;

 private:
  class Remembering;
  HttpResponse Session(const HttpRequest& request);
  HttpResponse Relay(const HttpRequest& request);
  HttpResponse Ask(std::string method, std::string target, std::string_view token, std::string body,
                   std::string key);
  Status ReadKeys();
  TicketClaims ClaimsOf(const SoldTicket& ticket) const;
  Status ChangeTicket(const char* sql, TicketId ticket);

  const Duration tick_;
  FakeIdentity identity_;
  FakePayments payments_;
  FakeNotifications notifications_;
  InProcessHttpClient identity_client_;
  InProcessHttpClient payments_client_;
  InProcessHttpClient notifications_client_;
  TokenVerifier verifier_;
  ServiceToken token_;
  std::unique_ptr<Remembering> remembering_;
  std::map<std::string, Database*> opened_;
  std::unique_ptr<TicketingService> service_;
  std::unique_ptr<EventLane> lane_;
  std::shared_ptr<const seat::Chart> chart_;
  std::map<DeviceId, identity::Device> devices_;
  std::unique_ptr<SigningKey> ticket_key_;
  std::unique_ptr<SigningKey> stranger_key_;
  uint8_t key_id_ = 1;
  std::string event_id_;
  uint32_t event_number_ = 0;
};

}  // namespace ticketing::sim

#endif  // TICKETING_TESTS_SIM_CLOUD_H_
