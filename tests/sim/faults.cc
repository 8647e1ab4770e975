#include "tests/sim/faults.h"

#include <algorithm>

namespace ticketing::sim {
namespace {

// How long a road may be avoided after it works again: RouteHealth's longest recovery, the sync
// that follows, and the longest pause between two tries.
constexpr Duration kAftermath = Duration::Seconds(90);
constexpr Duration kForEver = Duration::Days(1);

}  // namespace

Faults::Faults(Venue& venue, Auditor& auditor)
    : venue_(venue), auditor_(auditor), random_(venue.random.Next64()) {}

void Faults::Tell(Duration at, const std::string& what) {
  told_.push_back(std::to_string(at.seconds()) + " s: " + what);
}

Duration Faults::Span(int64_t min_seconds, int64_t max_seconds) {
  return Duration::Millis(min_seconds * 1000 +
                          static_cast<int64_t>(random_.Uniform(
                              static_cast<uint64_t>((max_seconds - min_seconds) * 1000))));
}

void Faults::At(Duration at, std::function<void()> strike) {
  venue_.loop.At(at, [this, strike = std::move(strike)] {
    if (!over_) strike();
  });
}

Machine& Faults::AnyMachine() {
  const size_t bastions = venue_.bastions.size();
  if (bastions > 0 && random_.Uniform(3) == 0) {
    return *venue_.bastions[random_.Uniform(bastions)];
  }
  return *venue_.handhelds[random_.Uniform(venue_.handhelds.size())];
}

// Somebody whom the machine talks to.
NodeId Faults::AnyPeer(const Machine& machine) {
  const Handheld* handheld = venue_.HandheldAt(machine.node());
  if (handheld == nullptr || !handheld->bastion()) return venue_.cloud->node();
  if (handheld->has_cloud() && random_.Uniform(2) == 0) return venue_.cloud->node();
  return *handheld->bastion();
}

void Faults::CutFor(NodeId a, NodeId b, bool both_ways, Duration at, Duration span) {
  Tell(at, "machine " + std::to_string(a) + (both_ways ? " and " : " does not reach ") +
               std::to_string(b) + (both_ways ? " cut apart" : "") + " for " +
               std::to_string(span.seconds()) + " s");
  At(at, [this, a, b, both_ways, span] {
    venue_.network.Cut(a, b);
    if (both_ways) venue_.network.Cut(b, a);
    const Duration now = venue_.loop.now();
    auditor_.RoadDisturbed(a, now, now + span + kAftermath);
    auditor_.RoadDisturbed(b, now, now + span + kAftermath);
    venue_.loop.After(span, [this, a, b] { venue_.network.Mend(a, b); });
  });
}

void Faults::CrashFor(Machine& machine, bool keeps_some, Duration at, Duration pause) {
  Tell(at, machine.name() + " crashes, back in " + std::to_string(pause.seconds()) + " s");
  At(at, [this, &machine, keeps_some, pause] {
    const Duration now = venue_.loop.now();
    auditor_.Disturbed(machine.node(), now, now + pause + kAftermath);
    // Perhaps in the middle of a write: at one of the next ones.
    const uint64_t soon = random_.Uniform(40);
    if (soon == 0) return machine.Crash(keeps_some, pause);
    machine.disk.StopAt(soon, [this, &machine, keeps_some, pause] {
      const Duration then = venue_.loop.now();
      auditor_.Disturbed(machine.node(), then, then + pause + kAftermath);
      machine.Crash(keeps_some, pause);
    });
  });
}

void Faults::BadWeather(Weather weather, Duration at, Duration span) {
  Tell(at, "messages lost " + std::to_string(weather.loss_per_mille) + ", doubled " +
               std::to_string(weather.duplicate_per_mille) + ", slow " +
               std::to_string(weather.slow_per_mille) + " of 1000 for " +
               std::to_string(span.seconds()) + " s");
  At(at, [this, weather, span] {
    venue_.network.weather = weather;
    const Duration now = venue_.loop.now();
    auditor_.Disturbed(-1, now, now + span + kAftermath);
    venue_.loop.After(span, [this] { venue_.network.weather = {}; });
  });
}

void Faults::Replace(size_t bastion, Duration at) {
  Tell(at, "bastion " + std::to_string(bastion) + " is lost and replaced");
  At(at, [this, bastion] {
    const Duration now = venue_.loop.now();
    auditor_.Disturbed(venue_.bastions[bastion]->node(), now - Duration::Minutes(1), kForEver);
    const Bastion& spare = venue_.ReplaceBastion(bastion);
    auditor_.Disturbed(spare.node(), Duration{}, now + kAftermath);
    if (const Bastion* hot = venue_.Spare()) {
      auditor_.Disturbed(hot->node(), now - Duration::Minutes(1), now + kAftermath);
      auditor_.Follows(hot->node(), venue_.bastions.front()->node());
    }
    for (auto& handheld : venue_.handhelds) {
      if (handheld->bastion() == spare.node()) {
        auditor_.Disturbed(handheld->node(), now - Duration::Minutes(1), now + kAftermath);
      }
    }
  });
}

// Somebody walks away with it. Staff notice after a while and shut it out; later it is switched on
// again within reach.
void Faults::Steal(size_t index, Duration at) {
  Tell(at, "handheld " + std::to_string(index) + " is stolen, and revoked 40 s later");
  At(at, [this, index] {
    Handheld& handheld = *venue_.handhelds[index];
    if (handheld.stolen) return;
    handheld.stolen = true;
    auditor_.Stolen(handheld.device().value);
    auditor_.Disturbed(handheld.node(), venue_.loop.now(), kForEver);
    const NodeId node = handheld.node();
    venue_.network.CutBoth(node, venue_.cloud->node());
    if (handheld.bastion()) venue_.network.CutBoth(node, *handheld.bastion());
    for (auto& other : venue_.handhelds) venue_.network.CutBoth(node, other->node());
    venue_.loop.After(Duration::Seconds(40),
                      [this, &handheld] { venue_.cloud->Revoke(handheld.device()); });
    venue_.loop.After(Duration::Seconds(100), [this, &handheld, node] {
      // With what the thief does meanwhile: the first tickets enter at a gate of nobody's.
      for (size_t i = 0; i < 3; ++i) {
        const auto result = handheld.Scan(venue_.cloud->CodeFor(venue_.tickets[i]),
                                          Direction::kEntry, venue_.cloud->event_number());
        if (!result) continue;
        auditor_.ByThief(result->scan_id.value, venue_.tickets[i].id.value,
                         handheld.bastion().value_or(-1), venue_.loop.now());
      }
      venue_.network.Mend(node, venue_.cloud->node());
      if (handheld.bastion()) venue_.network.Mend(node, *handheld.bastion());
    });
  });
}

void Faults::DrawCut(Duration at) {
  const Machine& machine = AnyMachine();
  const bool both = random_.Uniform(3) != 0;
  const Duration span = venue_.options.storm > 1 ? Span(60, 500) : Span(10, 120);
  CutFor(machine.node(), AnyPeer(machine), both, at, span);
}

void Faults::DrawCrash(Duration at) {
  Machine& machine = AnyMachine();
  CrashFor(machine, random_.Uniform(2) == 0, at, Span(3, 40));
}

void Faults::DrawDisk(Duration at) {
  Machine& machine = AnyMachine();
  const uint64_t kind = random_.Uniform(3);
  const Duration span = Span(10, 60);
  Tell(at, machine.name() +
               (kind == 0   ? ": disk full"
                : kind == 1 ? ": disk fails to write"
                            : ": disk fails to sync") +
               " for " + std::to_string(span.seconds()) + " s");
  At(at, [this, &machine, kind, span] {
    const Duration now = venue_.loop.now();
    auditor_.Disturbed(machine.node(), now, now + span + kAftermath);
    if (kind == 0) machine.disk.full = true;
    if (kind == 1) machine.disk.write_errors_per_million = 60'000;
    if (kind == 2) machine.disk.sync_errors_per_million = 250'000;
    venue_.loop.After(span, [&machine] {
      machine.disk.full = false;
      machine.disk.write_errors_per_million = machine.disk.sync_errors_per_million = 0;
    });
  });
}

void Faults::DrawClock(Duration at) {
  Machine& machine = AnyMachine();
  // Beyond two minutes the cloud opens no session; only a bastion's answers correct a clock. So the
  // clock of a bastion is never that far off.
  const bool corrected = venue_.HandheldAt(machine.node()) != nullptr;
  const uint64_t size = random_.Uniform(corrected ? 3 : 2);
  const int64_t most = size == 0 ? 5 : size == 1 ? 50 : 900;
  const int64_t seconds =
      static_cast<int64_t>(random_.Uniform(static_cast<uint64_t>(2 * most))) - most;
  Tell(at, machine.name() + ": the clock jumps by " + std::to_string(seconds) + " s");
  At(at, [this, &machine, seconds] {
    machine.clock.offset = machine.clock.offset + Duration::Seconds(seconds);
    machine.clock.drift_ppm = static_cast<int64_t>(random_.Uniform(400)) - 200;
    auditor_.Disturbed(machine.node(), venue_.loop.now() - Duration::Minutes(1), kForEver);
  });
}

void Faults::Draw(Duration from, Duration to) {
  const uint64_t kinds = random_.Next64();  // one bit each: whether this match has that kind
  const auto has = [&](int bit) { return (kinds >> bit & 1) != 0; };
  const auto moment = [&] {
    return from + Duration{static_cast<int64_t>(
                      random_.Uniform(static_cast<uint64_t>((to - from).micros)))};
  };
  const uint64_t many = (1 + static_cast<uint64_t>((to - from).seconds()) / 150) *
                        static_cast<uint64_t>(venue_.options.storm);
  for (uint64_t i = 0; i < many; ++i) {
    if (has(0)) {
      Weather weather;
      weather.loss_per_mille = static_cast<uint32_t>(random_.Uniform(200));
      weather.duplicate_per_mille = static_cast<uint32_t>(random_.Uniform(100));
      weather.slow_per_mille = static_cast<uint32_t>(random_.Uniform(400));
      BadWeather(weather, moment(), Span(20, 90));
    }
    for (int n = 0; has(1) && n < 3; ++n) DrawCut(moment());
    for (int n = 0; has(2) && n < 2; ++n) DrawCrash(moment());
    if (has(3)) DrawDisk(moment());
    if (has(4)) DrawClock(moment());
  }
  if (has(5)) {
    const Duration at = moment();
    for (auto& bastion : venue_.bastions) {
      CutFor(bastion->node(), venue_.cloud->node(), true, at, Span(60, 200));
    }
  }
  if (has(6) && !venue_.bastions.empty())
    Replace(random_.Uniform(venue_.bastions.size()), moment());
  if (has(7) && venue_.handhelds.size() > 8) Steal(random_.Uniform(8), moment());
}

void Faults::HealAll() {
  over_ = true;
  venue_.network.MendAll();
  venue_.network.weather = {};
  const auto heal = [](Machine& machine) {
    machine.disk.full = false;
    machine.disk.write_errors_per_million = machine.disk.sync_errors_per_million = 0;
    machine.disk.StopAt(0, nullptr);
  };
  for (auto& bastion : venue_.bastions) heal(*bastion);
  for (auto& handheld : venue_.handhelds) heal(*handheld);
}

}  // namespace ticketing::sim
