#include "tests/sim/venue.h"

#include <algorithm>

#include "ticketing/base/assert.h"

namespace ticketing::sim {
namespace {

constexpr Duration kBastionSync = Duration::Millis(500);
constexpr Duration kCloudTick = Duration::Millis(500);

}  // namespace

bool Leads(uint16_t gate, uint16_t zone) {
  if (gate == 5 && zone == 2) return true;
  return (gate + 1) / 2 == zone;
}

std::vector<uint16_t> GatesOf(uint16_t zone) {
  std::vector<uint16_t> gates;
  for (uint16_t gate = 1; gate <= kGates; ++gate) {
    if (Leads(gate, zone)) gates.push_back(gate);
  }
  return gates;
}

Venue::Venue(const Options& given)
    : options(given),
      network(loop, given.seed * 0x1234567 + 5),
      setting{loop, network, nullptr, nullptr, nullptr},
      random(given.seed) {
  setting.announce = [this](NodeId from, const std::string& datagram) {
    for (auto& handheld : handhelds) {
      if (network.Connected(from, handheld->node())) handheld->Hear(datagram, from);
    }
  };
}

Venue::~Venue() {
  Stop();
}

void Venue::Stop() {
  if (stopped_) return;
  stopped_ = true;
  const auto stop = [](Machine* machine) {
    if (machine != nullptr) machine->Retire();
  };
  for (auto& handheld : handhelds) stop(handheld.get());
  for (auto& bastion : bastions) stop(bastion.get());
  for (auto& bastion : lost_bastions) stop(bastion.get());
  stop(cloud.get());
  loop.RunUntil(loop.now() + Duration::Minutes(2));
}

void Venue::MakeMachines() {
  cloud = std::make_unique<Cloud>(
      setting, std::clamp(Duration{options.sync_interval.micros / 8}, kCloudTick, kCloudTick * 4),
      Seed());
  const Duration bastion_sync = std::max(kBastionSync, Duration{options.sync_interval.micros / 4});
  for (int i = 0; i < options.bastions; ++i) {
    const DeviceId id{next_device_++};
    bastions.push_back(std::make_unique<Bastion>(setting, "bastion" + std::to_string(i), id,
                                                 cloud->node(), bastion_sync, Seed()));
    cloud->AddDevice(id, KeyOf(id).public_key(), true);
  }
  if (Bastion* spare = Spare()) spare->Follow(bastions.front()->node());
  for (int i = 0; i < options.handhelds; ++i) {
    const DeviceId id{next_device_++};
    const auto gate = static_cast<uint16_t>(1 + i % kGates);
    Roads roads;
    if (!bastions.empty()) {
      // The first half of the gates stands beside the first bastion, and so on.
      const auto place = static_cast<size_t>(gate - 1) * bastions.size() / kGates;
      roads.bastion = bastions[place]->node();
    }
    const bool has_cloud = random.Uniform(100) < static_cast<uint64_t>(options.cloud_percent);
    if (has_cloud || bastions.empty()) roads.cloud = cloud->node();
    handhelds.push_back(std::make_unique<Handheld>(setting, "handheld" + std::to_string(i), id,
                                                   gate, roads, options.sync_interval, Seed()));
    if (options.peers) handhelds.back()->HearOthers();
    cloud->AddDevice(id, KeyOf(id).public_key(), false);
  }
}

Status Venue::Prepare(size_t count) {
  Status status = MakeError(ErrorCode::kInternal, "not run");
  MakeMachines();
  loop.RunTask([&] { status = PrepareInside(count); });
  return status;
}

Status Venue::PrepareInside(size_t count) {
  cloud->Start();
  TICKETING_ASSERT(cloud->running());
  TICKETING_RETURN_IF_ERROR(cloud->MakeEvent(Duration::Minutes(options.minutes)));
  if (options.reentry || options.area_max > 0) {
    TICKETING_RETURN_IF_ERROR(cloud->SetPolicy(options.reentry, options.area_max));
  }
  TICKETING_ASSIGN_OR_RETURN(tickets, cloud->SellBefore(count, random));
  for (auto& bastion : bastions) {
    bastion->Start();
    TICKETING_RETURN_IF_ERROR(bastion->SyncNow());
  }
  return FillHandhelds();
}

// One handheld fetches the event over the network; the others get a copy of its disk before they
// start for the first time, which is what staff do with a settings card, and fifty times faster.
Status Venue::FillHandhelds() {
  if (handhelds.empty()) return OkStatus();
  Handheld& first = *handhelds.front();
  first.Start();
  TICKETING_RETURN_IF_ERROR(first.SyncNow());
  SimDisk blank("blank", 1);
  first.Crash(false, Duration::Millis(100));
  loop.Sleep(Duration::Millis(50));
  first.disk.Restart();
  blank.CopyFrom(first.disk);
  TICKETING_RETURN_IF_ERROR(MakeBlank("blank"));
  loop.Sleep(Duration::Seconds(1));
  TICKETING_ASSERT(first.running());
  first.TakeRecovered();
  for (size_t i = 1; i < handhelds.size(); ++i) {
    handhelds[i]->disk.CopyFrom(blank);
    handhelds[i]->Start();
    // Not all at the same moment.
    loop.Sleep(Duration::Millis(37));
  }
  return OkStatus();
}

Bastion& Venue::ReplaceBastion(size_t index) {
  std::unique_ptr<Bastion>& place = bastions[index];
  const NodeId old = place->node();
  place->Crash(false, Duration::Millis(-1));
  lost_bastions.push_back(std::move(place));
  const DeviceId id{next_device_++};
  place = std::make_unique<Bastion>(setting, "spare" + std::to_string(lost_bastions.size()), id,
                                    cloud->node(), kBastionSync, Seed());
  cloud->AddDevice(id, KeyOf(id).public_key(), true);
  if (Bastion* spare = Spare()) spare->Follow(bastions.front()->node());
  for (auto& handheld : handhelds) {
    if (handheld->bastion() == old) handheld->UseBastion(place->node());
  }
  place->Start();
  return *place;
}

Bastion* Venue::Spare() const {
  return options.spare && bastions.size() > 1 ? bastions.back().get() : nullptr;
}

Handheld* Venue::HandheldAt(NodeId node) {
  for (auto& handheld : handhelds) {
    if (handheld->node() == node) return handheld.get();
  }
  return nullptr;
}

}  // namespace ticketing::sim
