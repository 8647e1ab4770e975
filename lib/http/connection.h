// One connection of the server: bytes in, requests to the handler, bytes out, never blocking on the
// peer.
#ifndef TICKETING_LIB_HTTP_CONNECTION_H_
#define TICKETING_LIB_HTTP_CONNECTION_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <semaphore>
#include <string>
#include <string_view>

#include "lib/http/request_parser.h"
#include "lib/http/tls.h"
#include "ticketing/env/http.h"
#include "ticketing/http/http_server.h"

namespace ticketing::http {

// What all connections of a server share.
struct ServerShared {
  const HttpServerOptions& options;
  HttpHandler& handler;
  std::atomic<size_t> buffered_bytes = 0;
  std::atomic<bool> stopping = false;
};

// An answer that is not taken by then may cost its connection its place.
inline constexpr Duration kTakenAtOnce = Duration::Seconds(1);

class Connection {
 public:
  // Becomes the owner of `fd`, which must not block. `tls` is null for plain HTTP.
  Connection(ServerShared& shared, int fd, std::string peer, std::unique_ptr<TlsSession> tls);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // What must happen before Serve can go on.
  enum class Wants { kAnswer, kInput, kOutput, kTurn, kClose };

  // To be called when an event came, before Serve.
  void BeginTurn() { drained_ = false; }

  // Does all that can be done without waiting for the peer, up to the next whole request, which
  // Answer answers. The caller holds turn().
  Wants Serve();

  // Has the handler make the answer to that request. The fiber may be on another thread behind it,
  // so nothing of the sockets' errors, which belong to threads, is looked at here.
  void Answer();

  // Held by whoever serves the connection, until it has asked the kernel for the next event: who
  // receives it may be there before that call is back. Fibers change threads, so it is no mutex.
  class Turn {
   public:
    void lock() { free_.acquire(); }
    void unlock() { free_.release(); }

   private:
    std::binary_semaphore free_{1};
  };
  Turn& turn() { return turn_; }

  int fd() const { return fd_; }

  // The rest may be called by any thread at any time.

  // Ends a connection that has been waiting for too long.
  void CutIfLate(int64_t now);
  // Ends it if it only waits for a request to begin, or for a last goodbye. A request that has just
  // come is still answered.
  void CutIfIdle();
  // Ends it whatever it does.
  void Cut();
  // Whether it waits for a request to begin, and until when it may.
  bool IsIdle() const { return phase_.load() == Phase::kIdle; }
  int64_t deadline() const { return deadline_.load(); }
  // Whether a request has begun to come and is not whole yet, and since when (microseconds of the
  // steady clock).
  bool IsUnfinished() const {
    const Phase phase = phase_.load();
    return phase == Phase::kHead || phase == Phase::kBody;
  }
  int64_t since() const { return since_.load(); }
  const std::string& peer() const { return peer_; }
  // Whether it holds an answer that its peer did not take at once.
  bool IsTakenSlowly(int64_t now) const {
    return phase_.load() == Phase::kWriting && now - since_.load() > kTakenAtOnce.micros;
  }
  // Ends an idle or unfinished one, or one whose answer is taken slowly, in favour of another; it
  // is none of these any more then.
  void GiveUp();

 private:
  enum class Phase { kIdle, kHead, kBody, kHandling, kWriting, kLingering, kGivenUp };

  void Enter(Phase phase, Duration limit);
  bool Become(Phase phase);
  void WaitForBody();
  bool IsTakenTooSlowly(int64_t now) const;
  bool Send(std::string_view plain);
  bool Flush();
  enum class Input { kSome, kNone, kEnded };
  Input Receive();
  Wants WaitForInput();
  Wants Linger();
  void Refuse(ErrorCode code);
  HttpResponse CallHandler(const HttpRequest& request);
  bool Account(size_t bytes);

  Turn turn_;
  ServerShared& shared_;
  const int fd_;
  const std::string peer_;
  const std::unique_ptr<TlsSession> tls_;
  RequestParser parser_;
  std::string in_;   // plain bytes that the parser did not take yet
  std::string out_;  // bytes for the wire
  size_t out_sent_ = 0;
  std::atomic<uint64_t> sent_ = 0;  // the same, for all threads
  bool close_after_flush_ = false;
  bool drained_ = false;       // what had come when the kernel last told of it is read
  bool unread_input_ = false;  // closing now would destroy the answer on its way
  size_t accounted_ = 0;
  std::atomic<Phase> phase_ = Phase::kIdle;
  std::atomic<int64_t> since_ = 0;  // when it entered its phase
  std::atomic<int64_t> deadline_;
};

}  // namespace ticketing::http

#endif  // TICKETING_LIB_HTTP_CONNECTION_H_
