#include "ticketing/wallet/wallet.h"

#include <utility>

#include "ticketing/base/assert.h"
#include "ticketing/base/varint.h"

namespace ticketing {
namespace {

// The blob: a nonce, then the box. Inside: version, seed, clock offset, then each ticket as three
// texts (rotating ticket, details, handover).
constexpr std::string_view kPurpose = "ticketing wallet 1";
constexpr uint8_t kVersion = 1;

Status Damaged() {
  return MakeError(ErrorCode::kDataLoss,
                   "The wallet's storage is damaged or sealed with another key.");
}

}  // namespace

Wallet::Wallet(Clock& clock, Random& random, WalletStorage& storage, std::string_view storage_key,
               std::string seed, SigningKey key, Duration offset, TicketMap tickets)
    : random_(random),
      storage_(storage),
      storage_key_(storage_key),
      seed_(std::move(seed)),
      key_(std::move(key)),
      clock_(clock, offset),
      tickets_(std::move(tickets)) {}

Wallet::~Wallet() {
  WipeSecret(storage_key_);
  WipeSecret(seed_);
}

StatusOr<std::unique_ptr<Wallet>> Wallet::Open(Clock& clock, Random& random, WalletStorage& storage,
                                               std::string_view storage_key) {
  if (storage_key.size() != kBoxKeyBytes) {
    return InvalidField("storage_key", "The key of a wallet's storage has 32 bytes.");
  }
  TICKETING_ASSIGN_OR_RETURN(const std::string stored, storage.Load());
  std::string seed;
  Duration offset;
  TicketMap tickets;
  if (stored.empty()) {
    seed = random.Bytes(kSignatureSeedBytes);
  } else {
    if (stored.size() < kBoxNonceBytes) return Damaged();
    const std::string_view view = stored;
    std::optional<std::string> plain =
        OpenBox(storage_key, view.substr(0, kBoxNonceBytes), kPurpose, view.substr(kBoxNonceBytes));
    if (!plain) return Damaged();
    StatusOr<TicketMap> read = ReadTickets(*plain, seed, offset);
    WipeSecret(*plain);
    TICKETING_RETURN_IF_ERROR(read.status());
    tickets = *std::move(read);
  }
  TICKETING_ASSIGN_OR_RETURN(SigningKey key, SigningKey::FromSeed(seed));
  std::unique_ptr<Wallet> wallet(new Wallet(clock, random, storage, storage_key, std::move(seed),
                                            std::move(key), offset, std::move(tickets)));
  // The key must outlive this run before anybody binds a ticket to it.
  if (stored.empty()) TICKETING_RETURN_IF_ERROR(wallet->Save({}));
  return wallet;
}

StatusOr<Wallet::TicketMap> Wallet::ReadTickets(std::string_view bytes, std::string& seed,
                                                Duration& offset) {
  ByteReader reader(bytes);
  if (reader.Byte() != kVersion) return Damaged();
  seed = std::string(reader.Text());
  offset = Duration{reader.Signed()};
  const uint64_t count = reader.Bounded(kWalletTicketsMax);
  TicketMap tickets;
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    Held held;
    held.ticket = std::string(reader.Text());
    held.details = std::string(reader.Text());
    held.handover = std::string(reader.Text());
    const StatusOr<VerifiedTicket> ticket = ParseRotatingTicket(held.ticket);
    if (!ticket.ok()) return Damaged();
    tickets.insert_or_assign(ticket->claims.ticket, std::move(held));
  }
  if (!reader.ok() || !reader.at_end() || seed.size() != kSignatureSeedBytes ||
      tickets.size() != count) {
    return Damaged();
  }
  return tickets;
}

Status Wallet::Save(const TicketMap& tickets) {
  std::string plain(1, static_cast<char>(kVersion));
  AppendText(plain, seed_);
  AppendSigned(plain, clock_.offset().micros);
  AppendVarint(plain, tickets.size());
  for (const auto& [id, held] : tickets) {
    for (const std::string* text : {&held.ticket, &held.details, &held.handover}) {
      AppendText(plain, *text);
    }
  }
  std::string blob = random_.Bytes(kBoxNonceBytes);
  const std::string nonce = blob;
  blob += SealBox(storage_key_, nonce, kPurpose, plain);
  WipeSecret(plain);
  return storage_.Save(blob);
}

std::string Wallet::DeviceCode() const {
  const StatusOr<std::string> code = MakeDeviceCode(key_.public_key());
  TICKETING_ASSERT(code.ok());
  return *code;
}

Status Wallet::LearnTime(Timestamp server, Duration sent, Duration received, Duration step) {
  const Duration before = clock_.offset();
  if (!clock_.Learn(server, sent, received, step)) return OkStatus();
  const Duration change = clock_.offset() - before;
  // A flash write for each answer would be waste; codes do not mind less than a second.
  if (change < Duration::Seconds(1) && change > Duration::Seconds(-1)) return OkStatus();
  const std::lock_guard lock(mutex_);
  return Save(tickets_);
}

