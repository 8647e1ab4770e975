#include "lib/service/ticketing/ticket_search.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "lib/service/ticketing/gate_policy.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {
namespace {

constexpr size_t kOrderBytesMin = 6;

std::string TypeNameOf(const v1::StoredGatePolicy& policy, std::string_view sold_as,
                       std::string_view category) {
  const uint16_t number = TypeNumberOf(policy, sold_as, category);
  for (const v1::StoredTicketType& type : policy.types()) {
    if (type.number() == number) return type.type().name();
  }
  return std::string(sold_as.empty() ? category : sold_as);
}

// Orders are asked for by what is printed on the mail: the whole number or its end, which is what
// tells the orders of one day apart.
bool IsPartOfOrder(std::string_view order, std::string_view words) {
  return words.size() >= kOrderBytesMin && order.ends_with(words);
}

}  // namespace

std::string FoldedForSearch(std::string_view text) {
  utf8proc_uint8_t* folded = nullptr;
  const auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
                                     UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_STRIPCC);
  const utf8proc_ssize_t length =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &folded, options);
  if (length < 0) return {};
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(folded, &std::free);
  std::string out;
  for (utf8proc_ssize_t i = 0; i < length; ++i) {
    const char c = static_cast<char>(folded[i]);
    if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

bool BeginsWords(std::string_view text, std::string_view words) {
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    words.remove_prefix(std::min(word.size() + 1, words.size()));
    bool found = text.starts_with(word);
    for (size_t at = text.find(' '); !found && at != text.npos; at = text.find(' ', at + 1)) {
      found = text.substr(at + 1).starts_with(word);
    }
    if (!found) return false;
  }
  return true;
}

std::vector<Route> TicketSearches::Routes() {
  Route find{"POST",
             std::string(kSearchPath),
             "findTickets",
             "Finds tickets by name, order or seat for a supervisor's device",
             {.roles = {Role::kDevice}},
             "",
             "",
             [this](Call& call) { return Find(call); }};
  find.request_type = find.response_type = std::string(kProtobufMediaType);
  return {std::move(find)};
}

StatusOr<DeviceId> TicketSearches::AskerOf(const Call& call, const TicketSearch& search) const {
  const std::optional<DeviceId> caller = DeviceId::Parse(call.principal.subject);
  if (!caller) return MakeError(ErrorCode::kPermissionDenied, "Only a device may do this.");
  const std::vector<CopyDevice> devices = devices_.All();
  const auto trusted = [&](DeviceId id) {
    const auto device = std::ranges::find(devices, id, &CopyDevice::id);
    return device != devices.end() && !device->revoked ? &*device : nullptr;
  };
  const CopyDevice* self = trusted(*caller);
  if (self == nullptr) return MakeError(ErrorCode::kDeviceRevoked, "This device was shut out.");
  if (!search.device || search.device == *caller) return *caller;
  if (!self->bastion || trusted(search.device) == nullptr) {
    return MakeError(ErrorCode::kPermissionDenied, "Only a bastion asks for its handhelds.");
  }
  return search.device;
}

StatusOr<HttpResponse> TicketSearches::Find(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const TicketSearch search, DecodeTicketSearch(call.request.body));
  TICKETING_ASSIGN_OR_RETURN(const DeviceId asker, AskerOf(call, search));
  TICKETING_ASSIGN_OR_RETURN(const EventId event, copies_.EventOfNumber(search.event));
  v1::StoredGatePolicy policy;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(policy, ReadGatePolicy(tx, event));
    return OkStatus();
  }));
  const auto& supervisors = policy.policy().supervisor_devices();
  if (std::ranges::find(supervisors, asker.ToString()) == supervisors.end()) {
    return MakeError(ErrorCode::kPermissionDenied,
                     "Only a supervisor's device of this event looks for people.");
  }
  if (rate_.Admit(asker.ToString(), context_.env.clock.Monotonic())) {
    return MakeError(ErrorCode::kRateLimited, "Too many searches; wait a few seconds.");
  }
  const std::string words = FoldedForSearch(search.words);
  if (words.size() < kSearchBytesMin) {
    return InvalidField("words", "Give at least three letters of a name, an order or a seat.");
  }
  TICKETING_ASSIGN_OR_RETURN(const FoundTickets found, Look(event, policy, words));
  context_.env.log.Info("tickets searched", {{"device", asker.ToString()},
                                             {"event", event.ToString()},
                                             {"found", std::to_string(found.tickets.size())}});
  HttpResponse response;
  response.headers.Set("Content-Type", kProtobufMediaType);
  response.body = EncodeFoundTickets(found);
  return response;
}

// Reads all tickets of the event: what is asked a few times in a night needs no index that every
// sale would pay for.
StatusOr<FoundTickets> TicketSearches::Look(EventId event, const v1::StoredGatePolicy& policy,
                                            std::string_view words) {
  FoundTickets found;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    found = {};
    OrderId last_order;
    bool order_fits = false;
    return tx.Query(
        "SELECT t.id, t.label, t.sold_as, t.category, t.order_id, o.buyer_name"
        " FROM tickets t JOIN orders o ON o.id = t.order_id WHERE t.event_id = ?"
        " ORDER BY t.order_id, t.ordinal",
        {event.ToSql()}, [&](const SqlRow& row) {
          const OrderId order = OrderId::FromSql(row.Int(4));
          if (order != last_order) {
            last_order = order;
            order_fits = BeginsWords(FoldedForSearch(row.Text(5)), words) ||
                         IsPartOfOrder(FoldedForSearch(order.ToString()), words);
          }
          if (!order_fits && FoldedForSearch(row.Text(1)) != words) return OkStatus();
          found.more = found.tickets.size() == kFoundTicketsMax;
          if (found.more) return OkStatus();
          found.tickets.push_back({TicketId::FromSql(row.Int(0)), row.Text(1),
                                   TypeNameOf(policy, row.Text(2), row.Text(3)), row.Text(5),
                                   order.ToString()});
          return OkStatus();
        });
  }));
  return found;
}

}  // namespace ticketing
