#include "bench/sellout_doors.h"

#include <fstream>
#include <utility>

#include "lib/service/seatsio/schema.h"
#include "lib/service/ticketing/schema.h"
#include "ticketing/base/bytes.h"
#include "ticketing/seat/chart_json.h"
#include "ticketing/sqlite/sqlite_database.h"

namespace ticketing {
namespace {

using nlohmann::json;

// Rows of an even number of seats, so that a pair never leaves a single seat behind.
constexpr uint32_t kSections = 50, kRows = 25, kSeats = 20;
static_assert(kSections * kRows * kSeats == kHouseSeats);
constexpr char kSecret[] = "a-secret-that-they-share";

// The text of a field of a JSON document that has it once, as `"name":"`.
std::string_view FieldOf(std::string_view text, std::string_view field) {
  const size_t at = text.find(field);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + field.size());
  return text.substr(0, text.find('"'));
}

class SeatsioDoor final : public Door {
 public:
  bool Open(const std::string& folder, uint32_t, std::vector<uint32_t> pairs) override {
    pairs_ = std::move(pairs);
    folder_ = folder + "/seatsio";
    api_ = ServerProcess::Start(
        "ticketing-api",
        {"--seatsio_listen=127.0.0.1:0", "--data_dir=" + folder_, "--log_file=" + folder + "/log"});
    if (api_ == nullptr) return false;
    auth_ = "Basic " + Base64Encode(SecretKey() + ":");
    head_ = "Authorization: " + auth_ + "\r\n";
    const PlainAnswer chart = Ask(api_->url(), "POST", "/charts/actions/import", auth_, Drawing());
    const std::string key = chart.json.value("key", "");
    if (chart.status != 201 || key.empty()) return Failed("chart", chart);
    const PlainAnswer event = Ask(api_->url(), "POST", "/events", auth_,
                                  json{{"chartKey", key}, {"eventKey", "show"}}.dump());
    if (event.status != 201) return Failed("event", event);
    return MakeTokens();
  }

  uint16_t port() const override { return api_->port(); }

  std::string Hold(uint32_t sale, uint32_t) override { return Change(sale, "reservedByToken", ""); }
  std::string Book(uint32_t sale, uint32_t, std::string_view) override {
    return Change(sale, "booked", ",\"orderId\":\"" + OrderOf(sale) + "\"");
  }
  void Booked(uint32_t, std::string_view) override {}
  std::string OrderOf(uint32_t sale) const override { return "order-" + std::to_string(sale); }

  uint64_t ReportedBooked() override {
    const PlainAnswer report =
        Ask(api_->url(), "GET", "/reports/events/show/byStatus/summary", auth_);
    return report.json.value("booked", json::object()).value("count", uint64_t{0});
  }

  bool Close() override { return api_->Stop(); }
  StatusOr<std::unique_ptr<Database>> Reopen() override {
    return SqliteDatabaseFactory({.data_dir = folder_}).Open("seatsio", seatsio::Schema());
  }
  StatusOr<LaneId> Lane(Database& database) override {
    LaneId lane;
    TICKETING_RETURN_IF_ERROR(database.Read([&](SqlTransaction& tx) {
      return tx.Query("SELECT lane_id FROM events", {}, [&](const SqlRow& row) {
        lane = LaneId::FromSql(row.Int(0));
        return OkStatus();
      });
    }));
    return lane;
  }

 private:
  static bool Failed(const char* what, const PlainAnswer& answer) {
    std::fprintf(stderr, "no %s: %d %s\n", what, answer.status, answer.body.substr(0, 300).c_str());
    return false;
  }

  std::string SecretKey() const {
    std::ifstream file(folder_ + "/seatsio-keys.txt");
    std::string line;
    constexpr std::string_view kName = "workspace secret key = ";
    while (std::getline(file, line)) {
      if (line.starts_with(kName)) return line.substr(kName.size());
    }
    return {};
  }

  static std::string Drawing() {
    json rows = json::array();
    for (uint32_t r = 0; r < kSections * kRows; ++r) {
      json seats = json::array();
      for (uint32_t s = 0; s < kSeats; ++s) {
        seats.push_back({{"label", std::to_string(s + 1)},
                         {"x", 20.0 * s},
                         {"y", 20.0 * r},
                         {"categoryKey", 1}});
      }
      rows.push_back({{"label", std::to_string(r + 1)}, {"seats", std::move(seats)}});
    }
    return json{{"name", "House"},
                {"venueType", "ROWS_WITHOUT_SECTIONS"},
                {"categories", {{"list", {{{"key", 1}, {"label", "All"}, {"color", "#336699"}}}}}},
                {"subChart",
                 {{"width", 500},
                  {"height", 20.0 * kSections * kRows},
                  {"focalPoint", {{"x", 200}, {"y", -50}}},
                  {"rows", std::move(rows)}}}}
        .dump();
  }

