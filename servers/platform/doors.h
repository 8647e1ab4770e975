// The listeners of the platform: the start page, and each web client with its gateway on an origin
// of its own.
#ifndef TICKETING_SERVERS_PLATFORM_DOORS_H_
#define TICKETING_SERVERS_PLATFORM_DOORS_H_

#include <memory>
#include <string>
#include <vector>

#include "servers/common/hosting.h"
#include "servers/common/web_site.h"
#include "servers/platform/platform.h"
#include "servers/platform/start_page.h"

namespace ticketing {

struct DoorOptions {
  HostPort start{"127.0.0.1", kStartPagePort};
  HostPort client_web{"127.0.0.1", kClientWebPort};
  HostPort admin_portal{"127.0.0.1", kAdminPortalPort};
  HostPort client_mobile{"127.0.0.1", kClientMobilePort};
  std::string web_dir = "clients/web";
  std::string demo_logins;

  void Declare(Flags& flags);
};

// Serves from Start until Stop. The platform must outlive it.
class Doors {
 public:
  // Errors: kUnavailable when an address is taken, naming it; kInvalidField for demo log-ins that
  // cannot be read.
  static StatusOr<std::unique_ptr<Doors>> Open(const DoorOptions& options, Platform& platform,
                                               Env env);

  void Stop();
  std::string start_address() const;

 private:
  Status Serve(const HostPort& listen, HttpHandler& site, size_t body_bytes_max);
  Status AddClient(const DoorOptions& options, const std::string& folder, const HostPort& listen,
                   Api& api, size_t body_bytes_max, Env env);
  Status AddStartPage(const DoorOptions& options, Platform& platform, Env env);

  std::vector<std::unique_ptr<HttpHandler>> parts_;
  std::vector<std::unique_ptr<WebSite>> sites_;
  std::vector<std::unique_ptr<HttpServer>> servers_;
  std::string start_address_;
};

}  // namespace ticketing

#endif  // TICKETING_SERVERS_PLATFORM_DOORS_H_
