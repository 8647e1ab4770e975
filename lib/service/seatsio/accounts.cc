#include "lib/service/seatsio/accounts.h"

#include <cstdlib>

namespace ticketing::seatsio {
namespace {

const std::string kMine = "/accounts/me";

Json MonthOf(std::string_view text) {
  int64_t year = 0;
  int64_t month = 0;
  if (text.size() == 7) {
    const std::string digits(text);
    year = std::atoi(digits.substr(0, 4).c_str());
    month = std::atoi(digits.substr(5).c_str());
  }
  return {{"year", year}, {"month", month}};
}

}  // namespace

std::vector<Route> Accounts::Routes() {
  const Auth company = Auth::kCompanyKey;
  return {
      {"GET", kMine, company, Bind(this, &Accounts::Get)},
      {"POST", kMine + "/secret-key/actions/regenerate", company,
       Bind(this, &Accounts::RegenerateSecret)},
      {"POST", kMine + "/designer-key/actions/regenerate", company,
       Bind(this, &Accounts::RegenerateDesignerKey)},
      {"POST", kMine + "/draft-chart-drawings/actions/enable", company,
       [this](Call& call) { return SetDrafts(call, true); }},
      {"POST", kMine + "/draft-chart-drawings/actions/disable", company,
       [this](Call& call) { return SetDrafts(call, false); }},
      // There is nothing to log in to with a password: it is taken and forgotten.
      {"POST", kMine + "/actions/change-password", company,
       [](Call&) -> StatusOr<Reply> { return NoContent(); }},
      {"POST", kMine + "/actions/change-hold-period", company,
       Bind(this, &Accounts::ChangeHoldPeriod)},
      {"POST", kMine + "/settings", company, Bind(this, &Accounts::ChangeSetting)},
  };
}

StatusOr<Reply> Accounts::Get(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Company company, companies_.Find(call.principal.company));
  TICKETING_ASSIGN_OR_RETURN(const std::vector<std::string> secrets,
                             companies_.Secrets(company.id, 0));
  return Ok({{"secretKey", secrets.empty() ? "" : secrets.back()},
             {"secretKeys", secrets},
             {"designerKey", company.designer_key},
             {"publicKey", company.public_key},
             {"email", company.email},
             {"role", "COMPANY_ADMIN"},
             {"company", {{"id", company.id}, {"name", company.email}}},
             {"settings", company.settings}});
}

StatusOr<Reply> Accounts::RegenerateSecret(Call& call) {
  const std::string secret = NewUuid(call.env.random);
  const int64_t company = call.principal.company;
  const Status done = context_.database.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_RETURN_IF_ERROR(
        tx.Execute("DELETE FROM secret_keys WHERE company_id = ? AND workspace_id = 0", {company})
            .status());
    return Companies::AddSecret(tx, company, 0, secret).status();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return Ok({{"secretKey", secret}});
}

StatusOr<Reply> Accounts::RegenerateDesignerKey(Call& call) {
  const std::string key = NewUuid(call.env.random);
  TICKETING_RETURN_IF_ERROR(context_.database.Write([&](SqlTransaction& tx) {
    return tx
        .Execute("UPDATE companies SET designer_key = ? WHERE id = ?",
                 {key, call.principal.company})
        .status();
  }));
  return Ok({{"designerKey", key}});
}

StatusOr<Reply> Accounts::SetDrafts(Call& call, bool enabled) {
  TICKETING_RETURN_IF_ERROR(
      companies_.ChangeSettings(call.principal.company, [enabled](Json& settings) {
        settings["draftChartDrawingsEnabled"] = enabled;
        return OkStatus();
      }));
  return NoContent();
}

StatusOr<Reply> Accounts::ChangeHoldPeriod(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  Fields in(body);
  const auto minutes = in.Integer("holdPeriodInMinutes", 1, limits::kHoldMax.seconds() / 60);
  if (!minutes) in.Fault("holdPeriodInMinutes", "required key not found");
  TICKETING_RETURN_IF_ERROR(in.status());
  TICKETING_RETURN_IF_ERROR(
      companies_.ChangeSettings(call.principal.company, [&minutes](Json& settings) {
        settings["holdPeriodInMinutes"] = *minutes;
        return OkStatus();
      }));
  return NoContent();
}

StatusOr<Reply> Accounts::ChangeSetting(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  Fields in(body);
  const std::string key = in.RequiredText("key", 100);
  TICKETING_RETURN_IF_ERROR(in.status());
  const Json value = body.value("value", Json());
  TICKETING_RETURN_IF_ERROR(
      companies_.ChangeSettings(call.principal.company, [&](Json& settings) -> Status {
        Json& checks = settings["chartValidation"];
        if (checks.contains(key)) {
          if (value != "OFF" && value != "WARNING" && value != "ERROR")
            return Refuse("GENERAL_ERROR", "#/value: OFF, WARNING or ERROR");
          checks[key] = value;
          return OkStatus();
        }
        for (Json* group : {&settings, &settings["defaultRendererSettings"]}) {
          if (!group->contains(key) || (*group)[key].type() != value.type()) continue;
          if (value.is_object() || value.is_array()) break;
          (*group)[key] = value;
          return OkStatus();
        }
        return Refuse("GENERAL_ERROR", "There is no such setting: " + key);
      }));
  return NoContent();
}

std::vector<Route> UsageRoutes() {
  const auto empty_list = [](Call&) -> StatusOr<Reply> { return Ok(Json::array()); };
  const Auth company = Auth::kCompanyKey;
  return {
      {"GET", "/reports/usage", company,
       [](Call& call) -> StatusOr<Reply> {
         return Ok({{"usageCutoffDate", FormatTimestamp(call.env.clock.Now())},
                    {"usage", Json::array()}});
       }},
      {"GET", "/reports/usage/month/{month}", company, empty_list},
      {"GET", "/reports/usage/month/{month}/event/{event}", company, empty_list},
      {"GET", "/reports/usage/rendering", company,
       [](Call& call) -> StatusOr<Reply> {
         return Ok({{"companyId", call.principal.company}, {"usage", Json::object()}});
       }},
      {"GET", "/reports/usage/rendering/month/{month}", company,
       [](Call& call) -> StatusOr<Reply> {
         return Ok({{"companyId", call.principal.company},
                    {"month", MonthOf(call.Path("month"))},
                    {"usage", Json::object()}});
       }},
      {"GET", "/reports/usage/rendering/month/{month}/chart/{chart}", company, empty_list},
      {"GET", "/reports/subscription", company,
       [](Call&) -> StatusOr<Reply> { return Ok(Json::object()); }},
  };
}

}  // namespace ticketing::seatsio
