// Random walks: an inventory, the naive model of inventory_model.h and a copy made of reported
// changes take the same commands and must agree after each. A walk that fails is shortened before
// it is shown.
//
// TICKETING_WALKS=50 in the environment makes fifty times as many walks.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <sstream>

#include "tests/seat/inventory_commands.h"
#include "tests/seat/inventory_model.h"
#include "tests/seat/shrink.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

using Kind = Command::Kind;

template <typename T>
std::string Both(std::string_view what, const T& real, const T& model) {
  if (real == model) return {};
  return std::string(what) + ": is " + testing::PrintToString(real) + ", the model says " +
         testing::PrintToString(model);
}

class Walk {
 public:
  explicit Walk(std::shared_ptr<const Chart> chart)
      : chart_(std::move(chart)), real_(chart_), model_(chart_), shadow_(chart_) {}

  // What is wrong after the command; empty: nothing.
  std::string Do(const Command& command) {
    const Changes before = real_.Snapshot();
    std::string packed_before;
    real_.PackUnits(packed_before);
    Verdict verdict;
    Status status;
    std::optional<Changes> changes;
    const std::string wrong = Dispatch(command, verdict, status, changes);
    if (!wrong.empty()) return wrong;
    const std::string code = Both("code", InfoOf(CodeOf(status)).slug, InfoOf(verdict.code).slug);
    if (!code.empty()) return code + " " + note_ + " (" + std::string(MessageOf(status)) + ")";
    if (!status.ok() && command.kind != Kind::kBest) {
      const std::vector<std::string> named = DetailsOf(status).objects;
      const std::string objects =
          Both("objects", std::set<std::string>(named.begin(), named.end()), verdict.objects);
      if (!objects.empty()) return objects;
    }
    if (!status.ok() && real_.Snapshot() != before) return "a refusal changed something";
    if (changes) {
      const std::string told = CheckChanges(*changes, before.version, verdict.changed);
      if (!told.empty()) return told;
    }
    return Compare();
  }

 private:
  struct Savepoint {
    size_t mark;
    InventoryModel model;
    Changes snapshot;
    std::string packed;
  };

  std::string Dispatch(const Command& command, Verdict& verdict, Status& status,
                       std::optional<Changes>& changes) {
    const auto keep = [&](StatusOr<Changes> answer) {
      status = answer.status();
      if (answer.ok()) changes = *std::move(answer);
    };
    switch (command.kind) {
      case Kind::kApply:
        verdict = model_.Apply(command.step, command.now);
        keep(real_.Apply(command.step, command.now));
        break;
      case Kind::kBest:
        return Best(command, verdict, status, changes);
      case Kind::kExtend:
        verdict = model_.Extend(command.hold, command.expires_at, command.now, command.hold_max);
        keep(real_.Extend(command.hold, command.expires_at, command.now, command.hold_max));
        break;
      case Kind::kRelease:
        verdict = model_.Release(command.hold);
        keep(real_.Release(command.hold));
        break;
      case Kind::kBook:
        verdict = model_.Book(command.hold, command.order, command.now);
        keep(real_.Book(command.hold, command.order, command.now));
        break;
      case Kind::kExpire:
        return Expire(command, verdict, changes);
      case Kind::kExtra:
        verdict = model_.SetExtra(command.index, command.extra);
        keep(real_.SetExtra(command.index, command.extra));
        break;
      case Kind::kRules:
        return Rules(command);
      case Kind::kMark:
      case Kind::kRollback:
      case Kind::kForget:
        return Marks(command.kind);
    }
    return {};
  }

  std::string Expire(const Command& command, Verdict& verdict, std::optional<Changes>& changes) {
    const uint64_t version = real_.version();
    const std::optional<Timestamp> next = real_.NextExpiry();
    verdict = model_.ExpireHolds(command.now);
    changes = real_.ExpireHolds(command.now);
    std::set<uint64_t> ended;
    for (const Hold& hold : changes->holds) {
      if (!hold.ended) return "expiry reports a hold that goes on";
      ended.insert(hold.id.value);
    }
    if (ended.empty() == verdict.changed) return "expiry ended other holds than were due";
    if (real_.version() != version && (!next || *next > command.now)) {
      return "something was due before NextExpiry";
    }
    // The map may be another one because a window opened.
    if (!verdict.changed) changes.reset();
    shadow_.RaiseVersion(real_.version());
    return {};
  }

