// The devices whose logs are believed: identity's list, kept here so that gates are served while
// identity is away, and the cloud itself, which decides scans and so has a log of its own.
#ifndef TICKETING_LIB_SERVICE_TICKETING_DEVICES_H_
#define TICKETING_LIB_SERVICE_TICKETING_DEVICES_H_

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "lib/service/ticketing/context.h"
#include "ticketing/crypto/signature.h"
#include "ticketing/sync/event_copy.h"

namespace ticketing {

struct CloudDevice {
  DeviceId id;
  std::string seed;  // of its signing key; secret

  // Made on first use and kept in the database.
  static StatusOr<CloudDevice> Open(Database& database, Env env);
};

// Thread-safe.
class Devices {
 public:
  Devices(const Context& context, const CloudDevice& cloud);

  // Called with the whole list before a changed one is kept; an error keeps the old one, so that it
  // is tried again.
  void OnChange(std::function<Status(const std::vector<CopyDevice>&)> listener);

  // Reads what is kept. Called once, before all else.
  Status Load();

  // By id, the cloud among them.
  std::vector<CopyDevice> All() const;
  // The digest of the list (wire/sync_codec.h).
  uint64_t Digest() const;

  // Asks identity again unless it was asked less than `age` ago. A failure keeps what is known, and
  // the first of several is logged.
  // Errors: those of identity, of the listener and of the database.
  Status Refresh(Duration age);

 private:
  StatusOr<std::string> Ask() const;
  StatusOr<std::vector<CopyDevice>> Read(const std::string& answer) const;
  Status Take(const std::string& answer);
  Status Keep(std::vector<CopyDevice> devices);
  Status Write(const std::vector<CopyDevice>& devices);

  const Context& context_;
  const CopyDevice cloud_;
  std::function<Status(const std::vector<CopyDevice>&)> listener_;
  std::mutex refreshing_;
  bool fresh_ = true;  // the last time; guarded by refreshing_
  std::string taken_;  // the answer that the list was made of; likewise
  mutable std::mutex mutex_;
  std::vector<CopyDevice> devices_;
  mutable uint64_t digest_ = 0;  // of them; 0: not worked out
  bool asked_ = false;
  Duration asked_at_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_DEVICES_H_
