// notifications-api: mails with their PDF tickets.
#include "servers/common/hosting.h"
#include "servers/common/outside.h"
#include "servers/common/web_site.h"
#include "ticketing/service/notifications/notifications_service.h"

int main(int argc, char** argv) {
  using namespace ticketing;
  HostOptions host(kNotificationsPort);
  MailOptions mail_options;
  NotificationsOptions options;
  Flags flags("notifications-api",
              "Mails with their PDF tickets. A domain API: keep it behind the gateways.");
  host.DeclareListen(flags);
  host.storage.Declare(flags);
  host.DeclareOthers(flags, "identity");
  mail_options.Declare(flags, kMailboxPort);
  flags.Add("mail_from", &options.from_address, "The sender's address in mails.");
  flags.Add("mail_from_name", &options.from_name, "The sender's name in mails.");
  flags.Add("public_url", &options.public_url,
            "Base of the links in mails; empty leaves them out.");
  return RunProgram(argc, argv, flags, [&](Program& program) -> Status {
    TICKETING_ASSIGN_OR_RETURN(const std::unique_ptr<DatabaseFactory> databases,
                               host.storage.Open());
    TICKETING_ASSIGN_OR_RETURN(const std::unique_ptr<Others> others,
                               Others::Connect(host, "notifications", program.env()));
    TICKETING_ASSIGN_OR_RETURN(const std::unique_ptr<Mail> mail,
                               Mail::Open(mail_options, program.env(), *databases));
    TICKETING_ASSIGN_OR_RETURN(
        const std::unique_ptr<NotificationsService> service,
        NotificationsService::Open(
            {program.env(), *databases, *others->verifier, mail->sender(), mail->documents()},
            options));
    WebSite site;
    site.Mount("/", service->api());
    if (mail->mailbox() != nullptr) site.Mount("/mailbox", *mail->mailbox());
    return Serve(program, host.listen, site, [&] { return service->Tick().status(); });
  });
}
