#include "ticketing/service/notifications/notifications_service.h"

#include <utility>

#include "lib/service/notifications/compose.h"
#include "lib/service/notifications/outbox.h"
#include "lib/wire/convert.h"
#include "ticketing/identity/account.h"
#include "ticketing/service/common/api.h"
#include "ticketing/v1/notifications.pb.h"
#include "ticketing/wire/json.h"

namespace ticketing {
namespace {

using notification::Delivery;
using notification::DeliveryState;

constexpr char kMessagesMetric[] = "notifications_messages_total";
constexpr char kMessagesHelp[] = "Attempts to send a message, by outcome.";

void Fill(const OutgoingMessage& message, v1::Message* out) {
  out->set_id(message.id.ToString());
  out->set_dedupe_key(message.dedupe_key);
  out->set_status(std::string(notification::DeliveryStateName(message.delivery.state)));
  out->set_attempts(message.delivery.attempts);
  out->set_last_error(message.delivery.last_error);
  wire::SetTime(message.created_at, out->mutable_created_at());
  if (message.sent_at != Timestamp{}) wire::SetTime(message.sent_at, out->mutable_sent_at());
}

}  // namespace

struct NotificationsService::Parts {
  Parts(NotificationsPorts given, NotificationsOptions wanted, std::unique_ptr<Database> opened)
      : ports(given),
        options(std::move(wanted)),
        database(std::move(opened)),
        outbox(*database),
        api({.service = "notifications-api",
             .title = "Notifications",
             .about = "Transactional messages, and tickets to print.",
             .verifier = &ports.verifier},
            ports.env, Routes()) {}

  std::vector<Route> Routes();
  StatusOr<HttpResponse> Create(Call& call);
  StatusOr<HttpResponse> GetOne(Call& call);
  StatusOr<HttpResponse> RenderTickets(Call& call);
  Status SendOne(MessageId id);
  Status Attempt(const OutgoingMessage& message);

  NotificationsPorts ports;
  const NotificationsOptions options;
  std::unique_ptr<Database> database;
  MessageOutbox outbox;
  Api api;
};

std::vector<Route> NotificationsService::Parts::Routes() {
  const Access service = {.roles = {Role::kService}};
  return {
      {.method = "POST",
       .path = "/v1/messages",
       .operation = "createMessage",
       .summary = "Send a message, once per key.",
       .access = service,
       .request = "ticketing.v1.CreateMessageRequest",
       .response = "ticketing.v1.Message",
       .handler = [this](Call& call) { return Create(call); },
       .success = 201},
      {.method = "GET",
       .path = "/v1/messages/{message_id}",
       .operation = "getMessage",
       .summary = "How far a message has come.",
       .access = {.roles = {Role::kService, Role::kAdmin}},
       .response = "ticketing.v1.Message",
       .handler = [this](Call& call) { return GetOne(call); }},
      {.method = "POST",
       .path = "/v1/documents/tickets",
       .operation = "renderTickets",
       .summary = "Tickets as one PDF, a page for each.",
       .access = service,
       .request = "ticketing.v1.RenderTicketsRequest",
       .handler = [this](Call& call) { return RenderTickets(call); },
       .response_type = "application/pdf"},
  };
}

StatusOr<HttpResponse> NotificationsService::Parts::Create(Call& call) {
  v1::CreateMessageRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  TICKETING_ASSIGN_OR_RETURN(const std::string email,
                             identity::NormalizeEmail(request.to().email(), "to.email"));
  request.mutable_to()->set_email(email);
  // What can never be rendered is refused here, where somebody can still do something about it.
  for (const v1::TicketPage& ticket : request.tickets()) {
    TICKETING_RETURN_IF_ERROR(PageOf(ticket, notification::Language::kSpanish).status());
  }
  const Timestamp now = ports.env.clock.Now();
  OutgoingMessage message{.id = ports.env.random.NewId<MessageId>(),
                          .dedupe_key = request.dedupe_key(),
                          .request = wire::ToBytes(request),
                          .delivery = notification::NewDelivery(now, options.message_life),
                          .created_at = now};
  TICKETING_ASSIGN_OR_RETURN(const MessageOutbox::Added added, outbox.Add(message));
  v1::Message out;
  Fill(added.message, &out);
  return call.Reply(added.is_new ? 201 : 200, out);
}

StatusOr<HttpResponse> NotificationsService::Parts::GetOne(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const MessageId id, call.PathId<MessageId>("message_id"));
  TICKETING_ASSIGN_OR_RETURN(const OutgoingMessage message, outbox.Get(id));
  v1::Message out;
  Fill(message, &out);
  return call.Reply(200, out);
}

