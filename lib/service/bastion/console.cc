#include "lib/service/bastion/console.h"

#include <map>

#include "lib/service/bastion/page.h"
#include "ticketing/base/bytes.h"
#include "ticketing/base/html.h"

namespace ticketing {
namespace {

constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kPinField =
    "<input name=\"pin\" type=\"password\" inputmode=\"numeric\" autocomplete=\"off\" required "
    "placeholder=\"PIN\">";

using Form = std::map<std::string, std::string, std::less<>>;

StatusOr<Form> ReadForm(const Call& call) {
  const auto pairs = ParseQuery(call.request.body);
  if (!pairs) return MakeError(ErrorCode::kBadSyntax, "This is not a form.");
  Form form;
  for (const auto& [name, value] : *pairs) form[name] = value;
  return form;
}

std::string ConsolePage(GateEngine& engine, const ConsoleActions& actions) {
  std::string html = PageHead("Bastión", "es", false);
  html +=
      "<header><h1>Consola / Console</h1><nav><a href=\"/\">← Estado / Status</a></nav></header>";
  html +=
      "<h2>Vincular un equipo / Pair a handheld</h2><form method=\"post\" "
      "action=\"/console/pairing\">" +
      std::string(kPinField) + "<button>Mostrar el símbolo / Show the symbol</button></form>";
  html +=
      "<h2>Dar de baja un equipo / Shut a handheld out</h2><form method=\"post\" "
      "action=\"/console/revocations\"><select name=\"device\">";
  for (const CopyDevice& device : engine.Devices()) {
    if (device.bastion || device.revoked || device.id == engine.device()) continue;
    const std::string id = device.id.ToString();
    html.append("<option value=\"").append(id).append("\">").append(EscapeHtml(device.name));
    html.append(" · ").append(id).append("</option>");
  }
  html += "</select>" + std::string(kPinField) + "<button>Dar de baja / Shut out</button></form>";
  if (actions.promote) {
    const bool promoted = actions.promoted();
    html += std::string("<h2>") +
            (promoted ? "Este bastión decide / This bastion decides"
                      : "Este bastión es el de reserva / This bastion is the spare") +
            "</h2><form method=\"post\" action=\"/console/role\"><input type=\"hidden\" "
            "name=\"role\" value=\"" +
            (promoted ? "spare" : "first") + "\">" + std::string(kPinField) + "<button>" +
            (promoted ? "Volver a seguir al primero / Follow the first again"
                      : "Tomar el lugar del primero / Take the first one's place") +
            "</button></form>";
  }
  if (actions.log_whole && !actions.log_whole()) {
    html +=
        "<h2>Este bastión no decide todavía / This bastion does not decide yet</h2><p>Sus datos "
        "son "
        "una copia: espera lo que la nube y los demás bastiones tengan de su registro. / Its data "
        "is "
        "a copy: it waits for what the cloud and the other bastions have of its log.</p><form "
        "method=\"post\" action=\"/console/log\">" +
        std::string(kPinField) +
        "<button>Nadie más tiene su registro: decidir / Nobody has more of it: decide</button>"
        "</form>";
  }
  return html + "</body></html>";
}

HttpResponse SeeOther(std::string_view where) {
  HttpResponse response = PageResponse(kHtml, "", 303);
  response.headers.Set("Location", where);
  return response;
}

Route Page(std::string method, std::string path, std::string operation, std::string summary) {
  Route route;
  route.method = std::move(method);
  route.path = std::move(path);
  route.operation = std::move(operation);
  route.summary = std::move(summary);
  route.response_type = "text/html";
  if (route.method == "POST") route.request_type = "application/x-www-form-urlencoded";
  return route;
}

}  // namespace

bool StaffPin::IsPaused(const std::string& address, Duration now) const {
  if (throttle_.IsPaused(address, now)) return true;
  return now < paused_until_ && !IsLoopbackAddress(address) && !known_.contains(address);
}

void StaffPin::CountForAll(Duration now) {
  if (now - counting_since_ >= kPinPause) {
    wrong_ = 0;
    counting_since_ = now;
  }
  if (++wrong_ >= kPinAttemptsAllMax) paused_until_ = now + kPinPause;
}

Status StaffPin::Check(std::string_view typed, const std::string& address, Duration now) {
  const std::lock_guard lock(mutex_);
  if (IsPaused(address, now)) {
    return MakeError(ErrorCode::kRateLimited, "Too many wrong PINs; wait a minute.");
  }
  if (!pin_.empty() && ConstantTimeEquals(typed, pin_)) {
    throttle_.Succeed(address);
    if (known_.size() < kPinAddressesKnownMax) known_.insert(address);
    return OkStatus();
  }
  throttle_.Fail(address, now);
  CountForAll(now);
  return MakeError(ErrorCode::kPermissionDenied,
                   "This is not the staff PIN; it is on the bastion's own screen.");
}

std::vector<Route> ConsoleRoutes(GateEngine& engine, StaffPin& pin, const ConsoleActions& actions) {
  // Reads the form and lets only staff through.
  const auto staff = [&pin](auto action) {
    return [&pin, action](Call& call) -> StatusOr<HttpResponse> {
      TICKETING_ASSIGN_OR_RETURN(const Form form, ReadForm(call));
      const auto typed = form.find("pin");
      TICKETING_RETURN_IF_ERROR(pin.Check(typed == form.end() ? "" : typed->second,
                                          call.request.remote_address, call.env.clock.Monotonic()));
      return action(form);
    };
  };
  Route show = Page("GET", "/console", "getConsole", "What staff can do here.");
  show.handler = [&engine, &actions](Call&) -> StatusOr<HttpResponse> {
    return PageResponse(kHtml, ConsolePage(engine, actions));
  };
  Route pairing = Page("POST", "/console/pairing", "showPairing", "The symbol to pair with.");
  pairing.handler = staff([&actions](const Form&) -> StatusOr<HttpResponse> {
    if (!actions.pairing_symbol) return MakeError(ErrorCode::kNotFound, "Nothing to show yet.");
    TICKETING_ASSIGN_OR_RETURN(const std::string symbol, actions.pairing_symbol());
    return PageResponse(kHtml, PageHead("Bastión", "es", false) +
                                   "<header><h1>Vincular / Pair</h1><nav><a "
                                   "href=\"/console\">←</a></nav></header><div class=\"symbol\">" +
                                   symbol + "</div></body></html>");
  });
  Route revoke = Page("POST", "/console/revocations", "revokeHandheld", "Shuts a handheld out.");
  revoke.handler = staff([&actions](const Form& form) -> StatusOr<HttpResponse> {
    const auto text = form.find("device");
    const auto id = text == form.end() ? std::nullopt : DeviceId::Parse(text->second);
    if (!id) return InvalidField("device", "is not a device's identifier");
    TICKETING_RETURN_IF_ERROR(actions.revoke(*id));
    return SeeOther("/");
  });
  Route role = Page("POST", "/console/role", "setRole", "Puts a spare in the first one's place.");
  role.handler = staff([&actions](const Form& form) -> StatusOr<HttpResponse> {
    const auto wanted = form.find("role");
    const bool known =
        wanted != form.end() && (wanted->second == "first" || wanted->second == "spare");
    if (!known) return InvalidField("role", "must be first or spare");
    if (!actions.promote) return MakeError(ErrorCode::kConflict, "This bastion follows nobody.");
    TICKETING_RETURN_IF_ERROR(actions.promote(wanted->second == "first"));
    return SeeOther("/");
  });
  Route log = Page("POST", "/console/log", "releaseLog", "Nobody holds more of its own log.");
  log.handler = staff([&actions](const Form&) -> StatusOr<HttpResponse> {
    if (!actions.release_log) return MakeError(ErrorCode::kConflict, "Its log is whole.");
    TICKETING_RETURN_IF_ERROR(actions.release_log());
    return SeeOther("/");
  });
  return {std::move(show), std::move(pairing), std::move(revoke), std::move(role), std::move(log)};
}

}  // namespace ticketing
