#include "tests/sim/memory.h"

#include <sqlite3.h>
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define TICKETING_SIM_MEMORY 1
#endif

#if TICKETING_SIM_MEMORY
namespace ticketing::sim {
namespace {

constexpr size_t kRegion = size_t{64} << 30;  // addresses, not memory
constexpr size_t kSpan = size_t{64} << 10;
constexpr size_t kSmallMax = 1024;   // in steps of 16 bytes
constexpr size_t kPieceMax = 16384;  // above, eight steps from one power of two to the next
constexpr size_t kSmallClasses = kSmallMax / 16;
constexpr size_t kClasses = kSmallClasses + 8 * 4;

constexpr size_t ClassOf(size_t size) {
  if (size <= kSmallMax) return size == 0 ? 0 : (size - 1) / 16;
  const size_t power = static_cast<size_t>(std::bit_width(size - 1)) - 1;
  return kSmallClasses + (power - 10) * 8 + ((size - 1 - (size_t{1} << power)) >> (power - 3));
}

constexpr size_t SizeOf(size_t size_class) {
  if (size_class < kSmallClasses) return (size_class + 1) * 16;
  const size_t power = 10 + (size_class - kSmallClasses) / 8;
  const size_t step = (size_class - kSmallClasses) % 8;
  return (size_t{1} << power) + ((step + 1) << (power - 3));
}

static_assert(ClassOf(1) == 0 && ClassOf(16) == 0 && ClassOf(17) == 1);
static_assert(SizeOf(ClassOf(1025)) == 1152 && SizeOf(ClassOf(2048)) == 2048);
static_assert(ClassOf(kPieceMax) == kClasses - 1 && SizeOf(kClasses - 1) == kPieceMax);

struct Piece {
  Piece* next;
};

struct List {
  Piece* given_back = nullptr;
  char* fresh = nullptr;  // of the span that is being cut up
  char* end = nullptr;
};

// A thread has lists of its own, so that nobody needs a lock; what it gives back is its own then.
thread_local constinit std::array<List, kClasses> lists{};

constinit std::atomic<char*> region{nullptr};
constinit std::atomic<size_t> spans_taken{0};
constinit std::array<uint8_t, kRegion / kSpan> class_of_span{};

char* Region() {
  char* begin = region.load(std::memory_order_acquire);
  if (begin != nullptr) return begin;
  void* mapped = mmap(nullptr, kRegion, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) std::abort();
  if (region.compare_exchange_strong(begin, static_cast<char*>(mapped))) {
    return static_cast<char*>(mapped);
  }
  munmap(mapped, kRegion);
  return begin;
}

bool IsOurs(const void* memory) {
  const char* begin = region.load(std::memory_order_relaxed);
  return static_cast<size_t>(static_cast<const char*>(memory) - begin) < kRegion &&
         begin != nullptr;
}

size_t ClassOfPiece(const void* memory) {
  const auto offset = static_cast<size_t>(static_cast<const char*>(memory) -
                                          region.load(std::memory_order_relaxed));
  return class_of_span[offset / kSpan];
}

[[gnu::noinline]] void* TakeFresh(List& list, size_t size_class) {
  const size_t size = SizeOf(size_class);
  if (list.fresh == nullptr || static_cast<size_t>(list.end - list.fresh) < size) {
    const size_t span = spans_taken.fetch_add(1);
    if (span >= kRegion / kSpan) return nullptr;
    list.fresh = Region() + span * kSpan;
    list.end = list.fresh + kSpan;
    class_of_span[span] = static_cast<uint8_t>(size_class);
  }
  void* memory = list.fresh;
  list.fresh += size;
  return memory;
}

void* Take(size_t size) {
  if (size > kPieceMax) return std::malloc(size);
  const size_t size_class = ClassOf(size);
  List& list = lists[size_class];
  Piece* piece = list.given_back;
  if (piece == nullptr) return TakeFresh(list, size_class);
  list.given_back = piece->next;
  return piece;
}

void GiveBack(void* memory) {
  if (!IsOurs(memory)) return std::free(memory);
  List& list = lists[ClassOfPiece(memory)];
  auto* piece = static_cast<Piece*>(memory);
  piece->next = list.given_back;
  list.given_back = piece;
}

// SQLite asks how large a piece is: larger ones carry their size in front.
constexpr size_t kHead = 16;

void* SqliteTake(int size) {
  const auto wanted = static_cast<size_t>(size);
  if (wanted <= kPieceMax) return Take(wanted);
  auto* memory = static_cast<char*>(std::malloc(wanted + kHead));
  if (memory == nullptr) return nullptr;
  *reinterpret_cast<size_t*>(memory) = wanted;
  return memory + kHead;
}

void SqliteGiveBack(void* memory) {
  if (memory == nullptr) return;
  if (IsOurs(memory)) return GiveBack(memory);
  std::free(static_cast<char*>(memory) - kHead);
}

int SqliteSize(void* memory) {
  if (memory == nullptr) return 0;
  if (IsOurs(memory)) return static_cast<int>(SizeOf(ClassOfPiece(memory)));
  return static_cast<int>(*reinterpret_cast<size_t*>(static_cast<char*>(memory) - kHead));
}

void* SqliteResize(void* memory, int size) {
  const int before = SqliteSize(memory);
  if (size <= before && size > before / 2) return memory;
  void* other = SqliteTake(size);
  if (other == nullptr) return nullptr;
  __builtin_memcpy(other, memory, static_cast<size_t>(before < size ? before : size));
  SqliteGiveBack(memory);
  return other;
}

int SqliteRoundUp(int size) {
  const auto wanted = static_cast<size_t>(size);
  return static_cast<int>(wanted <= kPieceMax ? SizeOf(ClassOf(wanted)) : (wanted + 7) / 8 * 8);
}

}  // namespace

void UseSimMemory() {
  static const bool done = [] {
    sqlite3_mem_methods methods = {SqliteTake,   SqliteGiveBack, SqliteResize,
                                   SqliteSize,   SqliteRoundUp,  [](void*) { return SQLITE_OK; },
                                   [](void*) {}, nullptr};
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK;
  }();
  (void)done;
}

}  // namespace ticketing::sim

void* operator new(size_t size) {
  void* memory = ticketing::sim::Take(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept {
  ticketing::sim::GiveBack(memory);
}
void operator delete(void* memory, size_t) noexcept {
  ticketing::sim::GiveBack(memory);
}

#else

namespace ticketing::sim {
void UseSimMemory() {}
}  // namespace ticketing::sim

#endif
