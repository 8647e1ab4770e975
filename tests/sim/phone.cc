#include "tests/sim/phone.h"

#include "ticketing/base/assert.h"

namespace ticketing::sim {
namespace {

constexpr Duration kRoundTrip = Duration::Millis(60);

}  // namespace

Phone::Phone(Loop& loop, Duration ahead, uint64_t seed)
    : loop_(loop), clock_(loop), random_(seed), ahead_(ahead) {
  clock_.offset = ahead;
  StatusOr<std::unique_ptr<Wallet>> wallet =
      Wallet::Open(clock_, random_, storage_, std::string(32, 'k'));
  TICKETING_ASSERT(wallet.ok());
  wallet_ = *std::move(wallet);
}

Status Phone::Take(const std::string& rotating_ticket, const KeyRing& issuers) {
  return wallet_->Put(rotating_ticket, "Final", issuers);
}

void Phone::HearTime(Duration wrong) {
  const Duration now = loop_.now();
  const Timestamp half_way = kSimStart + now - Duration{kRoundTrip.micros / 2};
  TICKETING_ASSERT(wallet_->LearnTime(half_way + wrong, now - kRoundTrip, now).ok());
  ahead_ = wrong;
}

std::string Phone::Show(TicketId ticket) {
  const StatusOr<WalletCode> code = wallet_->CodeOf(ticket);
  TICKETING_ASSERT(code.ok());
  return code->text;
}

}  // namespace ticketing::sim
