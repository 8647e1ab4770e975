// Somebody's phone: the real wallet on a clock that its owner may have set wrong.
#ifndef TICKETING_TESTS_SIM_PHONE_H_
#define TICKETING_TESTS_SIM_PHONE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "tests/sim/machine.h"
#include "ticketing/crypto/key_ring.h"
#include "ticketing/testing/seeded_random.h"
#include "ticketing/wallet/wallet.h"

namespace ticketing::sim {

class Phone {
 public:
  // `ahead`: how far its clock is from the true time.
  Phone(Loop& loop, Duration ahead, uint64_t seed);

  std::string device_key() const { return wallet_->device_key(); }
  // Takes in the rotating ticket that the cloud bound to its key.
  Status Take(const std::string& rotating_ticket, const KeyRing& issuers);
  // Hears from a server what time it is, wrong by `wrong`.
  void HearTime(Duration wrong);
  // The code that it shows now, and how far from the true time it believes to be.
  std::string Show(TicketId ticket);
  Duration ahead() const { return ahead_; }

 private:
  class Storage final : public WalletStorage {
   public:
    StatusOr<std::string> Load() override { return bytes_; }
    Status Save(std::string_view bytes) override {
      bytes_ = bytes;
      return OkStatus();
    }

   private:
    std::string bytes_;
  };

  Loop& loop_;
  SimClock clock_;
  SeededRandom random_;
  Storage storage_;
  std::unique_ptr<Wallet> wallet_;
  Duration ahead_;
};

}  // namespace ticketing::sim

#endif  // TICKETING_TESTS_SIM_PHONE_H_
