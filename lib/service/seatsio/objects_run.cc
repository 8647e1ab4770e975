// How the changes of a request are made: lane by lane, all of them or none.
#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "lib/service/seatsio/objects.h"
#include "ticketing/env/wait.h"

namespace ticketing::seatsio {
namespace {

// How often a request is begun anew because a token moved under it.
constexpr int kAttemptsMax = 10;

// A change with everything of its event that stays the same while it runs.
struct Prepared {
  const KnownEvent* known = nullptr;
  const Change* change = nullptr;
  std::optional<HoldToken> token;
  std::map<uint32_t, std::string> listings;
  seat::Step step;
  std::vector<uint32_t> objects;        // as asked for
  std::optional<uint32_t> season_slot;  // for overrides

  const EventRow& event() const { return known->row; }
};

// What a plain event shows after a change to anything but resale is not up for resale.
bool MayShowListings(const EventChange& entry) {
  return entry.change->kind != ChangeKind::kStatus ||
         entry.change->step.to == seat::SeatStatus::kResale ||
         entry.event->row.kind != seat::EventKind::kEvent;
}

bool HoldsWith(const Prepared& entry) {
  return entry.step.to == seat::SeatStatus::kHeld && entry.token.has_value();
}

// A token that holds nothing there: of which objects somebody thought it did.
Status NotHeld(const std::vector<Prepared>& all) {
  std::string message = "not held with this hold token:";
  for (const Prepared& entry : all) {
    if (entry.step.to != seat::SeatStatus::kFree || !entry.token) continue;
    for (const uint32_t object : entry.objects)
      message.append(" ").append(entry.known->view->chart->object(object).label);
  }
  return Refuse("ILLEGAL_STATUS_CHANGE", message);
}

// The changes of one lane, in order.
struct LaneJob {
  std::shared_ptr<EventLane> lane;
  std::vector<size_t> entries;
};

StatusOr<Prepared> Prepare(const Context& context, EventStore& events, const Principal& principal,
                           const EventChange& entry) {
  Prepared out;
  out.known = entry.event.get();
  out.change = entry.change;
  out.token = entry.change->token;
  out.step = entry.change->step;
  if (MayShowListings(entry)) {
    TICKETING_ASSIGN_OR_RETURN(out.listings, ResaleListings(context.database, out.event()));
  }
  std::vector<std::string> unknown;
  for (const Asked& asked : entry.change->objects) {
    const auto object = out.known->view->chart->Find(asked.label);
    if (!object) {
      unknown.push_back(asked.label);
      continue;
    }
    out.objects.push_back(*object);
    out.step.picks.push_back({*object, asked.quantity});
    out.step.notes.push_back(asked.note);
  }
  if (!unknown.empty()) {
    std::string message = "Objects not found:";
    for (const std::string& label : unknown) message.append(" ").append(label.substr(0, 100));
    return Refuse("OBJECT_NOT_FOUND", message);
  }
  if (entry.change->season) {
    TICKETING_ASSIGN_OR_RETURN(const EventRow season,
                               events.Find(principal, *entry.change->season));
    if (season.lane != out.event().lane || !season.IsSeason()) {
      return Refuse("GENERAL_ERROR",
                    "Event " + out.event().key + " is not in season " + *entry.change->season);
    }
    out.season_slot = season.slot;
  }
  return out;
}

// Whether WriteBeside would write or check anything.
bool WritesBeside(const std::vector<Prepared>& all, const LaneJob& job,
                  const std::vector<seat::Changes>& changes) {
  return TouchesResale(changes) ||
         std::ranges::any_of(job.entries, [&](size_t i) { return HoldsWith(all[i]); });
}

// A refusal in the middle of a request that already changed rules of the set: only a transaction
// that fails takes those back, in memory too.
StatusOr<LaneEffect> Poisoned(LaneEffect effect, Status refusal) {
  effect.head = true;
  effect.rows = [refusal = std::move(refusal)](SqlTransaction&) { return refusal; };
  return effect;
}

StatusOr<LaneEffect> ApplyJob(const std::vector<Prepared>& all, const LaneJob& job,
                              LaneState& state, Timestamp now) {
  LaneEffect effect;
  std::vector<seat::EventStep> steps;
  const auto flush = [&]() -> Status {
    if (steps.empty()) return OkStatus();
    StatusOr<std::vector<seat::Changes>> changes = state.seats.Apply(steps, now);
    steps.clear();
    TICKETING_RETURN_IF_ERROR(changes.status());
    std::ranges::move(*changes, std::back_inserter(effect.changes));
    return OkStatus();
  };
  const auto season = [&](const Prepared& entry) -> Status {
    TICKETING_RETURN_IF_ERROR(flush());
    const auto change = entry.change->kind == ChangeKind::kUseSeason
                            ? &seat::EventSet::UseSeason
                            : &seat::EventSet::OverrideSeason;
    TICKETING_RETURN_IF_ERROR(
        (state.seats.*change)(entry.event().slot, entry.step.picks, entry.season_slot, OrderId()));
    effect.head = true;
    return OkStatus();
  };
  for (const size_t i : job.entries) {
    const Prepared& entry = all[i];
    Status status;
    if (entry.change->kind == ChangeKind::kStatus) {
      steps.push_back({entry.event().slot, entry.step});
    } else {
      status = season(entry);
    }
    if (status.ok() && i == job.entries.back()) status = flush();
    if (status.ok()) continue;
    if (!effect.head && effect.changes.empty()) return status;
    return Poisoned(std::move(effect), std::move(status));
  }
  return effect;
}

std::string Describe(const Prepared& entry, const LaneState& state) {
  Scene scene(*entry.known, state.seats);
  scene.listings = entry.listings;
  if (entry.change->listing) {
    for (const uint32_t object : entry.objects) scene.listings[object] = *entry.change->listing;
  }
  std::string out = "{";
  std::set<uint32_t> described;
  for (const uint32_t object : entry.objects) {
    if (!described.insert(object).second) continue;
    if (out.size() > 1) out.push_back(',');
    AppendJsonString(out, scene.view.chart->object(object).label);
    out.append(":").append(DescribeObject(scene, object));
  }
  return out + "}";
}

// Jobs of several lanes: all of them or none.
template <typename Run>
Status RunJobs(const std::vector<LaneJob>& jobs, const Run& run) {
  std::vector<EventLane*> lanes(jobs.size());
  std::ranges::transform(jobs, lanes.begin(), [](const LaneJob& job) { return job.lane.get(); });
  return RunTogether(
      lanes,
      [&](std::span<LaneState* const> states, Timestamp now) -> StatusOr<std::vector<LaneEffect>> {
        std::vector<LaneEffect> effects;
        for (size_t i = 0; i < jobs.size(); ++i) {
          StatusOr<LaneEffect> effect = run(jobs[i], *states[i], now);
          if (!effect.ok()) {
            if (std::ranges::none_of(effects, &LaneEffect::head)) return effect.status();
            effect = Poisoned({}, std::move(effect).status());
          }
          effects.push_back(*std::move(effect));
        }
        return effects;
      });
}

Status RunAside(EventLane& lane, LaneApply apply) {
  const WaitsAside aside;
  return lane.Run(std::move(apply));
}

}  // namespace

bool TouchesResale(const std::vector<seat::Changes>& changes) {
  const auto resale = [](const seat::SeatChange& seat) {
    return seat.was == seat::SeatStatus::kResale || seat.row.status == seat::SeatStatus::kResale;
  };
  return std::ranges::any_of(
      changes, [&](const seat::Changes& one) { return std::ranges::any_of(one.seats, resale); });
}

Status WriteBeside(SqlTransaction& tx, const std::optional<HoldToken>& token,
                   const std::optional<std::string>& listing, const EventRow& event,
                   const std::vector<seat::Changes>& changes) {
  if (token) TICKETING_RETURN_IF_ERROR(UseToken(tx, *token, event.lane));
  for (const seat::Changes& one : changes) {
    if (one.slot != event.slot) continue;
    for (const seat::SeatChange& seat : one.seats) {
      const bool now = seat.row.status == seat::SeatStatus::kResale;
      if (seat.was != seat::SeatStatus::kResale && !now) continue;
      const SqlArgs key = {event.lane.ToSql(), int64_t{event.slot}, int64_t{seat.row.index}};
      TICKETING_RETURN_IF_ERROR(
          tx.Execute("DELETE FROM resale_listings WHERE lane_id = ? AND slot = ? AND idx = ?", key)
              .status());
      if (!now || !listing) continue;
      TICKETING_RETURN_IF_ERROR(
          tx.Execute("INSERT INTO resale_listings (lane_id, slot, idx, listing)"
                     " VALUES (?, ?, ?, ?)",
                     {key[0], key[1], key[2], *listing})
              .status());
    }
  }
  return OkStatus();
}

StatusOr<std::vector<std::string>> Objects::Run(const Call& call,
                                                const std::vector<EventChange>& changes,
                                                bool describe) {
  std::vector<Prepared> all;
  std::vector<LaneJob> jobs;
  for (size_t i = 0; i < changes.size(); ++i) {
    TICKETING_ASSIGN_OR_RETURN(Prepared prepared,
                               Prepare(context_, events_, call.principal, changes[i]));
    all.push_back(std::move(prepared));
    TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<EventLane> lane,
                               events_.Lane(changes[i].event->row));
    auto job = std::ranges::find(jobs, lane, &LaneJob::lane);
    if (job == jobs.end()) job = jobs.insert(jobs.end(), LaneJob{lane, {}});
    job->entries.push_back(i);
  }
  std::vector<std::string> out(all.size());
  // Runs on a lane, more than once if need be: nothing but `out` is written.
  const auto run = [&](const LaneJob& job, LaneState& state,
                       Timestamp now) -> StatusOr<LaneEffect> {
    TICKETING_ASSIGN_OR_RETURN(LaneEffect effect, ApplyJob(all, job, state, now));
    effect.note = NoteOf(call);
    if (effect.rows) return effect;
    for (const size_t i : job.entries) {
      if (!describe) break;
      StatusOr<std::string> described = Safely([&] { return Describe(all[i], state); });
      if (!described.ok()) return Poisoned(std::move(effect), std::move(described).status());
      out[i] = *std::move(described);
    }
    if (!WritesBeside(all, job, effect.changes)) return effect;
    effect.rows = [&all, &job, made = effect.changes](SqlTransaction& tx) -> Status {
      for (const size_t i : job.entries) {
        TICKETING_RETURN_IF_ERROR(WriteBeside(tx, HoldsWith(all[i]) ? all[i].token : std::nullopt,
                                              all[i].change->listing, all[i].event(), made));
      }
      return OkStatus();
    };
    return effect;
  };
  for (int attempt = 1;; ++attempt) {
    Status status;
    if (jobs.size() == 1) {
      status = RunAside(*jobs[0].lane,
                        [&](LaneState& state, Timestamp now) { return run(jobs[0], state, now); });
    } else {
      status = RunJobs(jobs, run);
    }
    if (status.ok()) return out;
    if (CodeOf(status) == ErrorCode::kHoldNotFound) return NotHeld(all);
    if (CodeOf(status) != ErrorCode::kPreconditionFailed || attempt == kAttemptsMax) return status;
    // A token was extended in between: hold until its new end.
    for (Prepared& entry : all) {
      if (!entry.token) continue;
      TICKETING_ASSIGN_OR_RETURN(entry.token,
                                 tokens_.FindAgain(call.principal, TokenOf(entry.token->id)));
      if (entry.step.to == seat::SeatStatus::kHeld) entry.step.expires_at = entry.token->expires_at;
    }
  }
}

}  // namespace ticketing::seatsio
