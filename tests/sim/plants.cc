#include "tests/sim/plants.h"

#include <algorithm>

#include "tests/sim/phone.h"
#include "ticketing/base/assert.h"
#include "ticketing/sync/device_auth.h"
#include "ticketing/token/ticket_code.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing::sim {
namespace {

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Says that everything was stored, whatever happened to it.
HttpResponse FalseAck(const HttpRequest& request) {
  LogUploadResult result;
  const StatusOr<LogUpload> upload = DecodeLogUpload(request.body);
  TICKETING_ASSERT(upload.ok());
  for (size_t i = 0; i < upload->entries.size(); ++i)
    result.acks.push_back({AckState::kStored, ""});
  HttpResponse response;
  response.body = EncodeLogUploadResult(result);
  return response;
}

}  // namespace

const std::vector<Plant>& AllPlants() {
  static const std::vector<Plant> all = {
      {"false-ack", "an upload is acknowledged and thrown away", "chain", 2},
      {"skipped-fsync", "a handheld's disk says synced before it is", "lost", 3},
      {"text-identity", "the bastion tells tickets apart by their text, not their id", "twice", 3},
      {"forgotten-nonce", "a request that is sent again is believed again", "replay", 2},
      {"ignored-revocation", "event copies come without what was revoked", "revoked", 3},
      {"retry-is-new", "a repeated question counts as a new scan", "invented", 2},
      {"lost-conflict", "a bastion forgets to write conflicts down", "conflict", 3},
      {"answer-before-write", "a bastion answers and does not write", "twice", 12},
      {"lost-change", "a passage falls out of what the bastion pushes", "converge", 2},
      {"late-answer", "a request waits longer than it was told to", "budget", 1},
      {"old-window", "a code of a phone is good for ever", "window", 2},
      {"forgetful-spare", "a spare takes over without what the first one admitted", "forgot", 3},
      {"deaf-peers", "what handhelds tell each other is acknowledged and thrown away", "twice", 3},
      {"miscounted-area", "a bastion counts only every second one into an area", "area", 3},
      {"one-way-exit", "a bastion does not hear of who went out", "reentry", 6},
      {"strange-key", "a key of nobody's is trusted for tickets", "forged", 3},
  };
  return all;
}

void PrepareFor(const std::string& plant, Options& options) {
  if (plant == "forgetful-spare") options.spare = true;
  if (plant == "deaf-peers") {
    options.peers = true;
    options.bastions = 0;
  }
  if (plant == "miscounted-area") options.area_max = 8;
  if (plant == "one-way-exit") options.reentry = true;
}

// A database that does to some statements what a bug in the program would.
class Planted::Tables final : public Database {
 public:
  Tables(Planted& plant, std::unique_ptr<Database> inner)
      : plant_(plant), inner_(std::move(inner)) {}

  Status Read(const SqlFunction& fn) override {
    return inner_->Read([&](SqlTransaction& tx) {
      Statements spy(plant_, tx);
      return fn(spy);
    });
  }
  Status Write(const SqlFunction& fn) override {
    bool forget = false;
    const Status status = inner_->Write([&](SqlTransaction& tx) -> Status {
      Statements spy(plant_, tx);
      TICKETING_RETURN_IF_ERROR(fn(spy));
      forget = plant_.name_ == "answer-before-write" && spy.scans == 1 && spy.entries == 1 &&
               plant_.Now(2);
      return forget ? MakeError(ErrorCode::kAborted, "forgotten") : OkStatus();
    });
    return forget ? OkStatus() : status;
  }
  void WriteAsync(SqlFunction fn, std::function<void(Status)> done) override { done(Write(fn)); }