StatusOr<HttpResponse> NotificationsService::Parts::RenderTickets(Call& call) {
  v1::RenderTicketsRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  std::vector<notification::TicketPage> pages;
  for (const v1::TicketPage& ticket : request.tickets()) {
    TICKETING_ASSIGN_OR_RETURN(pages.emplace_back(),
                               PageOf(ticket, notification::LanguageOf(request.language())));
  }
  HttpResponse response;
  response.headers.Set("Content-Type", "application/pdf");
  TICKETING_ASSIGN_OR_RETURN(response.body, ports.documents.RenderPages(pages));
  return response;
}

Status NotificationsService::Parts::Attempt(const OutgoingMessage& message) {
  v1::CreateMessageRequest request;
  TICKETING_RETURN_IF_ERROR(wire::FromBytes(message.request, &request));
  TICKETING_ASSIGN_OR_RETURN(
      const ComposedMail mail,
      ComposeMail(request, message.id, message.created_at, options, ports.documents));
  return ports.mail.Send(mail.envelope, mail.bytes);
}

Status NotificationsService::Parts::SendOne(MessageId id) {
  bool died = false;
  TICKETING_ASSIGN_OR_RETURN(const std::optional<OutgoingMessage> claimed,
                             outbox.Claim(id, ports.env.clock.Now(), died));
  if (died) {
    ports.env.log.Error("message given up", {{"message", id.ToString()}, {"cause", "too late"}});
    ports.env.metrics.Count(kMessagesMetric, kMessagesHelp, {{"outcome", "dead"}});
  }
  if (!claimed) return OkStatus();
  const Status outcome = Attempt(*claimed);
  const Timestamp now = ports.env.clock.Now();
  Delivery next;
  if (outcome.ok()) {
    next = notification::AfterSuccess(claimed->delivery);
  } else if (notification::IsTransient(outcome)) {
    next = notification::AfterTransientError(claimed->delivery, MessageOf(outcome), now,
                                             ports.env.random.Next64());
  } else {
    next = notification::AfterPermanentError(claimed->delivery, MessageOf(outcome));
  }
  const std::string state(notification::DeliveryStateName(next.state));
  ports.env.metrics.Count(kMessagesMetric, kMessagesHelp, {{"outcome", state}});
  ports.env.log.Write(next.state == DeliveryState::kSent   ? LogLevel::kInfo
                      : next.state == DeliveryState::kDead ? LogLevel::kError
                                                           : LogLevel::kWarning,
                      "message " + state,
                      {{"message", id.ToString()},
                       {"attempts", std::to_string(next.attempts)},
                       {"cause", next.last_error}});
  return outbox.Settle(*claimed, next, now);
}

StatusOr<std::unique_ptr<NotificationsService>> NotificationsService::Open(
    NotificationsPorts ports, NotificationsOptions options) {
  TICKETING_RETURN_IF_ERROR(
      identity::NormalizeEmail(options.from_address, "from_address").status());
  if (options.messages_per_tick < 1) {
    return InvalidField("messages_per_tick", "must be at least 1");
  }
  TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                             ports.databases.Open(options.database, MessageOutbox::Schema()));
  auto parts = std::make_unique<Parts>(ports, std::move(options), std::move(database));
  return std::unique_ptr<NotificationsService>(new NotificationsService(std::move(parts)));
}

NotificationsService::NotificationsService(std::unique_ptr<Parts> parts)
    : parts_(std::move(parts)) {}
NotificationsService::~NotificationsService() = default;

HttpHandler& NotificationsService::api() {
  return parts_->api;
}

StatusOr<int> NotificationsService::Tick() {
  TICKETING_ASSIGN_OR_RETURN(
      const std::vector<MessageId> due,
      parts_->outbox.Due(parts_->ports.env.clock.Now(), parts_->options.messages_per_tick));
  for (const MessageId id : due) TICKETING_RETURN_IF_ERROR(parts_->SendOne(id));
  return static_cast<int>(due.size());
}

}  // namespace ticketing
