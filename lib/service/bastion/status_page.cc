#include "lib/service/bastion/status_page.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lib/service/bastion/page.h"
#include "ticketing/admission/explain.h"
#include "ticketing/base/html.h"

namespace ticketing {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kConflictsShown = 50;
// A handheld says something every second or so; silent for this long it is out of reach.
constexpr int64_t kSilentSeconds = 15;
constexpr int kBatteryLow = 20;

// Names come from outside: whatever is not UTF-8 must not stop the page.
std::string Dump(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace);
}

std::string GateName(const GateEngine& engine, uint32_t event, uint16_t gate) {
  const auto header = engine.Event(event);
  const CopyGate* found = header == nullptr ? nullptr : header->FindGate(gate);
  return found == nullptr ? (gate == 0 ? "*" : std::to_string(gate)) : found->name;
}

std::string ZoneName(const GateEngine& engine, uint32_t event, uint16_t zone) {
  const auto header = engine.Event(event);
  if (header != nullptr) {
    for (const CopyZone& known : header->zones) {
      if (known.number == zone) return known.name;
    }
  }
  return std::to_string(zone);
}

Status AddFigures(GateEngine& engine, Timestamp now, Json& out) {
  TICKETING_ASSIGN_OR_RETURN(const GateFigures figures, engine.Figures(now - Duration::Minutes(1)));
  uint64_t per_minute = 0;
  Json gates = Json::array();
  for (const GateFigure& gate : figures.gates) {
    per_minute += gate.lately;
    gates.push_back({{"event", gate.event},
                     {"gate", gate.gate},
                     {"name", GateName(engine, gate.event, gate.gate)},
                     {"admitted", gate.admitted},
                     {"refused", gate.refused},
                     {"exits", gate.exits},
                     {"last_minute", gate.lately}});
  }
  Json zones = Json::array();
  for (const ZoneFigure& zone : figures.zones) {
    zones.push_back({{"event", zone.event},
                     {"zone", zone.zone},
                     {"name", ZoneName(engine, zone.event, zone.zone)},
                     {"inside", zone.inside},
                     {"tickets", zone.tickets}});
  }
  out["per_minute"] = per_minute;
  out["gates"] = std::move(gates);
  out["zones"] = std::move(zones);
  return OkStatus();
}

Status AddDevices(GateEngine& engine, const StatusInput& input, uint64_t own_sequence,
                  Timestamp now, Json& out) {
  const std::vector<CopyDevice> devices = engine.Devices();
  std::vector<DeviceId> ids;
  ids.reserve(devices.size());
  for (const CopyDevice& device : devices) ids.push_back(device.id);
  TICKETING_ASSIGN_OR_RETURN(const std::vector<LogMark> stored, engine.StoredMarks(ids));
  TICKETING_ASSIGN_OR_RETURN(const std::vector<LogMark> in_cloud, engine.CloudMarks(ids));
  std::map<DeviceId, uint64_t> here, there;
  for (const LogMark& mark : stored) here[mark.device] = mark.sequence;
  // What it wrote itself it has: marks are kept for what came from elsewhere.
  here[engine.device()] = own_sequence;
  for (const LogMark& mark : in_cloud) there[mark.device] = mark.sequence;
  Json rows = Json::array();
  for (const CopyDevice& device : devices) {
    const uint64_t entries = here[device.id];
    const uint64_t safe = there[device.id];
    Json row = {{"id", device.id.ToString()},
                {"name", device.name},
                {"bastion", device.bastion},
                {"revoked", device.revoked},
                {"entries", entries},
                {"entries_in_cloud", safe},
                {"lag", entries - std::min(entries, safe)},
                {"seconds_ago", nullptr},
                {"battery", nullptr},
                {"disk_low", false}};
    if (const auto seen = input.presence.find(device.id); seen != input.presence.end()) {
      row["seconds_ago"] = std::max<int64_t>((now - seen->second.at).micros / 1'000'000, 0);
      if (seen->second.battery >= 0) row["battery"] = seen->second.battery;
      row["disk_low"] = seen->second.disk_low;
    }
    rows.push_back(std::move(row));
  }
  out["devices"] = std::move(rows);
  return OkStatus();
}

