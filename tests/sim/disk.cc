#include "tests/sim/disk.h"

#include <sqlite3.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "tests/sim/memory.h"
#include "ticketing/base/assert.h"

namespace ticketing::sim {
namespace {

std::map<std::string, SimDisk*, std::less<>>& Disks() {
  static std::map<std::string, SimDisk*, std::less<>> disks;
  return disks;
}

SimDisk* DiskOf(std::string_view path) {
  const auto found = Disks().find(path.substr(0, path.find('/')));
  return found == Disks().end() ? nullptr : found->second;
}

}  // namespace

// Grown by pieces that the kernel can give as one huge page each.
struct DiskPage::Store {
  static constexpr size_t kPiece = size_t{2} << 20;

  Body* Take() {
    if (idle == nullptr) Grow();
    return std::exchange(idle, idle->next);
  }
  void Grow() {
    void* piece = std::aligned_alloc(kPiece, kPiece);
    TICKETING_ASSERT(piece != nullptr);
    (void)madvise(piece, kPiece, MADV_HUGEPAGE);
    pieces.emplace_back(piece);
    auto* bodies = static_cast<Body*>(piece);
    for (size_t i = kPiece / sizeof(Body); i > 0; --i) {
      bodies[i - 1].next = std::exchange(idle, &bodies[i - 1]);
    }
  }

