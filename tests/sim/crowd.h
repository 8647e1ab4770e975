// The people of a simulated match: when they come, what they show at which gate, and what they do
// when they are told no, or nothing. Some of them cheat.
#ifndef TICKETING_TESTS_SIM_CROWD_H_
#define TICKETING_TESTS_SIM_CROWD_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/auditor.h"
#include "tests/sim/phone.h"
#include "tests/sim/venue.h"

namespace ticketing::sim {

enum class Intent : uint8_t {
  kHonest,
  kCopy,        // shows a code that somebody else shows, too
  kForged,      // signed by a stranger
  kAltered,     // one character changed
  kGarbage,     // no ticket at all
  kRefunded,    // has the money back and comes all the same
  kWrongGate,   // honest, at a gate that does not lead to the zone
  kOutAndBack,  // goes out for a smoke and wants in again
  kGaveAway,    // transferred the ticket and comes with the old code
  kReceived,    // has the new code of a transferred ticket
  kReprint,     // comes with the new code of a ticket that entered with the old one
  kBoughtToday,
  kPhone,       // honest, with a code that changes
  kScreenshot,  // shows a picture of somebody else's phone
};

struct Person {
  int id = 0;
  Intent intent = Intent::kHonest;
  SoldTicket ticket;
  std::string code;
  uint16_t gate = 0;
  bool entry = true;
  int tries = 0;
  std::shared_ptr<Phone> phone;  // whose code is shown
  Duration made{};               // when its code was made
  bool came = false;
};

struct CrowdCounts {
  uint64_t scans = 0;
  uint64_t admitted = 0;
  uint64_t refused = 0;
  uint64_t unanswered = 0;
  std::map<Intent, uint64_t> came;
  std::map<Intent, uint64_t> entered;
  std::map<uint16_t, uint64_t> reasons;
  std::map<uint8_t, uint64_t> by;
};

class Crowd {
 public:
  Crowd(Venue& venue, Auditor& auditor);

  // Everybody's arrival goes into the loop, and a member of staff stands at each handheld.
  void Come(Duration from, Duration span);
  // Somebody with this ticket comes to this gate at this time, for scripted scenes.
  void Send(Intent intent, const SoldTicket& ticket, uint16_t gate, Duration at);

  // Everybody goes home; before the venue goes.
  void Close();

  bool empty() const { return waiting_ == 0 && due_ == 0; }
  const CrowdCounts& counts() const { return counts_; }

 private:
  void Plan(int id, Duration at);
  void GivePhone(Person& person, Duration at);
  void Lend(const Person& owner, Duration at);
  void LookAtPhone(Person& person);
  void Arrive(Person person);
  void StandAt(Handheld& handheld);
  void Serve(Handheld& handheld, Person person);
  void After(Handheld& handheld, Person person, const ScanResult& result);
  void TryElsewhere(Person person, Duration after);
  void ShowRecovered(Handheld& handheld);
  void Report(const Handheld& handheld, const Person& person, Duration asked,
              const ScanResult& result);
  void BuyAndCome(int id, Duration at, uint16_t zone);
  void Refund(const SoldTicket& ticket, Duration at);
  void Reissue(Person person, Duration at);
  void GoOutAndBack(Person person);
  std::string Text(const Person& person);
  Handheld& Pick(uint16_t gate);

  Venue& venue_;
  Auditor& auditor_;
  SeededRandom random_;
  SeededRandom phones_;  // of its own, so that what others do does not hang on who has one
  std::map<int, std::deque<Person>> queues_;  // by machine
  // By ticket and issue, for answers after a crash.
  std::map<std::pair<uint64_t, uint16_t>, Person> last_seen_;
  size_t next_ticket_ = 0;
  uint64_t purchases_ = 1;
  int64_t waiting_ = 0;
  int64_t due_ = 0;
  bool closed_ = false;
  CrowdCounts counts_;
};

}  // namespace ticketing::sim

#endif  // TICKETING_TESTS_SIM_CROWD_H_