  std::string Rules(const Command& command) {
    if (!savepoints_.empty()) return {};
    SaleRules rules = command.rules;
    for (Channel& channel : rules.channels) {
      for (const Channel& old : real_.rules().channels) {
        if (old.key == channel.key) channel.id = old.id;
      }
    }
    const uint16_t last = real_.last_channel();
    const uint64_t version = real_.version();
    const Status status = real_.SetRules(rules, command.now);
    if (!status.ok()) return "rules: " + status.ToString();
    for (size_t i = 0; i < rules.channels.size(); ++i) {
      const uint16_t id = real_.rules().channels[i].id;
      if (rules.channels[i].id == 0 ? id <= last : id != rules.channels[i].id) {
        return "a channel got the wrong id";
      }
      rules.channels[i].id = id;
    }
    if (!(real_.rules() == rules)) return "the rules are others";
    if (real_.version() != version + 1) return "rules did not grow the version";
    model_.SetRules(rules, command.now);
    shadow_.RaiseVersion(real_.version());
    return {};
  }

  std::string Marks(Kind kind) {
    if (kind == Kind::kMark) {
      Savepoint point = {real_.Mark(), model_, real_.Snapshot(), {}};
      real_.PackUnits(point.packed);
      savepoints_.push_back(std::move(point));
    } else if (kind == Kind::kForget) {
      real_.Forget();
      savepoints_.clear();
    } else if (!savepoints_.empty()) {
      const Savepoint& point = savepoints_.back();
      real_.Rollback(point.mark);
      model_ = point.model;
      if (real_.Snapshot() != point.snapshot) return "a rollback did not bring everything back";
      std::string packed;
      real_.PackUnits(packed);
      if (packed != point.packed) return "a rollback left another map";
      shadow_ = Inventory(chart_);
      const Status status = shadow_.Restore(point.snapshot);
      if (!status.ok()) return "snapshot: " + status.ToString();
      savepoints_.pop_back();
      if (savepoints_.empty()) real_.Forget();
    }
    return {};
  }

  std::string Best(const Command& command, Verdict& verdict, Status& status,
                   std::optional<Changes>& changes) {
    const BestAvailableRequest& request = command.request;
    const bool valid = request.quantity >= 1 &&
                       request.quantity <= int64_t{limits::kBestAvailableMax} &&
                       request.accessible <= request.quantity;
    BestAvailable found;
    StatusOr<Changes> answer =
        real_.HoldBestAvailable(command.hold, request, command.expires_at, command.now, &found);
    status = answer.status();
    Step step = Step::ToHold(command.hold, found.picks, command.expires_at);
    step.access = request.access;
    if (answer.ok()) {
      changes = *answer;
      const std::string wrong = Chosen(request, found);
      verdict = model_.Apply(step, command.now);
      note_ = "it " + DescribeStep(step, *chart_);
      return valid ? wrong : "a wrong request was answered";
    }
    verdict.code = CodeOf(status);
    if (verdict.code == ErrorCode::kNoAdjacentSeats) return NothingFits(request);
    if (verdict.code == ErrorCode::kInvalidField && !valid) return {};
    if (verdict.code == ErrorCode::kNotForSale) return "chose what is not for sale";
    // The rest are refusals of the hold, whatever it takes.
    for (uint32_t seat = 0; seat < chart_->unit_count(); ++seat) {
      if (model_.Free(seat) && model_.MayTouch(seat, request.access)) {
        step.picks = {{seat, 1}};
        InventoryModel other = model_;
        verdict = other.Apply(step, command.now);
        break;
      }
    }
    return {};
  }

