// Hears from the bastion as soon as it has something new, so that a scan at one gate is known at
// the others at once; and learns from it where the venue's other bastions are.
#ifndef TICKETING_CLIENTS_HANDHELD_NEWS_LISTENER_H_
#define TICKETING_CLIENTS_HANDHELD_NEWS_LISTENER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "clients/common/bastion_road.h"
#include "clients/common/tls_files.h"
#include "ticketing/gate/engine.h"
#include "ticketing/gate/link.h"
#include "ticketing/wire/bastion_codec.h"

namespace ticketing {

// Percent left in the first battery of this machine, or in the file that `path` names (a number);
// nullopt when there is none.
std::optional<int> BatteryLeft(const std::string& path);

class NewsListener {
 public:
  // `folder` keeps the bastions that are known. What it refers to must outlive it. `on_news` pulls.
  NewsListener(GateEngine& engine, BastionRoad& road, std::string folder, std::string battery_file,
               std::function<bool()> disk_low, std::function<void()> on_news);

  // One question, which the bastion answers when it has news, or after kNewsWait. Call it again and
  // again on a thread of its own.
  void Listen();

 private:
  void Learn(const std::vector<BastionCard>& cards);

  GateEngine& engine_;
  BastionRoad& road_;
  const std::string folder_;
  const std::string battery_file_;
  const std::function<bool()> disk_low_;
  const std::function<void()> on_news_;
  SyncLink link_;
  uint64_t seen_ = 0;
  Duration not_before_{};
};

}  // namespace ticketing

#endif  // TICKETING_CLIENTS_HANDHELD_NEWS_LISTENER_H_
