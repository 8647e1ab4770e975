// Whole files, for keys and configurations.
#ifndef TICKETING_SYSTEM_FILES_H_
#define TICKETING_SYSTEM_FILES_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "ticketing/base/status.h"

namespace ticketing {

inline constexpr size_t kFileBytesMax = 64 << 20;

// The bytes of a file. Errors: kNotFound when there is none, kPayloadTooLarge when it is longer
// than `bytes_max`, kUnavailable when it cannot be read.
StatusOr<std::string> ReadFile(const std::string& path, size_t bytes_max = kFileBytesMax);

// Replaces a file so that after a crash it holds either the old or the new bytes, whole: written
// beside it, synced, renamed over it, and the folder synced. `mode` is set exactly, whatever the
// umask. Errors: kUnavailable, and then the old file is untouched.
Status WriteFileAtomically(const std::string& path, std::string_view bytes, unsigned mode = 0644);

// Makes a folder and those above it; one that exists already is fine and keeps its mode. Errors:
// kUnavailable.
Status MakeDirectory(const std::string& path, unsigned mode = 0755);

}  // namespace ticketing

#endif  // TICKETING_SYSTEM_FILES_H_