  // That what was chosen is allowed, free, and as it is said to be.
  std::string Chosen(const BestAvailableRequest& request, const BestAvailable& found) const {
    const std::set<uint32_t> candidates = model_.Candidates(request);
    int64_t people = 0;
    int64_t accessible = 0;
    bool adjacent = true;
    for (size_t i = 0; i < found.picks.size(); ++i) {
      const Pick& pick = found.picks[i];
      const Object& object = chart_->object(pick.index);
      if (object.kind != ObjectKind::kSeat) {
        if (!request.areas) return "gave " + object.label + ", which is no seat";
        if (!real_.for_sale(pick.index) && !request.access.ignore_for_sale) {
          return object.label + " is not for sale";
        }
        if (object.kind == ObjectKind::kTable) {
          if (request.quantity > object.capacity ||
              (object.variable && request.quantity < object.min_people)) {
            return object.label + " is not for such a party";
          }
          return {};
        }
        people += pick.quantity;
        continue;
      }
      if (!candidates.contains(pick.index)) return object.label + " could not be given";
      ++people;
      accessible += (object.attributes & kAccessible) != 0;
      if (i > 0 && pick.index <= found.picks[i - 1].index) return "not in order";
      adjacent = adjacent && chart_->run_of(pick.index) == chart_->run_of(found.picks[0].index) &&
                 pick.index == found.picks[0].index + i;
      if (found.adjacent && !adjacent) return "not side by side";
    }
    if (people != request.quantity) return "gave " + std::to_string(people);
    if (request.accessible > 0 && accessible != request.accessible)
      return "wrong wheelchair places";
    if (request.adjacent_only && !found.adjacent && people > 1 && !request.areas) {
      return "parted a group that wants to sit together";
    }
    const bool seats = chart_->object(found.picks[0].index).kind == ObjectKind::kSeat;
    if (seats && found.adjacent && !found.orphans && !model_.Orphans(found.picks).empty()) {
      return "leaves a single seat and does not say so";
    }
    return {};
  }

  // That for a plain request there is no stretch that is long enough.
  std::string NothingFits(const BestAvailableRequest& request) const {
    if (request.accessible != 0) return {};
    const std::set<uint32_t> candidates = model_.Candidates(request);
    for (const Run& run : chart_->runs()) {
      int64_t length = 0;
      for (uint32_t seat = run.first; seat < run.first + run.count; ++seat) {
        length = candidates.contains(seat) ? length + 1 : 0;
        if (length == request.quantity) {
          return "found nothing, but " + chart_->object(seat).label + " ends a stretch that fits";
        }
      }
    }
    return {};
  }

  std::string CheckChanges(const Changes& changes, uint64_t version, bool changed) {
    std::string bytes;
    AppendChanges(bytes, changes);
    std::string_view rest = bytes;
    const std::optional<Changes> back = TakeChanges(rest);
    if (!back || !(*back == changes) || !rest.empty()) return "bytes of changes do not come back";
    if (changes.version != version + (changed ? 1 : 0)) {
      return "version " + std::to_string(changes.version) + " after " + std::to_string(version);
    }
    if (changed == changes.empty())
      return changed ? "reports nothing" : "reports what did not change";
    const Status status = shadow_.Restore(*back);
    if (!status.ok()) return "the reported changes do not restore: " + status.ToString();
    return {};
  }

