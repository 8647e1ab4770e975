#include "ticketing/system/multicast.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace ticketing {
namespace {

sockaddr_in AddressOf(uint32_t address, uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_addr.s_addr = htonl(address);
  out.sin_port = htons(port);
  return out;
}

uint32_t Ipv4(const sockaddr* address) {
  sockaddr_in in{};
  std::memcpy(&in, address, sizeof(in));
  return ntohl(in.sin_addr.s_addr);
}

bool IsIpv4(const sockaddr* address) {
  return address != nullptr && address->sa_family == AF_INET;
}

bool SetOption(int descriptor, int level, int name, int value) {
  return setsockopt(descriptor, level, name, &value, sizeof(value)) == 0;
}

}  // namespace

StatusOr<std::unique_ptr<MulticastSocket>> MulticastSocket::Open(const std::string& group,
                                                                 uint16_t port) {
  in_addr parsed{};
  if (inet_pton(AF_INET, group.c_str(), &parsed) != 1 || !IN_MULTICAST(ntohl(parsed.s_addr))) {
    return InvalidField("group", "is not an IPv4 multicast address");
  }
  const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return MakeError(ErrorCode::kUnavailable, "there is no UDP here");
  std::unique_ptr<MulticastSocket> made(
      new MulticastSocket(descriptor, ntohl(parsed.s_addr), port));
  // Without IP_MULTICAST_ALL=0 the socket would hear groups that other programs have joined.
  const bool set = SetOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1) &&
                   SetOption(descriptor, SOL_SOCKET, SO_BROADCAST, 1) &&
                   SetOption(descriptor, IPPROTO_IP, IP_MULTICAST_TTL, 1) &&
                   SetOption(descriptor, IPPROTO_IP, IP_MULTICAST_ALL, 0);
  const sockaddr_in any = AddressOf(INADDR_ANY, port);
  if (!set || bind(descriptor, reinterpret_cast<const sockaddr*>(&any), sizeof(any)) != 0) {
    return MakeError(ErrorCode::kUnavailable,
                     "UDP port " + std::to_string(port) + ": " + std::strerror(errno));
  }
  return made;
}

MulticastSocket::~MulticastSocket() {
  close(descriptor_);
}

size_t MulticastSocket::Send(const std::function<std::string(uint32_t own_address)>& make) {
  ifaddrs* interfaces = nullptr;
  if (getifaddrs(&interfaces) != 0) return 0;
  size_t sent = 0;
  const auto send_to = [&](uint32_t address, const std::string& bytes) {
    const sockaddr_in to = AddressOf(address, port_);
    return sendto(descriptor_, bytes.data(), bytes.size(), 0,
                  reinterpret_cast<const sockaddr*>(&to), sizeof(to)) >= 0;
  };
  for (const ifaddrs* i = interfaces; i != nullptr; i = i->ifa_next) {
    const bool usable = (i->ifa_flags & IFF_UP) != 0 && (i->ifa_flags & IFF_LOOPBACK) == 0;
    if (!usable || !IsIpv4(i->ifa_addr)) continue;
    const uint32_t own = Ipv4(i->ifa_addr);
    const std::string bytes = make(own);
    if (bytes.empty() || bytes.size() > kDatagramBytesMax) continue;
    ip_mreqn membership{};
    membership.imr_multiaddr.s_addr = htonl(group_);
    membership.imr_address.s_addr = htonl(own);
    membership.imr_ifindex = static_cast<int>(if_nametoindex(i->ifa_name));
    // Joined already is no failure; networks come and go, so it is tried every time.
    (void)setsockopt(descriptor_, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof(membership));
    (void)setsockopt(descriptor_, IPPROTO_IP, IP_MULTICAST_IF, &membership, sizeof(membership));
    bool reached = (i->ifa_flags & IFF_MULTICAST) != 0 && send_to(group_, bytes);
    // From the mask: an address that was set by hand often comes without its broadcast address.
    if ((i->ifa_flags & IFF_BROADCAST) != 0 && IsIpv4(i->ifa_netmask)) {
      reached = send_to(own | ~Ipv4(i->ifa_netmask), bytes) || reached;
    }
    if (reached) ++sent;
  }
  freeifaddrs(interfaces);
  return sent;
}

bool MulticastSocket::SendTo(const std::string& host, uint16_t port,
                             const std::function<std::string(uint32_t own_address)>& make) {
  in_addr parsed{};
  if (inet_pton(AF_INET, host.c_str(), &parsed) != 1) return false;
  const sockaddr_in to = AddressOf(ntohl(parsed.s_addr), port);
  // Connecting a UDP socket sends nothing; it asks the system which way it would go.
  const int way = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (way < 0) return false;
  sockaddr_in own{};
  socklen_t size = sizeof(own);
  const bool known = connect(way, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0 &&
                     getsockname(way, reinterpret_cast<sockaddr*>(&own), &size) == 0;
  close(way);
  if (!known) return false;
  const std::string bytes = make(ntohl(own.sin_addr.s_addr));
  return sendto(descriptor_, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                sizeof(to)) >= 0;
}

std::optional<Datagram> MulticastSocket::Receive(Duration wait) {
  pollfd waiting{descriptor_, POLLIN, 0};
  if (poll(&waiting, 1, static_cast<int>(wait.millis())) <= 0) return std::nullopt;
  std::array<char, kDatagramBytesMax> bytes;
  sockaddr_in from{};
  socklen_t size = sizeof(from);
  const ssize_t count = recvfrom(descriptor_, bytes.data(), bytes.size(), 0,
                                 reinterpret_cast<sockaddr*>(&from), &size);
  if (count < 0) return std::nullopt;
  return Datagram{std::string(bytes.data(), static_cast<size_t>(count)),
                  ntohl(from.sin_addr.s_addr)};
}

}  // namespace ticketing
