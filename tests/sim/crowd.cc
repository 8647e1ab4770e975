#include "tests/sim/crowd.h"

#include <algorithm>
#include <cmath>

#include "ticketing/base/assert.h"
#include "ticketing/sync/log_entry.h"

namespace ticketing::sim {
namespace {

constexpr int kTriesMax = 6;
constexpr Duration kPatience = Duration::Seconds(12);

bool IsHonest(Intent intent) {
  switch (intent) {
    case Intent::kHonest:
    case Intent::kWrongGate:
    case Intent::kOutAndBack:
    case Intent::kReceived:
    case Intent::kBoughtToday:
    case Intent::kPhone:
      return true;
    default:
      return false;
  }
}

// Per thousand people. The rest is honest.
struct Share {
  Intent intent;
  uint64_t per_mille;
};
constexpr Share kShares[] = {
    {Intent::kCopy, 40},        {Intent::kForged, 10},   {Intent::kAltered, 10},
    {Intent::kGarbage, 8},      {Intent::kRefunded, 15}, {Intent::kWrongGate, 30},
    {Intent::kOutAndBack, 30},  {Intent::kGaveAway, 15}, {Intent::kReprint, 15},
    {Intent::kBoughtToday, 12},
};

}  // namespace

Crowd::Crowd(Venue& venue, Auditor& auditor)
    : venue_(venue),
      auditor_(auditor),
      random_(venue.random.Next64()),
      phones_(venue.options.seed * 0x9e37 + 11) {
  for (uint16_t gate = 1; gate <= kGates; ++gate) {
    for (uint16_t zone = 1; zone <= kZones; ++zone) {
      if (Leads(gate, zone)) auditor_.LeadsTo(gate, zone);
    }
  }
  for (const SoldTicket& ticket : venue.tickets) auditor_.Sold(ticket.id.value, ticket.zone);
  for (auto& handheld : venue.handhelds) StandAt(*handheld);
}

// Few at first, most in the last third before kick-off, some after it.
void Crowd::Come(Duration from, Duration span) {
  for (int id = 0; id < venue_.options.people; ++id) {
    const double u = static_cast<double>(random_.Uniform(1'000'000)) / 1e6;
    const double when = random_.Uniform(100) < 12 ? 0.85 + 0.15 * u : 0.85 * std::sqrt(u);
    Plan(id, from + Duration{static_cast<int64_t>(when * static_cast<double>(span.micros))});
  }
}

void Crowd::Plan(int id, Duration at) {
  Person person;
  person.id = id;
  uint64_t draw = random_.Uniform(1000);
  for (const Share& share : kShares) {
    if (draw < share.per_mille) {
      person.intent = share.intent;
      break;
    }
    draw -= share.per_mille;
  }
  if (person.intent == Intent::kBoughtToday) {
    return BuyAndCome(id, at, static_cast<uint16_t>(1 + random_.Uniform(kZones)));
  }
  TICKETING_ASSERT(next_ticket_ < venue_.tickets.size());
  person.ticket = venue_.tickets[next_ticket_++];
  const std::vector<uint16_t> gates = GatesOf(person.ticket.zone);
  person.gate = gates[random_.Uniform(gates.size())];
  if (person.intent == Intent::kWrongGate) {
    do person.gate = static_cast<uint16_t>(1 + random_.Uniform(kGates));
    while (Leads(person.gate, person.ticket.zone));
  }
  const Duration before{static_cast<int64_t>(
      random_.Uniform(static_cast<uint64_t>(std::max<int64_t>(at.micros, 1))))};
  switch (person.intent) {
    case Intent::kRefunded:
      Refund(person.ticket, before);
      break;
    case Intent::kGaveAway:
    case Intent::kReprint:
      Reissue(person, person.intent == Intent::kGaveAway ? before : at + Duration::Seconds(20));
      break;
    case Intent::kCopy: {
      Person other = person;
      other.id = -id - 1;
      other.gate = gates[random_.Uniform(gates.size())];
      const uint64_t apart = random_.Uniform(3) == 0 ? 0 : random_.Uniform(90'000'000);
      Send(Intent::kCopy, other.ticket, other.gate, at + Duration{static_cast<int64_t>(apart)});
      break;
    }
    case Intent::kHonest:
      GivePhone(person, at);
      break;
    default:
      break;
  }
  ++due_;
  venue_.loop.At(at, [this, person] {
    --due_;
    Arrive(person);
  });
}

// Half of the phones have asked a server for the time, and may have been off by minutes before; the
// others trust a clock that is wrong by seconds.
void Crowd::GivePhone(Person& person, Duration at) {
  if (phones_.Uniform(100) >= static_cast<uint64_t>(venue_.options.phone_percent)) return;
  person.intent = Intent::kPhone;
  const auto within = [this](int64_t seconds) {
    const auto micros = static_cast<uint64_t>(2 * seconds * 1'000'000);
    return Duration::Micros(static_cast<int64_t>(phones_.Uniform(micros))) -
           Duration::Seconds(seconds);
  };
  const bool asked = phones_.Uniform(2) == 0;
  person.phone = std::make_shared<Phone>(venue_.loop, within(asked ? 600 : 9), phones_.Next64());
  if (asked) person.phone->HearTime(within(1));
  const StatusOr<std::string> rotating =
      venue_.cloud->RotatingTicketFor(person.ticket, person.phone->device_key());
  TICKETING_ASSERT(rotating.ok());
  TICKETING_ASSERT(person.phone->Take(*rotating, venue_.cloud->Issuers()).ok());
  if (phones_.Uniform(5) == 0) Lend(person, at);
}

// A picture is taken of the phone some time, and shown right away or minutes later.
void Crowd::Lend(const Person& owner, Duration at) {
  Person friend_of = owner;
  friend_of.id = -owner.id - 200'000;
  friend_of.intent = Intent::kScreenshot;
  const std::vector<uint16_t> gates = GatesOf(owner.ticket.zone);
  friend_of.gate = gates[phones_.Uniform(gates.size())];
  const Duration shot = std::max(Duration::Seconds(30), at - Duration::Seconds(100)) +
                        Duration::Seconds(static_cast<int64_t>(phones_.Uniform(120)));
  const bool at_once = phones_.Uniform(2) == 0;
  const Duration age =
      Duration::Millis(static_cast<int64_t>(phones_.Uniform(at_once ? 12'000 : 280'000)));
  ++due_;
  venue_.loop.At(shot, [this, friend_of, age]() mutable {
    LookAtPhone(friend_of);
    venue_.loop.After(age, [this, friend_of] {
      --due_;
      Arrive(friend_of);
    });
  });
}

void Crowd::LookAtPhone(Person& person) {
  person.code = person.phone->Show(person.ticket.id);
  person.made = venue_.loop.now();
}

void Crowd::Send(Intent intent, const SoldTicket& ticket, uint16_t gate, Duration at) {
  Person person;
  person.id = -static_cast<int>(++purchases_) - 100'000;
  person.intent = intent;
  person.ticket = ticket;
  person.gate = gate;
  ++due_;
  venue_.loop.At(at, [this, person] {
    --due_;
    Arrive(person);
  });
}

void Crowd::BuyAndCome(int id, Duration at, uint16_t zone) {
  ++due_;
  const Duration when = std::max(Duration::Seconds(30), at - Duration::Seconds(40));
  venue_.loop.At(when, [this, id, at, zone] {
    const auto bought = venue_.cloud->Buy(zone, 1, ++purchases_);
    TICKETING_ASSERT(bought.ok() && bought->size() == 1);
    auditor_.Sold(bought->front().id.value, zone);
    --due_;
    const std::vector<uint16_t> gates = GatesOf(zone);
    Person person;
    person.id = id;
    person.intent = Intent::kBoughtToday;
    person.ticket = bought->front();
    person.gate = gates[random_.Uniform(gates.size())];
    ++due_;
    venue_.loop.At(at, [this, person] {
      --due_;
      Arrive(person);
    });
  });
}

void Crowd::Refund(const SoldTicket& ticket, Duration at) {
  ++due_;
  venue_.loop.At(at, [this, ticket] {
    TICKETING_ASSERT(venue_.cloud->Refund(ticket.id).ok());
    auditor_.Refunded(ticket.id.value, venue_.loop.now());
    --due_;
  });
}

// The ticket gets a new code; whoever has it comes with it later.
void Crowd::Reissue(Person person, Duration at) {
  ++due_;
  venue_.loop.At(at, [this, person]() mutable {
    const StatusOr<uint16_t> issue = venue_.cloud->Reissue(person.ticket.id);
    TICKETING_ASSERT(issue.ok());
    auditor_.Reissued(person.ticket.id.value, *issue, venue_.loop.now());
    --due_;
    SoldTicket renewed = person.ticket;
    renewed.issue = *issue;
    const bool gift = person.intent == Intent::kGaveAway;
    const auto later = static_cast<int64_t>(random_.Uniform(90'000'000));
    Send(gift ? Intent::kReceived : Intent::kReprint, renewed, person.gate,
         venue_.loop.now() + Duration::Seconds(5) + Duration{later});
  });
}

std::string Crowd::Text(const Person& person) {
  std::string code = venue_.cloud->CodeFor(person.ticket, person.intent == Intent::kForged);
  if (person.intent == Intent::kAltered) {
    char& c = code[random_.Uniform(code.size())];
    c = c == '7' ? '8' : '7';
  }
  if (person.intent == Intent::kGarbage) code = "HTTPS://EXAMPLE.MX/" + std::to_string(person.id);
  return code;
}

Handheld& Crowd::Pick(uint16_t gate) {
  std::vector<Handheld*> here;
  for (auto& handheld : venue_.handhelds) {
    if (handheld->gate() == gate && !handheld->stolen) here.push_back(handheld.get());
  }
  if (here.empty()) {
    for (auto& handheld : venue_.handhelds) {
      if (!handheld->stolen) here.push_back(handheld.get());
    }
  }
  return *here[random_.Uniform(here.size())];
}

void Crowd::Arrive(Person person) {
  if (person.code.empty() && person.phone == nullptr) person.code = Text(person);
  if (!person.came) ++counts_.came[person.intent];
  person.came = true;
  Handheld& handheld = Pick(person.gate);
  ++waiting_;
  queues_[handheld.node()].push_back(std::move(person));
  venue_.loop.Wake(&queues_[handheld.node()]);
}

void Crowd::Close() {
  closed_ = true;
  for (const auto& [machine, queue] : queues_) venue_.loop.Wake(&queue);
  venue_.loop.RunUntil(venue_.loop.now() + Duration::Minutes(1));
}

// One person after the other; while the program does not run, everybody waits a while and then goes
// to another lane.
void Crowd::StandAt(Handheld& handheld) {
  venue_.loop.After(Duration{}, [this, &handheld] {
    std::deque<Person>& queue = queues_[handheld.node()];
    while (true) {
      venue_.loop.WaitFor(&queue, Duration::Hours(10), [&] { return !queue.empty() || closed_; });
      if (queue.empty()) return;
      Person person = std::move(queue.front());
      queue.pop_front();
      venue_.loop.Sleep(
          Duration::Micros(700'000 + static_cast<int64_t>(random_.Uniform(2'000'000))));
      Serve(handheld, std::move(person));
      --waiting_;
    }
  });
}

void Crowd::Serve(Handheld& handheld, Person person) {
  if (handheld.stolen) return TryElsewhere(std::move(person), Duration::Seconds(5));
  ShowRecovered(handheld);
  if (person.intent == Intent::kPhone) LookAtPhone(person);
  std::string code = person.code;
  if (person.phone != nullptr && venue_.setting.on_show) {
    venue_.setting.on_show(*person.phone, person.ticket.id, code);
  }
  const Duration asked = venue_.loop.now();
  ++counts_.scans;
  const std::optional<ScanResult> result = handheld.Scan(
      code, person.entry ? Direction::kEntry : Direction::kExit, venue_.cloud->event_number());
  const uint64_t ticket = person.intent == Intent::kForged || person.intent == Intent::kAltered ||
                                  person.intent == Intent::kGarbage
                              ? 0
                              : person.ticket.id.value;
  if (!result) {
    ++counts_.unanswered;
    auditor_.SawNothing(handheld.device().value, ticket, asked);
    last_seen_[{ticket, person.ticket.issue}] = person;
    venue_.loop.Sleep(kPatience);
    ShowRecovered(handheld);
    return TryElsewhere(std::move(person), Duration::Seconds(4));
  }
  Report(handheld, person, asked, *result);
  After(handheld, std::move(person), *result);
}

void Crowd::Report(const Handheld& handheld, const Person& person, Duration asked,
                   const ScanResult& result) {
  Shown shown;
  shown.at = venue_.loop.now();
  shown.asked = asked;
  shown.handheld = handheld.node();
  shown.device = handheld.device().value;
  shown.bastion = handheld.bastion().value_or(-1);
  shown.gate = handheld.gate();
  shown.entry = person.entry;
  shown.person = person.id;
  shown.genuine = person.intent != Intent::kForged && person.intent != Intent::kAltered &&
                  person.intent != Intent::kGarbage;
  shown.ticket = shown.genuine ? person.ticket.id.value : 0;
  shown.issue = person.ticket.issue;
  shown.honest = IsHonest(person.intent);
  if (person.phone != nullptr) {
    shown.rotating = true;
    shown.made = person.made + person.phone->ahead();
  }
  shown.scan = result.scan_id.value;
  shown.admitted = result.decision.outcome == Outcome::kAdmitted;
  shown.reason = static_cast<uint16_t>(result.decision.reason);
  shown.by = static_cast<uint8_t>(result.mode);
  shown.counted = result.decision.counted;
  shown.micros = result.micros;
  ++(shown.admitted ? counts_.admitted : counts_.refused);
  ++counts_.reasons[shown.reason];
  ++counts_.by[shown.by];
  if (shown.admitted && shown.entry) ++counts_.entered[person.intent];
  auditor_.Saw(shown);
  venue_.loop.Note("shown", shown.scan, shown.reason);
}

// Answers that a crash had kept from their persons: they are shown when the program is back.
void Crowd::ShowRecovered(Handheld& handheld) {
  for (const ScanResult& result : handheld.TakeRecovered()) {
    const StatusOr<LogEntry> entry = DecodeLogEntry(result.entry);
    const auto person =
        last_seen_.find({result.ticket_id.value, entry.ok() ? entry->issue : uint16_t{0}});
    if (person == last_seen_.end() || result.decision.replayed) continue;
    Report(handheld, person->second, venue_.loop.now(), result);
  }
}

void Crowd::TryElsewhere(Person person, Duration after) {
  if (++person.tries >= kTriesMax) return;
  ++due_;
  venue_.loop.After(after, [this, person] {
    --due_;
    Arrive(person);
  });
}

void Crowd::After(Handheld& handheld, Person person, const ScanResult& result) {
  if (result.decision.outcome == Outcome::kAdmitted) {
    if (person.intent == Intent::kOutAndBack && person.entry && person.tries == 0) {
      GoOutAndBack(std::move(person));
    } else if (person.intent == Intent::kOutAndBack && !person.entry) {
      person.entry = true;
      person.tries = 1;
      TryElsewhere(std::move(person), Duration::Seconds(30));
    }
    return;
  }
  if (result.decision.reason == Reason::kWrongGate && !result.decision.right_gates.empty()) {
    person.gate =
        result.decision.right_gates[person.ticket.id.value % result.decision.right_gates.size()];
    TryElsewhere(std::move(person), Duration::Seconds(25));
  }
  (void)handheld;
}

void Crowd::GoOutAndBack(Person person) {
  person.entry = false;
  const std::vector<uint16_t> gates = GatesOf(person.ticket.zone);
  person.gate = gates[random_.Uniform(gates.size())];
  TryElsewhere(std::move(person), Duration::Seconds(30));
}

}  // namespace ticketing::sim
