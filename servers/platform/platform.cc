#include "servers/platform/platform.h"

#include "ticketing/base/bytes.h"

namespace ticketing {

Platform::~Platform() = default;

StatusOr<std::unique_ptr<Platform>> Platform::Open(PlatformOptions options, Env env,
                                                   DatabaseFactory& databases) {
  std::unique_ptr<Platform> platform(new Platform(env));
  TICKETING_RETURN_IF_ERROR(platform->OpenServices(std::move(options), databases));
  return platform;
}

Status Platform::OpenServices(PlatformOptions options, DatabaseFactory& databases) {
  // The secret never leaves the process, so a new one each time will do.
  const std::string secret = Base64UrlEncode(env_.random.Bytes(32));
  options.identity.service_secret = secret;
  TICKETING_ASSIGN_OR_RETURN(identity_, IdentityService::Open(env_, databases, options.identity));
  to_identity_ = std::make_unique<InProcessHttpClient>(identity_->api());
  verifier_ = std::make_unique<TokenVerifier>(*to_identity_, env_.clock);
  const auto token = [&](const char* service) {
    return std::make_unique<ServiceToken>(*to_identity_, env_.clock, service, secret);
  };
  ticketing_token_ = token("ticketing");
  client_token_ = token("client-api");
  admin_token_ = token("admin-api");

  TICKETING_ASSIGN_OR_RETURN(card_, CardGateway::Open(options.card, env_, databases));
  TICKETING_ASSIGN_OR_RETURN(
      payments_, PaymentsService::Open({env_, databases, *verifier_, card_->gateway()}));
  to_payments_ = std::make_unique<InProcessHttpClient>(payments_->api());

  TICKETING_ASSIGN_OR_RETURN(mail_, Mail::Open(options.mail, env_, databases));
  TICKETING_ASSIGN_OR_RETURN(
      notifications_,
      NotificationsService::Open({env_, databases, *verifier_, mail_->sender(), mail_->documents()},
                                 options.notifications));
  to_notifications_ = std::make_unique<InProcessHttpClient>(notifications_->api());

  TICKETING_ASSIGN_OR_RETURN(
      ticketing_, TicketingService::Open({env_, databases, *verifier_, *to_payments_,
                                          *to_notifications_, *to_identity_, *ticketing_token_},
                                         options.ticketing));
  to_ticketing_ = std::make_unique<InProcessHttpClient>(ticketing_->api());

  const auto upstreams = [&](ServiceToken& own) {
    return Upstreams{*to_identity_,      *to_ticketing_, *to_payments_,
                     *to_notifications_, *verifier_,     own};
  };
  client_api_ = MakeClientApi(upstreams(*client_token_), options.limits, env_);
  admin_api_ = MakeAdminApi(upstreams(*admin_token_), options.limits, env_);
  return OkStatus();
}

std::vector<std::unique_ptr<Ticker>> Platform::StartTickers() {
  std::vector<std::unique_ptr<Ticker>> tickers;
  const auto every = [&](Duration interval, std::function<Status()> tick) {
    tickers.push_back(TickEvery(interval, env_, std::move(tick)));
  };
  every(Duration::Millis(100), [this] { return ticketing_->Tick(); });
  every(Duration::Millis(100), [this] { return notifications_->Tick().status(); });
  every(Duration::Seconds(1), [this] { return payments_->Tick(); });
  every(Duration::Seconds(5), [this] {
    TICKETING_RETURN_IF_ERROR(verifier_->Tick());
    return identity_->Tick();
  });
  return tickers;
}

}  // namespace ticketing
