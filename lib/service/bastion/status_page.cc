#include "lib/service/bastion/status_page.h"

#include <map>
#include <nlohmann/json.hpp>

#include "ticketing/base/html.h"

namespace ticketing {
namespace {

using Json = nlohmann::ordered_json;

// Names come from outside: whatever is not UTF-8 must not stop the page.
std::string Dump(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace);
}

StatusOr<Json> Describe(GateEngine& engine, const std::string& name, const CloudState& cloud) {
  TICKETING_ASSIGN_OR_RETURN(const GateStatus status, engine.GetStatus());
  const std::vector<CopyDevice> devices = engine.Devices();
  std::vector<DeviceId> ids;
  ids.reserve(devices.size());
  for (const CopyDevice& device : devices) ids.push_back(device.id);
  TICKETING_ASSIGN_OR_RETURN(const std::vector<LogMark> stored, engine.StoredMarks(ids));
  TICKETING_ASSIGN_OR_RETURN(const std::vector<LogMark> in_cloud, engine.CloudMarks(ids));
  std::map<DeviceId, uint64_t> here, there;
  for (const LogMark& mark : stored) here[mark.device] = mark.sequence;
  for (const LogMark& mark : in_cloud) there[mark.device] = mark.sequence;

  Json events = Json::array();
  for (const EventVersion& event : status.events) {
    events.push_back({{"id", event.id.ToString()},
                      {"number", event.number},
                      {"name", event.name},
                      {"version", event.version}});
  }
  Json rows = Json::array();
  for (const CopyDevice& device : devices) {
    rows.push_back({{"id", device.id.ToString()},
                    {"name", device.name},
                    {"bastion", device.bastion},
                    {"revoked", device.revoked},
                    {"entries", here[device.id]},
                    {"entries_in_cloud", there[device.id]}});
  }
  return Json{{"name", name},
              {"device_id", engine.device().ToString()},
              {"cloud", !cloud.configured ? "none"
                        : cloud.reached   ? "reached"
                                          : "out of reach"},
              {"cloud_problem", cloud.problem},
              {"events", events},
              {"admitted", status.admitted},
              {"refused", status.refused},
              {"inside", status.inside},
              {"conflicts", status.conflicts},
              {"waiting_for_cloud", status.waiting_for_cloud},
              {"devices", rows}};
}

constexpr char kHead[] =
    R"(<!doctype html><html lang="es"><head><meta charset="utf-8"><meta http-equiv="refresh"
  content="2">
<meta name="viewport" content="width=device-width,
  initial-scale=1"><title>Bastion</title><style>
:root { color-scheme: light dark; } body { font: 17px/1.5 system-ui, sans-serif;
  margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem; } .figures div { border: 1px solid #8886;
  border-radius: .75rem; padding: .75rem 1.25rem; }
.figures b { display: block; font-size: 2rem; } table { border-collapse: collapse; width: 100%;
  margin-top: 1.5rem; }
th, td { text-align: left; padding: .4rem .8rem; border-bottom: 1px solid #8884; }
  .bad { color: #c1121f; font-weight: 700; }
</style></head><body>)";

void Figure(std::string& html, const char* title, uint64_t value, bool bad) {
  html += std::string("<div") + (bad ? " class=\"bad\"" : "") + "><b>" + std::to_string(value) +
          "</b>" + title + "</div>";
}

}  // namespace

StatusOr<std::string> StatusJson(GateEngine& engine, const std::string& name,
                                 const CloudState& cloud) {
  TICKETING_ASSIGN_OR_RETURN(const Json status, Describe(engine, name, cloud));
  return Dump(status);
}

StatusOr<std::string> StatusHtml(GateEngine& engine, const std::string& name,
                                 const CloudState& cloud) {
  TICKETING_ASSIGN_OR_RETURN(const Json status, Describe(engine, name, cloud));
  std::string html = kHead;
  html += "<h1>" + EscapeHtml(name) + "</h1><p>Nube / cloud: <strong" +
          std::string(cloud.configured && !cloud.reached ? " class=\"bad\"" : "") + ">" +
          status["cloud"].get<std::string>() + "</strong></p><div class=\"figures\">";
  Figure(html, "admitidos / admitted", status["admitted"], false);
  Figure(html, "rechazados / refused", status["refused"], false);
  Figure(html, "adentro / inside", status["inside"], false);
  Figure(html, "por subir / waiting for the cloud", status["waiting_for_cloud"], false);
  Figure(html, "conflictos / conflicts", status["conflicts"], status["conflicts"] != 0);
  html += "</div><table><tr><th>Evento / event</th><th>Versión</th></tr>";
  for (const Json& event : status["events"]) {
    html += "<tr><td>" + EscapeHtml(event["name"].get<std::string>()) + "</td><td>" +
            std::to_string(event["version"].get<uint64_t>()) + "</td></tr>";
  }
  html +=
      "</table><table><tr><th>Equipo / device</th><th>Registros / entries</th><th>En la nube / in "
      "the cloud</th></tr>";
  for (const Json& device : status["devices"]) {
    html += "<tr><td>" + EscapeHtml(device["name"].get<std::string>()) +
            (device["revoked"].get<bool>() ? " <span class=\"bad\">✗</span>" : "") + "</td><td>" +
            std::to_string(device["entries"].get<uint64_t>()) + "</td><td>" +
            std::to_string(device["entries_in_cloud"].get<uint64_t>()) + "</td></tr>";
  }
  return html + "</table></body></html>";
}

}  // namespace ticketing
