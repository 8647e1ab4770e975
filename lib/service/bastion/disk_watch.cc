#include "lib/service/bastion/disk_watch.h"

namespace ticketing {
namespace {

constexpr Duration kLookInterval = Duration::Millis(500);

// A database that tells of its writes.
class WatchedDatabase final : public Database {
 public:
  WatchedDatabase(std::unique_ptr<Database> inner, DiskWatch& watch)
      : inner_(std::move(inner)), watch_(watch) {}

  Status Read(const SqlFunction& fn) override { return inner_->Read(fn); }
  Status Write(const SqlFunction& fn) override {
    Status status = inner_->Write(fn);
    watch_.Note(status);
    return status;
  }
  void WriteAsync(SqlFunction fn, std::function<void(Status)> done) override {
    inner_->WriteAsync(std::move(fn), [this, done = std::move(done)](Status status) {
      watch_.Note(status);
      done(std::move(status));
    });
  }

 private:
  const std::unique_ptr<Database> inner_;
  DiskWatch& watch_;
};

}  // namespace

StatusOr<std::unique_ptr<Database>> DiskWatch::Open(std::string_view name,
                                                    const std::vector<Migration>& schema) {
  TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<Database> inner, databases_.Open(name, schema));
  return std::unique_ptr<Database>(std::make_unique<WatchedDatabase>(std::move(inner), *this));
}

void DiskWatch::Note(const Status& status) {
  if (status.ok()) {
    refused_ = false;
    return;
  }
  if (CodeOf(status) != ErrorCode::kUnavailable) return;  // not the disk's word
  refused_ = true;
  env_.metrics.Count("ticketing_disk_refused_writes_total", "Writes that the disk did not take.");
  const std::lock_guard lock(mutex_);
  Enter(DiskState::kFull);
}

// Needs the lock.
void DiskWatch::Enter(DiskState state) {
  const DiskState before = state_.exchange(state);
  if (before == state) return;
  const std::string left = free_ ? std::to_string(*free_) : "unknown";
  switch (state) {
    case DiskState::kFull:
      env_.log.Error(
          "The disk is full: this bastion decides nothing until there is room; handhelds decide "
          "by themselves.",
          {{"bytes_left", left}});
      break;
    case DiskState::kLow:
      env_.log.Warning("The disk is nearly full; make room.",
                       {{"bytes_left", left}, {"warn_below", std::to_string(warn_below_)}});
      break;
    case DiskState::kFine:
      env_.log.Info("The disk has room again.", {{"bytes_left", left}});
      break;
  }
}

void DiskWatch::Look(Duration now, const std::function<Status()>& probe) {
  {
    const std::lock_guard lock(mutex_);
    if (now < next_look_) return;
    next_look_ = now + kLookInterval;
  }
  const std::optional<uint64_t> left = free_bytes_ ? free_bytes_() : std::nullopt;
  const bool room = !left || *left >= kDiskReserve;
  // Nobody else writes while nothing is decided.
  if (room && state_ == DiskState::kFull) Note(probe());
  const bool full = refused_ || !room;
  if (left) {
    env_.metrics.Set("ticketing_disk_free_bytes", "Room on the disk of the databases.", {},
                     static_cast<double>(*left));
  }
  env_.metrics.Set("ticketing_disk_full", "1 while the disk takes nothing.", {}, full ? 1 : 0);
  const std::lock_guard lock(mutex_);
  free_ = left;
  Enter(full ? DiskState::kFull : left && *left < warn_below_ ? DiskState::kLow : DiskState::kFine);
}

std::optional<uint64_t> DiskWatch::free_bytes() const {
  const std::lock_guard lock(mutex_);
  return free_;
}

}  // namespace ticketing