Status Wallet::Put(std::string_view rotating_ticket, std::string_view details,
                   const KeyRing& issuers) {
  if (details.size() > kWalletDetailsBytesMax) {
    return InvalidField("details", "The details of the ticket are too long.");
  }
  TICKETING_ASSIGN_OR_RETURN(const VerifiedTicket ticket,
                             VerifyRotatingTicket(rotating_ticket, issuers, clock_.Now()));
  if (ticket.device_key != key_.public_key()) {
    return MakeError(ErrorCode::kUnknownKey, "The ticket is bound to another device.");
  }
  const std::lock_guard lock(mutex_);
  TicketMap changed = tickets_;
  const auto held = changed.find(ticket.claims.ticket);
  if (held == changed.end()) {
    if (changed.size() == kWalletTicketsMax) {
      return InvalidField("rotating_ticket", "The wallet is full.");
    }
  } else {
    TICKETING_ASSIGN_OR_RETURN(const VerifiedTicket mine, ParseRotatingTicket(held->second.ticket));
    if (ticket.claims.issue < mine.claims.issue) {
      return MakeError(ErrorCode::kConflict, "A newer issue of this ticket is here already.");
    }
  }
  Held& entry = changed[ticket.claims.ticket];
  // What was given away stays so until the server has made another issue.
  if (entry.ticket != rotating_ticket) entry.handover.clear();
  entry.ticket = std::string(rotating_ticket);
  entry.details = std::string(details);
  TICKETING_RETURN_IF_ERROR(Save(changed));
  tickets_ = std::move(changed);
  return OkStatus();
}

Status Wallet::Forget(TicketId ticket) {
  const std::lock_guard lock(mutex_);
  TicketMap changed = tickets_;
  if (changed.erase(ticket) == 0) {
    return MakeError(ErrorCode::kNotFound, "The wallet has no such ticket.");
  }
  TICKETING_RETURN_IF_ERROR(Save(changed));
  tickets_ = std::move(changed);
  return OkStatus();
}

std::vector<WalletTicket> Wallet::Tickets() const {
  const std::lock_guard lock(mutex_);
  std::vector<WalletTicket> tickets;
  for (const auto& [id, held] : tickets_) {
    const StatusOr<VerifiedTicket> ticket = ParseRotatingTicket(held.ticket);
    const StatusOr<Handover> handover = ParseHandover(held.handover);
    tickets.push_back({ticket->claims, held.details, held.handover,
                       handover.ok() ? handover->ends_at : Timestamp{}});
  }
  return tickets;
}

std::optional<Handover> Wallet::GivenAway(const Held& held) {
  if (held.handover.empty()) return std::nullopt;
  StatusOr<Handover> handover = ParseHandover(held.handover);
  if (!handover.ok() || clock_.Now() >= handover->ends_at) return std::nullopt;
  return *std::move(handover);
}

StatusOr<WalletCode> Wallet::CodeOf(TicketId ticket) {
  const std::lock_guard lock(mutex_);
  const auto held = tickets_.find(ticket);
  if (held == tickets_.end()) {
    return MakeError(ErrorCode::kNotFound, "The wallet has no such ticket.");
  }
  if (GivenAway(held->second)) {
    return MakeError(ErrorCode::kConflict, "This ticket was given to another phone.");
  }
  const Timestamp now = clock_.Now();
  WalletCode code;
  TICKETING_ASSIGN_OR_RETURN(code.text, MakeRotatingCode(held->second.ticket, key_, now));
  code.until = RotatingWindowStart(*RotatingWindowAt(now)) + kRotatingWindow;
  code.lasts = code.until - now;
  code.sure = clock_.is_sure();
  return code;
}

StatusOr<std::string> Wallet::GiveAway(TicketId ticket, std::string_view device_code,
                                       Duration life) {
  if (life <= Duration{} || life > kGiveAwayLifeMax) {
    return InvalidField("life", "A handover lasts up to 6 days.");
  }
  TICKETING_ASSIGN_OR_RETURN(const std::string new_key,
                             ParseDeviceCode(NormalizeScannedText(device_code)));
  const std::lock_guard lock(mutex_);
  TicketMap changed = tickets_;
  const auto held = changed.find(ticket);
  if (held == changed.end()) {
    return MakeError(ErrorCode::kNotFound, "The wallet has no such ticket.");
  }
  const std::optional<Handover> before = GivenAway(held->second);
  if (before && before->device_key != new_key) {
    return MakeError(ErrorCode::kConflict, "This ticket was given to another phone.");
  }
  TICKETING_ASSIGN_OR_RETURN(held->second.handover,
                             MakeHandover(held->second.ticket, key_, new_key, clock_.Now() + life));
  std::string handover = held->second.handover;
  TICKETING_RETURN_IF_ERROR(Save(changed));
  tickets_ = std::move(changed);
  return handover;
}

StatusOr<std::string> Wallet::Accept(std::string_view handover, AccountId account) const {
  return AcceptHandover(NormalizeScannedText(handover), key_, account);
}

}  // namespace ticketing