  std::string Compare() {
    std::vector<SeatRow> rows = real_.Rows();
    if (!std::is_sorted(rows.begin(), rows.end(),
                        [](const SeatRow& a, const SeatRow& b) { return a.index < b.index; })) {
      return "rows are not by number";
    }
    std::sort(rows.begin(), rows.end(), RowLess);
    std::string wrong = Both("rows", rows, model_.Rows());
    if (!wrong.empty()) return wrong;
    std::vector<Hold> holds;
    for (const auto& [id, hold] : model_.holds()) holds.push_back(hold);
    wrong = Both("holds", real_.Holds(), holds);
    if (!wrong.empty()) return wrong;
    for (uint32_t i = 0; i < chart_->object_count(); ++i) {
      wrong = CompareObject(i);
      if (!wrong.empty()) return chart_->object(i).label + ": " + wrong;
    }
    const std::vector<CategoryTotals> totals = real_.TotalsByCategory();
    const std::vector<CategoryTotals> wanted = model_.Totals();
    if (totals.size() != wanted.size()) return "other categories";
    for (size_t i = 0; i < totals.size(); ++i) {
      wrong = Both("totals of category " + std::to_string(i),
                   std::make_tuple(totals[i].free, totals[i].held, totals[i].booked),
                   std::make_tuple(wanted[i].free, wanted[i].held, wanted[i].booked));
      if (!wrong.empty()) return wrong;
    }
    return CompareShadow();
  }

  std::string CompareObject(uint32_t i) const {
    const auto extra = model_.extras().find(i);
    std::string wrong =
        Both("extra", real_.extra(i), extra == model_.extras().end() ? "" : extra->second);
    if (!wrong.empty()) return wrong;
    if (real_.category(i) != model_.CategoryKey(i)) return "another category";
    const bool for_sale = chart_->IsUnit(i) ? model_.ForSale(i) : model_.PlacesForSale(i) > 0;
    if (real_.for_sale(i) != for_sale) return "for sale or not?";
    if (real_.sold_here(i) != model_.SoldHere(i)) return "sold in this form or not?";
    if (chart_->IsUnit(i)) {
      wrong = Both("packed", int{real_.PackedUnit(i)}, int{model_.Packed(i)});
      if (!wrong.empty()) return wrong;
      if (real_.blocked(i) != model_.Blocked(i)) return "blocked or not?";
      const Channel* channel = model_.ChannelOf(i);
      if (real_.channel(i) != (channel == nullptr ? 0 : channel->id)) return "another channel";
      return Both("row", real_.row(i), model_.unit(i));
    }
    const AreaState real = real_.area(i);
    const AreaState model = model_.Area(i);
    return Both("area", std::make_tuple(real.held, real.booked, real.free()),
                std::make_tuple(model.held, model.booked, model.free()));
  }

  std::string CompareShadow() {
    const Changes snapshot = real_.Snapshot();
    Changes copy = shadow_.Snapshot();
    if (snapshot.holds != copy.holds) return "the copy has other holds";
    if (snapshot.extras != copy.extras) return "the copy has other extras";
    if (!(snapshot == copy)) {
      return "the copy made of changes differs: " + testing::PrintToString(copy.seats.size()) +
             " rows for " + testing::PrintToString(snapshot.seats.size());
    }
    if (!real_.CheckWhole().ok() || !shadow_.CheckWhole().ok()) return "not whole";
    if (++steps_ % 16 != 0) return {};
    Inventory loaded(chart_);
    const Status status = loaded.Restore(snapshot);
    if (!status.ok()) return "the snapshot does not load: " + status.ToString();
    if (!(loaded.Snapshot() == snapshot)) return "the snapshot loads as another";
    return {};
  }

  std::shared_ptr<const Chart> chart_;
  Inventory real_;
  InventoryModel model_;
  Inventory shadow_;
  std::vector<Savepoint> savepoints_;
  std::string note_;
  int steps_ = 0;
};

std::string FirstFault(const std::shared_ptr<const Chart>& chart,
                       const std::vector<Command>& commands, size_t* at = nullptr) {
  Walk walk(chart);
  for (size_t i = 0; i < commands.size(); ++i) {
    std::string wrong = walk.Do(commands[i]);
    if (wrong.empty()) continue;
    if (at != nullptr) *at = i;
    return wrong;
  }
  return {};
}

// What a fault is about, without the values.
std::string KindOf(const std::string& fault) {
  const std::string about = fault.substr(0, fault.find(": is "));
  const size_t label = about.rfind(": ");
  return label == std::string::npos ? about : about.substr(label);
}

