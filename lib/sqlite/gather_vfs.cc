#include "lib/sqlite/gather_vfs.h"

#include <sqlite3.h>

#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string_view>
#include <utility>

namespace ticketing::sqlite {
namespace {

// SQLite's own VFS takes 17 bits of a size and no more.
constexpr size_t kGatheredMax = (128 << 10) - 1;

// The other VFS's data stays where its functions look for it.
struct GatherVfs {
  sqlite3_vfs vfs{};  // first: SQLite gives its address
  sqlite3_vfs* base = nullptr;
  std::string name;
};

// A log. SQLite gives the memory; the other VFS's file lies right behind.
struct LogFile {
  sqlite3_file file{};
  sqlite3_file* real = nullptr;
  std::string gathered;  // to be written at `at`
  sqlite3_int64 at = 0;
};

LogFile& LogOf(sqlite3_file* file) {
  return *reinterpret_cast<LogFile*>(file);
}

// What cannot be written is forgotten: SQLite hears of it and gives up the transaction.
int Flush(LogFile& log) {
  if (log.gathered.empty()) return SQLITE_OK;
  const int result = log.real->pMethods->xWrite(log.real, log.gathered.data(),
                                                static_cast<int>(log.gathered.size()), log.at);
  log.gathered.clear();
  return result;
}

int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
  LogFile& log = LogOf(file);
  const auto bytes = static_cast<size_t>(size);
  const bool follows = at == log.at + static_cast<sqlite3_int64>(log.gathered.size());
  if (!follows || log.gathered.size() + bytes > kGatheredMax) {
    const int result = Flush(log);
    if (result != SQLITE_OK) return result;
  }
  if (log.gathered.empty()) log.at = at;
  try {
    log.gathered.append(static_cast<const char*>(data), bytes);
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }
  return SQLITE_OK;
}

int Close(sqlite3_file* file) {
  LogFile& log = LogOf(file);
  (void)Flush(log);  // of a transaction that was not committed
  const int result = log.real->pMethods->xClose(log.real);
  log.~LogFile();
  return result;
}

int Read(sqlite3_file* file, void* data, int size, sqlite3_int64 at) {
  LogFile& log = LogOf(file);
  const int result = Flush(log);
  return result == SQLITE_OK ? log.real->pMethods->xRead(log.real, data, size, at) : result;
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  LogFile& log = LogOf(file);
  const int result = Flush(log);
  return result == SQLITE_OK ? log.real->pMethods->xTruncate(log.real, size) : result;
}

int Sync(sqlite3_file* file, int flags) {
  LogFile& log = LogOf(file);
  const int result = Flush(log);
  return result == SQLITE_OK ? log.real->pMethods->xSync(log.real, flags) : result;
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  LogFile& log = LogOf(file);
  const int result = Flush(log);
  return result == SQLITE_OK ? log.real->pMethods->xFileSize(log.real, size) : result;
}

int Lock(sqlite3_file* file, int level) {
  return LogOf(file).real->pMethods->xLock(LogOf(file).real, level);
}
int Unlock(sqlite3_file* file, int level) {
  return LogOf(file).real->pMethods->xUnlock(LogOf(file).real, level);
}
int CheckLock(sqlite3_file* file, int* out) {
  return LogOf(file).real->pMethods->xCheckReservedLock(LogOf(file).real, out);
}
int Control(sqlite3_file* file, int operation, void* argument) {
  return LogOf(file).real->pMethods->xFileControl(LogOf(file).real, operation, argument);
}
int SectorSize(sqlite3_file* file) {
  return LogOf(file).real->pMethods->xSectorSize(LogOf(file).real);
}
int Traits(sqlite3_file* file) {
  return LogOf(file).real->pMethods->xDeviceCharacteristics(LogOf(file).real);
}

// Without shared memory, which belongs to the database's own file.
const sqlite3_io_methods kLogMethods = {
    1,       Close,      Read,   Write,   Truncate, Sync,    FileSize, Lock,    Unlock, CheckLock,
    Control, SectorSize, Traits, nullptr, nullptr,  nullptr, nullptr,  nullptr, nullptr};

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* const base = reinterpret_cast<GatherVfs*>(vfs)->base;
  if ((flags & SQLITE_OPEN_WAL) == 0) return base->xOpen(base, name, file, flags, out_flags);
  auto* const log = new (file) LogFile;
  log->real = reinterpret_cast<sqlite3_file*>(log + 1);
  log->real->pMethods = nullptr;
  const int result = base->xOpen(base, name, log->real, flags, out_flags);
  if (log->real->pMethods != nullptr) {
    log->file.pMethods = &kLogMethods;
  } else {
    log->~LogFile();
    file->pMethods = nullptr;  // nothing to close
  }
  return result;
}

}  // namespace

std::string GatheringVfs(const std::string& base) {
  static std::mutex mutex;
  static auto* const known = new std::map<std::string, std::unique_ptr<GatherVfs>>;  // for ever
  const std::lock_guard lock(mutex);
  if (const auto found = known->find(base); found != known->end()) return found->second->name;
  sqlite3_vfs* const found = sqlite3_vfs_find(base.empty() ? nullptr : base.c_str());
  if (found == nullptr) return {};
  auto made = std::make_unique<GatherVfs>();
  made->base = found;
  made->name = std::string(found->zName) + "-gathered";
  made->vfs = *found;
  made->vfs.szOsFile = static_cast<int>(sizeof(LogFile)) + found->szOsFile;
  made->vfs.zName = made->name.c_str();
  made->vfs.pNext = nullptr;
  made->vfs.xOpen = Open;
  if (sqlite3_vfs_register(&made->vfs, 0) != SQLITE_OK) return {};
  return known->emplace(base, std::move(made)).first->second->name;
}

}  // namespace ticketing::sqlite
