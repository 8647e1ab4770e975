// Reading JSON that strangers wrote: every fault is collected with its place, and reading goes on.
#ifndef TICKETING_LIB_SEAT_JSON_READER_H_
#define TICKETING_LIB_SEAT_JSON_READER_H_

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/seat/faults.h"
#include "ticketing/seat/chart.h"

namespace ticketing::seat {

using Json = nlohmann::json;

// The tree of a text, or nullopt with a fault. Refuses what is not UTF-8 or not JSON, nesting
// deeper than limits::kChartDepthMax, more than limits::kChartValuesMax values, and objects that
// name a field twice. With `keep`, for formats that others grow: fields whose names it refuses are
// left out, with all they hold, and so are null, false and "", which there say the same as nothing.
std::optional<Json> ParseJsonText(std::string_view text, Faults& faults,
                                  bool (*keep)(std::string_view field) = nullptr);

// One object of the tree, field by field. A field that is absent, or has a fault, leaves `out` as
// it was. Fields that nobody asked for are faults when Finish() is called.
class ObjectReader {
 public:
  ObjectReader(const Json& value, const Path& path, Faults& faults);

  enum Need { kOptional, kRequired };

  bool String(std::string_view name, std::string* out, Need need = kOptional);
  // A text or a whole number, which is written out. `number` (may be nullptr) says which.
  bool Key(std::string_view name, std::string* out, bool* number = nullptr, Need need = kOptional);
  // Here "" says the same as no field at all.
  bool OptionalText(std::string_view name, std::string* out);
  bool Int(std::string_view name, int64_t* out, int64_t min, int64_t max, Need need = kOptional);
  template <typename T>
  bool Integer(std::string_view name, T* out, int64_t min, int64_t max, Need need = kOptional) {
    int64_t value = 0;
    if (!Int(name, &value, min, max, need)) return false;
    *out = static_cast<T>(value);
    return true;
  }
  bool Bool(std::string_view name, bool* out);
  // Any number, in the unit of the file. For descriptions only: charts hold integers.
  bool Number(std::string_view name, double* out, double min, double max, Need need = kOptional);
  bool At(std::string_view name, Point* out, Need need = kOptional);  // [x, y]
  bool Outline(std::string_view name, std::vector<Point>* out);
  bool Strings(std::string_view name, std::vector<std::string>* out);
  // The list under `name`; nullptr when absent or not a list.
  const Json* List(std::string_view name, Need need = kOptional);
  const Json* Object(std::string_view name, Need need = kOptional);

  // Reads each object of the list under `name` with `read(ObjectReader&, Item*)`.
  template <typename Item, typename Read>
  void Items(std::string_view name, std::vector<Item>* out, Read read, Need need = kOptional) {
    const Json* list = List(name, need);
    if (list == nullptr) return;
    const Path path = path_.Field(name);
    out->reserve(list->size());
    for (size_t i = 0; i < list->size(); ++i) {
      const Path place = path.Item(i);
      ObjectReader reader((*list)[i], place, faults_);
      read(reader, &out->emplace_back());
      reader.Finish();
    }
  }

  // Accepts whatever fields there are, after a fault that makes their names meaningless.
  void Ignore() { object_ = nullptr; }
  void Finish();
  const Path& path() const { return path_; }
  Faults& faults() { return faults_; }

 private:
  const Json* Find(std::string_view name, Need need);
  void WrongType(std::string_view name, std::string_view wanted, const Json& value);
  bool ReadPoint(const Json& value, const Path& path, Point* out);

  const Json* object_ = nullptr;  // nullptr: not an object, nothing can be read
  const Path& path_;
  Faults& faults_;
  std::vector<std::string_view> asked_;
};

}  // namespace ticketing::seat

#endif  // TICKETING_LIB_SEAT_JSON_READER_H_
