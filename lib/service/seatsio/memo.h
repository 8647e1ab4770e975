// What requests remember of things that hardly ever change: whose a key is, what an event is. A
// remembered value may be this old when another process changed it; the process's own changes are
// seen at once, because whoever may make one holds a Setup::Change while he does.
//
// Nothing that decides who gets a seat may be remembered: that is the lane's.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_MEMO_H_
#define TICKETING_LIB_SERVICE_SEATSIO_MEMO_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "ticketing/env/clock.h"

namespace ticketing::seatsio {

inline constexpr Duration kMemoLife = Duration::Seconds(1);

// Counts the changes of what is remembered. Thread-safe.
class Setup {
 public:
  explicit Setup(Clock& clock) : clock_(clock) {}

  // Ends the life of all that was read before it began, and of all that was read while it lasted.
  class Change {
   public:
    explicit Change(Setup& setup) : setup_(setup) { setup_.changes_.fetch_add(1); }
    ~Change() { setup_.changes_.fetch_add(1); }
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;

   private:
    Setup& setup_;
  };

  // A moment before a reading.
  struct Mark {
    uint64_t changes = 0;
    Duration at;
  };
  Mark Now() const { return {changes_.load(), clock_.Monotonic()}; }
  // Whether what was read right after `mark` may still be used.
  bool Holds(const Mark& mark) const {
    return mark.changes == changes_.load() && clock_.Monotonic() - mark.at < kMemoLife;
  }

 private:
  Clock& clock_;
  std::atomic<uint64_t> changes_ = 0;
};

// Values by name. Thread-safe.
template <typename Value>
class Memo {
 public:
  // Remembers at most `max` values.
  explicit Memo(const Setup& setup, size_t max = 10'000) : setup_(setup), max_(max) {}

  // Null when it is not known, or not any more.
  std::shared_ptr<const Value> Find(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto it = values_.find(std::string(name));
    return it != values_.end() && setup_.Holds(it->second.first) ? it->second.second : nullptr;
  }

  // `mark` is from before the value was read.
  std::shared_ptr<const Value> Keep(std::string_view name, const Setup::Mark& mark, Value value) {
    auto kept = std::make_shared<const Value>(std::move(value));
    const std::lock_guard lock(mutex_);
    if (values_.size() >= max_) {
      // What is too old goes first; it would never be used again.
      std::erase_if(values_,
                    [this](const auto& entry) { return !setup_.Holds(entry.second.first); });
      if (values_.size() > max_ / 2) values_.clear();
    }
    values_.insert_or_assign(std::string(name), std::pair(mark, kept));
    return kept;
  }

 private:
  const Setup& setup_;
  const size_t max_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::pair<Setup::Mark, std::shared_ptr<const Value>>> values_;
};

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_MEMO_H_
