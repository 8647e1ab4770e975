// What stays in memory of things that can be made again, up to a number of them. What was used
// longest ago goes first, and what somebody is using never goes: a lane with commands in flight, or
// a chart that a request is reading. So there may be more for a moment than the limit, by as many
// as requests are at work.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_LRU_H_
#define TICKETING_LIB_SERVICE_SEATSIO_LRU_H_

#include <cstddef>
#include <iterator>
#include <list>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace ticketing::seatsio {

// Not thread-safe. Whoever uses a value holds a shared_ptr of it that this class gave him.
template <typename Key, typename Value>
class Lru {
 public:
  explicit Lru(size_t max) : max_(max) {}

  // Null when it is not here.
  std::shared_ptr<Value> Find(const Key& key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    values_.splice(values_.begin(), values_, found->second);
    return found->second->second;
  }

  bool Has(const Key& key) const { return places_.contains(key); }

  // Gives what is here already, if somebody was faster.
  std::shared_ptr<Value> Keep(const Key& key, std::shared_ptr<Value> value) {
    if (std::shared_ptr<Value> first = Find(key)) return first;
    values_.emplace_front(key, value);
    places_[key] = values_.begin();
    Trim();
    return value;
  }

  std::vector<std::shared_ptr<Value>> All() const {
    std::vector<std::shared_ptr<Value>> all;
    for (const auto& [key, value] : values_) all.push_back(value);
    return all;
  }

  size_t size() const { return values_.size(); }
  // Whether anything was ever let go.
  bool trimmed() const { return trimmed_; }

 private:
  void Trim() {
    for (auto it = values_.end(); values_.size() > max_ && it != values_.begin();) {
      --it;
      if (it->second.use_count() > 1) continue;
      places_.erase(it->first);
      it = values_.erase(it);
      trimmed_ = true;
    }
  }

  const size_t max_;
  bool trimmed_ = false;
  std::list<std::pair<Key, std::shared_ptr<Value>>> values_;  // the newest first
  std::map<Key, typename std::list<std::pair<Key, std::shared_ptr<Value>>>::iterator> places_;
};

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_LRU_H_