Status AddConflicts(GateEngine& engine, Timestamp now, Json& out) {
  TICKETING_ASSIGN_OR_RETURN(std::vector<Conflict> conflicts, engine.Conflicts());
  std::ranges::sort(conflicts, std::greater<>(), &Conflict::second_at);
  Json list = Json::array();
  for (const Conflict& conflict : conflicts) {
    if (list.size() >= kConflictsShown) break;
    const auto header = engine.Event(conflict.event);
    const int32_t offset = header == nullptr ? 0 : header->utc_offset_minutes;
    list.push_back({{"ticket", conflict.ticket.ToString()},
                    {"first_gate", GateName(engine, conflict.event, conflict.first_gate)},
                    {"first_at", VenueTime(conflict.first_at, now, offset)},
                    {"second_gate", GateName(engine, conflict.event, conflict.second_gate)},
                    {"second_at", VenueTime(conflict.second_at, now, offset)}});
  }
  out["conflict_list"] = std::move(list);
  return OkStatus();
}

const char* NameOf(DiskState state) {
  return state == DiskState::kFull ? "full" : state == DiskState::kLow ? "low" : "fine";
}

void AddStanding(const StatusInput& input, Json& out) {
  out["decides"] = input.silent.empty();
  out["silent_because"] = input.silent;
  out["log_whole"] = input.log_whole;
  out["log_forked"] = input.log_forked;
  out["disk"] = {{"state", NameOf(input.disk.state)},
                 {"free_bytes", nullptr},
                 {"warn_below", input.disk.warn_below}};
  if (input.disk.free_bytes) out["disk"]["free_bytes"] = *input.disk.free_bytes;
}

StatusOr<Json> Describe(GateEngine& engine, const StatusInput& input) {
  TICKETING_ASSIGN_OR_RETURN(const GateStatus status, engine.GetStatus());
  const Timestamp now = engine.env().clock.Now();
  Json events = Json::array();
  for (const EventVersion& event : status.events) {
    events.push_back({{"id", event.id.ToString()},
                      {"number", event.number},
                      {"name", event.name},
                      {"version", event.version}});
  }
  Json out = {{"name", input.name},
              {"device_id", engine.device().ToString()},
              {"role", input.role},
              {"cloud", !input.cloud.configured ? "none"
                        : input.cloud.reached   ? "reached"
                                                : "out of reach"},
              {"cloud_problem", input.cloud.problem},
              {"events", events},
              {"admitted", status.admitted},
              {"refused", status.refused},
              {"inside", status.inside},
              {"conflicts", status.conflicts},
              {"waiting_for_cloud", status.waiting_for_cloud},
              {"clock_alarms", status.clock_alarms}};
  AddStanding(input, out);
  TICKETING_RETURN_IF_ERROR(AddFigures(engine, now, out));
  TICKETING_RETURN_IF_ERROR(AddDevices(engine, input, status.own_sequence, now, out));
  TICKETING_RETURN_IF_ERROR(AddConflicts(engine, now, out));
  return out;
}

// Spanish and English of one text.
struct Words {
  const char* es;
  const char* en;
};

class Page {
 public:
  Page(const Json& status, bool english) : status_(status), english_(english) {}

  std::string Make() {
    const std::string name = status_["name"];
    html_ = PageHead(name, english_ ? "en" : "es", true);
    html_ +=
        "<header><h1>" + EscapeHtml(name) + "</h1>" + Role() + Cloud() + Disk() + Log() + "<nav>" +
        (english_ ? "<a href=\"/?lang=es\">Español</a>" : "<a href=\"/?lang=en\">English</a>") +
        " · <a href=\"/console\">" + Say({"Consola", "Console"}) + "</a></nav></header>";
    Figures();
    Conflicts();
    Gates();
    Zones();
    Devices();
    Events();
    return html_ + "</body></html>";
  }

 private:
  std::string Say(Words words) const { return english_ ? words.en : words.es; }
  static std::string Text(const Json& value) { return EscapeHtml(value.get<std::string>()); }
  static std::string Count(const Json& value) { return std::to_string(value.get<uint64_t>()); }

  std::string Role() const {
    if (status_["role"] == "spare") {
      return "<span class=\"quiet\">" +
             Say({"De reserva: sigue al primero", "Spare: follows the first"}) + "</span>";
    }
    if (status_["role"] == "acting") {
      return "<span class=\"bad\">" +
             Say({"De reserva, decide en lugar del primero", "Spare, deciding for the first"}) +
             "</span>";
    }
    return "";
  }

