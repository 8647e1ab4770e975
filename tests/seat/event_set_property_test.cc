// Random walks over a season: the event set, and a model that thinks in chairs and places of single
// matches, take the same commands and must agree after each. See inventory_property_test.cc.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <sstream>

#include "tests/seat/inventory_commands.h"
#include "tests/seat/season_model.h"
#include "tests/seat/shrink.h"
#include "ticketing/seat/event_set.h"

namespace ticketing::seat {
namespace {

struct SeasonCommand {
  enum class Kind {
    kAddMatch,
    kAddPart,
    kAddMatches,
    kRemoveMatch,
    kRemove,
    kApply,
    kExtend,
    kRelease,
    kBook,
    kExpire,
    kExtra,
    kRules,
    kOverride,
    kUse,
    kMark,
    kRollback,
    kReload,
    kReplay
  };
  Kind kind = Kind::kApply;
  Timestamp now;
  std::vector<EventStep> steps;
  uint32_t slot = 0;
  std::vector<uint32_t> matches;
  std::vector<Pick> picks;
  std::optional<uint32_t> season;
  HoldId hold;
  OrderId order;
  OrderId of_order;  // of an override
  Timestamp expires_at;
  uint32_t index = 0;
  std::string extra;
  SaleRules rules;
};
using Kind = SeasonCommand::Kind;

constexpr uint32_t kSlots = 9;

std::string Describe(const SeasonCommand& c, const Chart& chart) {
  constexpr const char* kNames[] = {
      "add match", "add part", "add matches", "remove match", "remove", "apply",
      "extend",    "release",  "book",        "expire",       "extra",  "rules",
      "override",  "use",      "mark",        "roll back",    "reload", "replay"};
  std::ostringstream out;
  out << "at " << c.now.micros << ": " << kNames[static_cast<size_t>(c.kind)];
  if (c.kind == Kind::kApply) {
    for (const EventStep& step : c.steps) {
      out << " {slot " << step.slot << " " << DescribeStep(step.step, chart) << "}";
    }
    return out.str();
  }
  out << " slot " << c.slot << " hold " << c.hold.value << " order " << c.order.value << " until "
      << c.expires_at.micros << " matches";
  for (const uint32_t match : c.matches) out << " " << match;
  out << " picks";
  for (const Pick& pick : c.picks) out << " #" << pick.index << "x" << pick.quantity;
  if (c.season) out << " season " << *c.season;
  if (c.of_order) out << " of order " << c.of_order.value;
  if (c.kind == Kind::kExtra) out << " #" << c.index << " \"" << c.extra << "\"";
  if (c.kind == Kind::kRules) out << " " << DescribeRules(c.rules);
  return out.str();
}

Kind RandomKind(Sequence& random) {
  const uint32_t dice = random.Below(100);
  if (dice < 52) return Kind::kApply;
  if (dice < 70) {
    return std::vector{Kind::kExtend, Kind::kRelease, Kind::kBook,    Kind::kExpire,
                       Kind::kExtra,  Kind::kMark,    Kind::kRollback}[random.Below(7)];
  }
  if (dice < 84) return random.Chance(60) ? Kind::kOverride : Kind::kUse;
  if (dice < 95) {
    return std::vector{Kind::kAddMatch,    Kind::kAddPart, Kind::kAddMatches, Kind::kAddMatches,
                       Kind::kRemoveMatch, Kind::kRemove,  Kind::kRules}[random.Below(7)];
  }
  return random.Chance(50) ? Kind::kReload : Kind::kReplay;
}

std::vector<SeasonCommand> RandomSeason(uint64_t seed, const Chart& chart, int count) {
  Sequence random(seed);
  std::vector<SeasonCommand> commands;
  Timestamp now = Timestamp::FromSeconds(1'000'000);
  for (int i = 0; i < count; ++i) {
    SeasonCommand c;
    c.kind = i < 3 ? Kind::kAddMatch : i < 5 ? Kind::kAddPart : RandomKind(random);
    if (i == 5 || i == 6) c.kind = Kind::kAddMatches;
    if (random.Chance(40)) now = now + Duration::Seconds(random.Below(60));
    c.now = now;
    const uint32_t steps = 1 + (random.Chance(30) ? random.Below(3) : 0);
    for (uint32_t s = 0; s < steps; ++s) {
      EventStep step{random.Below(kSlots), RandomStep(random, chart, now)};
      if (random.Chance(70)) {  // most are plain, or little would be taken
        step.step.of_order = {};
        step.step.allowed_before = step.step.rejected_before = {};
        step.step.access = SaleAccess();
        step.step.access.ignore_for_sale = true;
      }
      c.steps.push_back(std::move(step));
    }
    c.slot = random.Below(kSlots);
    c.matches = {1 + random.Below(3)};
    if (random.Chance(40)) c.matches.push_back(1 + random.Below(kSlots - 1));
    const uint32_t picks = 1 + random.Below(2);
    for (uint32_t p = 0; p < picks; ++p) {
      c.picks.push_back({random.Below(chart.object_count()), 1 + random.Below(2)});
    }
    if (random.Chance(30)) c.season = random.Below(6);
    c.hold = {1 + random.Below(4)};
    c.order = {1 + random.Below(3)};
    if (random.Chance(40)) {  // mostly what makes sense
      c.of_order = c.order;
      c.season = random.Chance(60) ? 0 : 4 + random.Below(2);
      c.slot = 1 + random.Below(3);
      const uint32_t areas = chart.object_count() - chart.unit_count();
      for (Pick& pick : c.picks) {
        if (areas > 0) pick.index = chart.unit_count() + random.Below(areas);
      }
    }
    c.expires_at = now + Duration::Seconds(random.Below(600));
    c.index = random.Below(chart.object_count());
    c.extra = random.Chance(50) ? "x" : "";
    if (c.kind == Kind::kRules) c.rules.tables = RandomRules(random, chart, now).tables;
    commands.push_back(std::move(c));
  }
  return commands;
}

class SeasonWalk {
 public:
  explicit SeasonWalk(std::shared_ptr<const Chart> chart)
      : chart_(chart), real_(chart), model_(chart) {
    EXPECT_TRUE(Add(EventKind::kSeason).ok());
  }

