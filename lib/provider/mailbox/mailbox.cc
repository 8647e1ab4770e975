#include "ticketing/provider/mailbox/mailbox.h"

#include <utility>

#include "lib/provider/mailbox/pages.h"
#include "lib/provider/mailbox/server.h"
#include "lib/provider/mailbox/store.h"

namespace ticketing::mailbox {
namespace {

class EmbeddedMailbox final : public Mailbox {
 public:
  EmbeddedMailbox(const MailboxOptions& options, Database& database, Clock& clock, Log& log)
      : store_(database, options.messages_kept), clock_(clock), log_(log) {}

  Status Listen(const MailboxOptions& options) {
    auto keep = [this](const ReceivedMail& mail) {
      Status kept = store_.Add(mail, clock_.Now());
      if (!kept.ok()) {
        log_.Error("mailbox could not keep a mail", {{"error", std::string(MessageOf(kept))}});
      }
      return kept;
    };
    TICKETING_ASSIGN_OR_RETURN(server_, SmtpServer::Start(options, std::move(keep), clock_, log_));
    return OkStatus();
  }

  HttpResponse Handle(const HttpRequest& request) override { return AnswerPage(store_, request); }
  uint16_t smtp_port() const override { return server_->port(); }
  void Stop() override { server_->Stop(); }

 private:
  Store store_;
  Clock& clock_;
  Log& log_;
  std::unique_ptr<SmtpServer> server_;  // last: its threads use what stands above
};

}  // namespace

StatusOr<std::unique_ptr<Mailbox>> NewMailbox(const MailboxOptions& options, Database& database,
                                              Clock& clock, Log& log) {
  auto mailbox = std::make_unique<EmbeddedMailbox>(options, database, clock, log);
  TICKETING_RETURN_IF_ERROR(mailbox->Listen(options));
  return mailbox;
}

}  // namespace ticketing::mailbox
