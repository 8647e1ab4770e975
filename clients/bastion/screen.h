// The bastion's terminal, and the address that it shows there.
#ifndef TICKETING_CLIENTS_BASTION_SCREEN_H_
#define TICKETING_CLIENTS_BASTION_SCREEN_H_

#include <string>
#include <string_view>

#include "ticketing/base/status.h"

namespace ticketing {

// Writes a line to standard output at once.
void PrintLine(const std::string& line);

// Whether standard output is a terminal.
bool IsTerminal();

// A QR symbol in half blocks of UTF-8, two rows of modules a line, dark on light whatever the
// colours of the terminal are; ends with a line break. Errors: those of qr::Encode.
StatusOr<std::string> TerminalSymbol(std::string_view text);

// The same as an SVG element for a page.
StatusOr<std::string> SvgSymbol(std::string_view text);

// The first IPv4 address of this machine that others on a LAN can reach; "127.0.0.1" when it has
// none.
std::string LanAddress();

}  // namespace ticketing

#endif  // TICKETING_CLIENTS_BASTION_SCREEN_H_
