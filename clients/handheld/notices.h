// What the screen shows without a scan: the mode when it changes, and each double admission that
// this device learns of.
#ifndef TICKETING_CLIENTS_HANDHELD_NOTICES_H_
#define TICKETING_CLIENTS_HANDHELD_NOTICES_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/admission/explain.h"
#include "ticketing/base/time.h"
#include "ticketing/gate/engine.h"

namespace ticketing {

// The engine must outlive it. One thread.
class Notices {
 public:
  Notices(GateEngine& engine, GateLanguage language, bool json)
      : engine_(engine), language_(language), json_(json) {}

  // The mode that the screen shows from the start.
  void Begin(std::string_view mode) { mode_ = std::string(mode); }

  // What is new since the last call, each ready to be printed. `mode` is the mode of now and
  // `peers` how many other handhelds are heard. A conflict is told once in a run of the program;
  // they are looked for twice a second.
  std::vector<std::string> News(std::string_view mode, size_t peers);

  // When the disk begins to be nearly full, or is so no more; nullopt while nothing changes. It is
  // told again every ten minutes.
  std::optional<std::string> Disk(bool low, uint64_t free_bytes);

 private:
  std::string ModeNotice(size_t peers) const;
  std::string ConflictNotice(const Conflict& conflict) const;

  GateEngine& engine_;
  const GateLanguage language_;
  const bool json_;
  std::string mode_;
  std::set<ScanId> told_;
  Duration next_look_{};
  bool disk_low_ = false;
  Duration disk_told_{};
};

}  // namespace ticketing

#endif  // TICKETING_CLIENTS_HANDHELD_NOTICES_H_
