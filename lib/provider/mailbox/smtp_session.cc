#include "lib/provider/mailbox/smtp_session.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace ticketing::mailbox {
namespace {

constexpr size_t kCommandLineMax = 510;  // RFC 5321 section 4.5.3.1.4, without CRLF
constexpr size_t kTextLineMax = 998;     // section 4.5.3.1.6
constexpr size_t kPathMax = 254;
constexpr int kFailuresMax = 20;

std::string Upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
  }
  return out;
}

// "FROM:<a@b> SIZE=1" with keyword "FROM:" gives "a@b" and " SIZE=1"; nullopt when it has another
// form.
struct Path {
  std::string address;
  std::string_view parameters;
};

std::optional<Path> ParsePath(std::string_view argument, std::string_view keyword) {
  if (Upper(argument.substr(0, keyword.size())) != keyword) return std::nullopt;
  argument.remove_prefix(keyword.size());
  while (argument.starts_with(' ')) argument.remove_prefix(1);
  const size_t close = argument.find('>');
  if (!argument.starts_with('<') || close == std::string_view::npos || close > kPathMax + 1) {
    return std::nullopt;
  }
  const std::string_view address = argument.substr(1, close - 1);
  const std::string_view parameters = argument.substr(close + 1);
  const bool clean = std::all_of(address.begin(), address.end(),
                                 [](char c) { return c > 0x20 && c < 0x7f && c != '<'; });
  if (!clean || (!parameters.empty() && parameters[0] != ' ')) return std::nullopt;
  return Path{std::string(address), parameters};
}

bool IsMailbox(std::string_view address) {
  const size_t at = address.rfind('@');
  return at != std::string_view::npos && at > 0 && at + 1 < address.size();
}

// The value of SIZE= among the parameters; 0 when there is none.
uint64_t DeclaredSize(std::string_view parameters) {
  const std::string upper = Upper(parameters);
  const size_t at = upper.find(" SIZE=");
  if (at == std::string::npos) return 0;
  uint64_t size = 0;
  const char* begin = upper.data() + at + 6;
  const auto read = std::from_chars(begin, upper.data() + upper.size(), size);
  return read.ec == std::errc::result_out_of_range ? UINT64_MAX : size;
}

}  // namespace

SmtpSession::SmtpSession(std::string host_name, SessionLimits limits, Keep keep)
    : host_name_(std::move(host_name)), limits_(limits), keep_(std::move(keep)) {}

std::string SmtpSession::Greeting() const {
  return "220 " + host_name_ + " ESMTP ready\r\n";
}

void SmtpSession::Reply(std::string_view text) {
  out_.append(text).append("\r\n");
}

void SmtpSession::Fail(std::string_view text) {
  Reply(text);
  if (++failures_ < kFailuresMax) return;
  Reply("421 4.7.0 Too many errors");
  closed_ = true;
}

void SmtpSession::ResetMail() {
  mail_ = {};
  mail_open_ = false;
  data_error_.clear();
}

std::string SmtpSession::Feed(std::string_view bytes) {
  in_.append(bytes);
  std::string_view rest = in_;
  while (!closed_) {
    const size_t end = rest.find("\r\n");
    if (end == std::string_view::npos) break;
    if (!std::exchange(skip_line_, false)) Line(rest.substr(0, end));
    rest.remove_prefix(end + 2);
  }
  std::string left(rest);
  if (left.size() > kTextLineMax + 2 && !closed_) {
    if (!skip_line_) LongLine();
    skip_line_ = true;
    left.erase(0, left.size() - 1);  // the last byte may be the CR of the line's end
  }
  in_ = closed_ ? std::string() : std::move(left);
  return std::exchange(out_, {});
}

void SmtpSession::LongLine() {
  if (in_data_) {
    data_error_ = "554 5.6.0 A line is longer than 998 characters";
  } else {
    Fail("500 5.5.2 Line too long");
  }
}

void SmtpSession::Line(std::string_view line) {
  if (line.size() > (in_data_ ? kTextLineMax : kCommandLineMax)) return LongLine();
  if (in_data_) return DataLine(line);
  if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
    return Fail("500 5.5.2 Only CRLF ends a line");
  }
  Command(line);
}

