#include "lib/service/ticketing/sale_rules.h"

#include <algorithm>

#include "lib/wire/convert.h"
#include "ticketing/base/bytes.h"

namespace ticketing {
namespace {

using Mode = seat::TableSelling::Mode;

constexpr std::string_view kCodeField = "access_codes";

constexpr std::pair<std::string_view, Mode> kTableModes[] = {
    {"as_drawn", Mode::kAsDrawn}, {"whole", Mode::kWhole}, {"by_seat", Mode::kBySeat}};

std::string Item(std::string_view list, int i, std::string_view field) {
  return std::string(list) + "[" + std::to_string(i) + "]." + std::string(field);
}

StatusOr<seat::Channel> ChannelOf(const v1::SaleChannel& message, int position,
                                  const seat::Chart& chart) {
  seat::Channel channel;
  channel.key = message.key();
  channel.name = message.name();
  channel.color = message.color();
  channel.index = position;
  channel.access_codes.assign(message.access_codes().begin(), message.access_codes().end());
  for (const std::string& code : channel.access_codes) {
    if (code.size() < 4 || code.size() > 100)
      return InvalidField(Item("channels", position, "access_codes"),
                          "must be 4 to 100 bytes each");
  }
  if (message.has_quota()) channel.quota = static_cast<uint32_t>(message.quota());
  for (const std::string& label : message.objects()) {
    const std::optional<uint32_t> object = chart.Find(label);
    if (!object)
      return InvalidField(Item("channels", position, "objects"), label + " is not in the chart");
    channel.objects.push_back(*object);
  }
  for (const v1::AreaPlaces& places : message.area_places()) {
    const std::optional<uint32_t> area = chart.Find(places.area());
    if (!area)
      return InvalidField(Item("channels", position, "area_places"),
                          places.area() + " is not in the chart");
    channel.area_places[*area] = static_cast<uint32_t>(places.places());
  }
  return channel;
}

StatusOr<seat::SaleRules> RulesOf(const v1::SaleRules& message, const seat::Chart& chart) {
  seat::SaleRules rules;
  for (const auto& [name, mode] : kTableModes) {
    if (message.tables() == name) rules.tables.mode = mode;
  }
  for (int i = 0; i < message.channels_size(); ++i) {
    TICKETING_ASSIGN_OR_RETURN(seat::Channel channel, ChannelOf(message.channels(i), i, chart));
    rules.channels.push_back(std::move(channel));
  }
  if (message.has_for_sale()) {
    const v1::SaleList& list = message.for_sale();
    seat::ForSale for_sale;
    for_sale.only_listed = list.only_listed();
    for_sale.objects.assign(list.objects().begin(), list.objects().end());
    for_sale.categories.assign(list.categories().begin(), list.categories().end());
    for (const v1::AreaPlaces& places : list.area_places())
      for_sale.area_places[places.area()] = places.places();
    // A label that the chart does not have would be a switch that does nothing.
    for (const std::string& label : for_sale.objects) {
      if (!chart.Find(label))
        return InvalidField("for_sale.objects", label + " is not in the chart");
    }
    rules.for_sale = std::move(for_sale);
  }
  for (const v1::SaleWindow& window : message.windows()) {
    rules.windows.push_back(
        {window.category(), window.has_opens_at() ? wire::TimeOf(window.opens_at()) : Timestamp(),
         window.has_closes_at() ? wire::TimeOf(window.closes_at()) : Timestamp()});
  }
  rules.refuse_orphans = !message.allow_single_seats();
  return rules;
}

v1::SaleRules MessageOf(const seat::SaleRules& rules, const seat::Chart& chart) {
  v1::SaleRules message;
  for (const auto& [name, mode] : kTableModes) {
    if (rules.tables.mode == mode) message.set_tables(std::string(name));
  }
  for (const seat::Channel& channel : rules.channels) {
    v1::SaleChannel* out = message.add_channels();
    out->set_key(channel.key);
    out->set_name(channel.name);
    out->set_color(channel.color);
    for (const std::string& code : channel.access_codes) out->add_access_codes(code);
    if (channel.quota) out->set_quota(*channel.quota);
    for (const uint32_t object : channel.objects) out->add_objects(chart.object(object).label);
    for (const auto& [area, places] : channel.area_places) {
      v1::AreaPlaces* aside = out->add_area_places();
      aside->set_area(chart.object(area).label);
      aside->set_places(places);
    }
  }
  if (rules.for_sale) {
    v1::SaleList* list = message.mutable_for_sale();
    list->set_only_listed(rules.for_sale->only_listed);
    for (const std::string& label : rules.for_sale->objects) list->add_objects(label);
    for (const std::string& key : rules.for_sale->categories) list->add_categories(key);
    for (const auto& [area, places] : rules.for_sale->area_places) {
      v1::AreaPlaces* out = list->add_area_places();
      out->set_area(area);
      out->set_places(places);
    }
  }
  for (const seat::SaleWindow& window : rules.windows) {
    v1::SaleWindow* out = message.add_windows();
    out->set_category(window.category);
    if (window.opens_at.micros != 0) wire::SetTime(window.opens_at, out->mutable_opens_at());
    if (window.closes_at.micros != 0) wire::SetTime(window.closes_at, out->mutable_closes_at());
  }
  message.set_allow_single_seats(!rules.refuse_orphans);
  return message;
}

}  // namespace

std::vector<Route> SaleRulesRoutes::Routes() {
  const Access staff{.roles = {Role::kAdmin}};
  Route replace{"PUT",
                "/v1/events/{event_id}/sale-rules",
                "replaceSaleRules",
                "Replaces who may buy what of an event; what is held or sold stays so",
                staff,
                "ticketing.v1.SaleRules",
                "ticketing.v1.SaleRules",
                [this](Call& call) { return Replace(call); }};
  replace.body_bytes_max = limits::kChartBodyBytesMax;
  return {{"GET", "/v1/events/{event_id}/sale-rules", "getSaleRules",
           "Gives who may buy what of an event", staff, "", "ticketing.v1.SaleRules",
           [this](Call& call) { return Show(call); }},
          std::move(replace)};
}

StatusOr<HttpResponse> SaleRulesRoutes::Show(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane at, lanes_.Get(id));
  v1::SaleRules message;
  TICKETING_RETURN_IF_ERROR(at->Ask([&](const LaneState& state) {
    message = MessageOf(state.seats.at(at.slot()).rules(), at->chart());
    return OkStatus();
  }));
  return call.Reply(200, message);
}

