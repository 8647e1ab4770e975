#include "lib/provider/mailbox/store.h"

#include <set>

#include "lib/provider/mailbox/mime_reader.h"
#include "ticketing/provider/mailbox/mailbox.h"

namespace ticketing::mailbox {
namespace {

std::string LowerText(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

// Addresses hold no line breaks, so lines divide them.
std::string JoinLines(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out.append(line).append("\n");
  return out;
}

std::vector<std::string> SplitLines(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

StoredMail FromRow(const SqlRow& row) {
  return {.id = row.Int(0),
          .received_at = Timestamp{row.Int(1)},
          .from = row.Text(2),
          .to = SplitLines(row.Text(3)),
          .subject = row.Text(4),
          .size = row.Int(5)};
}

}  // namespace

std::vector<Migration> MailboxSchema() {
  return {
      {.version = 1,
       .statements = {
           "CREATE TABLE mailbox_messages (id INTEGER PRIMARY KEY, received_at INTEGER NOT NULL, "
           "mail_from TEXT NOT NULL, rcpt_to TEXT NOT NULL, subject TEXT NOT NULL, "
           "size INTEGER NOT NULL, raw BLOB NOT NULL)",
           "CREATE TABLE mailbox_recipients (address TEXT NOT NULL, message_id INTEGER NOT NULL, "
           "PRIMARY KEY (address, message_id))",
           "CREATE INDEX mailbox_recipients_message ON mailbox_recipients (message_id)",
       }}};
}

Status Store::Add(const ReceivedMail& mail, Timestamp now) {
  const std::string subject = ParseMail(mail.raw).Header("subject");
  std::set<std::string> addresses;
  for (const std::string& to : mail.to) addresses.insert(LowerText(to));
  return database_.Write([&](SqlTransaction& tx) -> Status {
    int64_t id = 1;
    TICKETING_RETURN_IF_ERROR(tx.Query("SELECT COALESCE(MAX(id), 0) + 1 FROM mailbox_messages", {},
                                       [&id](const SqlRow& row) {
                                         id = row.Int(0);
                                         return OkStatus();
                                       }));
    TICKETING_RETURN_IF_ERROR(tx.Execute("INSERT INTO mailbox_messages (id, received_at, "
                                         "mail_from, rcpt_to, subject, size, raw) "
                                         "VALUES (?, ?, ?, ?, ?, ?, ?)",
                                         {id, now.micros, mail.from, JoinLines(mail.to), subject,
                                          static_cast<int64_t>(mail.raw.size()), Blob{mail.raw}})
                                  .status());
    for (const std::string& address : addresses) {
      TICKETING_RETURN_IF_ERROR(
          tx.Execute("INSERT INTO mailbox_recipients (address, message_id) VALUES (?, ?)",
                     {address, id})
              .status());
    }
    const int64_t oldest = id - static_cast<int64_t>(kept_);
    TICKETING_RETURN_IF_ERROR(
        tx.Execute("DELETE FROM mailbox_recipients WHERE message_id <= ?", {oldest}).status());
    return tx.Execute("DELETE FROM mailbox_messages WHERE id <= ?", {oldest}).status();
  });
}

StatusOr<std::vector<StoredMail>> Store::List(std::string_view to, size_t limit) {
  std::vector<StoredMail> out;
  const auto take = [&out](const SqlRow& row) {
    out.push_back(FromRow(row));
    return OkStatus();
  };
  const auto count = static_cast<int64_t>(limit);
  const Status status = database_.Read([&](SqlTransaction& tx) -> Status {
    if (to.empty()) {
      return tx.Query(
          "SELECT id, received_at, mail_from, rcpt_to, subject, size FROM mailbox_messages "
          "ORDER BY id DESC LIMIT ?",
          {count}, take);
    }
    return tx.Query(
        "SELECT m.id, m.received_at, m.mail_from, m.rcpt_to, m.subject, m.size "
        "FROM mailbox_recipients r JOIN mailbox_messages m ON m.id = r.message_id "
        "WHERE r.address = ? ORDER BY m.id DESC LIMIT ?",
        {LowerText(to), count}, take);
  });
  TICKETING_RETURN_IF_ERROR(status);
  return out;
}

StatusOr<StoredMail> Store::Get(int64_t id) {
  std::optional<StoredMail> found;
  TICKETING_RETURN_IF_ERROR(database_.Read([&](SqlTransaction& tx) -> Status {
    return tx.Query(
        "SELECT id, received_at, mail_from, rcpt_to, subject, size, raw FROM mailbox_messages "
        "WHERE id = ?",
        {id}, [&found](const SqlRow& row) {
          found = FromRow(row);
          found->raw = row.Bytes(6);
          return OkStatus();
        });
  }));
  if (!found) return MakeError(ErrorCode::kNotFound, "There is no message of this number.");
  return *std::move(found);
}

}  // namespace ticketing::mailbox
