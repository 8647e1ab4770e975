// A scripted road to a real cloud engine, and bastions on it.
#ifndef TICKETING_TESTS_SERVICE_BASTION_FIXTURE_H_
#define TICKETING_TESTS_SERVICE_BASTION_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/gate/fixture.h"
#include "ticketing/gate/link.h"
#include "ticketing/gate/own_log.h"
#include "ticketing/service/bastion/bastion_service.h"
#include "ticketing/sync/device_auth.h"
#include "ticketing/wire/search_codec.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {

inline constexpr DeviceId kNewHand{105};

// The cloud's gate doors over an engine, with a road that can be cut.
class CloudRoad final : public HttpClient {
 public:
  explicit CloudRoad(TestEnv& env) : cloud_(env, kCloudId, DecidedBy::kCloud) {}

  StatusOr<HttpResponse> Send(const HttpRequest& request, Duration) override {
    if (cut) return MakeError(ErrorCode::kUnavailable, "no road");
    paths.push_back(request.method + " " + std::string(request.path()));
    HttpResponse response;
    if (request.path() == "/v1/devices/relay") {
      relayed.push_back(nlohmann::json::parse(request.body)["device_id"]);
    } else if (request.path().ends_with("/relay-revocation")) {
      revoked.push_back(std::string(request.path()));
    } else if (request.path() == kChangesPath) {
      const auto caller = ParseDeviceCredential(request.headers.Get("Authorization").value_or(""));
      const DeviceId reader = caller.ok() ? caller->device : DeviceId{999};
      const size_t own = request.target.find("own=");
      TICKETING_ASSIGN_OR_RETURN(
          const Changes changes,
          own == std::string::npos
              ? cloud_->ChangesSince(After(request), 500, reader)
              : GiveOwnLog(*cloud_, reader, std::string_view(request.target).substr(own + 4)));
      response.body = EncodeChanges(changes);
    } else if (request.path().starts_with(kCopiesPath)) {
      const bool fresh = request.query() == "since=0" || request.query().empty();
      TICKETING_ASSIGN_OR_RETURN(const auto copy, cloud_->ReadEventCopy(12, fresh ? 0 : 1));
      response.status = copy ? 200 : 304;
      if (copy) response.body = EncodeEventCopy(*copy);
    } else if (request.path() == kLogPath) {
      TICKETING_ASSIGN_OR_RETURN(const LogUpload upload, DecodeLogUpload(request.body));
      LogUploadResult result;
      TICKETING_ASSIGN_OR_RETURN(result.acks,
                                 cloud_->TakeEntries(upload.entries, LogSource::kDevice));
      TICKETING_ASSIGN_OR_RETURN(result.stored, cloud_->StoredMarks({kBastionId, kHandA, kHandB}));
      result.cloud = result.stored;
      response.body = EncodeLogUploadResult(result);
    } else if (request.path() == kSearchPath) {
      TICKETING_ASSIGN_OR_RETURN(searched, DecodeTicketSearch(request.body));
      response.status = search_status;
      if (response.status == 200) {
        response.body = EncodeFoundTickets({{{Ticket(3), "A-3", "General", "Ana Núñez", "o"}}});
      }
    } else {
      response.status = 404;
    }
    return response;
  }

  GateEngine& cloud() { return *cloud_; }

  static uint64_t After(const HttpRequest& request) {
    const size_t after = request.target.find("after=");
    return after == std::string::npos ? 0 : std::stoull(request.target.substr(after + 6));
  }

  bool cut = false;
  int search_status = 200;
  TicketSearch searched;  // the last one
  std::vector<std::string> relayed, revoked, paths;

 private:
  Place cloud_;
};

// A road to a bastion in the same process, which can be cut.
class LanRoad final : public HttpClient {
 public:
  StatusOr<HttpResponse> Send(const HttpRequest& request, Duration) override {
    if (cut || service == nullptr) return MakeError(ErrorCode::kUnavailable, "no road");
    ++sent;
    if (slow) return MakeError(ErrorCode::kDeadlineExceeded, "no answer in time");
    if (request.path() == kScansPath) ++asked;
    return service->api().Handle(request);
  }
  BastionService* service = nullptr;
  bool cut = false;
  bool slow = false;  // what is sent arrives, and no answer comes in time
  int sent = 0;
  int asked = 0;  // for decisions
};

inline ScanRequest RequestFor(uint64_t scan, uint64_t ticket, uint16_t gate = 1) {
  ScanRequest request;
  request.scan = ScanId{scan};
  request.text = Code(ticket);
  request.event = 12;
  request.gate = gate;
  request.at = FakeClock::kStart;
  return request;
}

inline std::string SeedOf(DeviceId device) {
  return std::string(32, static_cast<char>(device.value));
}

// A road from an address of the LAN.
class RoadFrom final : public HttpClient {
 public:
  RoadFrom(HttpHandler& handler, std::string address)
      : handler_(handler), address_(std::move(address)) {}
  StatusOr<HttpResponse> Send(const HttpRequest& request, Duration) override {
    HttpRequest arrived = request;
    arrived.remote_address = address_;
    return handler_.Handle(arrived);
  }

 private:
  HttpHandler& handler_;
  const std::string address_;
};

// A form as a browser posts it.
inline HttpRequest FormPost(std::string target, std::string body) {
  HttpRequest request;
  request.method = "POST";
  request.target = std::move(target);
  request.headers.Set("Content-Type", "application/x-www-form-urlencoded");
  request.body = std::move(body);
  return request;
}

}  // namespace ticketing

#endif  // TICKETING_TESTS_SERVICE_BASTION_FIXTURE_H_
