// ticketing-platform: every API in one process, with the web clients and a start page.
#include <cstdio>

#include "servers/platform/doors.h"
#include "servers/platform/platform.h"

int main(int argc, char** argv) {
  using namespace ticketing;
  PlatformOptions options;
  DoorOptions door_options;
  StorageOptions storage;
  Flags flags("ticketing-platform",
              "The whole platform in one process, on SQLite files or PostgreSQL: all APIs, the web "
              "clients, a "
              "start page, and an embedded "
              "mailbox and payment sandbox where nothing else is set up.");
  door_options.Declare(flags);
  storage.Declare(flags);
  flags.Add("admin_email", &options.identity.admin_email,
            "The first administrator, made when there is no such account.");
  flags.AddSecret("admin_password", &options.identity.admin_password,
                  "The first administrator's password.");
  flags.Add("hold", &options.ticketing.hold, "How long seats are held for a customer.");
  options.card.Declare(flags);
  options.mail.Declare(flags, kMailboxPort);
  flags.Add("mail_from", &options.notifications.from_address, "The sender's address in mails.");
  flags.Add("mail_from_name", &options.notifications.from_name, "The sender's name in mails.");
  flags.Add("public_url", &options.notifications.public_url,
            "Base of the links in mails; empty leaves them out.");
  return RunProgram(argc, argv, flags, [&](Program& program) -> Status {
    TICKETING_ASSIGN_OR_RETURN(const std::unique_ptr<DatabaseFactory> databases, storage.Open());
    TICKETING_ASSIGN_OR_RETURN(const std::unique_ptr<Platform> platform,
                               Platform::Open(options, program.env(), *databases));
    TICKETING_ASSIGN_OR_RETURN(const std::unique_ptr<Doors> doors,
                               Doors::Open(door_options, *platform, program.env()));
    const std::vector<std::unique_ptr<Ticker>> tickers = platform->StartTickers();
    std::printf("ready: %s\n", doors->start_address().c_str());
    std::fflush(stdout);
    program.WaitForStop();
    doors->Stop();
    return OkStatus();
  });
}