void SmtpSession::Command(std::string_view line) {
  const size_t space = std::min(line.find(' '), line.size());
  const std::string verb = Upper(line.substr(0, space));
  const std::string_view argument = space < line.size() ? line.substr(space + 1) : "";
  if (verb == "EHLO") return Hello(argument, true);
  if (verb == "HELO") return Hello(argument, false);
  if (verb == "MAIL") return MailFrom(argument);
  if (verb == "RCPT") return RcptTo(argument);
  if (verb == "DATA") return StartData();
  if (verb == "NOOP") return Reply("250 2.0.0 OK");
  if (verb == "VRFY") return Reply("252 2.1.5 Send it and see");
  if (verb == "RSET") {
    ResetMail();
    return Reply("250 2.0.0 OK");
  }
  if (verb == "QUIT") {
    Reply("221 2.0.0 Bye");
    closed_ = true;
    return;
  }
  Fail("502 5.5.1 Command not known here");
}

void SmtpSession::Hello(std::string_view argument, bool extended) {
  if (argument.empty()) return Fail("501 5.5.4 A name is needed");
  greeted_ = true;
  ResetMail();
  if (!extended) return Reply("250 " + host_name_);
  Reply("250-" + host_name_);
  Reply("250-SIZE " + std::to_string(limits_.message_bytes_max));
  Reply("250-8BITMIME");
  Reply("250 PIPELINING");
}

void SmtpSession::MailFrom(std::string_view argument) {
  if (!greeted_) return Fail("503 5.5.1 Say EHLO first");
  if (mail_open_) return Fail("503 5.5.1 There is a sender already");
  const auto path = ParsePath(argument, "FROM:");
  if (!path) return Fail("501 5.1.7 Use MAIL FROM:<address>");
  if (!path->address.empty() && !IsMailbox(path->address))
    return Fail("553 5.1.7 This is no address");
  if (DeclaredSize(path->parameters) > limits_.message_bytes_max) {
    return Fail("552 5.3.4 The message is too large");
  }
  mail_.from = path->address;
  mail_open_ = true;
  Reply("250 2.1.0 OK");
}

void SmtpSession::RcptTo(std::string_view argument) {
  if (!mail_open_) return Fail("503 5.5.1 Say MAIL first");
  const auto path = ParsePath(argument, "TO:");
  if (!path) return Fail("501 5.1.3 Use RCPT TO:<address>");
  if (!IsMailbox(path->address)) return Fail("553 5.1.3 This is no address");
  if (mail_.to.size() >= limits_.recipients_max) return Fail("452 4.5.3 Too many recipients");
  mail_.to.push_back(path->address);
  Reply("250 2.1.5 OK");
}

void SmtpSession::StartData() {
  if (mail_.to.empty()) return Fail("503 5.5.1 There is no recipient");
  in_data_ = true;
  Reply("354 End with a dot on a line of its own");
}

void SmtpSession::DataLine(std::string_view line) {
  if (line == ".") return EndData();
  if (line.starts_with('.')) line.remove_prefix(1);
  if (line.find_first_of("\r\n") != std::string_view::npos) {
    data_error_ = "554 5.6.0 Only CRLF ends a line";
  }
  if (mail_.raw.size() + line.size() + 2 > limits_.message_bytes_max) {
    data_error_ = "552 5.3.4 The message is too large";
  }
  if (!data_error_.empty()) {
    mail_.raw.clear();  // what cannot be kept need not be held
    return;
  }
  mail_.raw.append(line).append("\r\n");
}

void SmtpSession::EndData() {
  in_data_ = false;
  if (!data_error_.empty()) {
    Fail(data_error_);
  } else if (const Status kept = keep_(mail_); !kept.ok()) {
    Reply("451 4.3.0 The message could not be kept; try again");
  } else {
    Reply("250 2.0.0 Kept");
  }
  ResetMail();
}

}  // namespace ticketing::mailbox
