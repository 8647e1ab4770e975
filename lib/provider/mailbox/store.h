// The mails in the database.
#ifndef TICKETING_LIB_PROVIDER_MAILBOX_STORE_H_
#define TICKETING_LIB_PROVIDER_MAILBOX_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/provider/mailbox/smtp_session.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/env/database.h"

namespace ticketing::mailbox {

struct StoredMail {
  int64_t id = 0;
  Timestamp received_at;
  std::string from;
  std::vector<std::string> to;
  std::string subject;
  int64_t size = 0;
  std::string raw;  // only from Get
};

class Store {
 public:
  Store(Database& database, size_t kept) : database_(database), kept_(kept) {}

  // Keeps the mail under the next number and drops what is too old.
  Status Add(const ReceivedMail& mail, Timestamp now);
  // Newest first; only those to `to` unless it is empty.
  StatusOr<std::vector<StoredMail>> List(std::string_view to, size_t limit);
  // Errors: kNotFound.
  StatusOr<StoredMail> Get(int64_t id);

 private:
  Database& database_;
  const size_t kept_;
};

}  // namespace ticketing::mailbox

#endif  // TICKETING_LIB_PROVIDER_MAILBOX_STORE_H_