 private:
  class Statements final : public SqlTransaction {
   public:
    Statements(Planted& plant, SqlTransaction& inner) : plant_(plant), inner_(inner) {}
    StatusOr<int64_t> Execute(std::string_view sql, const SqlArgs& args) override {
      if (plant_.name_ == "lost-conflict" && Has(sql, "INSERT INTO conflicts")) return 1;
      if (plant_.name_ == "miscounted-area" && Has(sql, "UPDATE zone_counts") && plant_.Now(2)) {
        return 1;
      }
      if (Has(sql, "INSERT INTO log_entries")) ++entries;
      if (Has(sql, "INSERT INTO scans")) ++scans;
      return inner_.Execute(sql, args);
    }
    StatusOr<int64_t> ExecuteMany(std::string_view sql, std::span<const SqlArgs> rows) override {
      const int count = static_cast<int>(rows.size());
      if (Has(sql, "INSERT INTO log_entries")) entries += count;
      if (Has(sql, "INSERT INTO scans")) scans += count;
      return inner_.ExecuteMany(sql, rows);
    }
    Status Query(std::string_view sql, const SqlArgs& args,
                 const std::function<Status(const SqlRow&)>& row) override {
      const bool passages = plant_.name_ == "text-identity" &&
                            Has(sql, "SELECT scan, at, gate, scanner, direction, issue");
      if (plant_.name_ == "one-way-exit" && Has(sql, "SELECT scan, at, gate, scanner, direction")) {
        return inner_.Query(sql, args, [&](const SqlRow& found) {
          return found.Int(4) == 1 ? row(found) : OkStatus();
        });
      }
      if (!passages) return inner_.Query(sql, args, row);
      const int64_t issue = plant_.issues_[std::get<int64_t>(args.at(0))];
      return inner_.Query(sql, args, [&](const SqlRow& found) {
        return found.Int(5) == issue ? row(found) : OkStatus();
      });
    }
    int scans = 0;
    int entries = 0;

   private:
    Planted& plant_;
    SqlTransaction& inner_;
  };

  Planted& plant_;
  const std::unique_ptr<Database> inner_;
};

class Planted::Factory final : public DatabaseFactory {
 public:
  Factory(Planted& plant, std::unique_ptr<DatabaseFactory> inner)
      : plant_(plant), inner_(std::move(inner)) {}
  StatusOr<std::unique_ptr<Database>> Open(std::string_view name,
                                           const std::vector<Migration>& schema) override {
    TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<Database> database, inner_->Open(name, schema));
    return std::unique_ptr<Database>(std::make_unique<Tables>(plant_, std::move(database)));
  }

 private:
  Planted& plant_;
  const std::unique_ptr<DatabaseFactory> inner_;
};

Planted::Planted(Venue& venue, std::string name) : venue_(venue), name_(std::move(name)) {
  if (name_.empty()) return;
  const auto& all = AllPlants();
  TICKETING_ASSERT(
      std::any_of(all.begin(), all.end(), [&](const Plant& plant) { return plant.name == name_; }));
  const auto in_tables = {"lost-conflict", "answer-before-write", "text-identity",
                          "miscounted-area", "one-way-exit"};
  if (std::any_of(in_tables.begin(), in_tables.end(),
                  [&](const char* one) { return name_ == one; })) {
    venue_.setting.wrap = [this](NodeId node, std::unique_ptr<DatabaseFactory> inner) {
      bool bastion = false;
      for (auto& one : venue_.bastions) bastion = bastion || one->node() == node;
      if (!bastion) return inner;
      return std::unique_ptr<DatabaseFactory>(std::make_unique<Factory>(*this, std::move(inner)));
    };
  }
  OnRequests();
  OnResponses();
  if (name_ == "old-window") {
    venue_.setting.on_show = [](Phone& phone, TicketId ticket, std::string& code) {
      code = phone.Show(ticket);
    };
  }
  if (name_ == "forgotten-nonce") {
    venue_.network.on_copy = [this](NodeId from, NodeId to, HttpRequest& request) {
      if (to != venue_.cloud->node()) request = Resigned(request, from);
    };
  }
}

Planted::~Planted() {
  venue_.network.on_request = nullptr;
  venue_.network.on_response = nullptr;
  venue_.network.on_copy = nullptr;
}

// The same request with a proof of now.
HttpRequest Planted::Resigned(const HttpRequest& request, NodeId from) const {
  HttpRequest fresh = request;
  Handheld* handheld = venue_.HandheldAt(from);
  if (handheld == nullptr) return fresh;
  const SigningKey key = KeyOf(handheld->device());
  fresh.headers.Set("Authorization",
                    SignDeviceRequest({fresh.method, fresh.target, fresh.body}, handheld->device(),
                                      handheld->clock.Now(),
                                      handheld->env().random.Bytes(kDeviceNonceBytes), key));
  return fresh;
}

