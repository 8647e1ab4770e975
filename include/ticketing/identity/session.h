// Sessions: families of refresh tokens. Each token is good for one rotation; using one a second
// time means that two parties hold it, and ends the whole family (RFC 9700 section 4.14.2). Because
// an answer can be lost on the way, the token just replaced is accepted again for a few seconds and
// answered with the very same successor.
//
// A token is "<session id>.<generation>.<tag>", the tag an HMAC-SHA-256 over session, generation
// and account under the server's key. The successor is therefore a function of the stored state: a
// replay within the grace needs no stored copy of an answer, and the database holds nothing that
// could be used as a token.
#ifndef TICKETING_IDENTITY_SESSION_H_
#define TICKETING_IDENTITY_SESSION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ticketing/base/id.h"
#include "ticketing/base/time.h"

namespace ticketing::identity {

// How long the token that was just replaced still gets the same answer.
inline constexpr Duration kRefreshGrace = Duration::Seconds(10);

struct Session {
  SessionId id;
  AccountId account;
  int64_t generation = 1;  // of the token that is good now
  Timestamp created_at;
  Timestamp rotated_at;  // when `generation` began
  Timestamp expires_at;  // of the whole family; rotation does not move it
  bool revoked = false;
  bool operator==(const Session&) const = default;
};

// A new family whose first token is good at once.
Session NewSession(SessionId id, AccountId account, Timestamp now, Duration life);

// The refresh token of the session's present generation. `key` holds 32 bytes and stays on the
// server.
std::string RefreshToken(const Session& session, std::string_view key);

// What a refresh token says of itself, before anything is proved.
struct RefreshClaim {
  SessionId session;
  int64_t generation = 0;
  std::string tag;
};
// nullopt for everything that RefreshToken() cannot have made.
std::optional<RefreshClaim> ParseRefreshToken(std::string_view token);

enum class RefreshVerdict {
  kRotated,   // `session` is the next generation: store it, hand out its token
  kReplayed,  // the answer was lost: hand out the token of the unchanged `session` again
  kReused,    // `session` is revoked now: store it, refuse, tell somebody
  kRefused,   // wrong tag, revoked before or expired: nothing changes
};

struct RefreshResult {
  RefreshVerdict verdict = RefreshVerdict::kRefused;
  Session session;
};

// Decides one use of a token on the stored session that it names.
RefreshResult UseRefreshToken(const Session& session, const RefreshClaim& claim,
                              std::string_view key, Timestamp now);

}  // namespace ticketing::identity

#endif  // TICKETING_IDENTITY_SESSION_H_
