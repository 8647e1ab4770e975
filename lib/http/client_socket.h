// A connection to a server, plain or TLS, in which every wait ends at a deadline of the steady
// clock (microseconds).
#ifndef TICKETING_LIB_HTTP_CLIENT_SOCKET_H_
#define TICKETING_LIB_HTTP_CLIENT_SOCKET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "lib/http/tls.h"
#include "ticketing/base/status.h"

struct addrinfo;

namespace ticketing::http {

// Not thread-safe. Errors are kUnavailable with a few words that say why, kDeadlineExceeded after
// the deadline.
class ClientSocket {
 public:
  // Tries every address of `host`. `tls` is null for plain TCP and must outlive the socket.
  static StatusOr<std::unique_ptr<ClientSocket>> Connect(const std::string& host, uint16_t port,
                                                         TlsClientContext* tls, int64_t deadline);
  ~ClientSocket();
  ClientSocket(const ClientSocket&) = delete;
  ClientSocket& operator=(const ClientSocket&) = delete;

  // Whether the server has neither closed nor said anything unasked since the last answer.
  bool IsFresh() const;
  // Sends all of it, or less if the server begins to answer before: `sent` says how much the system
  // took.
  Status Send(std::string_view bytes, int64_t deadline, size_t& sent);
  // Appends what comes next; false at the end of the stream.
  StatusOr<bool> Receive(std::string& bytes, int64_t deadline);

 private:
  explicit ClientSocket(int fd) : fd_(fd) {}

  static StatusOr<std::unique_ptr<ClientSocket>> ConnectTo(const struct addrinfo& address,
                                                           int64_t deadline);
  Status Handshake(int64_t deadline);
  StatusOr<short> Wait(short events, int64_t deadline) const;
  Status SendWire(std::string_view wire, int64_t deadline, size_t& sent);
  StatusOr<size_t> ReceiveWire(char* buffer, size_t size, int64_t deadline);

  const int fd_;
  std::unique_ptr<TlsSession> tls_;
  std::string plain_;  // decrypted with the handshake's last bytes
};

}  // namespace ticketing::http

#endif  // TICKETING_LIB_HTTP_CLIENT_SOCKET_H_
