#include "servers/ticketing_api/seatsio_door.h"

#include "ticketing/service/seatsio/seatsio_service.h"
#include "ticketing/system/files.h"

namespace ticketing {
namespace {

Status DeliverKeys(SeatsioService& service, const std::string& data_dir) {
  TICKETING_ASSIGN_OR_RETURN(const std::optional<SeatsioKeys> keys, service.UndeliveredKeys());
  if (!keys) return OkStatus();
  const std::string path = data_dir + "/seatsio-keys.txt";
  const std::string text = "workspace key = " + keys->workspace_key +
                           "\nworkspace secret key = " + keys->workspace_secret_key +
                           "\ncompany secret key = " + keys->company_secret_key + "\n";
  TICKETING_RETURN_IF_ERROR(MakeDirectory(data_dir, 0700));
  TICKETING_RETURN_IF_ERROR(WriteFileAtomically(path, text, 0600));
  return service.KeysDelivered();
}

}  // namespace

void SeatsioDoor::Declare(Flags& flags) {
  flags.Add("seatsio_listen", &listen,
            "Where to answer clients of seats.io, in that service's API. This program then serves "
            "nothing else and needs no other server. The first start makes a workspace and writes "
            "its keys to seatsio-keys.txt in the data directory, readable by its owner only.");
  flags.Add("seatsio_url", &public_url,
            "How that API is reached from outside, for the addresses of thumbnails; empty for the "
            "address it listens at.");
  flags.Add("test_mode", &test_mode,
            "Adds the two routes to that API with which its official test suites set themselves "
            "up: anybody may make a company. Never in production.");
}

Status SeatsioDoor::Run(Program& program, const StorageOptions& storage) const {
  TICKETING_ASSIGN_OR_RETURN(const std::unique_ptr<DatabaseFactory> databases, storage.Open());
  SeatsioOptions options;
  options.test_mode = test_mode;
  options.public_url = public_url.empty() ? "http://" + listen.ToString() : public_url;
  TICKETING_ASSIGN_OR_RETURN(const std::unique_ptr<SeatsioService> service,
                             SeatsioService::Open(program.env(), *databases, options));
  TICKETING_RETURN_IF_ERROR(DeliverKeys(*service, storage.data_dir));
  return Serve(
      program, listen, service->api(), [&] { return service->Tick(); }, limits::kChartBodyBytesMax);
}

}  // namespace ticketing