  std::string Do(const SeasonCommand& c) {
    const std::vector<std::string> before = Maps();
    const std::vector<uint64_t> versions = Versions();
    const std::vector<std::string> bodies = Bodies();
    Status status;
    ErrorCode verdict = ErrorCode::kOk;
    const std::string wrong = Dispatch(c, status, verdict);
    if (!wrong.empty()) return wrong;
    if (CodeOf(status) != verdict) {
      return "code: is " + std::string(InfoOf(CodeOf(status)).slug) + ", the model says " +
             std::string(InfoOf(verdict).slug) + " (" + std::string(MessageOf(status)) + ")";
    }
    if (!status.ok() && (Bodies() != bodies || Maps() != before)) {
      return "a refusal changed something";
    }
    if (c.kind != Kind::kRollback) {
      const std::string grown = CheckVersions(before, versions, bodies);
      if (!grown.empty()) return grown;
    }
    return Compare();
  }

 private:
  struct Back {
    EventSet::Savepoint savepoint;
    SeasonModel model;
    std::vector<std::string> bodies;
    std::vector<Changes> log;
  };

  // What a customer sees of an event.
  std::string MapOf(uint32_t slot) const {
    std::string map;
    real_.at(slot).PackUnits(map);
    for (uint32_t i = chart_->unit_count(); i < chart_->object_count(); ++i) {
      map += "," + std::to_string(real_.at(slot).area(i).free());
    }
    return map;
  }
  std::vector<std::string> Maps() const {
    std::vector<std::string> maps;
    for (uint32_t slot = 0; slot < real_.size(); ++slot) maps.push_back(MapOf(slot));
    return maps;
  }
  std::vector<std::string> Bodies() const {
    std::vector<std::string> bodies;
    for (uint32_t slot = 0; slot < real_.size(); ++slot) bodies.push_back(real_.EncodeEvent(slot));
    return bodies;
  }
  std::vector<uint64_t> Versions() const {
    std::vector<uint64_t> versions;
    for (uint32_t slot = 0; slot < real_.size(); ++slot) {
      versions.push_back(real_.at(slot).version());
    }
    return versions;
  }

  Status Add(EventKind kind) {
    if (real_.size() >= kSlots) return OkStatus();
    if (back_) Forget();
    model_.Add(kind);
    return real_.Add({100 + real_.size()}, kind).status();
  }
  void Forget() {
    real_.Forget();
    back_.reset();
  }

