#include "bench/sellout_load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <optional>

namespace ticketing {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr size_t kReceiveBytes = 16 << 10;
// A server that says nothing for so long is taken for dead.
constexpr int kSilenceMillis = 20'000;

struct Answer {
  int status = 0;
  std::string_view body;
  size_t bytes = 0;
};

// The first answer in `input`, if all of it is there. The servers send a Content-Length with
// everything but 204.
std::optional<Answer> FirstAnswer(std::string_view input) {
  const size_t end = input.find("\r\n\r\n");
  if (end == std::string_view::npos || end < 12) return std::nullopt;
  Answer answer;
  std::from_chars(input.data() + 9, input.data() + 12, answer.status);
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const size_t at = input.substr(0, end).find(kLength);
  size_t length = 0;
  if (at != std::string_view::npos)
    std::from_chars(input.data() + at + kLength.size(), input.data() + end, length);
  if (input.size() < end + 4 + length) return std::nullopt;
  answer.body = input.substr(end + 4, length);
  answer.bytes = end + 4 + length;
  return answer;
}

int Connect(uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  struct sockaddr_in address {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (::connect(fd, reinterpret_cast<struct sockaddr*>(&address), sizeof(address)) == 0) return fd;
  ::close(fd);
  return -1;
}

class Crowd {
 public:
  Crowd(uint32_t sales, Buyers& buyers) : buyers_(buyers) { result_.sales.resize(sales); }
  ~Crowd() {
    for (const Connection& connection : connections_) ::close(connection.fd);
    if (epoll_ >= 0) ::close(epoll_);
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  LoadResult Run(uint16_t port, uint32_t connections) && {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    for (uint32_t i = 0; i < connections; ++i) {
      const int fd = Connect(port);
      if (fd < 0) return std::move(result_);
      connections_.push_back({.fd = fd});
      struct epoll_event event {};
      event.events = EPOLLIN;
      event.data.u32 = i;
      if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) return std::move(result_);
    }
    result_.micros.reserve(2 * result_.sales.size());
    const auto start = SteadyClock::now();
    bool good = true;
    for (uint32_t i = 0; i < connections && good; ++i) good = BeginSale(i);
    while (good && busy_ > 0) good = ServeReady();
    result_.seconds = std::chrono::duration<double>(SteadyClock::now() - start).count();
    result_.complete = good;
    return std::move(result_);
  }

 private:
  struct Connection {
    int fd = -1;
    uint32_t sale = 0;
    bool booking = false;
    SteadyClock::time_point asked;
    std::string input;
  };

  bool ServeReady() {
    std::array<struct epoll_event, 64> events;
    const int count =
        ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), kSilenceMillis);
    if (count < 0) return errno == EINTR;
    bool good = count > 0;
    for (int i = 0; i < count && good; ++i) good = Serve(events[static_cast<size_t>(i)].data.u32);
    return good;
  }

  bool Serve(uint32_t index) {
    Connection& connection = connections_[index];
    std::array<char, kReceiveBytes> buffer;
    const ssize_t count = ::recv(connection.fd, buffer.data(), buffer.size(), 0);
    if (count <= 0) return false;
    connection.input.append(buffer.data(), static_cast<size_t>(count));
    const std::optional<Answer> answer = FirstAnswer(connection.input);
    if (!answer) return true;
    result_.micros.push_back(static_cast<uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - connection.asked)
            .count()));
    const bool good = Follow(index, connection, *answer);
    connection.input.clear();
    return good;
  }

  // What comes after an answer: the booking, or the next sale.
  bool Follow(uint32_t index, Connection& connection, const Answer& answer) {
    if (answer.bytes != connection.input.size()) return false;
    const bool success = answer.status >= 200 && answer.status < 300;
    SaleStatus& sale = result_.sales[connection.sale];
    (connection.booking ? sale.booked : sale.held) = answer.status;
    if (!connection.booking && success) {
      connection.booking = true;
      return Send(connection, buyers_.Book(connection.sale, index, answer.body));
    }
    if (connection.booking && success) buyers_.Booked(connection.sale, answer.body);
    --busy_;
    return BeginSale(index);
  }

  bool BeginSale(uint32_t index) {
    if (next_ == result_.sales.size()) return true;
    Connection& connection = connections_[index];
    connection.sale = next_++;
    connection.booking = false;
    ++busy_;
    return Send(connection, buyers_.Hold(connection.sale, index));
  }

  // Requests are small and one at a time, so the kernel takes each whole.
  static bool Send(Connection& connection, const std::string& request) {
    connection.asked = SteadyClock::now();
    const ssize_t sent = ::send(connection.fd, request.data(), request.size(), MSG_NOSIGNAL);
    return sent == static_cast<ssize_t>(request.size());
  }

  Buyers& buyers_;
  LoadResult result_;
  int epoll_ = -1;
  std::vector<Connection> connections_;
  uint32_t next_ = 0;
  uint32_t busy_ = 0;
};

}  // namespace

LoadResult SellOver(uint16_t port, uint32_t connections, uint32_t sales, Buyers& buyers) {
  return Crowd(sales, buyers).Run(port, connections);
}

std::string PostRequest(std::string_view target, std::string_view headers, std::string_view body) {
  std::string out;
  out.reserve(target.size() + headers.size() + body.size() + 128);
  out.append("POST ").append(target).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n").append(headers);
  out.append("Content-Type: application/json\r\nContent-Length: ");
  return out.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

}  // namespace ticketing
