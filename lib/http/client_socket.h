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
  // Sends all of it, or less if the server begins to answer or closes before: `sent` says how much
  // the system took.
  Status Send(std::string_view bytes, int64_t deadline, size_t& sent);
  // Whether something was sent in part only: the server would take the next request for its rest.
  bool cut_short() const { return cut_short_; }
  // Appends what comes next; false at the end of the stream.
  StatusOr<bool> Receive(std::string& bytes, int64_t deadline);

 private:
  explicit ClientSocket(int fd) : fd_(fd) {}

  static StatusOr<std::unique_ptr<ClientSocket>> ConnectTo(const struct addrinfo& address,
                                                           int64_t deadline);
  Status Handshake(int64_t deadline);
  StatusOr<short> Wait(short events, int64_t deadline) const;
  Status SendWire(std::string_view wire, int64_t deadline, size_t& sent);
  StatusOr<bool> AwaitRoom(int64_t deadline);
  StatusOr<size_t> ReceiveWire(char* buffer, size_t size, int64_t deadline);

  const int fd_;
  std::unique_ptr<TlsSession> tls_;
  std::string plain_;   // decrypted with the handshake's last bytes, or while sending
  std::string answer_;  // what TLS has to send behind what is being sent
  bool cut_short_ = false;
  bool ended_ = false;  // the server's side of the TLS session is over
};

}  // namespace ticketing::http

#endif  // TICKETING_LIB_HTTP_CLIENT_SOCKET_H_
