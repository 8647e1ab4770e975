#include "lib/service/bastion/own_past.h"

namespace ticketing {
namespace {

// No place is called so: whatever opens this data next finds itself elsewhere.
constexpr char kNowhere[] = "restored";

}  // namespace

Status OwnPast::Open(const std::string& place, bool restored) {
  place_ = place;
  since_ = env_.clock.Monotonic();
  if (place.empty() && !restored) return OkStatus();
  TICKETING_ASSIGN_OR_RETURN(std::string known, store_.Place());
  if (restored && known != kNowhere) {
    TICKETING_RETURN_IF_ERROR(store_.SetPlace(kNowhere));
    known = kNowhere;
  }
  if (known.empty()) return store_.SetPlace(place);
  if (known == place) return OkStatus();
  whole_ = false;
  env_.log.Warning(
      "This is a copy of a bastion's data: it decides nothing until its own log is whole.",
      {{"was", known}, {"is", place}});
  return OkStatus();
}

void OwnPast::SourceHasNoMore() {
  const std::lock_guard lock(mutex_);
  source_ = true;
}

void OwnPast::BastionHasNoMore(DeviceId device) {
  const std::lock_guard lock(mutex_);
  bastions_.insert(device);
}

// Whoever has been asked and cannot answer for a while does not keep the gates from their bastion
// when the cloud has spoken. A spare is at most a quarter of a second behind: where it has spoken,
// the cloud need not.
Status OwnPast::Settle() {
  if (whole_) return OkStatus();
  TICKETING_ASSIGN_OR_RETURN(const std::vector<BastionCard> cards, store_.Cards());
  const bool patient = env_.clock.Monotonic() - since_ >= kOtherBastionsPatience;
  bool others = false;
  bool all_said = true;
  bool source = false;
  {
    const std::lock_guard lock(mutex_);
    source = source_;
    for (const BastionCard& card : cards) {
      if (card.device == self_) continue;
      others = true;
      all_said = all_said && bastions_.contains(card.device);
    }
  }
  if (others && all_said) return Finish("the venue's other bastions hold no more of it");
  if (source && (all_said || patient))
    return Finish("the cloud or the first bastion holds no more of it");
  return OkStatus();
}

Status OwnPast::Release() {
  return whole_ ? OkStatus() : Finish("staff says that nobody holds more of it");
}

Status OwnPast::Finish(const char* why) {
  TICKETING_RETURN_IF_ERROR(store_.SetPlace(place_));
  whole_ = true;
  env_.log.Warning("The own log counts as whole; this bastion decides.", {{"because", why}});
  return OkStatus();
}

}  // namespace ticketing
