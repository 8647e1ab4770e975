// A SQLite VFS over the system's that fails when a test says so.
#ifndef TICKETING_TESTS_SQLITE_FAULT_VFS_H_
#define TICKETING_TESTS_SQLITE_FAULT_VFS_H_

#include <atomic>
#include <cstdint>

namespace ticketing {

enum class DiskFault { kNone, kFull, kWriteError, kSyncError, kReadError };

// Registered once under kName. The fault is that of every file of every database opened through it.
class FaultVfs {
 public:
  static constexpr char kName[] = "fault";
  // The same without shared memory, as a simulated disk may be.
  static constexpr char kNameWithoutSharedMemory[] = "fault-no-shm";

  static FaultVfs& Instance();

  std::atomic<DiskFault> fault = DiskFault::kNone;
  // How many writes or syncs go well before the fault begins.
  std::atomic<int64_t> countdown = 0;

  // How many writes came, of whatever fate.
  std::atomic<int64_t> writes = 0;

  // Whether an operation of that kind fails now.
  bool Fails(DiskFault kind);

 private:
  FaultVfs();
};

}  // namespace ticketing

#endif  // TICKETING_TESTS_SQLITE_FAULT_VFS_H_
