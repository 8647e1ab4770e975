#include "clients/bastion/screen.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "ticketing/provider/qr/encoder.h"

namespace ticketing {

void PrintLine(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

bool IsTerminal() {
  return isatty(STDOUT_FILENO) == 1;
}

StatusOr<std::string> TerminalSymbol(std::string_view text) {
  TICKETING_ASSIGN_OR_RETURN(const qr::Matrix symbol, qr::Encode(text));
  const auto dark = [&](int x, int y) {
    return x >= 0 && y >= 0 && x < symbol.size && y < symbol.size && symbol.At(x, y);
  };
  std::string out;
  const int from = -qr::kQuietZone;
  const int to = symbol.size + qr::kQuietZone;
  for (int y = from; y < to; y += 2) {
    out += "\x1b[38;5;16m\x1b[48;5;231m";
    for (int x = from; x < to; ++x) {
      const bool upper = dark(x, y);
      const bool lower = dark(x, y + 1);
      out += upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ");
    }
    out += "\x1b[0m\n";
  }
  return out;
}

std::string LanAddress() {
  std::string found = "127.0.0.1";
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return found;
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    const bool usable = one->ifa_addr != nullptr && one->ifa_addr->sa_family == AF_INET &&
                        (one->ifa_flags & IFF_UP) != 0 && (one->ifa_flags & IFF_LOOPBACK) == 0;
    if (!usable) continue;
    std::array<char, INET_ADDRSTRLEN> text{};
    const auto* address = reinterpret_cast<const sockaddr_in*>(one->ifa_addr);
    if (inet_ntop(AF_INET, &address->sin_addr, text.data(), text.size()) != nullptr) {
      found = text.data();
      break;
    }
  }
  freeifaddrs(all);
  return found;
}

}  // namespace ticketing
