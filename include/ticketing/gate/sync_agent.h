// Keeps a device and one server in step: event copies and others' scans come down, the log goes up
// and is kept until the cloud has acknowledged it. The same code between a handheld and its
// bastion, a handheld and the cloud, and a bastion and the cloud.
#ifndef TICKETING_GATE_SYNC_AGENT_H_
#define TICKETING_GATE_SYNC_AGENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/gate/engine.h"
#include "ticketing/gate/link.h"

namespace ticketing {

enum class SyncPeer : uint8_t {
  kBastion,      // gets our own log to relay, and what peers have told us
  kCloud,        // gets our own log for good
  kCloudForAll,  // as kCloud, with every log we hold: what a bastion does
};

struct SyncReport {
  size_t uploaded = 0;
  size_t rejected = 0;
  size_t received = 0;          // entries of others and notes of their passages
  size_t copies = 0;            // snapshots and deltas applied
  size_t devices = 0;           // new ones, or news of known ones
  bool more = false;            // there is more to do at once
  bool own_log_whole = false;   // the server has nothing of our own log that we have not
  bool own_log_forked = false;  // it has other entries under numbers of ours
};

// Not thread-safe: one Step at a time; the engine may be in use meanwhile.
class SyncAgent {
 public:
  SyncAgent(GateEngine& engine, SyncLink& link, SyncPeer peer);

  // One round: pull (scans of others and who was shut out), copies, then one batch up; of a bastion
  // towards the cloud first the batch and then the copies, which are large. Each part goes on when
  // another fails; the first error is returned. `report` may be null.
  Status Step(SyncReport* report = nullptr);

 private:
  Status LoadPlace();
  StatusOr<Changes> Ask();
  Status BeginAt(DeviceId server);
  Status TakeDevices(const Changes& changes, SyncReport& report);
  Status TakeNews(const Changes& changes, SyncReport& report);
  Status Pull(SyncReport& report, std::vector<EventVersion>& offered);
  Status RecallOwnLog(const std::vector<LogMark>& stored, SyncReport& report);
  Status FetchCopies(const std::vector<EventVersion>& offered, SyncReport& report);
  Status Upload(SyncReport& report);
  Status UploadToBastion(SyncReport& report);
  Status PassOnFromPeers(SyncReport& report);
  Status UploadToCloud(SyncReport& report);

  GateEngine& engine_;
  SyncLink& link_;
  const SyncPeer peer_;
  const std::string setting_prefix_;
  void FollowRelay(const std::vector<LogMark>& stored, const std::vector<LogMark>& cloud);
  bool placed_ = false;         // what follows was read from the database
  int64_t cursor_ = 0;          // of the server's list of arrivals
  int64_t stored_cursor_ = 0;   // as it is in the database: not behind this one by much
  int64_t server_ = 0;          // whose list it is
  bool knows_nothing_ = false;  // of this server's list, from its beginning
  uint64_t devices_ = 0;        // digest of the list of devices that we have
  uint64_t cloud_mark_ = 0;     // what was last said of our own log
  uint64_t relay_next_ = 0;     // of our own log, to the bastion; 0 until it says what it has
  uint64_t passed_on_ = 0;      // of what peers told, in the order of arrival, to the bastion
  uint64_t own_known_ = 0;      // number of the last entry of our own log, or lower
  bool forked_ = false;
  uint64_t upload_after_ = 0;  // entries before it wait for the cloud to know their devices
};

}  // namespace ticketing

#endif  // TICKETING_GATE_SYNC_AGENT_H_
