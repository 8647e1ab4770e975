// The messages in the database, from the request to the last attempt.
#ifndef TICKETING_LIB_SERVICE_NOTIFICATIONS_OUTBOX_H_
#define TICKETING_LIB_SERVICE_NOTIFICATIONS_OUTBOX_H_

#include <optional>
#include <string>
#include <vector>

#include "ticketing/base/id.h"
#include "ticketing/env/database.h"
#include "ticketing/notification/delivery.h"

namespace ticketing {

struct OutgoingMessage {
  MessageId id;
  std::string dedupe_key;
  // The request as protobuf bytes; empty once it was sent, because it holds names, addresses and
  // ticket codes.
  std::string request;
  notification::Delivery delivery;
  Timestamp created_at;
  Timestamp sent_at;
};

// Thread-safe.
class MessageOutbox {
 public:
  static std::vector<Migration> Schema();
  explicit MessageOutbox(Database& database) : database_(database) {}

  // Keeps the message unless there is one of its key; gives what is kept, and whether it is new.
  struct Added {
    OutgoingMessage message;
    bool is_new = false;
  };
  StatusOr<Added> Add(const OutgoingMessage& message);

  // Errors: kNotFound.
  StatusOr<OutgoingMessage> Get(MessageId id);

  // What is due, the longest waiting first.
  StatusOr<std::vector<MessageId>> Due(Timestamp now, int limit);

  // Starts an attempt; nullopt when it is not due any more, or has just died of age (`died`).
  StatusOr<std::optional<OutgoingMessage>> Claim(MessageId id, Timestamp now, bool& died);

  // Stores the outcome of the attempt that `claimed` was, unless another attempt began meanwhile.
  Status Settle(const OutgoingMessage& claimed, const notification::Delivery& outcome,
                Timestamp now);

 private:
  Database& database_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_NOTIFICATIONS_OUTBOX_H_
