// Remembers the answers to requests with an Idempotency-Key, so that a repeated request gets the
// first answer again.
//
// The scope of a key is its owner and the route. The same key with another body is refused; the
// same key while the first request runs is refused with kIdempotencyInFlight. Only outcomes are
// kept (2xx, 402, 409, not validation errors, not failures), for limits::kIdempotencyRetention.
//
// The owner of a key is the caller that a token names. Visitors whom nobody knows have no name, and
// an answer to them may be worth something by itself: the id of a hold is all that it takes to buy
// it or to let it go. So a visitor is known by what he asks for: his keys belong to the request,
// its address and its body. Who repeats it after a lost answer has both, from whichever network,
// and hears the answer again; a stranger who comes by the same key with another body makes a
// request of his own, hears nothing of the first, not even that there was one, and does not run
// into what it made, for identifiers are made of the owner as well. Against a stranger with the
// same key and the same body ("two seats, the best") the key itself helps, which is a secret if it
// is random: kStrangersKeyBytesMin (api.h). His network address would help no more than that, and
// answers are lost just when a phone changes networks.
//
// The answer is stored behind the effect, not with it: a crash in between leaves an effect without
// an answer. That is safe because handlers make their identifiers with Call::Entropy: the repeat
// runs into what it did before. A handler that then answers as it did before needs no stored answer
// at all; the last answers are remembered all the same, for what comes twice within moments.
#ifndef TICKETING_SERVICE_COMMON_IDEMPOTENCY_H_
#define TICKETING_SERVICE_COMMON_IDEMPOTENCY_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/env/database.h"
#include "ticketing/env/http.h"

namespace ticketing {

// Where the answer to a repeat comes from.
enum class Repeats {
  kStored,  // the first answer is stored
  kKnown,   // from the handler, which finds what it did; only the last answers are remembered
};

class IdempotencyStore {
 public:
  // The statements a service adds to its own migrations.
  static std::vector<std::string> Schema();

  // `database` must outlive the store and have Schema(). Answers that are still being stored when
  // the store goes are stored all the same.
  explicit IdempotencyStore(Database& database) : database_(database) {}

  // Starts a request. Gives the stored answer if there is one; nullopt means: go on, and call
  // Finish. Errors: kIdempotencyInFlight, kIdempotencyMismatch, or those of the database. `scope`
  // names caller, route and key, `fingerprint` all that is asked for.
  StatusOr<std::optional<HttpResponse>> Start(std::string_view scope, std::string_view fingerprint,
                                              Timestamp now, Repeats repeats = Repeats::kStored);

  // Ends it; the answer is kept if it is an outcome. Answers that come while others are being
  // stored are stored together behind them.
  void Finish(std::string_view scope, std::string_view fingerprint, const HttpResponse& response,
              Timestamp now, Repeats repeats = Repeats::kStored);

  // Ends it without an answer to keep: the same request may turn out differently next time.
  void Abandon(std::string_view scope);

  // Forgets answers older than the retention.
  Status Expire(Timestamp now);

 private:
  struct Answered {
    std::string fingerprint;
    HttpResponse response;
    Timestamp at;
  };
  using Answers = std::unordered_map<std::string, Answered>;
  // Requests that run or whose answer is not stored yet, and the last answers that are not stored.
  // The database's thread may be about to take one out when the store goes, so they share it.
  struct Running {
    void Remove(std::string_view scope);
    // These two are called with the mutex held.
    const Answered* Recent(const std::string& scope, Timestamp now) const;
    void Remember(std::string scope, Answered answered);

    std::mutex mutex;
    // What was answered; nothing while the first request runs.
    std::unordered_map<std::string, std::optional<Answered>> scopes;
    std::vector<SqlArgs> waiting;  // rows of answers that are not on their way to the database yet
    bool storing = false;          // some are on their way
    Answers recent;
    Answers older;  // what `recent` was before it was full
    size_t recent_bytes = 0;
  };
  static void StoreWaiting(Database& database, const std::shared_ptr<Running>& running);

  Database& database_;
  std::shared_ptr<Running> running_ = std::make_shared<Running>();
};

}  // namespace ticketing

#endif  // TICKETING_SERVICE_COMMON_IDEMPOTENCY_H_