  std::string Dispatch(const SeasonCommand& c, Status& status, ErrorCode& verdict) {
    const auto keep = [&](StatusOr<std::vector<Changes>> answer) {
      status = answer.status();
      if (!answer.ok()) return;
      for (const Changes& changes : *answer) log_.push_back(changes);
    };
    switch (c.kind) {
      case Kind::kApply:
        verdict = model_.Apply(c.steps, c.now);
        keep(real_.Apply(c.steps, c.now));
        return {};
      case Kind::kExtend:
        verdict = model_.Extend(c.hold, c.expires_at, c.now);
        keep(real_.Extend(c.hold, c.expires_at, c.now));
        return {};
      case Kind::kRelease:
        verdict = model_.Release(c.hold);
        keep(real_.Release(c.hold));
        return {};
      case Kind::kBook:
        verdict = model_.Book(c.hold, c.order, c.now);
        keep(real_.Book(c.hold, c.order, c.now));
        return {};
      case Kind::kExpire:
        model_.ExpireHolds(c.now);
        keep(real_.ExpireHolds(c.now));
        return {};
      case Kind::kExtra:
        verdict = model_.SetExtra(c.slot, c.index, c.extra);
        keep(real_.SetExtra(c.slot, c.index, c.extra));
        return {};
      case Kind::kReload:
        return Reload(real_.EncodeHead(), Bodies(), {});
      case Kind::kReplay:
        return Reload(real_.EncodeHead(), {}, log_);
      default:
        return DispatchSet(c, status, verdict);
    }
  }

  // What changes the set itself; nothing of it can be undone.
  std::string DispatchSet(const SeasonCommand& c, Status& status, ErrorCode& verdict) {
    if (c.kind == Kind::kMark || c.kind == Kind::kRollback) return Marks(c.kind);
    if (back_) Forget();
    switch (c.kind) {
      case Kind::kAddMatch:
        status = Add(EventKind::kMatch);
        break;
      case Kind::kAddPart:
        status = Add(EventKind::kPartialSeason);
        break;
      case Kind::kAddMatches:
        verdict = model_.AddMatches(c.slot, c.matches);
        status = real_.AddMatches(c.slot, c.matches);
        break;
      case Kind::kRemoveMatch:
        verdict = model_.RemoveMatch(c.slot, c.matches[0]);
        status = real_.RemoveMatch(c.slot, c.matches[0]);
        break;
      case Kind::kRemove:
        if (c.slot < 4) return {};  // the season and its first matches stay
        verdict = model_.Remove(c.slot);
        status = real_.Remove(c.slot);
        break;
      case Kind::kRules:
        if (c.slot >= real_.size() || model_.removed(c.slot)) return {};
        model_.SetRules(c.slot, c.rules, c.now);
        status = real_.SetRules(c.slot, c.rules, c.now);
        break;
      case Kind::kOverride:
        verdict = model_.OverrideSeason(c.slot, c.picks, c.season, c.of_order);
        status = real_.OverrideSeason(c.slot, c.picks, c.season, c.of_order);
        break;
      case Kind::kUse:
        verdict = model_.UseSeason(c.slot, c.picks, c.season, c.of_order);
        status = real_.UseSeason(c.slot, c.picks, c.season, c.of_order);
        break;
      default:
        break;
    }
    return {};
  }

  std::string Marks(Kind kind) {
    if (kind == Kind::kMark) {
      if (!back_) back_ = Back{real_.Mark(), model_, Bodies(), log_};
      return {};
    }
    if (!back_) return {};
    real_.Rollback(back_->savepoint);
    model_ = back_->model;
    log_ = back_->log;
    const bool same = Bodies() == back_->bodies;
    Forget();
    return same ? "" : "a rollback did not bring everything back";
  }

  // A set of stored bytes, or of the head and all changes, is the same set.
  std::string Reload(const std::string& head, const std::vector<std::string>& bodies,
                     const std::vector<Changes>& log) {
    if (back_) Forget();
    StatusOr<EventSet> loaded = EventSet::Load(chart_, head, bodies);
    if (!loaded.ok()) return "load: " + loaded.status().ToString();
    for (const Changes& changes : log) {
      std::string bytes;
      AppendChanges(bytes, changes);
      std::string_view rest = bytes;
      const std::optional<Changes> back = TakeChanges(rest);
      if (!back || !(*back == changes)) return "bytes of changes do not come back";
      const Status status = loaded->Restore(*back);
      if (!status.ok()) return "replay: " + status.ToString();
    }
    const Status settled = loaded->Settle(Timestamp());
    if (!settled.ok()) return "settle: " + settled.ToString();
    std::swap(real_, *loaded);
    if (real_.EncodeHead() != head) return "another head";
    return {};  // Compare and CheckVersions look at the rest
  }

