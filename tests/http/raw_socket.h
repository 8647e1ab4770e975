// A TCP client that sends exactly what a test says.
#ifndef TICKETING_TESTS_HTTP_RAW_SOCKET_H_
#define TICKETING_TESTS_HTTP_RAW_SOCKET_H_

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace ticketing {

class RawSocket {
 public:
  // `from`: the last byte of the address 127.0.0.x that it comes from.
  explicit RawSocket(uint16_t port, uint8_t from = 1)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    struct sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl((127u << 24) + from);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<struct sockaddr*>(&address), sizeof(address)), 0);
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<struct sockaddr*>(&address), sizeof(address)), 0);
  }
  ~RawSocket() { Close(); }
  RawSocket(RawSocket&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), rest_(std::move(other.rest_)) {}
  RawSocket& operator=(RawSocket&&) = delete;

  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  int fd() const { return fd_; }

  // False when the peer does not take it.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
    return true;
  }

  void FinishSending() { ::shutdown(fd_, SHUT_WR); }

  // Everything until the peer closes; "TIMEOUT" behind it when it does not within `seconds`.
  std::string ReadAll(int seconds = 10) {
    std::string bytes = std::move(rest_);
    rest_.clear();
    while (Fill(bytes, seconds)) {
    }
    return bytes;
  }

  // One response with a Content-Length, head and body.
  std::string ReadResponse(bool head_only = false) {
    std::string bytes = std::move(rest_);
    rest_.clear();
    size_t end = 0;
    while ((end = bytes.find("\r\n\r\n")) == std::string::npos) {
      if (!Fill(bytes, 10)) return bytes;
    }
    const size_t field = bytes.find("Content-Length: ");
    const size_t length =
        head_only || field > end ? 0 : static_cast<size_t>(std::atoll(bytes.c_str() + field + 16));
    while (bytes.size() < end + 4 + length) {
      if (!Fill(bytes, 10)) return bytes;
    }
    rest_ = bytes.substr(end + 4 + length);
    bytes.resize(end + 4 + length);
    return bytes;
  }

 private:
  bool Fill(std::string& bytes, int seconds) {
    struct pollfd event = {fd_, POLLIN, 0};
    if (::poll(&event, 1, seconds * 1000) <= 0) {
      bytes += "TIMEOUT";
      return false;
    }
    std::array<char, 65536> buffer;
    const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (count <= 0) return false;
    bytes.append(buffer.data(), static_cast<size_t>(count));
    return true;
  }

  int fd_;
  std::string rest_;
};

}  // namespace ticketing

#endif  // TICKETING_TESTS_HTTP_RAW_SOCKET_H_
