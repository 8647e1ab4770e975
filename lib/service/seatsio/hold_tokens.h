// Hold tokens: what a buyer holds seats with, over any number of events.
//
// A token is a row and, in each lane where it has held something, a hold with its id. The lanes are
// named by rows too, written with the first hold there. An extension or an end moves the row and
// all those holds in one transaction; a hold that comes in between finds the row changed and is
// tried again with the new end.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_HOLD_TOKENS_H_
#define TICKETING_LIB_SERVICE_SEATSIO_HOLD_TOKENS_H_

#include <vector>

#include "lib/service/seatsio/companies.h"
#include "lib/service/seatsio/event_store.h"

namespace ticketing::seatsio {

struct HoldToken {
  HoldId id;
  Timestamp created_at;
  Timestamp expires_at;
};

// Within the transaction of a hold: notes the lane, and sees that the token's end is as it was
// read. kPreconditionFailed when it is not.
Status UseToken(SqlTransaction& tx, const HoldToken& token, LaneId lane);

// Thread-safe.
class HoldTokens {
 public:
  HoldTokens(const Context& context, Companies& companies, EventStore& events)
      : context_(context),
        companies_(companies),
        events_(events),
        moves_(context.env.clock),
        known_(moves_) {}

  std::vector<Route> Routes();

  // A token that is not over. Errors: a refusal. It is remembered for a moment (memo.h), because a
  // booking follows its hold. A hold sees by UseToken that the end is as it was; what a token may
  // book is what the lane holds for it.
  StatusOr<HoldToken> Find(const Principal& principal, std::string_view token);
  // The same, read anew.
  StatusOr<HoldToken> FindAgain(const Principal& principal, std::string_view token);

  // Forgets tokens that ended long ago.
  Status Clean();

 private:
  StatusOr<Reply> Create(Call& call);
  StatusOr<Reply> Get(Call& call);
  StatusOr<Reply> Update(Call& call);

  StatusOr<std::optional<HoldToken>> Read(const Principal& principal, std::string_view token);
  // Sets the end of a token and of its holds.
  Status Move(const HoldToken& token, Timestamp expires_at);
  Json Show(const Principal& principal, const HoldToken& token);

  const Context& context_;
  Companies& companies_;
  EventStore& events_;
  Setup moves_;  // of ends of tokens
  Memo<HoldToken> known_;
};

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_HOLD_TOKENS_H_
