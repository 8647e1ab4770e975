// A bastion's disk: whether it takes what is written, and how much room is left on it.
#ifndef TICKETING_LIB_SERVICE_BASTION_DISK_WATCH_H_
#define TICKETING_LIB_SERVICE_BASTION_DISK_WATCH_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "ticketing/env/database.h"
#include "ticketing/env/env.h"

namespace ticketing {

// Less than this is no room: what is being decided needs some, and so do those who tidy up.
inline constexpr uint64_t kDiskReserve = 1 << 20;

enum class DiskState : uint8_t { kFine, kLow, kFull };

// Opens databases and sees which of their writes the disk refuses. It is full from the first one
// that it refuses, or when less than kDiskReserve is left, until there is room and a write
// succeeds. Thread-safe. What it refers to must outlive it, and it its databases.
class DiskWatch final : public DatabaseFactory {
 public:
  // `free_bytes` may be null, or give nothing where that is not known.
  DiskWatch(const Env& env, DatabaseFactory& databases,
            std::function<std::optional<uint64_t>()> free_bytes, uint64_t warn_below)
      : env_(env),
        databases_(databases),
        free_bytes_(std::move(free_bytes)),
        warn_below_(warn_below) {}

  StatusOr<std::unique_ptr<Database>> Open(std::string_view name,
                                           const std::vector<Migration>& schema) override;

  // Looks how much room there is; `probe` writes something small, and is called while the disk is
  // full and seems to have room again. Says so in log and metrics. At most every kLookInterval.
  void Look(Duration now, const std::function<Status()>& probe);

  DiskState state() const { return state_; }
  // As last looked at; nullopt when it is not known.
  std::optional<uint64_t> free_bytes() const;
  uint64_t warn_below() const { return warn_below_; }

  // What a database was answered to a write.
  void Note(const Status& status);

 private:
  void Enter(DiskState state);

  const Env env_;
  DatabaseFactory& databases_;
  const std::function<std::optional<uint64_t>()> free_bytes_;
  const uint64_t warn_below_;
  std::atomic<DiskState> state_ = DiskState::kFine;
  std::atomic<bool> refused_ = false;  // the last write
  mutable std::mutex mutex_;           // guards what follows, and changes of the state
  std::optional<uint64_t> free_;
  Duration next_look_{};
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_BASTION_DISK_WATCH_H_
