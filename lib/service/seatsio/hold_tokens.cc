#include "lib/service/seatsio/hold_tokens.h"

#include <algorithm>

#include "lib/service/seatsio/schema.h"
#include "lib/service/seatsio/shapes.h"

namespace ticketing::seatsio {
namespace {

// How often a token is read anew after it moved under a change.
constexpr int kAttemptsMax = 10;
constexpr Duration kKeptAfterEnd = Duration::Hours(24);

Status NoToken(std::string_view token) {
  return Missing("HOLD_TOKEN_NOT_FOUND", "Hold token not found: " + std::string(token));
}

}  // namespace

std::vector<Route> HoldTokens::Routes() {
  std::vector<Route> routes = {
      {"POST", "/hold-tokens", Auth::kKey, Bind(this, &HoldTokens::Create)},
      {"GET", "/hold-tokens/{token}", Auth::kKey, Bind(this, &HoldTokens::Get)},
      {"POST", "/hold-tokens/{token}", Auth::kKey, Bind(this, &HoldTokens::Update)}};
  for (Route& route : routes) route.sells = true;
  return routes;
}

Json HoldTokens::Show(const Principal& principal, const HoldToken& token) {
  const Duration left = token.expires_at - context_.env.clock.Now();
  return {{"holdToken", TokenOf(token.id)},
          {"expiresAt", FormatTimestamp(token.expires_at)},
          {"expiresInSeconds", std::max<int64_t>(0, (left.micros + 999'999) / 1'000'000)},
          {"workspaceKey", principal.workspace_key}};
}

StatusOr<Reply> HoldTokens::Create(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  Fields in(body);
  auto minutes = in.Integer("expiresInMinutes", 0, limits::kHoldMax.seconds() / 60);
  TICKETING_RETURN_IF_ERROR(in.status());
  if (!minutes) {
    TICKETING_ASSIGN_OR_RETURN(const Json settings, companies_.Settings(call.principal.company));
    minutes = settings.value("holdPeriodInMinutes", int64_t{15});
  }
  const Timestamp now = call.env.clock.Now();
  HoldToken token{NewHold(call.env.random), now, now + Duration::Minutes(*minutes)};
  TICKETING_RETURN_IF_ERROR(context_.database.Write([&](SqlTransaction& tx) {
    return tx
        .Execute(
            "INSERT INTO hold_tokens (id, workspace_id, created_at, expires_at)"
            " VALUES (?, ?, ?, ?)",
            {token.id.ToSql(), call.principal.workspace, now.micros, token.expires_at.micros})
        .status();
  }));
  return Ok(Show(call.principal, token), 201);
}

StatusOr<std::optional<HoldToken>> HoldTokens::Read(const Principal& principal,
                                                    std::string_view token) {
  const std::optional<HoldId> id = HoldOfToken(token);
  if (!id) return std::optional<HoldToken>();
  std::optional<HoldToken> found;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    found.reset();
    return tx.Query(
        "SELECT created_at, expires_at FROM hold_tokens WHERE id = ? AND workspace_id = ?",
        {id->ToSql(), principal.workspace}, [&](const SqlRow& row) {
          found = HoldToken{*id, Timestamp{row.Int(0)}, Timestamp{row.Int(1)}};
          return OkStatus();
        });
  }));
  if (found && found->expires_at <= context_.env.clock.Now()) found.reset();
  return found;
}

StatusOr<HoldToken> HoldTokens::Find(const Principal& principal, std::string_view token) {
  std::string name = std::to_string(principal.workspace) + "/";
  name.append(token);
  const auto known = known_.Find(name);
  if (known && known->expires_at > context_.env.clock.Now()) return *known;
  const Setup::Mark mark = moves_.Now();
  TICKETING_ASSIGN_OR_RETURN(const HoldToken found, FindAgain(principal, token));
  return *known_.Keep(name, mark, found);
}

StatusOr<HoldToken> HoldTokens::FindAgain(const Principal& principal, std::string_view token) {
  TICKETING_ASSIGN_OR_RETURN(const std::optional<HoldToken> found, Read(principal, token));
  if (!found) {
    return Refuse("HOLD_TOKEN_NOT_FOUND",
                  "Hold token not found or expired: " + std::string(token.substr(0, 40)));
  }
  return *found;
}

StatusOr<Reply> HoldTokens::Get(Call& call) {
  const std::string_view name = call.Path("token");
  TICKETING_ASSIGN_OR_RETURN(const std::optional<HoldToken> token, Read(call.principal, name));
  if (!token) return NoToken(name);
  return Ok(Show(call.principal, *token));
}

StatusOr<Reply> HoldTokens::Update(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  Fields in(body);
  const auto minutes = in.Integer("expiresInMinutes", 0, limits::kHoldMax.seconds() / 60);
  if (!minutes) in.Fault("expiresInMinutes", "required key not found");
  TICKETING_RETURN_IF_ERROR(in.status());
  const std::string_view name = call.Path("token");
  for (int attempt = 1;; ++attempt) {
    TICKETING_ASSIGN_OR_RETURN(std::optional<HoldToken> token, Read(call.principal, name));
    if (!token) return NoToken(name);
    const Timestamp expires_at = std::min(call.env.clock.Now() + Duration::Minutes(*minutes),
                                          token->created_at + limits::kHoldMax);
    const Status moved = Move(*token, expires_at);
    if (CodeOf(moved) == ErrorCode::kPreconditionFailed && attempt < kAttemptsMax) continue;
    TICKETING_RETURN_IF_ERROR(moved);
    token->expires_at = expires_at;
    return Ok(Show(call.principal, *token));
  }
}

Status UseToken(SqlTransaction& tx, const HoldToken& token, LaneId lane) {
  TICKETING_ASSIGN_OR_RETURN(
      const auto end,
      QueryNumber(tx, "SELECT expires_at FROM hold_tokens WHERE id = ?", {token.id.ToSql()}));
  if (end != token.expires_at.micros)
    return MakeError(ErrorCode::kPreconditionFailed, "The hold token moved in between.");
  return tx
      .Execute(
          "INSERT INTO hold_token_lanes (token_id, lane_id) VALUES (?, ?)"
          " ON CONFLICT (token_id, lane_id) DO NOTHING",
          {token.id.ToSql(), lane.ToSql()})
      .status();
}

Status HoldTokens::Move(const HoldToken& token, Timestamp expires_at) {
  const Setup::Change change(moves_);
  TICKETING_ASSIGN_OR_RETURN(
      const std::vector<EventRow> events,
      events_.Query("WHERE e.season_id = 0 AND e.lane_id IN"
                    " (SELECT lane_id FROM hold_token_lanes WHERE token_id = ?)",
                    {token.id.ToSql()}));
  std::vector<std::shared_ptr<EventLane>> kept;
  std::vector<EventLane*> lanes;
  for (const EventRow& event : events) {
    TICKETING_ASSIGN_OR_RETURN(std::shared_ptr<EventLane> lane, events_.Lane(event));
    lanes.push_back(lane.get());
    kept.push_back(std::move(lane));
  }
  // Sees that both the end and the list of lanes are as they were read.
  const SqlFunction move = [&token, expires_at, count = lanes.size()](SqlTransaction& tx) {
    TICKETING_ASSIGN_OR_RETURN(
        const auto now_lanes,
        QueryNumber(tx,
                    "SELECT COUNT(*) FROM events WHERE season_id = 0 AND lane_id IN"
                    " (SELECT lane_id FROM hold_token_lanes WHERE token_id = ?)",
                    {token.id.ToSql()}));
    TICKETING_ASSIGN_OR_RETURN(
        const int64_t changed,
        tx.Execute("UPDATE hold_tokens SET expires_at = ? WHERE id = ? AND expires_at = ?",
                   {expires_at.micros, token.id.ToSql(), token.expires_at.micros}));
    if (changed == 0 || now_lanes.value_or(0) != static_cast<int64_t>(count))
      return MakeError(ErrorCode::kPreconditionFailed, "The hold token moved in between.");
    return OkStatus();
  };
  if (lanes.empty()) return context_.database.Write(move);
  return RunTogether(
      lanes,
      [&](std::span<LaneState* const> states, Timestamp now) -> StatusOr<std::vector<LaneEffect>> {
        std::vector<LaneEffect> effects(states.size());
        for (size_t i = 0; i < states.size(); ++i) {
          StatusOr<std::vector<seat::Changes>> changes =
              expires_at > now ? states[i]->seats.Extend(token.id, expires_at, now)
                               : states[i]->seats.Release(token.id);
          // What it held there may be booked or free by now.
          if (CodeOf(changes.status()) == ErrorCode::kHoldNotFound) continue;
          TICKETING_RETURN_IF_ERROR(changes.status());
          effects[i].changes = *std::move(changes);
          effects[i].note = {"", "hold expired", ""};
        }
        effects[0].rows = move;
        return effects;
      });
}

Status HoldTokens::Clean() {
  const int64_t before = (context_.env.clock.Now() - kKeptAfterEnd).micros;
  return context_.database.Write([before](SqlTransaction& tx) -> Status {
    TICKETING_RETURN_IF_ERROR(tx.Execute("DELETE FROM hold_token_lanes WHERE token_id IN"
                                         " (SELECT id FROM hold_tokens WHERE expires_at < ?)",
                                         {before})
                                  .status());
    return tx.Execute("DELETE FROM hold_tokens WHERE expires_at < ?", {before}).status();
  });
}

}  // namespace ticketing::seatsio
