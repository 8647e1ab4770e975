// The phone's engine: keeps a customer's tickets and the key they are bound to, makes the codes to
// show, without a network, and gives tickets away.
//
// The key. Each installation makes one Ed25519 key and never shows its private half. It lives in
// the wallet's storage, sealed (XChaCha20-Poly1305) under a storage key of 32 bytes that the app
// hands in and keeps in the platform's keystore (Android Keystore, iOS Keychain with "this device
// only"): a backup or a copied file alone opens nothing, and a wallet restored on another phone
// starts with a key of its own and has its tickets bound anew. Phones' security chips sign with
// P-256 only, so the private key is in memory while a code is made; who owns the phone's kernel can
// copy it. A copied key makes codes until the ticket is bound anew or moved, which ends them at the
// gates; and of all copies only the first one shown enters.
//
// Time. Codes are made by the server's time as far as it is known (env/server_clock.h): feed every
// answer's time to LearnTime. What was learned is kept.
//
// Storage is one small blob behind a port of two functions, so that the same engine runs on SQLite,
// a file, a browser's storage or a keychain. A change that cannot be saved is not made.
#ifndef TICKETING_WALLET_WALLET_H_
#define TICKETING_WALLET_WALLET_H_

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/crypto/key_ring.h"
#include "ticketing/crypto/secret_box.h"
#include "ticketing/crypto/signature.h"
#include "ticketing/env/random.h"
#include "ticketing/env/server_clock.h"
#include "ticketing/token/handover.h"
#include "ticketing/token/ticket_code.h"

namespace ticketing {

inline constexpr size_t kWalletTicketsMax = 500;
inline constexpr size_t kWalletDetailsBytesMax = 8 << 10;  // of one ticket
inline constexpr Duration kHandoverLife = Duration::Days(1);
// A day less than the server takes, since the two clocks are not the same.
inline constexpr Duration kGiveAwayLifeMax = kHandoverLifeMax - Duration::Days(1);

// Where a wallet keeps its bytes. Called by one thread at a time.
class WalletStorage {
 public:
  virtual ~WalletStorage() = default;
  // What was saved last; empty when nothing ever was. Errors: kUnavailable, kDataLoss.
  virtual StatusOr<std::string> Load() = 0;
  // Replaces it, whole or not at all, and returns when it is durable.
  virtual Status Save(std::string_view bytes) = 0;
};

struct WalletTicket {
  TicketClaims claims;
  std::string details;    // what the app shows of it: opaque here, kept sealed
  std::string handover;   // empty: it is here; else what was signed to give it away
  Timestamp given_until;  // of a handover: when it ends, and the ticket is here again
};

struct WalletCode {
  std::string text;
  Timestamp until;   // server's time at which the next one is due
  Duration lasts;    // how long that is from now: when to draw again
  bool sure = true;  // false: the clock was not checked in this run, the app should ask a server
};

// Thread-safe. The clock, the randomness and the storage must outlive it.
class Wallet {
 public:
  // Reads the wallet, or begins one with a fresh key. Errors: kInvalidField ("storage_key") for a
  // key that has not 32 bytes; kDataLoss when the storage does not open with it or is damaged;
  // those of the storage.
  static StatusOr<std::unique_ptr<Wallet>> Open(Clock& clock, Random& random,
                                                WalletStorage& storage,
                                                std::string_view storage_key);
  ~Wallet();

  // The public key that tickets are bound to, 32 bytes, and as a code for another phone to read.
  std::string device_key() const { return key_.public_key(); }
  std::string DeviceCode() const;

  // See ServerClock::Learn. Saves what is worth it.
  Status LearnTime(Timestamp server, Duration sent, Duration received, Duration step = {});
  ServerClock& clock() { return clock_; }

  // Takes in a rotating ticket that the server bound to device_key(). A newer issue replaces the
  // one held, given away or not. Errors: kCodeMalformed, kUnknownKey and kCodeForged as in
  // VerifyRotatingTicket; kUnknownKey also when it is bound to another device; kConflict for an
  // issue older than the one held; kInvalidField for too much of anything.
  Status Put(std::string_view rotating_ticket, std::string_view details, const KeyRing& issuers);
  // Errors: kNotFound.
  Status Forget(TicketId ticket);
  // By id.
  std::vector<WalletTicket> Tickets() const;

  // The code to show now. Errors: kNotFound; kConflict while the ticket is given away.
  StatusOr<WalletCode> CodeOf(TicketId ticket);

  // Gives a ticket to the phone that showed this device code, and returns the handover to pass on
  // (as a symbol, a link, a message: it is of use to that phone only). From then on no code of it
  // is made here until the handover ends unused; the ticket itself stays known. Giving it away
  // again to the same phone makes a new handover; to another one only after the end of the first:
  // the server takes whichever comes first, and people must not be promised the same ticket.
  // Errors: kNotFound; kCodeMalformed for a bad device code; kConflict; kInvalidField ("life").
  StatusOr<std::string> GiveAway(TicketId ticket, std::string_view device_code,
                                 Duration life = kHandoverLife);
  // On the phone that gets it: the proof to send to the server beside the handover. Errors: those
  // of AcceptHandover.
  StatusOr<std::string> Accept(std::string_view handover, AccountId account) const;

 private:
  struct Held {
    std::string ticket;  // rotating
    std::string details;
    std::string handover;
  };
  using TicketMap = std::map<TicketId, Held>;

  Wallet(Clock& clock, Random& random, WalletStorage& storage, std::string_view storage_key,
         std::string seed, SigningKey key, Duration offset, TicketMap tickets);
  static StatusOr<TicketMap> ReadTickets(std::string_view bytes, std::string& seed,
                                         Duration& offset);
  Status Save(const TicketMap& tickets);
  // The handover of a ticket that is given away now.
  std::optional<Handover> GivenAway(const Held& held);

  Random& random_;
  WalletStorage& storage_;
  std::string storage_key_;
  std::string seed_;
  const SigningKey key_;
  ServerClock clock_;
  mutable std::mutex mutex_;  // guards what follows, and the storage
  TicketMap tickets_;
};

}  // namespace ticketing

#endif  // TICKETING_WALLET_WALLET_H_
