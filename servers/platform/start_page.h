// The page that a newcomer opens first: what runs where, the API documents, the mailbox, and the
// log-ins of a demo.
#ifndef TICKETING_SERVERS_PLATFORM_START_PAGE_H_
#define TICKETING_SERVERS_PLATFORM_START_PAGE_H_

#include <string>
#include <vector>

#include "ticketing/env/http.h"

namespace ticketing {

struct StartLink {
  std::string title;
  std::string address;
  std::string about;
};

struct StartLogin {
  std::string who;
  std::string email;
  std::string password;
};

struct StartPageContent {
  std::vector<StartLink> clients;
  std::vector<StartLink> documents;
  std::vector<StartLink> operation;
  std::vector<StartLogin> logins;  // shown in a demo only
};

// Answers GET / with the page and anything else with 404.
class StartPage final : public HttpHandler {
 public:
  explicit StartPage(const StartPageContent& content);
  HttpResponse Handle(const HttpRequest& request) override;

 private:
  std::string html_;
};

}  // namespace ticketing

#endif  // TICKETING_SERVERS_PLATFORM_START_PAGE_H_