  std::string CheckVersions(const std::vector<std::string>& before,
                            const std::vector<uint64_t>& versions,
                            const std::vector<std::string>& bodies) const {
    for (uint32_t slot = 0; slot < versions.size(); ++slot) {
      const uint64_t version = real_.at(slot).version();
      const std::string of = " of slot " + std::to_string(slot);
      if (version < versions[slot]) return "the version went back" + of;
      if (version == versions[slot]) {
        if (MapOf(slot) != before[slot]) return "another map with the same version" + of;
        if (real_.EncodeEvent(slot) != bodies[slot]) return "other rows with the same version" + of;
      }
    }
    return {};
  }

  std::string Compare() const {
    const std::set<std::string> overlaps = model_.Overlaps();
    if (!overlaps.empty()) return "two owners of " + *overlaps.begin();
    for (uint32_t slot = 0; slot < real_.size(); ++slot) {
      const Inventory& real = real_.at(slot);
      const InventoryModel& model = model_.at(slot);
      const std::string of = " of slot " + std::to_string(slot) + ": is ";
      std::vector<SeatRow> rows = real.Rows();
      std::sort(rows.begin(), rows.end(), RowLess);
      if (rows != model.Rows()) {
        return "rows" + of + testing::PrintToString(rows) + ", the model says " +
               testing::PrintToString(model.Rows());
      }
      for (uint32_t i = 0; i < chart_->object_count(); ++i) {
        const std::string& label = chart_->object(i).label;
        if (chart_->IsUnit(i)) {
          if (real.PackedUnit(i) == model.Packed(i)) continue;
          return label + ": packed" + of + std::to_string(real.PackedUnit(i)) +
                 ", the model says " + std::to_string(model.Packed(i));
        }
        if (real.area(i).free() == model.Area(i).free()) continue;
        return label + ": area" + of + std::to_string(real.area(i).free()) + ", the model says " +
               std::to_string(model.Area(i).free());
      }
    }
    return {};
  }

  std::shared_ptr<const Chart> chart_;
  EventSet real_;
  SeasonModel model_;
  std::vector<Changes> log_;
  std::optional<Back> back_;
};

std::string FirstFault(const std::shared_ptr<const Chart>& chart,
                       const std::vector<SeasonCommand>& commands, size_t* at = nullptr) {
  SeasonWalk walk(chart);
  for (size_t i = 0; i < commands.size(); ++i) {
    std::string wrong = walk.Do(commands[i]);
    if (wrong.empty()) continue;
    if (at != nullptr) *at = i;
    return wrong;
  }
  return {};
}

std::string KindOf(const std::string& fault) {
  const std::string about = fault.substr(0, fault.find(" of slot"));
  const size_t label = about.find(": ");
  return label == std::string::npos ? about : about.substr(label);
}

std::string Shortest(const std::shared_ptr<const Chart>& chart,
                     std::vector<SeasonCommand> commands) {
  size_t at = 0;
  const std::string first = FirstFault(chart, commands, &at);
  if (first.empty()) return {};
  commands.resize(at + 1);
  commands = Shrink(std::move(commands), [&](const std::vector<SeasonCommand>& some) {
    return KindOf(FirstFault(chart, some)) == KindOf(first);
  });
  std::ostringstream out;
  out << "first: " << first << "\nshortest, of " << commands.size() << " commands:\n";
  for (const SeasonCommand& command : commands) out << "  " << Describe(command, *chart) << "\n";
  out << "  => " << FirstFault(chart, commands);
  return out.str();
}

class SeasonPropertyTest : public testing::TestWithParam<uint64_t> {};

TEST_P(SeasonPropertyTest, AgreesWithTheModel) {
  const char* factor = std::getenv("TICKETING_WALKS");
  const int walks = 2 * (factor == nullptr ? 1 : std::max(1, std::atoi(factor)));
  for (int i = 0; i < walks; ++i) {
    const uint64_t seed = GetParam() + 1000 * static_cast<uint64_t>(i);
    const std::shared_ptr<const Chart> chart = MakeChart(RandomDrawing(seed));
    const std::string fault = Shortest(chart, RandomSeason(seed, *chart, 150));
    ASSERT_TRUE(fault.empty()) << "seed " << seed << "\n" << fault;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SeasonPropertyTest, testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace ticketing::seat
