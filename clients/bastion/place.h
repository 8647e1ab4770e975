// What tells the data of a bastion from a copy of it.
#ifndef TICKETING_CLIENTS_BASTION_PLACE_H_
#define TICKETING_CLIENTS_BASTION_PLACE_H_

#include <cstdint>
#include <optional>
#include <string>

namespace ticketing {

// Machine, file system, number and birth of a file: the same as long as the file is, another for
// every copy of it. A file whose bytes are replaced in place stays the same one. Empty when the
// file cannot be looked at.
std::string PlaceOfFile(const std::string& path);

// Room for a program without privileges on the file system of `folder`.
std::optional<uint64_t> FreeBytes(const std::string& folder);

}  // namespace ticketing

#endif  // TICKETING_CLIENTS_BASTION_PLACE_H_