  bool MakeTokens() {
    tokens_.resize(pairs_.size());
    for (std::string& token : tokens_) {
      const PlainAnswer made =
          Ask(api_->url(), "POST", "/hold-tokens", auth_, "{\"expiresInMinutes\":15}");
      token = made.json.value("holdToken", "");
      if (token.empty()) return Failed("hold token", made);
    }
    return true;
  }

  // As the published clients write it.
  std::string Change(uint32_t sale, const char* status, const std::string& more) const {
    const uint32_t seat = 2 * pairs_[sale];
    const std::string row = std::to_string(seat / kSeats + 1) + "-";
    const std::string first = row + std::to_string(seat % kSeats + 1);
    const std::string second = row + std::to_string(seat % kSeats + 2);
    return PostRequest("/events/groups/actions/change-object-status?expand=objects", head_,
                       std::string("{\"type\":\"CHANGE_STATUS_TO\",\"events\":[\"show\"],") +
                           "\"objects\":[{\"objectId\":\"" + first + "\"},{\"objectId\":\"" +
                           second + "\"}],\"status\":\"" + status + "\",\"holdToken\":\"" +
                           tokens_[sale] + "\"" + more + "}");
  }

  std::vector<uint32_t> pairs_;
  std::vector<std::string> tokens_;  // by sale
  std::string folder_, auth_, head_;
  std::unique_ptr<ServerProcess> api_;
};

class OwnDoor final : public Door {
 public:
  explicit OwnDoor(bool gateway) : gateway_(gateway) {}

  bool Open(const std::string& folder, uint32_t connections, std::vector<uint32_t> pairs) override {
    pairs_ = std::move(pairs);
    orders_.resize(pairs_.size());
    folder_ = folder + "/ticketing";
    const std::string secret = std::string("--service_secret=") + kSecret;
    const auto log = [&](const char* name) { return "--log_file=" + folder + "/" + name + ".log"; };
    identity_ = ServerProcess::Start(
        "identity-api", {"--listen=127.0.0.1:0", secret, "--data_dir=" + folder + "/identity",
                         "--admin_email=admin@bench.example",
                         "--admin_password=a-long-enough-password", log("identity")});
    if (identity_ == nullptr) return false;
    const std::string identity = "--identity_url=" + identity_->url();
    ticketing_ = ServerProcess::Start("ticketing-api", {"--listen=127.0.0.1:0", secret, identity,
                                                        "--data_dir=" + folder_, log("ticketing")});
    if (ticketing_ == nullptr) return false;
    if (gateway_) {
      client_ = ServerProcess::Start(
          "client-api",
          {"--listen=127.0.0.1:0", secret, identity, "--ticketing_url=" + ticketing_->url(),
           "--requests_per_second=1000000", "--burst=1000000", log("client")});
      if (client_ == nullptr) return false;
    }
    return PutOnSale() && LogIn(connections);
  }

  uint16_t port() const override { return gateway_ ? client_->port() : ticketing_->port(); }

