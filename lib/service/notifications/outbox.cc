#include "lib/service/notifications/outbox.h"

#include <functional>

namespace ticketing {
namespace {

using notification::Delivery;
using notification::DeliveryState;

constexpr char kColumns[] =
    "SELECT id, dedupe_key, request, state, attempts, due_at, expires_at, last_error, created_at,"
    " sent_at FROM messages ";

OutgoingMessage MessageOf(const SqlRow& row) {
  return {.id = MessageId::FromSql(row.Int(0)),
          .dedupe_key = row.Text(1),
          .request = row.Bytes(2),
          .delivery = {.state = static_cast<DeliveryState>(row.Int(3)),
                       .attempts = static_cast<int32_t>(row.Int(4)),
                       .due_at = Timestamp{row.Int(5)},
                       .expires_at = Timestamp{row.Int(6)},
                       .last_error = row.Text(7)},
          .created_at = Timestamp{row.Int(8)},
          .sent_at = Timestamp{row.Int(9)}};
}

Status Find(SqlTransaction& tx, const std::string& where, const SqlArgs& args,
            std::optional<OutgoingMessage>& out) {
  out.reset();
  return tx.Query(kColumns + where, args, [&out](const SqlRow& row) {
    out = MessageOf(row);
    return OkStatus();
  });
}

Status StoreDelivery(SqlTransaction& tx, MessageId id, const Delivery& delivery) {
  return tx
      .Execute(
          "UPDATE messages SET state = ?, attempts = ?, due_at = ?, last_error = ?"
          " WHERE id = ?",
          {static_cast<int64_t>(delivery.state), int64_t{delivery.attempts}, delivery.due_at.micros,
           delivery.last_error, id.ToSql()})
      .status();
}

}  // namespace

std::vector<Migration> MessageOutbox::Schema() {
  return {{.version = 1,
           .statements = {
               "CREATE TABLE messages (id INTEGER PRIMARY KEY, dedupe_key TEXT NOT NULL UNIQUE,"
               " request BLOB NOT NULL, state INTEGER NOT NULL, attempts INTEGER NOT NULL,"
               " due_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, last_error TEXT NOT NULL,"
               " created_at INTEGER NOT NULL, sent_at INTEGER NOT NULL)",
               "CREATE INDEX messages_due ON messages (state, due_at)",
           }}};
}

StatusOr<MessageOutbox::Added> MessageOutbox::Add(const OutgoingMessage& message) {
  Added added;
  const Status written = database_.Write([&](SqlTransaction& tx) -> Status {
    std::optional<OutgoingMessage> known;
    TICKETING_RETURN_IF_ERROR(Find(tx, "WHERE dedupe_key = ?", {message.dedupe_key}, known));
    added = {known.value_or(message), !known};
    if (known) return OkStatus();
    const Delivery& delivery = message.delivery;
    return tx
        .Execute(
            "INSERT INTO messages (id, dedupe_key, request, state, attempts, due_at,"
            " expires_at, last_error, created_at, sent_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?,"
            " 0)",
            {message.id.ToSql(), message.dedupe_key, Blob{message.request},
             static_cast<int64_t>(delivery.state), int64_t{delivery.attempts},
             delivery.due_at.micros, delivery.expires_at.micros, delivery.last_error,
             message.created_at.micros})
        .status();
  });
  TICKETING_RETURN_IF_ERROR(written);
  return added;
}

StatusOr<OutgoingMessage> MessageOutbox::Get(MessageId id) {
  std::optional<OutgoingMessage> found;
  const Status read = database_.Read(
      [&](SqlTransaction& tx) { return Find(tx, "WHERE id = ?", {id.ToSql()}, found); });
  TICKETING_RETURN_IF_ERROR(read);
  if (!found) return MakeError(ErrorCode::kNotFound, "There is no such message.");
  return *std::move(found);
}

StatusOr<std::vector<MessageId>> MessageOutbox::Due(Timestamp now, int limit) {
  std::vector<MessageId> ids;
  const Status read = database_.Read([&](SqlTransaction& tx) {
    ids.clear();
    return tx.Query(
        "SELECT id FROM messages WHERE state IN (?, ?, ?) AND due_at <= ?"
        " ORDER BY due_at, id LIMIT ?",
        {static_cast<int64_t>(DeliveryState::kQueued),
         static_cast<int64_t>(DeliveryState::kSending),
         static_cast<int64_t>(DeliveryState::kFailed), now.micros, int64_t{limit}},
        [&ids](const SqlRow& row) {
          ids.push_back(MessageId::FromSql(row.Int(0)));
          return OkStatus();
        });
  });
  TICKETING_RETURN_IF_ERROR(read);
  return ids;
}

StatusOr<std::optional<OutgoingMessage>> MessageOutbox::Claim(MessageId id, Timestamp now,
                                                              bool& died) {
  std::optional<OutgoingMessage> claimed;
  const Status written = database_.Write([&](SqlTransaction& tx) -> Status {
    died = false;
    TICKETING_RETURN_IF_ERROR(Find(tx, "WHERE id = ?", {id.ToSql()}, claimed));
    if (!claimed || !notification::IsDue(claimed->delivery, now)) {
      claimed.reset();
      return OkStatus();
    }
    TICKETING_ASSIGN_OR_RETURN(claimed->delivery, notification::Claim(claimed->delivery, now));
    died = claimed->delivery.state == DeliveryState::kDead;
    Status stored = StoreDelivery(tx, id, claimed->delivery);
    if (died) claimed.reset();
    return stored;
  });
  TICKETING_RETURN_IF_ERROR(written);
  return claimed;
}

Status MessageOutbox::Settle(const OutgoingMessage& claimed, const Delivery& outcome,
                             Timestamp now) {
  return database_.Write([&](SqlTransaction& tx) -> Status {
    std::optional<OutgoingMessage> stored;
    TICKETING_RETURN_IF_ERROR(Find(tx, "WHERE id = ?", {claimed.id.ToSql()}, stored));
    // The lease ran out and somebody else tries: the outcome that counts is theirs, unless ours is
    // that the mail is out.
    const bool ours = stored && stored->delivery.attempts == claimed.delivery.attempts;
    const bool sent = outcome.state == DeliveryState::kSent;
    if (!stored || stored->delivery.state == DeliveryState::kSent || (!ours && !sent)) {
      return OkStatus();
    }
    TICKETING_RETURN_IF_ERROR(StoreDelivery(tx, claimed.id, outcome));
    if (!sent) return OkStatus();
    return tx
        .Execute("UPDATE messages SET sent_at = ?, request = ? WHERE id = ?",
                 {now.micros, Blob{}, claimed.id.ToSql()})
        .status();
  });
}

}  // namespace ticketing
