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

StatusOr<std::string> SvgSymbol(std::string_view text) {
  TICKETING_ASSIGN_OR_RETURN(const qr::Matrix symbol, qr::Encode(text));
  const int side = symbol.size + 2 * qr::kQuietZone;
  std::string path;
  for (int y = 0; y < symbol.size; ++y) {
    for (int x = 0; x < symbol.size; ++x) {
      if (!symbol.At(x, y)) continue;
      path += "M" + std::to_string(x + qr::kQuietZone) + " " + std::to_string(y + qr::kQuietZone) +
              "h1v1h-1z";
    }
  }
  const std::string box = std::to_string(side);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + box + " " + box +
         "\" shape-rendering=\"crispEdges\"><rect width=\"" + box + "\" height=\"" + box +
         "\" fill=\"#fff\"/><path fill=\"#000\" d=\"" + path + "\"/></svg>";
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
