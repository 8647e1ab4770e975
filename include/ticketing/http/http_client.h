// The HTTP client port over sockets, for one server.
#ifndef TICKETING_HTTP_HTTP_CLIENT_H_
#define TICKETING_HTTP_HTTP_CLIENT_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/env/http.h"

namespace ticketing {

struct HttpClientOptions {
  // "http://127.0.0.1:8080" or "https://bastion.local:8443"; a path in it stands in front of every
  // target.
  std::string base_url;

  Duration connect_timeout = Duration::Seconds(5);  // never longer than the timeout of the request

  // PEM file with the certificates that may sign the server's, or the server's own certificate to
  // pin it; empty for the system's. The name or address in base_url must stand in the certificate.
  std::string ca_certificate;

  // With any of these the server must show one of these public keys, and nothing else about its
  // certificate is looked at, neither its name nor its dates nor who signed it: for servers that
  // were met in person. Each is what MakeTlsIdentity calls a pin. Nothing of a request is sent to a
  // server with another key. Only with https, and not beside ca_certificate.
  std::vector<std::string> pinned_keys;

  // Idle connections kept for reuse. As many as are needed are opened at the same time.
  size_t idle_connections_max = 32;

  // A longer answer is refused.
  size_t response_bytes_max = 128 << 20;
};

// Keeps connections alive and reuses them. Redirects are answers like any other; bodies and header
// fields come as they were sent.
//
// Errors: kInvalidField for a request that cannot be sent (a target with spaces, a header with a
// line break); kUnavailable with a line that says why when there was no complete answer;
// kDeadlineExceeded when it took longer than `timeout` from beginning to end, the look-up of a host
// name left out. A request is sent a second time in one case only: a kept connection turned out
// closed before a byte of an answer came, and either the method is idempotent (GET, HEAD, OPTIONS,
// PUT, DELETE) or nothing of the request had left.
class SocketHttpClient final : public HttpClient {
 public:
  // The certificates are read once, here. Errors: kInvalidField for a base_url or a pin that is not
  // one; kUnavailable when the certificate file cannot be read.
  static StatusOr<std::unique_ptr<SocketHttpClient>> Create(HttpClientOptions options);
  ~SocketHttpClient() override;

  StatusOr<HttpResponse> Send(const HttpRequest& request, Duration timeout) override;

 private:
  class Impl;
  explicit SocketHttpClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticketing

#endif  // TICKETING_HTTP_HTTP_CLIENT_H_
