#include "tests/sqlite/fault_vfs.h"

#include <sqlite3.h>

#include <cstring>

namespace ticketing {
namespace {

// SQLite allocates szOsFile bytes: ours, with the real file's right behind.
struct File {
  sqlite3_file base;
  sqlite3_file* real;
};

sqlite3_file* Real(sqlite3_file* file) {
  return reinterpret_cast<File*>(file)->real;
}
sqlite3_vfs* System() {
  return sqlite3_vfs_find(nullptr);
}

int Close(sqlite3_file* f) {
  return Real(f)->pMethods->xClose(Real(f));
}
int Read(sqlite3_file* f, void* data, int size, sqlite3_int64 at) {
  if (FaultVfs::Instance().Fails(DiskFault::kReadError)) return SQLITE_IOERR_READ;
  return Real(f)->pMethods->xRead(Real(f), data, size, at);
}
int Write(sqlite3_file* f, const void* data, int size, sqlite3_int64 at) {
  FaultVfs::Instance().writes.fetch_add(1);
  if (FaultVfs::Instance().Fails(DiskFault::kFull)) return SQLITE_FULL;
  if (FaultVfs::Instance().Fails(DiskFault::kWriteError)) return SQLITE_IOERR_WRITE;
  return Real(f)->pMethods->xWrite(Real(f), data, size, at);
}
int Truncate(sqlite3_file* f, sqlite3_int64 size) {
  return Real(f)->pMethods->xTruncate(Real(f), size);
}
int Sync(sqlite3_file* f, int flags) {
  if (FaultVfs::Instance().Fails(DiskFault::kSyncError)) return SQLITE_IOERR_FSYNC;
  return Real(f)->pMethods->xSync(Real(f), flags);
}
int FileSize(sqlite3_file* f, sqlite3_int64* size) {
  return Real(f)->pMethods->xFileSize(Real(f), size);
}
int Lock(sqlite3_file* f, int level) {
  return Real(f)->pMethods->xLock(Real(f), level);
}
int Unlock(sqlite3_file* f, int level) {
  return Real(f)->pMethods->xUnlock(Real(f), level);
}
int CheckLock(sqlite3_file* f, int* out) {
  return Real(f)->pMethods->xCheckReservedLock(Real(f), out);
}
int Control(sqlite3_file* f, int op, void* arg) {
  return Real(f)->pMethods->xFileControl(Real(f), op, arg);
}
int SectorSize(sqlite3_file* f) {
  return Real(f)->pMethods->xSectorSize(Real(f));
}
int Traits(sqlite3_file* f) {
  return Real(f)->pMethods->xDeviceCharacteristics(Real(f));
}
int ShmMap(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
  return Real(f)->pMethods->xShmMap(Real(f), page, size, extend, out);
}
int ShmLock(sqlite3_file* f, int offset, int count, int flags) {
  return Real(f)->pMethods->xShmLock(Real(f), offset, count, flags);
}
void ShmBarrier(sqlite3_file* f) {
  Real(f)->pMethods->xShmBarrier(Real(f));
}
int ShmUnmap(sqlite3_file* f, int remove) {
  return Real(f)->pMethods->xShmUnmap(Real(f), remove);
}

const sqlite3_io_methods kMethods = {
    2,       Close,      Read,   Write,  Truncate, Sync,       FileSize, Lock,    Unlock, CheckLock,
    Control, SectorSize, Traits, ShmMap, ShmLock,  ShmBarrier, ShmUnmap, nullptr, nullptr};
const sqlite3_io_methods kMethodsWithoutSharedMemory = {
    1,       Close,      Read,   Write,   Truncate, Sync,    FileSize, Lock,    Unlock, CheckLock,
    Control, SectorSize, Traits, nullptr, nullptr,  nullptr, nullptr,  nullptr, nullptr};

template <const sqlite3_io_methods* kIo>
int Open(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* out_flags) {
  auto* file = reinterpret_cast<File*>(f);
  file->base.pMethods = nullptr;
  file->real = reinterpret_cast<sqlite3_file*>(file + 1);
  const int result = System()->xOpen(System(), name, file->real, flags, out_flags);
  if (file->real->pMethods != nullptr) file->base.pMethods = kIo;
  return result;
}

template <const sqlite3_io_methods* kIo>
void Register(const char* name) {
  static sqlite3_vfs vfs = *System();
  vfs.szOsFile = static_cast<int>(sizeof(File)) + System()->szOsFile;
  vfs.zName = name;
  vfs.pNext = nullptr;
  vfs.xOpen = Open<kIo>;
  sqlite3_vfs_register(&vfs, 0);
}

}  // namespace

FaultVfs& FaultVfs::Instance() {
  static FaultVfs instance;
  return instance;
}

FaultVfs::FaultVfs() {
  sqlite3_initialize();
  Register<&kMethods>(kName);
  Register<&kMethodsWithoutSharedMemory>(kNameWithoutSharedMemory);
}

bool FaultVfs::Fails(DiskFault kind) {
  return fault.load() == kind && countdown.fetch_sub(1) <= 0;
}

}  // namespace ticketing
