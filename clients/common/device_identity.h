// Who a device is: its id and its key, made at the first start and kept in its data folder.
#ifndef TICKETING_CLIENTS_COMMON_DEVICE_IDENTITY_H_
#define TICKETING_CLIENTS_COMMON_DEVICE_IDENTITY_H_

#include <string>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/crypto/signature.h"
#include "ticketing/env/random.h"

namespace ticketing {

struct DeviceIdentity {
  DeviceId id;
  std::string seed;  // 32 bytes of the signing key; secret
  std::string folder;

  // Reads `<folder>/device.key` or makes it, readable by its owner only. Errors: kDataLoss when the
  // file is not one of ours, kUnavailable when it cannot be read or written.
  static StatusOr<DeviceIdentity> Open(const std::string& folder, Random& random);

  // Where the device has enrolled: a mark that outlives a restart. `where` is a short name
  // ("cloud", "bastion").
  bool IsEnrolled(const std::string& where) const;
  Status MarkEnrolled(const std::string& where) const;
};

}  // namespace ticketing

#endif  // TICKETING_CLIENTS_COMMON_DEVICE_IDENTITY_H_
