// JSON of requests, read with suspicion: bounded depth, and fields taken out by name and type.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_JSON_H_
#define TICKETING_LIB_SERVICE_SEATSIO_JSON_H_

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/limits.h"
#include "ticketing/base/status.h"

namespace ticketing::seatsio {

using Json = nlohmann::json;

inline constexpr size_t kJsonDepthMax = 40;

// An empty text is an empty object. Errors: a refusal with GENERAL_ERROR.
StatusOr<Json> ParseJson(std::string_view text);

// Compact text; what is not UTF-8 is replaced.
std::string Dump(const Json& json);

// A category's key is a number or a text in this API, and always a text in ours.
std::string KeyText(const Json& key);

// Takes fields out of an object. The first fault is kept; absent and null fields are nullopt.
class Fields {
 public:
  // `where` is put before names in messages.
  explicit Fields(const Json& object, std::string where = "");

  bool Has(std::string_view name) const { return Find(name) != nullptr; }
  std::optional<std::string> Text(std::string_view name, size_t bytes_max = limits::kNameBytesMax);
  std::string RequiredText(std::string_view name, size_t bytes_max = limits::kNameBytesMax);
  std::optional<bool> Flag(std::string_view name);
  std::optional<int64_t> Integer(std::string_view name, int64_t min, int64_t max);
  std::optional<std::vector<std::string>> Texts(std::string_view name, size_t count_max,
                                                size_t bytes_max = limits::kNameBytesMax);
  // A text to a count of at least 0.
  std::optional<std::map<std::string, int64_t>> Counts(std::string_view name, size_t count_max);
  // A text or a number, as a text.
  std::optional<std::string> Key(std::string_view name);
  const Json* Object(std::string_view name);
  const Json* Array(std::string_view name, size_t count_max);

  void Fault(std::string_view name, std::string_view what);
  const Status& status() const { return status_; }

 private:
  const Json* Find(std::string_view name) const;

  const Json& object_;
  std::string where_;
  Status status_;
};

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_JSON_H_