  std::string Hold(uint32_t sale, uint32_t connection) override {
    const uint32_t seat = 2 * pairs_[sale];
    return PostRequest("/v1/events/" + event_ + "/holds", HeadOf("hold-", sale, connection),
                       R"({"objects":[{"label":")" + labels_[seat] + R"("},{"label":")" +
                           labels_[seat + 1] + R"("}]})");
  }
  std::string Book(uint32_t sale, uint32_t connection, std::string_view held) override {
    std::string body = R"({"event_id":")" + event_ + R"(","hold_id":")";
    body.append(FieldOf(held, "\"id\":\"")).append("\"}");
    return PostRequest("/v1/orders", HeadOf("order-", sale, connection), body);
  }
  void Booked(uint32_t sale, std::string_view booked) override {
    // An order that is not completed has booked nothing.
    if (booked.find("\"status\":\"completed\"") != std::string_view::npos)
      orders_[sale] = FieldOf(booked, "\"id\":\"");
  }
  std::string OrderOf(uint32_t sale) const override { return orders_[sale]; }

  uint64_t ReportedBooked() override {
    const PlainAnswer report =
        Ask(ticketing_->url(), "GET", "/v1/events/" + event_ + "/report?by=status", admin_);
    uint64_t booked = 0;
    for (const json& group : report.json.value("groups", json::array()))
      booked += std::stoull(group.value("booked", "0"));
    return booked;
  }

  bool Close() override {
    const bool client = client_ == nullptr || client_->Stop();
    const bool ticketing = ticketing_->Stop();
    return identity_->Stop() && ticketing && client;
  }
  StatusOr<std::unique_ptr<Database>> Reopen() override {
    return SqliteDatabaseFactory({.data_dir = folder_}).Open("ticketing", TicketingSchema());
  }
  StatusOr<LaneId> Lane(Database&) override { return LaneId::Parse(event_).value_or(LaneId()); }

 private:
  bool PutOnSale() {
    // Identity speaks to services only; this is what the gateways do for who comes to them.
    const PlainAnswer service = Ask(identity_->url(), "POST", "/v1/service-sessions", "",
                                    json{{"service", "client-api"}, {"secret", kSecret}}.dump());
    service_ = "Bearer " + service.json.value("access_token", "");
    const PlainAnswer session =
        Ask(identity_->url(), "POST", "/v1/sessions", service_,
            json{{"email", "admin@bench.example"}, {"password", "a-long-enough-password"}}.dump());
    admin_ = "Bearer " + session.json.value("access_token", "");
    const auto make = [&](const char* target, const json& body) {
      const PlainAnswer made = Ask(ticketing_->url(), "POST", target, admin_, body.dump());
      if (made.status != 201)
        std::fprintf(stderr, "%s: %d %s\n", target, made.status, made.body.substr(0, 300).c_str());
      return made.json.value("id", "");
    };
    const std::string venue = make("/v1/venues", {{"name", "Bench"}});
    const std::string chart = make("/v1/charts", json::parse(Chart()));
    event_ =
        make("/v1/events",
             {{"venue_id", venue},
              {"chart_id", chart},
              {"name", "Bench"},
              {"starts_at", "2040-01-01T00:00:00Z"},
              {"currency", "MXN"},
              {"prices", {{{"category", "A"}, {"price", {{"minor", "0"}, {"currency", "MXN"}}}}}}});
    return !event_.empty();
  }

  std::string Chart() {
    seat::Drawing drawing;
    drawing.name = "House";
    drawing.focal_point = seat::Point{0, 0};
    drawing.categories.push_back({"A", "A", "#336699"});
    for (int s = 0; s < static_cast<int>(kSections); ++s) {
      seat::DrawnSection section;
      section.label = "S" + std::to_string(s);
      section.category = "A";
      for (int r = 0; r < static_cast<int>(kRows); ++r) {
        seat::DrawnRow row;
        row.label = std::to_string(r + 1);
        for (int n = 0; n < static_cast<int>(kSeats); ++n) {
          seat::DrawnSeat place;
          place.label = std::to_string(n + 1);
          place.at = {(s % 10) * 2000 + n * 50, (s / 10) * 3000 + r * 90 + 500};
          row.seats.push_back(place);
        }
        section.rows.push_back(std::move(row));
      }
      drawing.sections.push_back(std::move(section));
    }
    const StatusOr<seat::Chart> chart = seat::Chart::Build(std::move(drawing));
    if (!chart.ok()) return "{}";
    for (uint32_t i = 0; i < kHouseSeats; ++i)
      labels_.push_back(std::string(chart->object(i).label));
    return seat::ToJson(*chart);
  }

  bool LogIn(uint32_t customers) {
    for (uint32_t i = 0; i < customers; ++i) {
      const PlainAnswer made = Ask(identity_->url(), "POST", "/v1/accounts", service_,
                                   json{{"email", "c" + std::to_string(i) + "@bench.example"},
                                        {"password", "a-long-enough-password"},
                                        {"name", "Customer"}}
                                       .dump());
      if (made.status != 201) return false;
      heads_.push_back("Authorization: Bearer " + made.json.value("access_token", "") + "\r\n");
    }
    return true;
  }

  std::string HeadOf(const char* step, uint32_t sale, uint32_t connection) const {
    // As the web shop does: it shows the order, with its tickets, from an address of its own.
    return heads_[connection] + "Prefer: return=minimal\r\nIdempotency-Key: " + step +
           std::to_string(sale) + "\r\n";
  }

  const bool gateway_;
  std::vector<uint32_t> pairs_;
  std::vector<std::string> orders_;  // by sale
  std::vector<std::string> labels_;  // by seat
  std::vector<std::string> heads_;   // by connection
  std::string folder_, event_, service_, admin_;
  std::unique_ptr<ServerProcess> identity_, ticketing_, client_;
};

}  // namespace

std::unique_ptr<Door> SeatsioDoorOfApi() {
  return std::make_unique<SeatsioDoor>();
}

std::unique_ptr<Door> TicketingDoor(bool through_client_api) {
  return std::make_unique<OwnDoor>(through_client_api);
}

}  // namespace ticketing
