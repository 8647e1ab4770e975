#include "lib/seat/json_reader.h"

#include <algorithm>
#include <cmath>

#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

// What stops the parser from inside its callback; caught a few lines below.
struct Refused {
  std::string code;
  std::string sentence;
};

// Follows the parser: knows the place, and refuses what would cost memory or hide a field.
class Guard {
 public:
  bool operator()(Json::parse_event_t event, const Json& parsed) {
    using Event = Json::parse_event_t;
    switch (event) {
      case Event::object_start:
      case Event::array_start:
        Count();
        if (frames_.size() >= limits::kChartDepthMax) {
          throw Refused{"too-deep",
                        "more than " + std::to_string(limits::kChartDepthMax) + " levels"};
        }
        frames_.push_back({event == Event::object_start, {}, 0});
        break;
      case Event::object_end:
      case Event::array_end:
        frames_.pop_back();
        break;
      case Event::key:
        Key(parsed.get_ref<const std::string&>());
        break;
      case Event::value:
        Count();
        break;
    }
    return true;
  }

  void Report(Faults& faults, std::string_view code, std::string_view sentence) const {
    // Links of a chain point to each other, so the chain is complete before it is used.
    std::vector<Path> chain(1);
    chain.reserve(2 * frames_.size() + 1);
    for (const Frame& frame : frames_) {
      const Path& last = chain.back();
      if (!frame.is_object && frame.items > 0) {
        chain.push_back(last.Item(frame.items - 1));
      } else if (frame.is_object && !frame.keys.empty()) {
        chain.push_back(last.Field(frame.keys.back()));
      }
    }
    faults.Add(chain.back(), code, sentence);
  }

 private:
  struct Frame {
    bool is_object;
    std::vector<std::string> keys;
    size_t items;
  };

  void Count() {
    if (!frames_.empty() && !frames_.back().is_object) ++frames_.back().items;
    if (++values_ > limits::kChartValuesMax) {
      throw Refused{"too-many", "more than " + std::to_string(limits::kChartValuesMax) + " values"};
    }
  }

  void Key(const std::string& key) {
    constexpr size_t kFieldsMax = 64;
    std::vector<std::string>& keys = frames_.back().keys;
    const bool twice = std::find(keys.begin(), keys.end(), key) != keys.end();
    keys.push_back(key);
    if (twice) throw Refused{"duplicate-key", "the field is there twice"};
    if (keys.size() > kFieldsMax) throw Refused{"too-many", "more fields than any object has"};
  }

  std::vector<Frame> frames_;
  size_t values_ = 0;
};

size_t LineOf(std::string_view text, size_t byte) {
  const std::string_view before = text.substr(0, byte);
  return 1 + static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
}

// The start of the first line that is not UTF-8.
size_t FirstBadLine(std::string_view text) {
  size_t line = 1;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (!IsValidUtf8(text.substr(0, end))) return line;
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line;
  }
  return line;
}

}  // namespace

std::optional<Json> ParseJsonText(std::string_view text, Faults& faults) {
  if (!IsValidUtf8(text)) {
    faults.Add(Path{}, "bad-syntax",
               "line " + std::to_string(FirstBadLine(text)) + " is not UTF-8");
    return std::nullopt;
  }
  Guard guard;
  try {
    return Json::parse(
        text.begin(), text.end(),
        [&guard](int, Json::parse_event_t event, Json& parsed) { return guard(event, parsed); });
  } catch (const Refused& refused) {
    guard.Report(faults, refused.code, refused.sentence);
  } catch (const Json::parse_error& error) {
    std::string what = error.what();
    // "[json.exception.parse_error.101] parse error at line 3, column 5: syntax error ...".
    const size_t start = what.find(": ");
    if (start != std::string::npos) what.erase(0, start + 2);
    guard.Report(faults, "bad-syntax",
                 "line " + std::to_string(LineOf(text, error.byte)) + ": " + Quoted(what, 100));
  } catch (const Json::exception&) {
    guard.Report(faults, "out-of-range", "a number that no computer can hold");
  }
  return std::nullopt;
}

ObjectReader::ObjectReader(const Json& value, const Path& path, Faults& faults)
    : path_(path), faults_(faults) {
  if (value.is_object()) {
    object_ = &value;
  } else {
    faults_.Add(path, "wrong-type", "must be an object");
  }
}

const Json* ObjectReader::Find(std::string_view name, Need need) {
  asked_.push_back(name);
  if (object_ == nullptr) return nullptr;
  const auto found = object_->find(name);
  if (found != object_->end()) return &*found;
  if (need == kRequired) faults_.Add(path_.Field(name), "missing-field", "it is required");
  return nullptr;
}

void ObjectReader::WrongType(std::string_view name, std::string_view wanted, const Json& value) {
  faults_.Add(path_.Field(name), "wrong-type",
              "must be " + std::string(wanted) + ", not " +
                  (value.is_number_float() ? "a fraction" : value.type_name()));
}

