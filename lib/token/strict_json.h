// JSON as key sets and tokens need it: read strictly (a member twice is an error, because two
// readers could choose differently; nothing too deep; UTF-8 checked), and without the JSON library
// in sight, so that one file includes it.
#ifndef TICKETING_LIB_TOKEN_STRICT_JSON_H_
#define TICKETING_LIB_TOKEN_STRICT_JSON_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ticketing::internal {

// A JSON object, read only. Copies share what was read.
class StrictJson {
 public:
  // nullopt unless `text` is one well-formed object without a repeated member, at most 8 levels
  // deep.
  static std::optional<StrictJson> Parse(std::string_view text);

  bool Has(std::string_view name) const;
  // Each is nullopt when the member is missing or has another type: an array counts only when all
  // its items fit, and a number only when it is an integer written as one, within int64.
  std::optional<std::string> String(std::string_view name) const;
  std::optional<int64_t> Integer(std::string_view name) const;
  std::optional<std::vector<std::string>> Strings(std::string_view name) const;
  std::optional<std::vector<StrictJson>> Objects(std::string_view name) const;

 private:
  explicit StrictJson(std::shared_ptr<const void> object) : object_(std::move(object)) {}

  std::shared_ptr<const void>
      object_;  // an object of the JSON library, inside the document it keeps alive
};

// `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
std::string QuoteJson(std::string_view text);

}  // namespace ticketing::internal

#endif  // TICKETING_LIB_TOKEN_STRICT_JSON_H_
