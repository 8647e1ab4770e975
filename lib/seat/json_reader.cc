#include "lib/seat/json_reader.h"

#include <algorithm>
#include <cmath>

#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

// Takes what the parser finds and makes the tree. It knows its place, and stops the parser at what
// would cost memory or hide a field.
class TreeBuilder : public Json::json_sax_t {
 public:
  TreeBuilder(std::string_view text, Faults& faults, bool (*keep)(std::string_view))
      : text_(text), faults_(faults), keep_(keep) {}
  Json Take() { return std::move(root_); }

  bool null() override { return Leaf(nullptr, true); }
  bool boolean(bool value) override { return Leaf(value, !value); }
  bool number_integer(int64_t value) override { return Leaf(value, false); }
  bool number_unsigned(uint64_t value) override { return Leaf(value, false); }
  bool number_float(double value, const std::string&) override { return Leaf(value, false); }
  bool string(std::string& value) override {
    const bool nothing = value.empty();
    return Leaf(std::move(value), nothing);
  }
  bool binary(Json::binary_t&) override { return false; }
  bool start_object(size_t) override { return Open(Json::object()); }
  bool start_array(size_t) override { return Open(Json::array()); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }

  bool key(std::string& name) override {
    if (dropped_ > 0) return true;
    if (keep_ != nullptr && !keep_(name)) {
      drop_next_ = true;
      return true;
    }
    Frame& frame = frames_.back();
    const bool twice = frame.value->contains(name);
    frame.key = std::move(name);
    return !twice || Refuse("duplicate-key", "the field is there twice");
  }

  bool parse_error(size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override;

 private:
  struct Frame {
    Json* value;
    std::string key;  // of an object: the field being read
  };

  // A value without others in it; `nothing` when it says no more than its absence.
  bool Leaf(Json value, bool nothing) {
    if (dropped_ > 0) return true;
    if (drop_next_) {
      drop_next_ = false;
      return true;
    }
    if (keep_ != nullptr && nothing && !frames_.empty() && frames_.back().value->is_object()) {
      return true;
    }
    return Add(std::move(value)) != nullptr;
  }

  bool Open(Json empty) {
    if (dropped_ > 0 || drop_next_) {
      drop_next_ = false;
      ++dropped_;
      return frames_.size() + dropped_ <= 2 * limits::kChartDepthMax ||
             Refuse("too-deep", "too many levels");
    }
    if (frames_.size() >= limits::kChartDepthMax) {
      return Refuse("too-deep", "more than " + std::to_string(limits::kChartDepthMax) + " levels");
    }
    Json* value = Add(std::move(empty));
    if (value != nullptr) frames_.push_back({value, {}});
    return value != nullptr;
  }
  bool Close() {
    if (dropped_ > 0) {
      --dropped_;
      return true;
    }
    frames_.pop_back();
    return true;
  }

  Json* Add(Json value) {
    if (++values_ > limits::kChartValuesMax) {
      Refuse("too-many", "more than " + std::to_string(limits::kChartValuesMax) + " values");
      return nullptr;
    }
    if (frames_.empty()) return &(root_ = std::move(value));
    Frame& frame = frames_.back();
    if (frame.value->is_object()) return &((*frame.value)[frame.key] = std::move(value));
    frame.value->push_back(std::move(value));
    return &frame.value->back();
  }

  // Reports a fault at the present place; false stops the parser.
  bool Refuse(std::string_view code, std::string_view sentence) {
    // Links of a chain point to each other: none may move.
    std::vector<Path> chain(1);
    chain.reserve(frames_.size() + 1);
    for (const Frame& frame : frames_) {
      const size_t items = frame.value->is_array() ? frame.value->size() : 0;
      if (frame.value->is_object() && !frame.key.empty()) {
        chain.push_back(chain.back().Field(frame.key));
      } else if (&frame != &frames_.back() && items > 0) {
        chain.push_back(chain.back().Item(items - 1));
      } else if (frame.value->is_array()) {
        // The innermost list is about to get this item.
        chain.push_back(chain.back().Item(items));
      }
    }
    faults_.Add(chain.back(), code, sentence);
    return false;
  }

  std::string_view text_;
  Faults& faults_;
  bool (*keep_)(std::string_view);
  Json root_;
  std::vector<Frame> frames_;
  size_t values_ = 0;
  bool drop_next_ = false;  // the value to come is left out
  size_t dropped_ = 0;      // how many levels deep in what is left out
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

bool TreeBuilder::parse_error(size_t position, const std::string&,
                              const nlohmann::detail::exception& error) {
  constexpr int kNumberOverflow = 406;
  if (error.id == kNumberOverflow) {
    return Refuse("out-of-range", "a number that no computer can hold");
  }
  std::string what = error.what();
  // "[json.exception.parse_error.101] parse error at line 3, column 5: syntax error ...".
  const size_t start = what.find(": ");
  if (start != std::string::npos) what.erase(0, start + 2);
  return Refuse("bad-syntax",
                "line " + std::to_string(LineOf(text_, position)) + ": " + Quoted(what, 100));
}

}  // namespace

std::optional<Json> ParseJsonText(std::string_view text, Faults& faults,
                                  bool (*keep)(std::string_view)) {
  if (!IsValidUtf8(text)) {
    faults.Add(Path{}, "bad-syntax",
               "line " + std::to_string(FirstBadLine(text)) + " is not UTF-8");
    return std::nullopt;
  }
  TreeBuilder builder(text, faults, keep);
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) return std::nullopt;
  return builder.Take();
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

bool ObjectReader::Key(std::string_view name, std::string* out, bool* number, Need need) {
  const Json* value = Find(name, need);
  if (value == nullptr) return false;
  const bool whole = value->is_number_integer();
  if (!whole && !value->is_string()) {
    return WrongType(name, "a text or a whole number", *value), false;
  }
  *out = whole ? value->dump() : value->get_ref<const std::string&>();
  if (number != nullptr) *number = whole;
  return true;
}

bool ObjectReader::OptionalText(std::string_view name, std::string* out) {
  const Json* value = Find(name, kOptional);
  if (value == nullptr) return false;
  if (!value->is_string()) return WrongType(name, "a text", *value), false;
  *out = value->get_ref<const std::string&>();
  return true;
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