// Runs a walk; on a fault says the shortest list of commands that has one.
std::string Shortest(const std::shared_ptr<const Chart>& chart, std::vector<Command> commands) {
  size_t at = 0;
  const std::string first = FirstFault(chart, commands, &at);
  if (first.empty()) return {};
  commands.resize(at + 1);
  commands = Shrink(std::move(commands), [&](const std::vector<Command>& some) {
    return KindOf(FirstFault(chart, some)) == KindOf(first);
  });
  std::ostringstream out;
  out << "first: " << first << "\nshortest, of " << commands.size() << " commands:\n";
  for (const Command& command : commands) out << "  " << Describe(command, *chart) << "\n";
  out << "  => " << FirstFault(chart, commands);
  return out.str();
}

int Walks() {
  const char* factor = std::getenv("TICKETING_WALKS");
  return factor == nullptr ? 1 : std::max(1, std::atoi(factor));
}

class InventoryPropertyTest : public testing::TestWithParam<uint64_t> {};

TEST_P(InventoryPropertyTest, AgreesWithTheModelOnTheMixedChart) {
  const std::shared_ptr<const Chart> chart = MakeChart(MixedDrawing());
  for (int i = 0; i < Walks(); ++i) {
    const uint64_t seed = GetParam() + 1000 * static_cast<uint64_t>(i);
    const std::string fault = Shortest(chart, RandomCommands(seed, *chart, 1500));
    ASSERT_TRUE(fault.empty()) << "seed " << seed << "\n" << fault;
  }
}

TEST_P(InventoryPropertyTest, AgreesWithTheModelOnSmallCharts) {
  for (int i = 0; i < 4 * Walks(); ++i) {
    const uint64_t seed = GetParam() + 1000 * static_cast<uint64_t>(i);
    const std::shared_ptr<const Chart> chart = MakeChart(RandomDrawing(seed));
    const std::string fault = Shortest(chart, RandomCommands(seed, *chart, 600));
    ASSERT_TRUE(fault.empty()) << "seed " << seed << "\n" << fault;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, InventoryPropertyTest, testing::Range<uint64_t>(1, 9));

TEST(ShrinkTest, FindsTheFewStepsThatMatter) {
  std::vector<int> steps(1000);
  for (int i = 0; i < 1000; ++i) steps[static_cast<size_t>(i)] = i;
  int calls = 0;
  const auto fails = [&](const std::vector<int>& some) {
    ++calls;
    const auto has = [&](int step) { return std::find(some.begin(), some.end(), step); };
    return has(17) != some.end() && has(400) != some.end() && has(999) != some.end();
  };
  EXPECT_THAT(Shrink(steps, fails), testing::ElementsAre(17, 400, 999));
  EXPECT_LT(calls, 300);
}

// A walk with a fault of its own: a seat that was taken once can never be held again.
TEST(ShrinkTest, ShortensAWalkToWhatBreaksIt) {
  const std::shared_ptr<const Chart> chart = MakeChart(MixedDrawing());
  std::vector<Command> commands = RandomCommands(3, *chart, 800);
  const auto fails = [&](const std::vector<Command>& some) {
    Inventory inventory(chart);
    std::set<uint32_t> once;
    for (const Command& command : some) {
      if (command.kind != Kind::kApply) continue;
      const StatusOr<Changes> changes = inventory.Apply(command.step, command.now);
      if (!changes.ok()) continue;
      for (const SeatChange& change : changes->seats) {
        if (change.row.status == SeatStatus::kBooked) once.insert(change.row.index);
        if (change.row.status == SeatStatus::kHeld && once.contains(change.row.index)) return true;
      }
    }
    return false;
  };
  ASSERT_TRUE(fails(commands));
  const std::vector<Command> few = Shrink(commands, fails);
  EXPECT_LE(few.size(), 3u);
  EXPECT_TRUE(fails(few));
  for (const Command& command : few) {
    EXPECT_THAT(Describe(command, *chart), testing::StartsWith("at 1"));
  }
}

}  // namespace
}  // namespace ticketing::seat