  std::string Cloud() const {
    if (status_["cloud"] == "none") {
      return "<span class=\"quiet\">" + Say({"Sin nube", "No cloud"}) + "</span>";
    }
    return status_["cloud"] == "reached"
               ? "<span class=\"good\">" + Say({"Nube al día", "Cloud in reach"}) + "</span>"
               : "<span class=\"bad\">" + Say({"Nube fuera de alcance", "Cloud out of reach"}) +
                     "</span>";
  }

  std::string Disk() const {
    const std::string state = status_["disk"]["state"];
    if (state == "full") {
      return "<span class=\"bad\">" +
             Say({"Disco lleno: no decide; haga espacio",
                  "Disk full: does not decide; make room"}) +
             "</span>";
    }
    if (state != "low") return "";
    const std::string left =
        std::to_string(status_["disk"]["free_bytes"].get<uint64_t>() >> 20) + " MB";
    return "<span class=\"bad\">" + Say({"Disco casi lleno: ", "Disk nearly full: "}) + left +
           "</span>";
  }

  std::string Log() const {
    std::string html;
    if (!status_["log_whole"].get<bool>()) {
      html += "<span class=\"bad\">" +
              Say({"Copia de datos: no decide hasta completar su registro",
                   "Copied data: does not decide until its log is whole"}) +
              "</span>";
    }
    if (status_["log_forked"].get<bool>()) {
      html += "<span class=\"bad\">" +
              Say({"Su registro sigue de otro modo en otra parte",
                   "Its log goes on elsewhere in another way"}) +
              "</span>";
    }
    return html;
  }

  void Figure(Words title, const Json& value, bool bad = false) {
    html_ += std::string("<div") + (bad ? " class=\"bad\"" : "") + "><b>" + Count(value) + "</b>" +
             Say(title) + "</div>";
  }

  void Figures() {
    html_ += "<div class=\"figures\">";
    Figure({"adentro", "inside"}, status_["inside"]);
    Figure({"admitidos", "admitted"}, status_["admitted"]);
    Figure({"rechazados", "refused"}, status_["refused"]);
    Figure({"lecturas por minuto", "scans a minute"}, status_["per_minute"]);
    Figure({"por subir a la nube", "waiting for the cloud"}, status_["waiting_for_cloud"]);
    Figure({"conflictos", "conflicts"}, status_["conflicts"], status_["conflicts"] != 0);
    if (status_["clock_alarms"] != 0) {
      Figure({"registros de un reloj adelantado", "entries of a fast clock"},
             status_["clock_alarms"], true);
    }
    html_ += "</div>";
  }

  // A title and a table with these columns; numbers stand at the right.
  void Begin(Words title, std::initializer_list<std::pair<Words, bool>> columns) {
    html_ += "<h2>" + Say(title) + "</h2><div class=\"wide\"><table><tr>";
    for (const auto& [words, number] : columns) {
      html_ += std::string("<th") + (number ? " class=\"n\"" : "") + ">" + Say(words) + "</th>";
    }
    html_ += "</tr>";
  }
  void Cell(const std::string& html) { html_ += "<td>" + html + "</td>"; }
  void Number(const std::string& html, bool bad = false) {
    html_ += std::string("<td class=\"n") + (bad ? " bad" : "") + "\">" + html + "</td>";
  }
  void End() { html_ += "</table></div>"; }

  void Conflicts() {
    if (status_["conflict_list"].empty()) return;
    Begin({"Conflictos: entró dos veces", "Conflicts: went in twice"},
          {{{"Boleto", "Ticket"}, false},
           {{"Primera", "First"}, false},
           {{"Segunda", "Second"}, false}});
    for (const Json& row : status_["conflict_list"]) {
      html_ += "<tr>";
      Cell("<code>" + Text(row["ticket"]) + "</code>");
      Cell(Text(row["first_gate"]) + " · " + Text(row["first_at"]));
      Cell("<span class=\"bad\">" + Text(row["second_gate"]) + " · " + Text(row["second_at"]) +
           "</span>");
      html_ += "</tr>";
    }
    End();
  }

