#include "lib/service/ticketing/devices.h"

#include <algorithm>

#include "ticketing/base/assert.h"
#include "ticketing/v1/identity.pb.h"
#include "ticketing/wire/json.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {
namespace {

CopyDevice CloudAsDevice(const CloudDevice& cloud) {
  const StatusOr<SigningKey> key = SigningKey::FromSeed(cloud.seed);
  TICKETING_ASSERT(key.ok());
  return {.id = cloud.id, .public_key = key->public_key(), .name = "cloud", .bastion = true};
}

void SortById(std::vector<CopyDevice>& devices) {
  std::ranges::sort(devices, {}, &CopyDevice::id);
}

}  // namespace

StatusOr<CloudDevice> CloudDevice::Open(Database& database, Env env) {
  const auto fresh = env.random.NewId<DeviceId>();
  const std::string seed = env.random.Bytes(kSignatureSeedBytes);
  CloudDevice cloud;
  const Status made = database.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_RETURN_IF_ERROR(tx.Execute("INSERT INTO cloud_device (one, id, seed, cursor)"
                                         " VALUES (1, ?, ?, 0) ON CONFLICT (one) DO NOTHING",
                                         {fresh.ToSql(), Blob{seed}})
                                  .status());
    return tx.Query("SELECT id, seed FROM cloud_device", {}, [&](const SqlRow& row) {
      cloud = {DeviceId::FromSql(row.Int(0)), row.Bytes(1)};
      return OkStatus();
    });
  });
  TICKETING_RETURN_IF_ERROR(made);
  return cloud;
}

Devices::Devices(const Context& context, const CloudDevice& cloud)
    : context_(context), cloud_(CloudAsDevice(cloud)), devices_{cloud_} {}

void Devices::OnChange(std::function<Status(const std::vector<CopyDevice>&)> listener) {
  listener_ = std::move(listener);
}

Status Devices::Load() {
  std::vector<CopyDevice> devices;
  const Status read = context_.database.Read([&](SqlTransaction& tx) {
    devices = {cloud_};
    return tx.Query("SELECT id, public_key, name, bastion, revoked FROM devices", {},
                    [&](const SqlRow& row) {
                      devices.push_back({.id = DeviceId::FromSql(row.Int(0)),
                                         .public_key = row.Bytes(1),
                                         .name = row.Text(2),
                                         .bastion = row.Int(3) != 0,
                                         .revoked = row.Int(4) != 0});
                      return OkStatus();
                    });
  });
  TICKETING_RETURN_IF_ERROR(read);
  SortById(devices);
  const std::lock_guard lock(mutex_);
  devices_ = std::move(devices);
  digest_ = 0;
  return OkStatus();
}

std::vector<CopyDevice> Devices::All() const {
  const std::lock_guard lock(mutex_);
  return devices_;
}

uint64_t Devices::Digest() const {
  const std::lock_guard lock(mutex_);
  if (digest_ == 0) digest_ = DevicesDigest(devices_);
  return digest_;
}

StatusOr<std::string> Devices::Ask() const {
  ServiceCall call;
  call.method = "GET";
  call.target = "/v1/devices";
  call.timeout = context_.options.call_timeout;
  return AskService(context_.identity, context_.token, call);
}

StatusOr<std::vector<CopyDevice>> Devices::Read(const std::string& answer) const {
  v1::DeviceList list;
  TICKETING_RETURN_IF_ERROR(wire::FromJson(answer, &list));
  std::vector<CopyDevice> devices = {cloud_};
  const std::vector<CopyDevice> known = All();
  // A key that is known was looked at when it came: looking costs more than the rest.
  const auto good = [&](DeviceId id, const std::string& key) {
    const auto same = std::ranges::lower_bound(known, id, {}, &CopyDevice::id);
    const bool kept = same != known.end() && same->id == id && same->public_key == key;
    return kept || IsValidPublicKey(key);
  };
  for (const v1::Device& device : list.devices()) {
    const std::optional<DeviceId> id = DeviceId::Parse(device.id());
    if (!id || *id == cloud_.id || !good(*id, device.public_key())) continue;
    devices.push_back({.id = *id,
                       .public_key = device.public_key(),
                       .name = device.name(),
                       .bastion = device.kind() == "bastion",
                       .revoked = device.revoked()});
  }
  SortById(devices);
  return devices;
}

// In memory first, so that no copy of a later version is made of the older list; in the database
// last, so that whoever ends in between sees the change again.
Status Devices::Keep(std::vector<CopyDevice> devices) {
  const auto swap_in = [&] {
    const std::lock_guard lock(mutex_);
    std::swap(devices_, devices);
    digest_ = 0;
  };
  swap_in();
  const std::vector<CopyDevice> fresh = All();
  Status status = listener_ ? listener_(fresh) : OkStatus();
  if (status.ok()) status = Write(fresh);
  if (!status.ok()) swap_in();
  return status;
}

Status Devices::Write(const std::vector<CopyDevice>& devices) {
  return context_.database.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_RETURN_IF_ERROR(tx.Execute("DELETE FROM devices", {}).status());
    for (const CopyDevice& device : devices) {
      if (device.id == cloud_.id) continue;
      TICKETING_RETURN_IF_ERROR(
          tx.Execute("INSERT INTO devices (id, public_key, name, bastion, revoked)"
                     " VALUES (?, ?, ?, ?, ?)",
                     {device.id.ToSql(), Blob{device.public_key}, device.name,
                      int64_t{device.bastion}, int64_t{device.revoked}})
              .status());
    }
    return OkStatus();
  });
}

// It is asked twice a second and nearly always says the same.
Status Devices::Take(const std::string& answer) {
  if (answer == taken_) return OkStatus();
  TICKETING_ASSIGN_OR_RETURN(std::vector<CopyDevice> devices, Read(answer));
  if (devices != All()) TICKETING_RETURN_IF_ERROR(Keep(std::move(devices)));
  taken_ = answer;
  return OkStatus();
}

Status Devices::Refresh(Duration age) {
  const std::lock_guard one_at_a_time(refreshing_);
  const Duration now = context_.env.clock.Monotonic();
  {
    const std::lock_guard lock(mutex_);
    if (asked_ && now - asked_at_ < age) return OkStatus();
    asked_ = true;
    asked_at_ = now;
  }
  const StatusOr<std::string> answer = Ask();
  const Status done = answer.ok() ? Take(*answer) : answer.status();
  // It is asked so often that a line for each failure would drown the rest.
  if (done.ok() != fresh_) {
    const std::string cause = done.ok() ? "" : std::string(MessageOf(done));
    context_.env.log.Warning(done.ok() ? "devices refreshed again" : "devices not refreshed",
                             {{"cause", cause}});
  }
  fresh_ = done.ok();
  return done;
}

}  // namespace ticketing
