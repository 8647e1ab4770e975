#include "lib/sqlite/gather_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string_view>
#include <utility>

#include "lib/sqlite/connection.h"

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

struct LogFile;

// A database's own file, whose locks are those of its log. SQLite gives the memory, and the other
// VFS's file lies right behind.
struct MainFile {
  sqlite3_file file{};
  sqlite3_file* real = nullptr;
  LogFile* log = nullptr;  // while that is open
};

// A log, likewise.
struct LogFile {
  sqlite3_file file{};
  sqlite3_file* real = nullptr;
  MainFile* main = nullptr;
  std::string gathered;  // to be written at `at`
  sqlite3_int64 at = 0;
};

constexpr size_t kOwnBytes = std::max(sizeof(LogFile), sizeof(MainFile));

LogFile& LogOf(sqlite3_file* file) {
  return *reinterpret_cast<LogFile*>(file);
}
MainFile& MainOf(sqlite3_file* file) {
  return *reinterpret_cast<MainFile*>(file);
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
  (void)Flush(log);
  if (log.main != nullptr) log.main->log = nullptr;
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

namespace main_file {

int Close(sqlite3_file* f) {
  return MainOf(f).real->pMethods->xClose(MainOf(f).real);
}
int Read(sqlite3_file* f, void* data, int size, sqlite3_int64 at) {
  return MainOf(f).real->pMethods->xRead(MainOf(f).real, data, size, at);
}
int Write(sqlite3_file* f, const void* data, int size, sqlite3_int64 at) {
  return MainOf(f).real->pMethods->xWrite(MainOf(f).real, data, size, at);
}
int Truncate(sqlite3_file* f, sqlite3_int64 size) {
  return MainOf(f).real->pMethods->xTruncate(MainOf(f).real, size);
}
int Sync(sqlite3_file* f, int flags) {
  return MainOf(f).real->pMethods->xSync(MainOf(f).real, flags);
}
int FileSize(sqlite3_file* f, sqlite3_int64* size) {
  return MainOf(f).real->pMethods->xFileSize(MainOf(f).real, size);
}
int Lock(sqlite3_file* f, int level) {
  return MainOf(f).real->pMethods->xLock(MainOf(f).real, level);
}
int Unlock(sqlite3_file* f, int level) {
  return MainOf(f).real->pMethods->xUnlock(MainOf(f).real, level);
}
int CheckLock(sqlite3_file* f, int* out) {
  return MainOf(f).real->pMethods->xCheckReservedLock(MainOf(f).real, out);
}
int Control(sqlite3_file* f, int operation, void* argument) {
  return MainOf(f).real->pMethods->xFileControl(MainOf(f).real, operation, argument);
}
int SectorSize(sqlite3_file* f) {
  return MainOf(f).real->pMethods->xSectorSize(MainOf(f).real);
}
int Traits(sqlite3_file* f) {
  return MainOf(f).real->pMethods->xDeviceCharacteristics(MainOf(f).real);
}
int ShmMap(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
  return MainOf(f).real->pMethods->xShmMap(MainOf(f).real, page, size, extend, out);
}
// Behind the lock another connection writes its own pages to the same place of the log: what a
// transaction that was undone has left must be there before, not after.
int ShmLock(sqlite3_file* f, int offset, int count, int flags) {
  if ((flags & SQLITE_SHM_UNLOCK) != 0 && MainOf(f).log != nullptr) (void)Flush(*MainOf(f).log);
  return MainOf(f).real->pMethods->xShmLock(MainOf(f).real, offset, count, flags);
}
void ShmBarrier(sqlite3_file* f) {
  MainOf(f).real->pMethods->xShmBarrier(MainOf(f).real);
}
int ShmUnmap(sqlite3_file* f, int remove) {
  return MainOf(f).real->pMethods->xShmUnmap(MainOf(f).real, remove);
}

// Version 2: without mapping the file, which nobody here asks for.
const sqlite3_io_methods kMethods = {
    2,       Close,      Read,   Write,  Truncate, Sync,       FileSize, Lock,    Unlock, CheckLock,
    Control, SectorSize, Traits, ShmMap, ShmLock,  ShmBarrier, ShmUnmap, nullptr, nullptr};

const sqlite3_io_methods kMethodsWithoutSharedMemory = {
    1,       Close,      Read,   Write,   Truncate, Sync,    FileSize, Lock,    Unlock, CheckLock,
    Control, SectorSize, Traits, nullptr, nullptr,  nullptr, nullptr,  nullptr, nullptr};

}  // namespace main_file

int OpenMain(sqlite3_vfs* base, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* const main = new (file) MainFile;
  main->real = reinterpret_cast<sqlite3_file*>(main + 1);
  main->real->pMethods = nullptr;
  const int result = base->xOpen(base, name, main->real, flags, out_flags);
  file->pMethods = nullptr;
  if (main->real->pMethods == nullptr) return result;
  file->pMethods = main->real->pMethods->iVersion >= 2 ? &main_file::kMethods
                                                       : &main_file::kMethodsWithoutSharedMemory;
  return result;
}

int OpenLog(sqlite3_vfs* base, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* const log = new (file) LogFile;
  log->real = reinterpret_cast<sqlite3_file*>(log + 1);
  log->real->pMethods = nullptr;
  const int result = base->xOpen(base, name, log->real, flags, out_flags);
  if (log->real->pMethods == nullptr) {
    log->~LogFile();
    file->pMethods = nullptr;  // nothing to close
    return result;
  }
  log->file.pMethods = &kLogMethods;
  log->main = &MainOf(sqlite3_database_file_object(name));
  log->main->log = log;
  return result;
}

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* const base = reinterpret_cast<GatherVfs*>(vfs)->base;
  if ((flags & SQLITE_OPEN_WAL) != 0) return OpenLog(base, name, file, flags, out_flags);
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) return OpenMain(base, name, file, flags, out_flags);
  return base->xOpen(base, name, file, flags, out_flags);
}

}  // namespace

std::string GatheringVfs(const std::string& base) {
  static std::mutex mutex;
  static auto* const known = new std::map<std::string, std::unique_ptr<GatherVfs>>;  // for ever
  const std::lock_guard lock(mutex);
  ConfigureSqlite();  // looking for a VFS is the first use
  if (const auto found = known->find(base); found != known->end()) return found->second->name;
  sqlite3_vfs* const found = sqlite3_vfs_find(base.empty() ? nullptr : base.c_str());
  if (found == nullptr) return {};
  auto made = std::make_unique<GatherVfs>();
  made->base = found;
  made->name = std::string(found->zName) + "-gathered";
  made->vfs = *found;
  made->vfs.szOsFile = static_cast<int>(kOwnBytes) + found->szOsFile;
  made->vfs.zName = made->name.c_str();
  made->vfs.pNext = nullptr;
  made->vfs.xOpen = Open;
  if (sqlite3_vfs_register(&made->vfs, 0) != SQLITE_OK) return {};
  return known->emplace(base, std::move(made)).first->second->name;
}

}  // namespace ticketing::sqlite
