#include "ticketing/gate/sync_agent.h"

#include <algorithm>

namespace ticketing {
namespace {

constexpr Duration kCallTimeout = Duration::Seconds(3);
constexpr Duration kCopyTimeout = Duration::Seconds(20);

// Arrivals that a server may tell again after a restart.
constexpr int64_t kRepeatedMax = 1'000;

// As many as fit, less those that were left for the next batch to keep a run together.
bool MayBeMore(const std::vector<std::string>& entries) {
  return entries.size() + kLogRunMax >= limits::kLogBatchItemsMax;
}

uint64_t MarkOf(const std::vector<LogMark>& marks, DeviceId device) {
  for (const LogMark& mark : marks) {
    if (mark.device == device) return mark.sequence;
  }
  return 0;
}

}  // namespace

SyncAgent::SyncAgent(GateEngine& engine, SyncLink& link, SyncPeer peer)
    : engine_(engine),
      link_(link),
      peer_(peer),
      setting_prefix_(peer == SyncPeer::kBastion ? "bastion." : "cloud.") {}

Status SyncAgent::Step(SyncReport* report) {
  SyncReport local;
  SyncReport& out = report == nullptr ? local : *report;
  out = {};
  std::vector<EventVersion> offered;
  Status first = Pull(out, offered);
  // A bastion speaks for the whole venue: its scans must not wait behind a large copy.
  const bool copies_last = peer_ == SyncPeer::kCloudForAll;
  Status copied = copies_last ? OkStatus() : FetchCopies(offered, out);
  const Status uploaded = Upload(out);
  if (copies_last) copied = FetchCopies(offered, out);
  for (const Status& next : {copied, uploaded}) {
    if (first.ok()) first = next;
  }
  return first;
}

// Where the last run got to. What this run did is remembered: a round without news asks the
// database nothing and writes nothing.
Status SyncAgent::LoadPlace() {
  if (placed_) return OkStatus();
  TICKETING_ASSIGN_OR_RETURN(cursor_, engine_.Setting(setting_prefix_ + "cursor"));
  TICKETING_ASSIGN_OR_RETURN(server_, engine_.Setting(setting_prefix_ + "server"));
  knows_nothing_ = cursor_ == 0;
  stored_cursor_ = cursor_;
  placed_ = true;
  return OkStatus();
}

StatusOr<Changes> SyncAgent::Ask() {
  ChangesQuery query;
  query.after = static_cast<uint64_t>(cursor_);
  query.devices = devices_;
  // A bastion keeps the logs for the cloud, a handheld needs only to know who is inside.
  const std::optional<CopyDevice> self = engine_.FindDevice(engine_.device());
  if (peer_ != SyncPeer::kCloudForAll && self && !self->bastion) {
    query.form = knows_nothing_ ? ChangesQuery::Form::kAll : ChangesQuery::Form::kPassages;
  }
  return link_.Pull(query, kCallTimeout);
}

// Another bastion took over: its list of arrivals is another one.
Status SyncAgent::BeginAt(DeviceId server) {
  TICKETING_RETURN_IF_ERROR(engine_.SetSetting(setting_prefix_ + "cursor", 0));
  TICKETING_RETURN_IF_ERROR(engine_.SetSetting(setting_prefix_ + "server", server.ToSql()));
  server_ = server.ToSql();
  cursor_ = 0;
  stored_cursor_ = 0;
  devices_ = 0;
  cloud_mark_ = 0;
  knows_nothing_ = true;
  relay_next_ = 0;
  passed_on_ = 0;
  forked_ = false;
  upload_after_ = 0;
  return OkStatus();
}

Status SyncAgent::TakeDevices(const Changes& changes, SyncReport& report) {
  for (const CopyDevice& device : changes.devices) {
    const std::optional<CopyDevice> known = engine_.FindDevice(device.id);
    if (!known || (device.revoked && !known->revoked)) ++report.devices;
    Status added = engine_.AddDevices({device});
    if (added.ok()) continue;
    const ErrorCode code = CodeOf(added);
    // What the disk did not take comes again, and so do the entries that need it.
    if (code != ErrorCode::kInvalidField && code != ErrorCode::kConflict) return added;
    engine_.env().log.Warning(
        "A device was not taken over.",
        {{"device", device.id.ToString()}, {"error", std::string(InfoOf(code).slug)}});
  }
  devices_ = changes.devices_digest;
  return OkStatus();
}

Status SyncAgent::TakeNews(const Changes& changes, SyncReport& report) {
  if (!changes.entries.empty()) {
    const LogSource source = peer_ == SyncPeer::kBastion ? LogSource::kBastion : LogSource::kCloud;
    TICKETING_ASSIGN_OR_RETURN(const std::vector<LogAck> acks,
                               engine_.TakeEntries(changes.entries, source));
    report.received +=
        static_cast<size_t>(std::count_if(acks.begin(), acks.end(), [](const LogAck& ack) {
          return ack.state == AckState::kStored;
        }));
  }
  report.received += changes.passages.size() / kPassageNoteBytes;
  const uint64_t mark = MarkOf(changes.cloud, engine_.device());
  // With the cursor behind what is durable, never before it. What brings nothing is asked for again
  // after a restart, and what another server told first, so long as that is not much.
  bool news = !changes.entries.empty() || mark != cloud_mark_ ||
              static_cast<int64_t>(changes.cursor) - stored_cursor_ > kRepeatedMax;
  if (!news) {
    TICKETING_ASSIGN_OR_RETURN(const bool known, engine_.KnowsPassages(changes));
    news = !known;
  }
  if (news) {
    TICKETING_RETURN_IF_ERROR(engine_.TakePassages(changes, setting_prefix_ + "cursor"));
    stored_cursor_ = static_cast<int64_t>(changes.cursor);
  }
  cursor_ = static_cast<int64_t>(changes.cursor);
  cloud_mark_ = mark;
  if (!changes.more) knows_nothing_ = false;
  return OkStatus();
}

Status SyncAgent::Pull(SyncReport& report, std::vector<EventVersion>& offered) {
  TICKETING_RETURN_IF_ERROR(LoadPlace());
  StatusOr<Changes> changes = Ask();
  TICKETING_RETURN_IF_ERROR(changes.status());
  if (changes->server.ToSql() != server_) {
    const bool again = cursor_ != 0;
    TICKETING_RETURN_IF_ERROR(BeginAt(changes->server));
    if (again) {
      changes = Ask();
      TICKETING_RETURN_IF_ERROR(changes.status());
    }
  }
  offered = changes->events;
  TICKETING_RETURN_IF_ERROR(TakeDevices(*changes, report));
  TICKETING_RETURN_IF_ERROR(TakeNews(*changes, report));
  TICKETING_RETURN_IF_ERROR(RecallOwnLog(changes->stored, report));
  FollowRelay(changes->stored, changes->cloud);
  report.more = report.more || changes->more;
  return OkStatus();
}

// Of our own log the server has more than we do: our data was lost, or is an old copy. What comes
// back is stored before anything is written behind it.
Status SyncAgent::RecallOwnLog(const std::vector<LogMark>& stored, SyncReport& report) {
  const uint64_t there = MarkOf(stored, engine_.device());
  const LogSource source = peer_ == SyncPeer::kBastion ? LogSource::kBastion : LogSource::kCloud;
  while (own_known_ < there) {
    TICKETING_ASSIGN_OR_RETURN(const uint64_t own, engine_.OwnSequence());
    own_known_ = own;
    if (own >= there || forked_) break;
    TICKETING_ASSIGN_OR_RETURN(const std::vector<std::string> entries,
                               link_.PullOwnLog(own, kCallTimeout));
    TICKETING_ASSIGN_OR_RETURN(const std::vector<LogAck> acks,
                               engine_.TakeEntries(entries, source));
    TICKETING_ASSIGN_OR_RETURN(own_known_, engine_.OwnSequence());
    if (own_known_ > own) continue;
    forked_ = true;
    engine_.env().log.Error("Our own log goes on elsewhere and does not come back.",
                            {{"here", std::to_string(own)}, {"there", std::to_string(there)}});
  }
  report.own_log_whole = own_known_ >= there;
  report.own_log_forked = forked_;
  return OkStatus();
}

void SyncAgent::FollowRelay(const std::vector<LogMark>& stored, const std::vector<LogMark>& cloud) {
  const uint64_t has = MarkOf(stored, engine_.device());
  const uint64_t safe = std::max(has, MarkOf(cloud, engine_.device()));
  // It has less than we gave it: it was replaced, or restored from an old copy.
  if (relay_next_ != 0 && has + 1 >= relay_next_) return;
  relay_next_ = safe + 1;
  passed_on_ = 0;
}

Status SyncAgent::FetchCopies(const std::vector<EventVersion>& offered, SyncReport& report) {
  const std::vector<EventVersion> held = engine_.Events();
  Status first = OkStatus();
  for (const EventVersion& event : offered) {
    const auto mine = std::find_if(held.begin(), held.end(),
                                   [&](const EventVersion& e) { return e.number == event.number; });
    const uint64_t have = mine == held.end() ? 0 : mine->version;
    if (event.version <= have) continue;
    StatusOr<std::optional<EventCopy>> copy = link_.FetchCopy(event.number, have, kCopyTimeout);
    Status applied = copy.status();
    if (copy.ok() && copy->has_value()) {
      applied = engine_.ApplyEventCopy(**copy);
      if (CodeOf(applied) == ErrorCode::kPreconditionFailed && have != 0) {
        copy = link_.FetchCopy(event.number, 0, kCopyTimeout);
        applied = copy.status();
        if (copy.ok() && copy->has_value()) applied = engine_.ApplyEventCopy(**copy);
      }
      if (applied.ok()) ++report.copies;
    }
    if (!applied.ok() && first.ok()) first = applied;
  }
  return first;
}

Status SyncAgent::Upload(SyncReport& report) {
  return peer_ == SyncPeer::kBastion ? UploadToBastion(report) : UploadToCloud(report);
}

Status SyncAgent::UploadToBastion(SyncReport& report) {
  if (relay_next_ == 0) return OkStatus();  // it has not yet said what it has
  TICKETING_ASSIGN_OR_RETURN(const std::vector<std::string> entries,
                             engine_.OwnEntries(relay_next_, limits::kLogBatchItemsMax));
  if (entries.empty()) return PassOnFromPeers(report);
  TICKETING_ASSIGN_OR_RETURN(const LogUploadResult result, link_.Upload(entries, kCallTimeout));
  for (const LogAck& ack : result.acks) {
    if (ack.state == AckState::kLater) break;
    ++relay_next_;
    ++(ack.state == AckState::kRejected ? report.rejected : report.uploaded);
  }
  if (MayBeMore(entries)) report.more = true;
  TICKETING_RETURN_IF_ERROR(engine_.ApplyCloudMarks(result.cloud));
  return PassOnFromPeers(report);
}

// A handheld that cannot reach the bastion is heard by one that can. Its entries prove themselves;
// what the bastion cannot judge yet it will get from their owner one day.
Status SyncAgent::PassOnFromPeers(SyncReport& report) {
  TICKETING_ASSIGN_OR_RETURN(const PendingEntries told,
                             engine_.FromPeers(limits::kLogBatchItemsMax, passed_on_));
  if (!told.entries.empty()) {
    TICKETING_RETURN_IF_ERROR(link_.Upload(told.entries, kCallTimeout).status());
  }
  passed_on_ = told.next_after;
  if (told.more) report.more = true;
  return OkStatus();
}

Status SyncAgent::UploadToCloud(SyncReport& report) {
  TICKETING_ASSIGN_OR_RETURN(
      const PendingEntries pending,
      engine_.PendingUpload(limits::kLogBatchItemsMax, peer_ == SyncPeer::kCloud, upload_after_));
  if (pending.entries.empty()) {
    upload_after_ = 0;
    return OkStatus();
  }
  TICKETING_ASSIGN_OR_RETURN(const LogUploadResult result,
                             link_.Upload(pending.entries, kCallTimeout));
  bool waits = false;
  for (const LogAck& ack : result.acks) {
    if (ack.state == AckState::kLater) {
      waits = true;
    } else {
      ++(ack.state == AckState::kRejected ? report.rejected : report.uploaded);
    }
  }
  // Entries that must wait never hold back those behind them; they come round again.
  upload_after_ = waits ? pending.next_after : 0;
  if (pending.more) report.more = true;
  return engine_.AcknowledgeCloud(pending.entries, result);
}

}  // namespace ticketing