void Planted::OnRequests() {
  venue_.network.on_request = [this](NodeId from, NodeId to,
                                     HttpRequest& request) -> std::optional<HttpResponse> {
    const bool to_cloud = to == venue_.cloud->node();
    const bool among_peers = venue_.HandheldAt(from) != nullptr && venue_.HandheldAt(to) != nullptr;
    if (name_ == "deaf-peers" && among_peers && request.path() == kLogPath) {
      return FalseAck(request);
    }
    if (request.path() == kLogPath && name_ == "false-ack" && to_cloud && Now(4)) {
      return FalseAck(request);
    }
    if (request.path() != kScansPath) return std::nullopt;
    if (name_ == "late-answer" && Now(15)) venue_.loop.Sleep(Duration::Millis(700));
    const StatusOr<ScanRequest> scan = DecodeScanRequest(request.body);
    if (!scan.ok()) return std::nullopt;
    if (name_ == "text-identity") {
      const StatusOr<TicketClaims> claims = ParseTicketCode(scan->text);
      if (claims.ok()) issues_[claims->ticket.ToSql()] = claims->issue;
    }
    if (name_ == "retry-is-new" && !to_cloud && Now(10)) {
      ScanRequest again = *scan;
      again.scan = ScanId{scan->scan.value ^ 1};
      HttpRequest second = request;
      second.body = EncodeScanRequest(again);
      for (auto& bastion : venue_.bastions) {
        if (bastion->node() == to && bastion->running()) {
          (void)bastion->Handle(Resigned(second, from));
        }
      }
    }
    return std::nullopt;
  };
}

void Planted::OnResponses() {
  venue_.network.on_response = [this](NodeId from, NodeId to, const HttpRequest& request,
                                      HttpResponse& response) {
    if (response.status != 200) return;
    const bool to_spare = venue_.Spare() != nullptr && from == venue_.Spare()->node();
    const bool among_peers = venue_.HandheldAt(from) != nullptr && venue_.HandheldAt(to) != nullptr;
    if (request.path() == kChangesPath &&
        ((name_ == "forgetful-spare" && to_spare) || (name_ == "deaf-peers" && among_peers))) {
      StatusOr<Changes> changes = DecodeChanges(response.body);
      if (!changes.ok()) return;
      changes->entries.clear();
      response.body = EncodeChanges(*changes);
    }
    if (request.path() == kChangesPath && name_ == "lost-change" && to != venue_.cloud->node()) {
      StatusOr<Changes> changes = DecodeChanges(response.body);
      if (!changes.ok() || changes->passages.empty() || !Now(5)) return;
      changes->passages.resize(changes->passages.size() - kPassageNoteBytes);
      response.body = EncodeChanges(*changes);
    }
    const bool copy = request.path().starts_with(kCopiesPath);
    if (!copy || (name_ != "ignored-revocation" && name_ != "strange-key")) return;
    StatusOr<EventCopy> event = DecodeEventCopy(response.body);
    if (!event.ok()) return;
    if (name_ == "ignored-revocation") {
      for (CopyTicket& ticket : event->tickets) ticket.status = 1;
    } else {
      (void)event->header.keys.Add(kStrangeKeyId,
                                   TrustedKey{.public_key = venue_.cloud->StrangeKey()});
    }
    response.body = EncodeEventCopy(*event);
  };
}

void Planted::Provoke(Faults& faults, Duration from, Duration to) {
  const Duration span = to - from;
  const Duration half = from + Duration{span.micros / 2};
  if (name_ == "skipped-fsync") {
    for (auto& handheld : venue_.handhelds) handheld->disk.lies_about_sync = true;
    for (size_t i = 0; i < venue_.handhelds.size(); i += 2) {
      Handheld& handheld = *venue_.handhelds[i];
      if (handheld.bastion()) {
        faults.CutFor(handheld.node(), *handheld.bastion(), true, from, half - from);
      }
      faults.CutFor(handheld.node(), venue_.cloud->node(), true, from, half - from);
      faults.CrashFor(handheld, false, half - Duration::Seconds(10), Duration::Seconds(5));
    }
  }
  if (name_ == "forgotten-nonce") {
    Weather weather;
    weather.duplicate_per_mille = 50;
    faults.BadWeather(weather, from, span);
  }
  if (name_ == "forgetful-spare") {
    faults.CrashFor(*venue_.bastions.front(), false, half, Duration{span.micros / 3});
  }
  if (name_ == "deaf-peers") {
    for (auto& handheld : venue_.handhelds) {
      faults.CutFor(handheld->node(), venue_.cloud->node(), true, from, half - from);
    }
  }
  if (name_ == "lost-conflict") {
    for (auto& handheld : venue_.handhelds) {
      if (handheld->gate() % 2 == 1 || !handheld->bastion()) continue;
      faults.CutFor(handheld->node(), *handheld->bastion(), true, from, half - from);
    }
  }
}

}  // namespace ticketing::sim