  void Gates() {
    Begin({"Puertas", "Gates"}, {{{"Puerta", "Gate"}, false},
                                 {{"Por minuto", "A minute"}, true},
                                 {{"Admitidos", "Admitted"}, true},
                                 {{"Rechazados", "Refused"}, true},
                                 {{"Salidas", "Exits"}, true}});
    for (const Json& row : status_["gates"]) {
      html_ += "<tr>";
      // Whoever stands at no gate of the event lets in everywhere.
      Cell(row["gate"] == 0 ? Say({"todas", "any"}) : Text(row["name"]));
      for (const char* key : {"last_minute", "admitted", "refused", "exits"})
        Number(Count(row[key]));
      html_ += "</tr>";
    }
    End();
  }

  void Zones() {
    Begin({"Zonas", "Zones"}, {{{"Zona", "Zone"}, false},
                               {{"Adentro", "Inside"}, true},
                               {{"Boletos", "Tickets"}, true},
                               {{"Ocupación", "Occupancy"}, false}});
    for (const Json& row : status_["zones"]) {
      const std::string inside = Count(row["inside"]);
      const std::string tickets = Count(row["tickets"]);
      html_ += "<tr>";
      Cell(Text(row["name"]));
      Number(inside);
      Number(tickets);
      std::string meter = "<meter min=\"0\" max=\"";
      meter.append(tickets).append("\" value=\"").append(inside).append("\">");
      Cell(meter.append(inside).append("/").append(tickets).append("</meter>"));
      html_ += "</tr>";
    }
    End();
  }

  std::string Contact(const Json& row) const {
    if (row["revoked"].get<bool>()) {
      return "<span class=\"bad\">" + Say({"dado de baja", "shut out"}) + "</span>";
    }
    if (row["id"] == status_["device_id"]) return Say({"este bastión", "this bastion"});
    if (row["seconds_ago"].is_null()) {
      return "<span class=\"quiet\">" + Say({"aún no", "not yet"}) + "</span>";
    }
    const int64_t seconds = row["seconds_ago"];
    const std::string ago =
        seconds < 120 ? std::to_string(seconds) + " s" : std::to_string(seconds / 60) + " min";
    return seconds > kSilentSeconds ? "<span class=\"bad\">" + ago + "</span>" : ago;
  }

  void Devices() {
    Begin({"Equipos", "Devices"}, {{{"Equipo", "Device"}, false},
                                   {{"Contacto", "Heard"}, false},
                                   {{"Batería", "Battery"}, true},
                                   {{"Registros", "Entries"}, true},
                                   {{"Sin subir", "To upload"}, true}});
    for (const Json& row : status_["devices"]) {
      html_ += "<tr>";
      const bool self = row["id"] == status_["device_id"];
      const bool nameless = row["name"].get<std::string>().empty();
      Cell(
          Text(self       ? status_["name"]
               : nameless ? row["id"]
                          : row["name"]) +
          (row["bastion"].get<bool>() ? " <span class=\"quiet\">bastión</span>" : "") +
          (row["disk_low"].get<bool>()
               ? " <span class=\"bad\">" + Say({"disco casi lleno", "disk nearly full"}) + "</span>"
               : ""));
      Cell(Contact(row));
      const bool known = !row["battery"].is_null();
      Number(known ? Count(row["battery"]) + " %" : "",
             known && row["battery"].get<int>() <= kBatteryLow);
      Number(Count(row["entries"]));
      Number(Count(row["lag"]), row["lag"] != 0);
      html_ += "</tr>";
    }
    End();
  }

  void Events() {
    Begin({"Eventos", "Events"}, {{{"Evento", "Event"}, false}, {{"Versión", "Version"}, true}});
    for (const Json& row : status_["events"]) {
      html_ += "<tr>";
      Cell(Text(row["name"]));
      Number(Count(row["version"]));
      html_ += "</tr>";
    }
    End();
  }

  const Json& status_;
  const bool english_;
  std::string html_;
};

}  // namespace

StatusOr<std::string> StatusJson(GateEngine& engine, const StatusInput& input) {
  TICKETING_ASSIGN_OR_RETURN(const Json status, Describe(engine, input));
  return Dump(status);
}

StatusOr<std::string> StatusHtml(GateEngine& engine, const StatusInput& input,
                                 std::string_view language) {
  TICKETING_ASSIGN_OR_RETURN(const Json status, Describe(engine, input));
  return Page(status, language == "en").Make();
}

}  // namespace ticketing