bool ObjectReader::String(std::string_view name, std::string* out, Need need) {
  const Json* value = Find(name, need);
  if (value == nullptr) return false;
  if (!value->is_string()) return WrongType(name, "a text", *value), false;
  *out = value->get_ref<const std::string&>();
  // Absent and empty are one thing to the rules of a chart, not to its author.
  if (out->empty()) faults_.Add(path_.Field(name), "bad-text", "must not be empty");
  return true;
}

bool ObjectReader::Int(std::string_view name, int64_t* out, int64_t min, int64_t max, Need need) {
  const Json* value = Find(name, need);
  if (value == nullptr) return false;
  if (!value->is_number_integer()) return WrongType(name, "a whole number", *value), false;
  const bool huge =
      value->is_number_unsigned() && value->get<uint64_t>() > static_cast<uint64_t>(INT64_MAX);
  const int64_t number = huge ? INT64_MAX : value->get<int64_t>();
  if (number < min || number > max || huge) {
    faults_.Add(path_.Field(name), "out-of-range",
                "must be " + std::to_string(min) + " to " + std::to_string(max));
    return false;
  }
  *out = number;
  return true;
}

bool ObjectReader::Bool(std::string_view name, bool* out) {
  const Json* value = Find(name, kOptional);
  if (value == nullptr) return false;
  if (!value->is_boolean()) return WrongType(name, "true or false", *value), false;
  *out = value->get<bool>();
  return true;
}

bool ObjectReader::Number(std::string_view name, double* out, double min, double max, Need need) {
  const Json* value = Find(name, need);
  if (value == nullptr) return false;
  if (!value->is_number()) return WrongType(name, "a number", *value), false;
  const double number = value->get<double>();
  if (!(number >= min && number <= max)) {
    Json bounds = {min, max};
    faults_.Add(path_.Field(name), "out-of-range",
                "must be " + bounds[0].dump() + " to " + bounds[1].dump());
    return false;
  }
  *out = number;
  return true;
}

bool ObjectReader::ReadPoint(const Json& value, const Path& path, Point* out) {
  if (!value.is_array() || value.size() != 2 || !value[0].is_number_integer() ||
      !value[1].is_number_integer()) {
    faults_.Add(path, "wrong-type", "must be [x, y], two whole numbers");
    return false;
  }
  const auto fits = [](const Json& number) {
    if (number.is_number_unsigned()) {
      return number.get<uint64_t>() <= uint64_t{limits::kChartCoordinateMax};
    }
    const auto wide = number.get<int64_t>();
    return wide >= -limits::kChartCoordinateMax && wide <= limits::kChartCoordinateMax;
  };
  if (!fits(value[0]) || !fits(value[1])) {
    faults_.Add(path, "out-of-range",
                "coordinates must lie within " + std::to_string(limits::kChartCoordinateMax) +
                    " centimetres of the origin");
    return false;
  }
  *out = {value[0].get<int32_t>(), value[1].get<int32_t>()};
  return true;
}

bool ObjectReader::At(std::string_view name, Point* out, Need need) {
  const Json* value = Find(name, need);
  return value != nullptr && ReadPoint(*value, path_.Field(name), out);
}

bool ObjectReader::Outline(std::string_view name, std::vector<Point>* out) {
  const Json* list = List(name);
  if (list == nullptr) return false;
  const Path path = path_.Field(name);
  for (size_t i = 0; i < list->size(); ++i) {
    Point point;
    if (ReadPoint((*list)[i], path.Item(i), &point)) out->push_back(point);
  }
  return true;
}

bool ObjectReader::Strings(std::string_view name, std::vector<std::string>* out) {
  const Json* list = List(name);
  if (list == nullptr) return false;
  const Path path = path_.Field(name);
  for (size_t i = 0; i < list->size(); ++i) {
    if ((*list)[i].is_string()) {
      out->push_back((*list)[i].get_ref<const std::string&>());
    } else {
      faults_.Add(path.Item(i), "wrong-type", "must be a text");
    }
  }
  return true;
}

const Json* ObjectReader::List(std::string_view name, Need need) {
  const Json* value = Find(name, need);
  if (value == nullptr || value->is_array()) return value;
  WrongType(name, "a list", *value);
  return nullptr;
}

const Json* ObjectReader::Object(std::string_view name, Need need) {
  const Json* value = Find(name, need);
  if (value == nullptr || value->is_object()) return value;
  WrongType(name, "an object", *value);
  return nullptr;
}

void ObjectReader::Finish() {
  if (object_ == nullptr || object_->size() == 0) return;
  for (const auto& [name, value] : object_->items()) {
    if (std::find(asked_.begin(), asked_.end(), name) != asked_.end()) continue;
    if (WhyBadText(name, limits::kLabelBytesMax).empty()) {
      faults_.Add(path_.Field(name), "unknown-field", "no such field here");
    } else {
      faults_.Add(path_, "unknown-field", "a field with the name " + Quoted(name));
    }
  }
}

}  // namespace ticketing::seat
