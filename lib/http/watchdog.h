// Cuts sockets whose time is over. cpp-httplib bounds each read and write, but not their sum: a
// peer that sends a byte now and then could hold a request for ever.
#ifndef TICKETING_LIB_HTTP_WATCHDOG_H_
#define TICKETING_LIB_HTTP_WATCHDOG_H_

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>

namespace ticketing::http {

// Holds a duplicate of a socket's descriptor, so that cutting can never hit another socket that
// took its number.
class CuttableSocket {
 public:
  CuttableSocket() = default;
  ~CuttableSocket();
  CuttableSocket(const CuttableSocket&) = delete;
  CuttableSocket& operator=(const CuttableSocket&) = delete;

  // Watches another socket from now on.
  void Attach(int fd);
  void Cut();

 private:
  std::mutex mutex_;
  int fd_ = -1;
  bool cut_ = false;
};

// Thread-safe. Has one thread.
class Watchdog {
 public:
  Watchdog();
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // While it lives, the socket is cut at `deadline` (steady clock, microseconds).
  class Guard {
   public:
    Guard(Watchdog& watchdog, CuttableSocket& socket, int64_t deadline);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    bool expired() const;

   private:
    friend class Watchdog;
    Watchdog& watchdog_;
    CuttableSocket& socket_;
    bool expired_ = false;
    std::multimap<int64_t, Guard*>::iterator place_;
  };

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<int64_t, Guard*> guards_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ticketing::http

#endif  // TICKETING_LIB_HTTP_WATCHDOG_H_
