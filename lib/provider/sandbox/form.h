// The parameters of a request, read strictly: each value at most once, every name known to the
// endpoint.
#ifndef TICKETING_LIB_PROVIDER_SANDBOX_FORM_H_
#define TICKETING_LIB_PROVIDER_SANDBOX_FORM_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/provider/sandbox/answer.h"

namespace ticketing::sandbox {

class Form {
 public:
  // nullopt when the body is not form-encoded UTF-8, names a parameter twice or has too many.
  static std::optional<Form> Parse(std::string_view body);

  // A refusal when a parameter is not in `known`. A name that ends in "[" stands for all that begin
  // with it.
  std::optional<Answer> RefuseUnknown(const std::vector<std::string_view>& known) const;

  bool Has(std::string_view name) const { return values_.contains(std::string(name)); }
  std::string Get(std::string_view name) const;             // empty when missing
  std::optional<int64_t> Int(std::string_view name) const;  // plain decimal digits only
  bool IsTrue(std::string_view name) const { return Get(name) == "true"; }
  // The parameters "prefix[key]" by their keys.
  std::map<std::string, std::string> Map(std::string_view prefix) const;
  // The values of "prefix[0]", "prefix[1]" or "prefix[]".
  std::vector<std::string> List(std::string_view prefix) const;
  // The same parameters in any order give the same text.
  std::string Canonical() const;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace ticketing::sandbox

#endif  // TICKETING_LIB_PROVIDER_SANDBOX_FORM_H_