StatusOr<HttpResponse> SaleRulesRoutes::Replace(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  v1::SaleRules request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane at, lanes_.Get(id));
  const std::shared_ptr<const EventInfo>& event = at.event;
  for (int i = 0; i < request.windows_size(); ++i) {
    const std::string& key = request.windows(i).category();
    if (!key.empty() && !event->chart->FindCategory(key))
      return InvalidField(Item("windows", i, "category"), "is not a category of this event");
  }
  for (const std::string& key : request.for_sale().categories()) {
    if (!event->chart->FindCategory(key))
      return InvalidField("for_sale.categories", key + " is not a category of this event");
  }
  TICKETING_ASSIGN_OR_RETURN(const seat::SaleRules wanted, RulesOf(request, *event->chart));
  v1::SaleRules message;
  const Status status = at->Run([&](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    seat::SaleRules rules = wanted;
    // A channel that stays keeps its number: places that were sold out of it carry it.
    for (seat::Channel& channel : rules.channels) {
      for (const seat::Channel& known : state.seats.at(at.slot()).rules().channels) {
        if (known.key == channel.key) channel.id = known.id;
      }
    }
    TICKETING_RETURN_IF_ERROR(state.seats.SetRules(at.slot(), std::move(rules), now));
    message = MessageOf(state.seats.at(at.slot()).rules(), *event->chart);
    LaneEffect effect;
    effect.head = true;
    return effect;
  });
  TICKETING_RETURN_IF_ERROR(status);
  return call.Reply(200, message);
}

StatusOr<seat::SaleAccess> AccessOf(const seat::SaleRules& rules,
                                    const v1::CreateHoldRequest& request, bool staff) {
  seat::SaleAccess access;
  if (!staff && request.channels_size() > 0)
    return InvalidField("channels", "is for staff; use access_codes");
  if (!staff && request.ignore_for_sale()) return InvalidField("ignore_for_sale", "is for staff");
  access.ignore_for_sale = request.ignore_for_sale();
  for (const std::string& key : request.channels()) {
    const bool known = std::ranges::any_of(
        rules.channels, [&](const seat::Channel& channel) { return channel.key == key; });
    if (!known) return InvalidField("channels", key + " is not a channel of this event");
    access.channels.push_back(key);
  }
  for (int i = 0; i < request.access_codes_size(); ++i) {
    bool opens = false;
    for (const seat::Channel& channel : rules.channels) {
      for (const std::string& code : channel.access_codes) {
        if (!ConstantTimeEquals(code, request.access_codes(i))) continue;
        opens = true;
        access.channels.push_back(channel.key);
      }
    }
    if (!opens)
      return InvalidField(std::string(kCodeField) + "[" + std::to_string(i) + "]",
                          "does not open anything here");
  }
  return access;
}

bool IsWrongCode(const Status& status) {
  if (CodeOf(status) != ErrorCode::kInvalidField) return false;
  const ErrorDetails details = DetailsOf(status);
  return !details.fields.empty() && details.fields[0].field.starts_with(kCodeField);
}

}  // namespace ticketing