  struct Free {
    void operator()(void* piece) const { std::free(piece); }
  };
  std::vector<std::unique_ptr<void, Free>> pieces;
  Body* idle = nullptr;
};

DiskPage::Store& DiskPage::Bodies() {
  static Store store;
  return store;
}

void DiskPage::Release() {
  if (body_ == nullptr || --body_->owners > 0) return;
  Store& store = Bodies();
  body_->next = std::exchange(store.idle, body_);
}

char* DiskPage::Own(bool all) {
  if (body_ != nullptr && body_->owners == 1) return body_->bytes;
  Body* mine = Bodies().Take();
  mine->owners = 1;
  if (!all && body_ != nullptr) {
    std::memcpy(mine->bytes, body_->bytes, kDiskPage);
  } else if (!all) {
    std::memset(mine->bytes, 0, kDiskPage);
  }
  Release();
  body_ = mine;
  return mine->bytes;
}

void DiskFile::Read(char* out, size_t count, size_t at) const {
  while (count > 0) {
    const size_t page = at / kDiskPage;
    const size_t offset = at % kDiskPage;
    const size_t part = std::min(count, kDiskPage - offset);
    if (page < pages_.size() && !pages_[page].page.none()) {
      std::memcpy(out, pages_[page].page.data() + offset, part);
    } else {
      std::memset(out, 0, part);
    }
    out += part;
    at += part;
    count -= part;
  }
}

// Before a page changes: what was synced of it is kept.
DiskFile::Place& DiskFile::Touch(size_t page) {
  if (page >= pages_.size()) pages_.resize(page + 1);
  Place& place = pages_[page];
  if (place.touched != syncs_) before_.emplace_back(page, place.page);
  place.touched = syncs_;
  return place;
}

void DiskFile::Write(const char* data, size_t count, size_t at) {
  size_ = std::max(size_, at + count);
  while (count > 0) {
    const size_t offset = at % kDiskPage;
    const size_t part = std::min(count, kDiskPage - offset);
    char* page = Touch(at / kDiskPage).page.Own(part == kDiskPage);
    std::memcpy(page + offset, data, part);
    data += part;
    at += part;
    count -= part;
  }
}

void DiskFile::Truncate(size_t size) {
  if (size % kDiskPage != 0 && size / kDiskPage < pages_.size()) {
    char* page = Touch(size / kDiskPage).page.Own(false);
    std::memset(page + size % kDiskPage, 0, kDiskPage - size % kDiskPage);
  }
  for (size_t page = (size + kDiskPage - 1) / kDiskPage; page < pages_.size(); ++page) {
    Touch(page).page = DiskPage();
  }
  size_ = std::min(size_, size);
}

void DiskFile::Sync() {
  before_.clear();
  ++syncs_;
  synced_size_ = size_;
}

void DiskFile::Crash(SeededRandom& random, bool keeps_some) {
  bool any = false;
  std::sort(before_.begin(), before_.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [number, old] : before_) {
    DiskPage& page = pages_[number].page;
    const uint64_t fate = keeps_some ? random.Uniform(3) : 0;
    if (fate == 1) {
      any = true;  // it had reached the disk
      continue;
    }
    DiskPage torn = old;
    if (fate == 2 && !page.none()) {
      any = true;
      char* bytes = torn.Own(false);
      for (size_t at = 0; at < kDiskPage; at += kDiskSector) {
        if (random.Uniform(2) != 0) std::memcpy(bytes + at, page.data() + at, kDiskSector);
      }
    }
    page = std::move(torn);
  }
  before_.clear();
  ++syncs_;
  // The size is as old as the oldest page that was lost, unless something behind it arrived.
  size_ = any ? std::max(size_, synced_size_) : synced_size_;
  synced_size_ = size_;
}

SimDisk::SimDisk(std::string name, uint64_t seed) : name_(std::move(name)), random_(seed) {
  RegisterSimVfs();
  TICKETING_ASSERT(Disks().emplace(name_, this).second);
}

SimDisk::~SimDisk() {
  Disks().erase(name_);
}

void SimDisk::Crash(bool keeps_some) {
  if (dead_) return;
  dead_ = true;
  ++generation_;
  stop_in_ = 0;
  for (auto& [name, file] : files_) file->Crash(random_, keeps_some);
}

void SimDisk::CopyFrom(const SimDisk& other) {
  files_.clear();
  for (const auto& [path, file] : other.files_) {
    const std::string mine = name_ + path.substr(path.find('/'));
    files_[mine] = std::make_shared<DiskFile>(*file);
  }
}

void SimDisk::Wipe() {
  files_.clear();
  ++generation_;
}

void SimDisk::StopAt(uint64_t n, std::function<void()> stop) {
  stop_in_ = n;
  stop_ = std::move(stop);
}

bool SimDisk::Countdown() {
  if (stop_in_ == 0 || --stop_in_ > 0) return false;
  stop_();
  return true;
}

SimDisk::Verdict SimDisk::BeforeWrite() {
  if (Countdown()) return Verdict::kDead;
  if (full) return Verdict::kFull;
  if (write_errors_per_million > 0 && random_.Uniform(1'000'000) < write_errors_per_million) {
    return Verdict::kError;
  }
  return Verdict::kGo;
}

SimDisk::Verdict SimDisk::BeforeSync() {
  ++syncs_;
  if (Countdown()) return Verdict::kDead;
  if (sync_errors_per_million > 0 && random_.Uniform(1'000'000) < sync_errors_per_million) {
    return Verdict::kError;
  }
  return Verdict::kGo;
}

// SQLite's side. One connection uses a file at a time, so locks say nothing here.
struct Vfs {
  struct Handle {
    sqlite3_file base;
    SimDisk* disk;
    DiskFile* file;
    std::shared_ptr<DiskFile>* owner;
    uint64_t generation;
  };

  static Handle* Of(sqlite3_file* f) { return reinterpret_cast<Handle*>(f); }
  static bool Gone(sqlite3_file* f) {
    return Of(f)->disk->dead_ || Of(f)->generation != Of(f)->disk->generation_;
  }

