#include "ticketing/provider/smtp/smtp_sender.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <mutex>

#include "ticketing/base/bytes.h"

namespace ticketing::smtp {
namespace {

constexpr size_t kReplyBytesMax = 300;

using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

void InitCurl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

// What the callbacks of one transfer see.
struct Transfer {
  std::string_view rest;  // of the message
  bool whole = false;     // all of it was taken
  std::string reply;      // the server's latest refusal
};

size_t GiveBytes(char* out, size_t size, size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  const size_t bytes = std::min(size * count, transfer->rest.size());
  std::memcpy(out, transfer->rest.data(), bytes);
  transfer->rest.remove_prefix(bytes);
  if (transfer->rest.empty()) transfer->whole = true;
  return bytes;
}

// Keeps the latest refusal; after one curl still says QUIT, and the answer to that explains
// nothing.
size_t TakeReply(char* line, size_t size, size_t count, void* user) {
  const size_t bytes = size * count;
  std::string text(line, std::min(bytes, kReplyBytesMax));
  if (!text.starts_with('4') && !text.starts_with('5')) return bytes;
  while (!text.empty() && (text.back() == '\r' || text.back() == '\n')) text.pop_back();
  for (char& c : text) {
    if (c < 0x20 || c == 0x7f) c = '?';  // a foreign server's words end up in logs and pages
  }
  static_cast<Transfer*>(user)->reply = std::move(text);
  return bytes;
}

bool IsEnvelopeAddress(std::string_view address) {
  const size_t at = address.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < address.size() &&
         address.size() <= 254 && std::all_of(address.begin(), address.end(), [](char c) {
           return c > 0x20 && c < 0x7f && c != '<' && c != '>';
         });
}

bool IsLoopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

class SmtpSender final : public notification::MailSender {
 public:
  explicit SmtpSender(const SmtpOptions& options) : options_(options) {
    const char* scheme = options.security == Security::kTls ? "smtps://" : "smtp://";
    const bool v6 = options.host.find(':') != std::string::npos;
    // The path of the URL is the name that curl greets with.
    url_ = scheme + (v6 ? "[" + options.host + "]" : options.host) + ":" +
           std::to_string(options.port) + "/" + options.helo_name;
  }

  Status Send(const notification::Envelope& envelope, std::string_view message) override {
    if (!IsEnvelopeAddress(envelope.from)) return InvalidField("from", "is not an email address");
    if (envelope.to.empty()) return InvalidField("to", "needs at least one recipient");
    for (const std::string& to : envelope.to) {
      if (!IsEnvelopeAddress(to)) return InvalidField("to", "is not an email address");
    }
    const Easy easy(curl_easy_init(), &curl_easy_cleanup);
    if (easy == nullptr) return MakeError(ErrorCode::kUnavailable, "No memory for a connection.");
    List recipients(nullptr, &curl_slist_free_all);
    for (const std::string& to : envelope.to) {
      recipients.reset(curl_slist_append(recipients.release(), ("<" + to + ">").c_str()));
    }
    Transfer transfer{.rest = message};
    SetUp(easy.get(), transfer, message.size());
    curl_easy_setopt(easy.get(), CURLOPT_MAIL_FROM, ("<" + envelope.from + ">").c_str());
    curl_easy_setopt(easy.get(), CURLOPT_MAIL_RCPT, recipients.get());
    return Outcome(easy.get(), curl_easy_perform(easy.get()), transfer);
  }

 private:
  void SetUp(CURL* easy, Transfer& transfer, size_t size) const {
    curl_easy_setopt(easy, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);  // time-outs without SIGALRM: we have threads
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(options_.connect_timeout.millis()));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.millis()));
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(size));
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, &GiveBytes);
    curl_easy_setopt(easy, CURLOPT_READDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &TakeReply);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    if (options_.security == Security::kStartTls) {
      curl_easy_setopt(easy, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    }
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
    if (!options_.user.empty()) {
      curl_easy_setopt(easy, CURLOPT_USERNAME, options_.user.c_str());
      curl_easy_setopt(easy, CURLOPT_PASSWORD, options_.password.c_str());
    }
  }

  // curl gives one code for temporary and final refusals; the server's own reply tells them apart.
  // A 5xx counts as final only when it answers this mail: at the greeting or the log-in it speaks
  // of the connection, which can be mended.
  static Status Outcome(CURL* easy, CURLcode code, const Transfer& transfer) {
    if (code == CURLE_OK) return OkStatus();
    if (code == CURLE_OPERATION_TIMEDOUT) {
      return MakeError(ErrorCode::kDeadlineExceeded, "The mail server did not answer in time.");
    }
    long reply = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply);
    const bool about_mail = code == CURLE_SEND_ERROR || transfer.whole;
    if (reply >= 500 && reply < 600 && about_mail) {
      return MakeError(ErrorCode::kConflict, "The mail server refused: " + transfer.reply);
    }
    if (reply >= 400 && reply < 600) {
      return MakeError(ErrorCode::kUnavailable, "The mail server is not ready: " + transfer.reply);
    }
    return MakeError(ErrorCode::kUnavailable,
                     std::string("The mail server was not reached: ") + curl_easy_strerror(code));
  }

  const SmtpOptions options_;
  std::string url_;
};

}  // namespace

StatusOr<std::unique_ptr<notification::MailSender>> NewSmtpSender(const SmtpOptions& options) {
  const auto plain_name = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == ':';
  };
  const auto is_name = [&](const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), plain_name);
  };
  if (!is_name(options.host)) return InvalidField("host", "is not a host name");
  if (!is_name(options.helo_name)) return InvalidField("helo_name", "is not a host name");
  if (options.port == 0) return InvalidField("port", "must not be 0");
  if (options.security == Security::kNone && !options.password.empty() &&
      !IsLoopback(options.host)) {
    return InvalidField("security", "would send the password in the clear; use STARTTLS or TLS");
  }
  InitCurl();
  return std::make_unique<SmtpSender>(options);
}

}  // namespace ticketing::smtp
