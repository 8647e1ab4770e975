#include "ticketing/base/status.h"

#include "absl/strings/cord.h"
#include "lib/base/absl_compat.h"
#include "ticketing/base/bytes.h"

namespace ticketing {
namespace {

// The payload is a sequence of records: a tag byte, then length-prefixed strings. It never leaves
// the process.
constexpr char kPayloadUrl[] = "ticketing/error";
constexpr char kCodeTag = 'c';
constexpr char kFieldTag = 'f';
constexpr char kObjectTag = 'o';
constexpr char kRetryTag = 'r';

void AppendString(std::string& out, std::string_view text) {
  AppendBigEndian(out, text.size(), 4);
  out.append(text);
}

std::string TakeString(std::string_view& in) {
  const size_t size = ReadBigEndian(in, 0, 4);
  std::string text(in.substr(4, size));
  in.remove_prefix(4 + size);
  return text;
}

std::string Encode(ErrorCode code, const ErrorDetails& details) {
  std::string out(1, kCodeTag);
  AppendBigEndian(out, static_cast<uint32_t>(code), 4);
  for (const FieldError& field : details.fields) {
    out.push_back(kFieldTag);
    AppendString(out, field.field);
    AppendString(out, field.detail);
  }
  for (const std::string& object : details.objects) {
    out.push_back(kObjectTag);
    AppendString(out, object);
  }
  if (details.retry_after) {
    out.push_back(kRetryTag);
    AppendBigEndian(out, static_cast<uint64_t>(details.retry_after->micros), 8);
  }
  return out;
}

struct Decoded {
  ErrorCode code = ErrorCode::kInternal;
  ErrorDetails details;
};

Decoded Decode(std::string_view in) {
  Decoded out;
  while (!in.empty()) {
    const char tag = in[0];
    in.remove_prefix(1);
    if (tag == kCodeTag) {
      out.code = static_cast<ErrorCode>(ReadBigEndian(in, 0, 4));
      in.remove_prefix(4);
    } else if (tag == kFieldTag) {
      FieldError field;
      field.field = TakeString(in);
      field.detail = TakeString(in);
      out.details.fields.push_back(std::move(field));
    } else if (tag == kObjectTag) {
      out.details.objects.push_back(TakeString(in));
    } else {
      out.details.retry_after = Duration{static_cast<int64_t>(ReadBigEndian(in, 0, 8))};
      in.remove_prefix(8);
    }
  }
  return out;
}

std::optional<Decoded> PayloadOf(const Status& status) {
  const auto payload = status.GetPayload(kPayloadUrl);
  if (!payload) return std::nullopt;
  return Decode(std::string(*payload));
}

}  // namespace

Status MakeError(ErrorCode code, std::string_view message) {
  return MakeError(code, message, {});
}

Status MakeError(ErrorCode code, std::string_view message, const ErrorDetails& details) {
  Status status(InfoOf(code).canonical, ToAbsl(message));
  status.SetPayload(kPayloadUrl, absl::Cord(Encode(code, details)));
  return status;
}

Status InvalidField(std::string_view field, std::string_view detail) {
  std::string message(field);
  message.append(": ").append(detail);
  return MakeError(ErrorCode::kInvalidField, message,
                   {.fields = {{std::string(field), std::string(detail)}}});
}

ErrorCode CodeOf(const Status& status) {
  if (status.ok()) return ErrorCode::kOk;
  if (const auto decoded = PayloadOf(status)) return decoded->code;
  for (const ErrorInfo& row : AllErrors()) {
    if (row.canonical == status.code()) return row.code;
  }
  return ErrorCode::kInternal;
}

ErrorDetails DetailsOf(const Status& status) {
  if (auto decoded = PayloadOf(status)) return std::move(decoded->details);
  return {};
}

std::string_view MessageOf(const Status& status) {
  return ToStd(status.message());
}

}  // namespace ticketing
