// JSON objects written as text, for answers that are made so often that a tree of values costs too
// much. Names are constants of ours and need no escaping.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_JSON_TEXT_H_
#define TICKETING_LIB_SERVICE_SEATSIO_JSON_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace ticketing::seatsio {

// A JSON string; what is not UTF-8 is replaced, as Dump does.
void AppendJsonString(std::string& out, std::string_view text);

class JsonText {
 public:
  JsonText() { out_.reserve(1024); }

  void Text(std::string_view name, std::string_view text);
  void Number(std::string_view name, int64_t number);
  void Flag(std::string_view name, bool flag);
  void Raw(std::string_view name, std::string_view json);  // a value that is JSON already
  void Open(std::string_view name);                        // an object in this one
  void Close();

  // The object; nothing may be open in it.
  std::string Take() && { return std::move(out_) + "}"; }

 private:
  void Name(std::string_view name);

  std::string out_ = "{";
};

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_JSON_TEXT_H_
