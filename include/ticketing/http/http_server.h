// An HTTP/1.1 server in front of an HttpHandler.
//
// A few threads share one epoll set. A request is answered on a fiber (env/fiber.h), which gives
// its thread away while it waits for a lane or another server, and a connection without a request
// has neither: idle, slow and silent peers cost a file descriptor and a buffer, never a thread, and
// TLS handshakes do not block either. Requests are read whole, in bounded memory, before the
// handler sees them. What cannot be a request (bad syntax, ambiguous framing, too large) is
// answered here with a problem document (RFC 9457: type, title, status, code) and the connection is
// closed.
//
// Reading is strict, after RFC 9112: no folded headers, no space before the colon, no
// Content-Length beside Transfer-Encoding, so that no proxy in front can see other requests than we
// do.
#ifndef TICKETING_HTTP_HTTP_SERVER_H_
#define TICKETING_HTTP_HTTP_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "ticketing/base/limits.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/env/http.h"
#include "ticketing/env/log.h"

namespace ticketing {

struct HttpServerOptions {
  std::string host = "127.0.0.1";  // an address or a name; "0.0.0.0" or "::" for every interface
  uint16_t port = 0;               // 0 picks a free one, see port()

  // As many handlers may block at the same time. Those that wait on their fibers do not count, and
  // as long as none blocks only one thread more than there are processors is used.
  size_t threads = 64;

  // Open connections. When all are taken a newcomer costs one of its own address or of one that
  // has more than the newcomer's: the one that has waited longest for a request to begin, first of
  // the address that has most, or else that address's youngest request that is not whole yet, or
  // answer that was not taken within a second. If there is none such, the newcomer is answered 503
  // and closed.
  size_t connections_max = 1024;

  // Open connections of one peer address; one more is answered 503 and closed. 0: as many as there
  // are, because behind a proxy, or in a mobile network, many callers share an address.
  size_t connections_per_peer_max = 0;

  // Limits of one request: the head is the request line and all headers. Larger: 431 and 413.
  size_t head_bytes_max = limits::kHeaderBytesMax;
  size_t body_bytes_max = limits::kBodyBytesMax;

  // Bodies being read or answered, all connections together; a body that does not fit any more gets
  // 503.
  size_t buffered_bytes_max = 256 << 20;

  Duration idle_timeout = Duration::Seconds(30);  // between two requests of a connection
  Duration head_timeout = Duration::Seconds(10);  // first byte to end of head (and a TLS handshake)
  Duration body_timeout = Duration::Seconds(60);  // end of head to end of body
  // A body's first byte must come so soon, and each body_rate_min bytes give it a second more.
  Duration body_start_timeout = Duration::Seconds(5);
  size_t body_rate_min = 4 << 10;                 // not 0
  Duration write_timeout = Duration::Minutes(2);  // for the peer to take an answer
  // An answer must be taken so soon, and each write_rate_min bytes taken give it a second more.
  // What the peer's system holds for it counts as taken; what ours does, does not.
  Duration write_start_timeout = Duration::Seconds(10);
  size_t write_rate_min = 8 << 10;                 // not 0
  Duration drain_timeout = Duration::Seconds(10);  // see Stop()

  // PEM files; both or none. With them the server speaks TLS 1.2 and 1.3 only.
  std::string tls_certificate;
  std::string tls_key;

  // Told when a handler throws; may be null. Must outlive the server.
  Log* log = nullptr;
};

class HttpServer {
 public:
  explicit HttpServer(HttpServerOptions options);
  ~HttpServer();  // stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Binds, and answers from threads of its own until Stop(). The handler must outlive the server;
  // it is called from many threads at once, and what it throws becomes a 500 without details.
  // Errors: kUnavailable with one line that says why (the port is taken, a key file cannot be
  // read).
  Status Start(HttpHandler& handler);

  // The port that was bound; 0 before Start.
  uint16_t port() const;

  // Accepts nothing more, closes connections that wait for a request, lets running requests be
  // answered, and returns when all is closed. A peer that takes no answer, or sends its request too
  // slowly, is cut off after drain_timeout; a running handler is always waited for. Safe to call
  // again.
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticketing

#endif  // TICKETING_HTTP_HTTP_SERVER_H_
