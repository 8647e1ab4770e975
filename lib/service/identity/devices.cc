// Devices: pairing codes, enrolment, relays by bastions, sessions by key, revocation.
#include "lib/service/identity/context.h"
#include "lib/service/identity/tables.h"
#include "lib/wire/convert.h"
#include "ticketing/base/bytes.h"
#include "ticketing/crypto/signature.h"
#include "ticketing/v1/identity.pb.h"

namespace ticketing::identity {
namespace {

using Right = ticketing::Role;

void Fill(const Device& device, v1::Device* out) {
  out->set_id(device.id.ToString());
  out->set_kind(std::string(DeviceKindName(device.kind)));
  out->set_name(device.name);
  out->set_public_key(device.public_key);
  out->set_revoked(device.revoked());
  wire::SetTime(device.enrolled_at, out->mutable_enrolled_at());
  out->set_enrolled_by(device.enrolled_by);
}

HttpResponse ReplyWithDevice(const Call& call, const Device& device, int status) {
  v1::Device out;
  Fill(device, &out);
  return call.Reply(status, out);
}

Status PairingRefused() {
  return MakeError(ErrorCode::kPairingRefused,
                   "The pairing code is wrong, was used or has expired; ask for a new one.");
}

StatusOr<HttpResponse> CreatePairing(Context& context, Call& call) {
  v1::CreatePairingRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  const auto kind = DeviceKindOfName(request.kind());
  if (!kind) return InvalidField("kind", "is neither bastion nor handheld");
  const std::string code = PairingCodeFromEntropy(context.env.random.Next64());
  Pairing pairing{.id = context.env.random.NewId<PairingId>(),
                  .code_hash = PairingCodeHash(code),
                  .kind = *kind,
                  .made_by = call.principal.account().value_or(AccountId{}),
                  .expires_at = context.env.clock.Now() + context.options.pairing_life};
  TICKETING_ASSIGN_OR_RETURN(pairing.name, NormalizeName(request.name()));
  TICKETING_RETURN_IF_ERROR(
      context.database.Write([&](SqlTransaction& tx) { return InsertPairing(tx, pairing); }));
  v1::Pairing out;
  out.set_id(pairing.id.ToString());
  out.set_code(code);
  out.set_kind(request.kind());
  out.set_name(pairing.name);
  wire::SetTime(pairing.expires_at, out.mutable_expires_at());
  return call.Reply(201, out);
}

// Whether a stored device is the one that asks; nobody takes over another's identifier.
Status SameDevice(const Device& stored, const std::string& public_key) {
  if (stored.public_key != public_key) {
    return MakeError(ErrorCode::kConflict, "Another device has this identifier; make a new one.");
  }
  if (stored.revoked()) {
    return MakeError(ErrorCode::kDeviceRevoked, "This device was revoked; enrol it as a new one.");
  }
  return OkStatus();
}

// One use of a code within a transaction. `device` comes with id, key and time, and leaves
// complete.
Status Enrol(SqlTransaction& tx, const std::string& code_hash, Timestamp now, Device& device) {
  std::optional<Pairing> pairing;
  TICKETING_RETURN_IF_ERROR(FindPairing(tx, code_hash, pairing));
  if (!pairing) return PairingRefused();
  const PairingResult result = UsePairing(*pairing, device.id, now);
  if (result.verdict == PairingVerdict::kRefused) return PairingRefused();
  std::optional<Device> stored;
  TICKETING_RETURN_IF_ERROR(FindDevice(tx, device.id, stored));
  if (stored) TICKETING_RETURN_IF_ERROR(SameDevice(*stored, device.public_key));
  if (result.verdict == PairingVerdict::kAccepted) {
    TICKETING_RETURN_IF_ERROR(UpdatePairing(tx, result.pairing));
  }
  if (stored) {
    device = *stored;
    return OkStatus();
  }
  device.kind = pairing->kind;
  device.name = pairing->name;
  device.enrolled_by = pairing->made_by.ToString();
  return InsertDevice(tx, device);
}

StatusOr<HttpResponse> EnrolDevice(Context& context, Call& call) {
  v1::EnrolDeviceRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  const auto id = DeviceId::Parse(request.device_id());
  if (!id) return InvalidField("device_id", "is not a device's identifier");
  if (!IsValidPublicKey(request.public_key())) {
    return InvalidField("public_key", "is not an Ed25519 public key");
  }
  const std::string subject = "pairing:" + ClientAddress(call);
  const Timestamp now = context.env.clock.Now();
  const auto code = NormalizePairingCode(request.pairing_code());
  const std::string code_hash = code ? PairingCodeHash(*code) : std::string();
  Device device;
  std::optional<Duration> wait;
  const Status enrolled = context.database.Write([&](SqlTransaction& tx) -> Status {
    device = {.id = *id, .public_key = request.public_key(), .enrolled_at = now};
    ThrottleState state;
    TICKETING_RETURN_IF_ERROR(ReadThrottle(tx, subject, state));
    wait = ThrottleWait(state, now);
    if (wait) return OkStatus();
    return code ? Enrol(tx, code_hash, now, device) : PairingRefused();
  });
  if (wait) {
    return MakeError(ErrorCode::kRateLimited, "Too many wrong pairing codes; wait.",
                     {.retry_after = *wait});
  }
  if (CodeOf(enrolled) == ErrorCode::kPairingRefused) {
    const Status written = context.database.Write([&](SqlTransaction& tx) -> Status {
      ThrottleState state;
      TICKETING_RETURN_IF_ERROR(ReadThrottle(tx, subject, state));
      return WriteThrottle(tx, subject, ThrottleAfterFailure(kPairingThrottle, state, now));
    });
    TICKETING_RETURN_IF_ERROR(written);
    context.env.log.Warning("pairing refused", {{"request_id", call.request_id}});
  }
  TICKETING_RETURN_IF_ERROR(enrolled);
  context.env.log.Info("device enrolled",
                       {{"device", device.id.ToString()}, {"request_id", call.request_id}});
  return ReplyWithDevice(call, device, 201);
}

StatusOr<HttpResponse> RelayDevice(Context& context, Call& call) {
  v1::RelayDeviceRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  const auto bastion_id = DeviceId::Parse(call.principal.subject);
  const auto id = DeviceId::Parse(request.device_id());
  if (!id) return InvalidField("device_id", "is not a device's identifier");
  if (!IsValidPublicKey(request.public_key())) {
    return InvalidField("public_key", "is not an Ed25519 public key");
  }
  TICKETING_ASSIGN_OR_RETURN(const std::string name, NormalizeName(request.name()));
  const Timestamp now = context.env.clock.Now();
  Device device;
  const Status written = context.database.Write([&](SqlTransaction& tx) -> Status {
    std::optional<Device> bastion;
    if (bastion_id) TICKETING_RETURN_IF_ERROR(FindDevice(tx, *bastion_id, bastion));
    if (!bastion || bastion->kind != DeviceKind::kBastion || bastion->revoked()) {
      return MakeError(ErrorCode::kPermissionDenied, "Only a bastion may speak for a handheld.");
    }
    std::optional<Device> stored;
    TICKETING_RETURN_IF_ERROR(FindDevice(tx, *id, stored));
    if (stored) {
      device = *stored;
      return SameDevice(*stored, request.public_key());
    }
    device = {.id = *id,
              .kind = DeviceKind::kHandheld,
              .name = name,
              .public_key = request.public_key(),
              .enrolled_at = now,
              .enrolled_by = bastion->id.ToString()};
    return InsertDevice(tx, device);
  });
  TICKETING_RETURN_IF_ERROR(written);
  return ReplyWithDevice(call, device, 200);
}

StatusOr<HttpResponse> GetDevices(Context& context, Call& call) {
  std::vector<Device> devices;
  TICKETING_RETURN_IF_ERROR(context.database.Read([&](SqlTransaction& tx) {
    devices.clear();
    return ListDevices(tx, devices);
  }));
  v1::DeviceList out;
  for (const Device& device : devices) Fill(device, out.add_devices());
  return call.Reply(200, out);
}

// Shuts a device out. When `bastion` asks, it must be one in good standing, and the device a
// handheld.
StatusOr<HttpResponse> Revoke(Context& context, Call& call, std::optional<DeviceId> bastion_id,
                              bool by_bastion) {
  TICKETING_ASSIGN_OR_RETURN(const DeviceId id, call.PathId<DeviceId>("device_id"));
  const Timestamp now = context.env.clock.Now();
  std::optional<Device> device;
  const Status written = context.database.Write([&](SqlTransaction& tx) -> Status {
    device.reset();
    std::optional<Device> bastion;
    if (bastion_id) TICKETING_RETURN_IF_ERROR(FindDevice(tx, *bastion_id, bastion));
    Status refused =
        MakeError(ErrorCode::kPermissionDenied, "Only a bastion may speak for a handheld.");
    if (by_bastion && (!bastion || bastion->kind != DeviceKind::kBastion || bastion->revoked())) {
      return refused;
    }
    TICKETING_RETURN_IF_ERROR(FindDevice(tx, id, device));
    if (!device) return MakeError(ErrorCode::kNotFound, "There is no such device.");
    if (by_bastion && device->kind != DeviceKind::kHandheld) return refused;
    if (device->revoked()) return OkStatus();
    device->revoked_at = now;
    return UpdateDevice(tx, *device);
  });
  TICKETING_RETURN_IF_ERROR(written);
  context.env.log.Warning("device revoked",
                          {{"device", id.ToString()}, {"by", call.principal.subject}});
  return ReplyWithDevice(call, *device, 200);
}

StatusOr<HttpResponse> RevokeDevice(Context& context, Call& call) {
  return Revoke(context, call, std::nullopt, false);
}

StatusOr<HttpResponse> RelayRevocation(Context& context, Call& call) {
  return Revoke(context, call, DeviceId::Parse(call.principal.subject), true);
}

StatusOr<HttpResponse> CreateDeviceSession(Context& context, Call& call) {
  v1::CreateDeviceSessionRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  const auto id = DeviceId::Parse(request.device_id());
  if (!id) return InvalidField("device_id", "is not a device's identifier");
  const Timestamp now = context.env.clock.Now();
  const Status written = context.database.Write([&](SqlTransaction& tx) -> Status {
    std::optional<Device> device;
    TICKETING_RETURN_IF_ERROR(FindDevice(tx, *id, device));
    if (!device) {
      return MakeError(ErrorCode::kUnauthenticated,
                       "The signature does not belong to this device.");
    }
    TICKETING_ASSIGN_OR_RETURN(device->last_proof_at,
                               CheckDeviceProof(*device, request.time(), request.signature(), now));
    return UpdateDevice(tx, *device);
  });
  TICKETING_RETURN_IF_ERROR(written);
  AccessClaims claims{.subject = id->ToString(), .roles = {Right::kDevice}};
  claims.token_id = Base64UrlEncode(context.env.random.Bytes(16));
  v1::Session out;
  out.set_access_token(context.keys.Sign(claims, now, context.options.access_life));
  wire::SetTime(now + context.options.access_life, out.mutable_access_expires_at());
  return call.Reply(201, out);
}

}  // namespace

std::vector<Route> DeviceRoutes(Context& context) {
  const auto bind = [&context](auto handler) {
    return [&context, handler](Call& call) { return handler(context, call); };
  };
  const Access admin = {.roles = {Right::kAdmin}};
  return {
      {.method = "POST",
       .path = "/v1/pairings",
       .operation = "createPairing",
       .summary = "Make a code that lets one device enrol.",
       .access = admin,
       .request = MessageName("CreatePairingRequest"),
       .response = MessageName("Pairing"),
       .handler = bind(&CreatePairing),
       .success = 201},
      {.method = "POST",
       .path = "/v1/devices",
       .operation = "enrolDevice",
       .summary = "Enrol a device with a pairing code.",
       .access = {},
       .request = MessageName("EnrolDeviceRequest"),
       .response = MessageName("Device"),
       .handler = bind(&EnrolDevice),
       .success = 201},
      {.method = "POST",
       .path = "/v1/devices/relay",
       .operation = "relayDevice",
       .summary = "A bastion tells of a handheld that enrolled with it.",
       .access = {.roles = {Right::kDevice}},
       .request = MessageName("RelayDeviceRequest"),
       .response = MessageName("Device"),
       .handler = bind(&RelayDevice)},
      {.method = "GET",
       .path = "/v1/devices",
       .operation = "listDevices",
       .summary = "All devices with their public keys.",
       .access = {.roles = {Right::kBoxOffice, Right::kGate, Right::kAdmin, Right::kDevice,
                            Right::kService}},
       .response = MessageName("DeviceList"),
       .handler = bind(&GetDevices)},
      {.method = "POST",
       .path = "/v1/devices/{device_id}/revoke",
       .operation = "revokeDevice",
       .summary = "Shut a lost or stolen device out.",
       .access = admin,
       .response = MessageName("Device"),
       .handler = bind(&RevokeDevice)},
      {.method = "POST",
       .path = "/v1/devices/{device_id}/relay-revocation",
       .operation = "relayRevocation",
       .summary = "A bastion tells of a handheld that staff shut out there.",
       .access = {.roles = {Right::kDevice}},
       .response = MessageName("Device"),
       .handler = bind(&RelayRevocation)},
      {.method = "POST",
       .path = "/v1/device-sessions",
       .operation = "createDeviceSession",
       .summary = "An access token for a device that proves its key.",
       .access = {},
       .request = MessageName("CreateDeviceSessionRequest"),
       .response = MessageName("Session"),
       .handler = bind(&CreateDeviceSession),
       .success = 201},
  };
}

}  // namespace ticketing::identity
