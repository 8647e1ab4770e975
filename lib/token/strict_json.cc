#include "lib/token/strict_json.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <set>

namespace ticketing::internal {
namespace {

using nlohmann::json;

constexpr int kDepthMax = 8;

const json& ObjectOf(const std::shared_ptr<const void>& object) {
  return *static_cast<const json*>(object.get());
}

const json* Member(const std::shared_ptr<const void>& object, std::string_view name) {
  const json& members = ObjectOf(object);
  const auto found = members.find(name);
  return found == members.end() ? nullptr : &*found;
}

// Watches the parser, which by itself would let the last of two equal members win.
class Watch {
 public:
  bool operator()(int depth, json::parse_event_t event, const json& value) {
    if (depth > kDepthMax) ok_ = false;
    switch (event) {
      case json::parse_event_t::object_start:
        members_.emplace_back();
        break;
      case json::parse_event_t::object_end:
        members_.pop_back();
        break;
      case json::parse_event_t::key:
        if (!members_.back().insert(value.get_ref<const std::string&>()).second) ok_ = false;
        break;
      default:
        break;
    }
    return true;
  }
  bool ok() const { return ok_; }

 private:
  std::vector<std::set<std::string>> members_;
  bool ok_ = true;
};

}  // namespace

std::optional<StrictJson> StrictJson::Parse(std::string_view text) {
  // The parser would skip a byte order mark.
  if (text.starts_with('\xef')) return std::nullopt;
  Watch watch;
  auto document = std::make_shared<json>(
      json::parse(text.begin(), text.end(), std::ref(watch), /*allow_exceptions=*/false));
  if (!watch.ok() || !document->is_object()) return std::nullopt;
  return StrictJson(std::move(document));
}

bool StrictJson::Has(std::string_view name) const {
  return Member(object_, name) != nullptr;
}

std::optional<std::string> StrictJson::String(std::string_view name) const {
  const json* member = Member(object_, name);
  if (member == nullptr || !member->is_string()) return std::nullopt;
  return member->get<std::string>();
}

std::optional<int64_t> StrictJson::Integer(std::string_view name) const {
  const json* member = Member(object_, name);
  if (member == nullptr || !member->is_number_integer()) return std::nullopt;
  if (member->is_number_unsigned() &&
      member->get<uint64_t>() > uint64_t{std::numeric_limits<int64_t>::max()}) {
    return std::nullopt;
  }
  return member->get<int64_t>();
}

std::optional<std::vector<std::string>> StrictJson::Strings(std::string_view name) const {
  const json* member = Member(object_, name);
  if (member == nullptr || !member->is_array()) return std::nullopt;
  std::vector<std::string> strings;
  for (const json& item : *member) {
    if (!item.is_string()) return std::nullopt;
    strings.push_back(item.get<std::string>());
  }
  return strings;
}

std::optional<std::vector<StrictJson>> StrictJson::Objects(std::string_view name) const {
  const json* member = Member(object_, name);
  if (member == nullptr || !member->is_array()) return std::nullopt;
  std::vector<StrictJson> objects;
  for (const json& item : *member) {
    if (!item.is_object()) return std::nullopt;
    objects.push_back(StrictJson(std::shared_ptr<const void>(object_, &item)));
  }
  return objects;
}

std::string QuoteJson(std::string_view text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace ticketing::internal
