// A simulated disk under SQLite. It keeps what was written and what of it was synced, so a crash
// can take away the rest, page by page and torn in the middle; it can be full, fail now and then,
// stop at a chosen write, or lie about having synced.
#ifndef TICKETING_TESTS_SIM_DISK_H_
#define TICKETING_TESTS_SIM_DISK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ticketing/testing/seeded_random.h"

namespace ticketing::sim {

inline constexpr size_t kDiskPage = 4096;
inline constexpr size_t kDiskSector = 512;
inline constexpr char kVfsName[] = "ticketing-sim";

// A page of a disk, or none, which reads as zeros. Copies share it; whoever is to change it makes
// it his own first. Pages of one size that come and go by the million have a store of their own;
// nothing here is for threads.
class DiskPage {
 public:
  DiskPage() = default;
  DiskPage(const DiskPage& other) : body_(other.body_) {
    if (body_ != nullptr) ++body_->owners;
  }
  DiskPage(DiskPage&& other) noexcept : body_(std::exchange(other.body_, nullptr)) {}
  DiskPage& operator=(DiskPage other) noexcept {
    std::swap(body_, other.body_);
    return *this;
  }
  ~DiskPage() { Release(); }

  bool none() const { return body_ == nullptr; }
  const char* data() const { return body_->bytes; }
  // For writing: a page of one's own, with what was there unless all of it is to be overwritten.
  char* Own(bool all);

 private:
  struct Body {
    char bytes[kDiskPage];
    uint32_t owners;
    Body* next;  // of those that are not in use
  };
  struct Store;
  static Store& Bodies();
  void Release();

  Body* body_ = nullptr;
};

class DiskFile {
 public:
  size_t size() const { return size_; }
  void Read(char* out, size_t count, size_t at) const;  // what lies behind the end reads as zeros
  void Write(const char* data, size_t count, size_t at);
  void Truncate(size_t size);
  void Sync();
  // What was not synced is gone, or some of it is there all the same.
  void Crash(SeededRandom& random, bool keeps_some);

 private:
  struct Place {
    DiskPage page;
    uint64_t touched = 0;  // the number of syncs when it was last written
  };
  Place& Touch(size_t page);

  std::vector<Place> pages_;
  size_t size_ = 0;
  std::vector<std::pair<size_t, DiskPage>> before_;  // as last synced, of pages written since
  uint64_t syncs_ = 1;
  size_t synced_size_ = 0;
};

class SimDisk {
 public:
  // `name` is the folder of its files: "disk7" for "disk7/gate.db".
  SimDisk(std::string name, uint64_t seed);
  ~SimDisk();
  SimDisk(const SimDisk&) = delete;
  SimDisk& operator=(const SimDisk&) = delete;

  const std::string& name() const { return name_; }

  // The machine stops: files that are open are of no use any more, what was not synced is lost.
  void Crash(bool keeps_some);
  // After everything that used the disk is gone.
  void Restart() { dead_ = false; }
  bool dead() const { return dead_; }
  // The files of another disk that nobody uses now, at the cost of a few pointers.
  void CopyFrom(const SimDisk& other);
  void Wipe();

  // Faults.
  bool full = false;
  uint32_t write_errors_per_million = 0;
  uint32_t sync_errors_per_million = 0;
  bool lies_about_sync = false;
  // Calls `stop`, which crashes the machine, at the n-th write or sync from now; 0: never.
  void StopAt(uint64_t n, std::function<void()> stop);

  uint64_t syncs() const { return syncs_; }

 private:
  friend struct Vfs;

  enum class Verdict { kGo, kDead, kFull, kError };
  Verdict BeforeWrite();
  Verdict BeforeSync();
  bool Countdown();

  const std::string name_;
  SeededRandom random_;
  std::map<std::string, std::shared_ptr<DiskFile>, std::less<>> files_;
  uint64_t generation_ = 0;
  bool dead_ = false;
  uint64_t stop_in_ = 0;
  std::function<void()> stop_;
  uint64_t syncs_ = 0;
};

// Makes the VFS known to SQLite, once.
void RegisterSimVfs();

}  // namespace ticketing::sim

#endif  // TICKETING_TESTS_SIM_DISK_H_