  static int Close(sqlite3_file* f) {
    delete Of(f)->owner;
    Of(f)->owner = nullptr;
    return SQLITE_OK;
  }
  static int Read(sqlite3_file* f, void* out, int count, sqlite3_int64 at) {
    if (Gone(f)) return SQLITE_IOERR_READ;
    const auto begin = static_cast<size_t>(at);
    const auto size = static_cast<size_t>(count);
    Of(f)->file->Read(static_cast<char*>(out), size, begin);
    return begin + size > Of(f)->file->size() ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
  }
  static int Write(sqlite3_file* f, const void* data, int count, sqlite3_int64 at) {
    if (Gone(f)) return SQLITE_IOERR_WRITE;
    switch (Of(f)->disk->BeforeWrite()) {
      case SimDisk::Verdict::kGo:
        break;
      case SimDisk::Verdict::kFull:
        return SQLITE_FULL;
      default:
        return SQLITE_IOERR_WRITE;
    }
    Of(f)->file->Write(static_cast<const char*>(data), static_cast<size_t>(count),
                       static_cast<size_t>(at));
    return SQLITE_OK;
  }
  static int Truncate(sqlite3_file* f, sqlite3_int64 size) {
    if (Gone(f)) return SQLITE_IOERR_TRUNCATE;
    Of(f)->file->Truncate(static_cast<size_t>(size));
    return SQLITE_OK;
  }
  static int Sync(sqlite3_file* f, int) {
    if (Gone(f) || Of(f)->disk->BeforeSync() != SimDisk::Verdict::kGo) return SQLITE_IOERR_FSYNC;
    if (!Of(f)->disk->lies_about_sync) Of(f)->file->Sync();
    return SQLITE_OK;
  }
  static int FileSize(sqlite3_file* f, sqlite3_int64* size) {
    if (Gone(f)) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(Of(f)->file->size());
    return SQLITE_OK;
  }
  static int Lock(sqlite3_file* f, int) { return Gone(f) ? SQLITE_IOERR_LOCK : SQLITE_OK; }
  static int Unlock(sqlite3_file*, int) { return SQLITE_OK; }
  static int CheckLock(sqlite3_file*, int* out) {
    *out = 0;
    return SQLITE_OK;
  }
  static int Control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int SectorSize(sqlite3_file*) { return static_cast<int>(kDiskPage); }
  static int Traits(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int Open(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* out_flags);
  static int Delete(sqlite3_vfs*, const char* name, int) {
    SimDisk* disk = DiskOf(name);
    if (disk == nullptr || disk->dead_) return SQLITE_IOERR_DELETE;
    return disk->files_.erase(name) > 0 ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
  }
  static int Access(sqlite3_vfs*, const char* name, int, int* out) {
    SimDisk* disk = DiskOf(name);
    if (disk == nullptr || disk->dead_) return SQLITE_IOERR_ACCESS;
    *out = disk->files_.contains(std::string_view(name)) ? 1 : 0;
    return SQLITE_OK;
  }
  static int FullPath(sqlite3_vfs*, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
  }
};

namespace {

const sqlite3_io_methods kMethods = {1,
                                     Vfs::Close,
                                     Vfs::Read,
                                     Vfs::Write,
                                     Vfs::Truncate,
                                     Vfs::Sync,
                                     Vfs::FileSize,
                                     Vfs::Lock,
                                     Vfs::Unlock,
                                     Vfs::CheckLock,
                                     Vfs::Control,
                                     Vfs::SectorSize,
                                     Vfs::Traits,
                                     nullptr,
                                     nullptr,
                                     nullptr,
                                     nullptr,
                                     nullptr,
                                     nullptr};

}  // namespace

int Vfs::Open(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* out_flags) {
  f->pMethods = nullptr;
  SimDisk* disk = name == nullptr ? nullptr : DiskOf(name);
  if (disk == nullptr || disk->dead_) return SQLITE_CANTOPEN;
  auto found = disk->files_.find(std::string_view(name));
  if (found == disk->files_.end()) {
    if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
    if (disk->full) return SQLITE_FULL;
    found = disk->files_.emplace(name, std::make_shared<DiskFile>()).first;
  }
  auto* handle = Of(f);
  handle->disk = disk;
  handle->owner = new std::shared_ptr<DiskFile>(found->second);
  handle->file = handle->owner->get();
  handle->generation = disk->generation_;
  f->pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

void RegisterSimVfs() {
  static const bool once = [] {
    // One thread: no locks around memory and page caches, and nobody counts what is allocated.
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    UseSimMemory();
    sqlite3_initialize();
    static sqlite3_vfs vfs = *sqlite3_vfs_find(nullptr);
    vfs.iVersion = 2;
    vfs.szOsFile = static_cast<int>(sizeof(Vfs::Handle));
    vfs.zName = kVfsName;
    vfs.pNext = nullptr;
    vfs.xOpen = Vfs::Open;
    vfs.xDelete = Vfs::Delete;
    vfs.xAccess = Vfs::Access;
    vfs.xFullPathname = Vfs::FullPath;
    sqlite3_vfs_register(&vfs, 0);
    return true;
  }();
  (void)once;
}

}  // namespace ticketing::sim
