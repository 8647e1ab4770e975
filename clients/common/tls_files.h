// Keys by which a bastion is known: its own on its disk, and those that a handheld has met.
#ifndef TICKETING_CLIENTS_COMMON_TLS_FILES_H_
#define TICKETING_CLIENTS_COMMON_TLS_FILES_H_

#include <string>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/env/clock.h"

namespace ticketing {

// Where the bastion's key lies, and its pin.
struct TlsFile {
  std::string path;
  std::string pin;
};

// Reads `<folder>/tls.pem` or makes it, readable by its owner only: made once, so that handhelds
// know the bastion again after a restart. Errors: kDataLoss when the file is not one of ours,
// kUnavailable when it cannot be read or written.
StatusOr<TlsFile> OpenTlsFile(const std::string& folder, const std::string& device, Clock& clock);

// A bastion that a handheld has met: where it answers, the pin of its key, and its id if it was
// heard ("dev_..."; "-" if not).
struct KnownBastion {
  std::string url;
  std::string pin;
  std::string device = "-";
  bool operator==(const KnownBastion&) const = default;
};

// `<folder>/bastions`, a line "url pin device" for each; none when there is no such file. Errors:
// kDataLoss when the file is not one of ours, kUnavailable.
StatusOr<std::vector<KnownBastion>> LoadBastions(const std::string& folder);
Status SaveBastions(const std::string& folder, const std::vector<KnownBastion>& bastions);

}  // namespace ticketing

#endif  // TICKETING_CLIENTS_COMMON_TLS_FILES_H_
