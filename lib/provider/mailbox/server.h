// The sockets and threads of the SMTP server: one that accepts, one per connection.
#ifndef TICKETING_LIB_PROVIDER_MAILBOX_SERVER_H_
#define TICKETING_LIB_PROVIDER_MAILBOX_SERVER_H_

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "lib/provider/mailbox/smtp_session.h"
#include "ticketing/env/clock.h"
#include "ticketing/env/log.h"
#include "ticketing/provider/mailbox/mailbox.h"

namespace ticketing::mailbox {

class SmtpServer {
 public:
  // Listens on 127.0.0.1 at once. Errors: kUnavailable.
  static StatusOr<std::unique_ptr<SmtpServer>> Start(const MailboxOptions& options,
                                                     SmtpSession::Keep keep, Clock& clock,
                                                     Log& log);
  ~SmtpServer();

  uint16_t port() const { return port_; }
  // Ends the connections and waits for the threads. May be called again.
  void Stop();

 private:
  struct Connection {
    std::thread thread;
    std::atomic<bool> done = false;
  };

  SmtpServer(const MailboxOptions& options, SmtpSession::Keep keep, Clock& clock, Log& log);
  void AcceptLoop();
  void Accept();
  void Serve(int socket);
  // Waits until `socket` can be read or written; false when it is time to end.
  bool Wait(int socket, short events, Duration started) const;
  bool SendAll(int socket, std::string_view bytes, Duration started) const;
  void Reap(bool all);

  const MailboxOptions options_;
  const SmtpSession::Keep keep_;
  Clock& clock_;
  Log& log_;
  int listener_ = -1;
  int wake_[2] = {-1, -1};  // a pipe whose closing end wakes every poll
  uint16_t port_ = 0;
  std::thread acceptor_;
  std::list<Connection> connections_;  // touched by the acceptor, and by Stop once that has ended
  std::once_flag stopped_;
};

}  // namespace ticketing::mailbox

#endif  // TICKETING_LIB_PROVIDER_MAILBOX_SERVER_H_
