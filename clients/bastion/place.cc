#include "clients/bastion/place.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

#include "ticketing/system/files.h"

namespace ticketing {

std::string PlaceOfFile(const std::string& path) {
  struct statx about {};
  if (statx(AT_FDCWD, path.c_str(), 0, STATX_INO | STATX_BTIME, &about) != 0) return {};
  const auto part = [](auto number) { return ":" + std::to_string(number); };
  std::string machine = ReadFile("/etc/machine-id", 64).value_or("-");
  while (!machine.empty() && machine.back() == '\n') machine.pop_back();
  std::string place = machine + part(about.stx_dev_major) + part(about.stx_dev_minor);
  place += part(about.stx_ino);
  if ((about.stx_mask & STATX_BTIME) != 0) {
    place += part(about.stx_btime.tv_sec) + part(about.stx_btime.tv_nsec);
  }
  return place;
}

std::optional<uint64_t> FreeBytes(const std::string& folder) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(folder, error);
  if (error) return std::nullopt;
  return space.available;
}

}  // namespace ticketing
