#include "clients/handheld/news_listener.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "ticketing/system/files.h"

namespace ticketing {
namespace {

// Short, because a program that is told to stop waits for the answer.
constexpr Duration kNewsWait = Duration::Millis(1500);
constexpr Duration kAnswerTime = Duration::Seconds(2);
// After an answer that was none, and when the bastion has no room for one more who waits.
constexpr Duration kPause = Duration::Seconds(1);
constexpr size_t kBastionsMax = 16;

std::optional<int> ReadPercent(const std::string& path) {
  const StatusOr<std::string> text = ReadFile(path, 64);
  if (!text.ok()) return std::nullopt;
  int percent = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), percent);
  if (error != std::errc() || percent < 0 || percent > 100) return std::nullopt;
  return percent;
}

}  // namespace

std::optional<int> BatteryLeft(const std::string& path) {
  if (!path.empty()) return ReadPercent(path);
  std::error_code error;
  for (std::filesystem::directory_iterator it("/sys/class/power_supply", error), end;
       !error && it != end; it.increment(error)) {
    if (const auto percent = ReadPercent(it->path().string() + "/capacity")) return percent;
  }
  return std::nullopt;
}

NewsListener::NewsListener(GateEngine& engine, BastionRoad& road, std::string folder,
                           std::string battery_file, std::function<bool()> disk_low,
                           std::function<void()> on_news)
    : engine_(engine),
      road_(road),
      folder_(std::move(folder)),
      battery_file_(std::move(battery_file)),
      disk_low_(std::move(disk_low)),
      on_news_(std::move(on_news)),
      link_(engine.env(), road, engine.device(), engine.key()) {}

void NewsListener::Listen() {
  Clock& clock = engine_.env().clock;
  const Duration started = clock.Monotonic();
  if (started < not_before_) return;
  HttpRequest request;
  request.target = std::string(kNewsPath) + "?seen=" + std::to_string(seen_) +
                   "&wait_ms=" + std::to_string(kNewsWait.millis());
  if (const auto battery = BatteryLeft(battery_file_)) {
    request.target += "&battery=" + std::to_string(*battery);
  }
  if (disk_low_()) request.target += "&disk=low";
  const StatusOr<HttpResponse> answer = link_.Send(std::move(request), kNewsWait + kAnswerTime);
  const bool told = answer.ok() && answer->status == 200;
  const StatusOr<GateNews> news =
      told ? DecodeGateNews(answer->body) : MakeError(ErrorCode::kUnavailable, "no answer");
  if (!news.ok()) {
    not_before_ = clock.Monotonic() + kPause;
    return;
  }
  if (news->number == seen_) {
    const bool at_once = clock.Monotonic() - started < Duration::Millis(100);
    if (at_once) not_before_ = clock.Monotonic() + kPause;
    return;
  }
  seen_ = news->number;
  on_news_();
  Learn(news->bastions);
}

// A card is believed of a device that the event copy knows as a bastion, and a bastion that was
// shut out is forgotten.
void NewsListener::Learn(const std::vector<BastionCard>& cards) {
  StatusOr<std::vector<KnownBastion>> known = LoadBastions(folder_);
  if (!known.ok()) return;
  const std::vector<KnownBastion> before = *known;
  for (const BastionCard& card : cards) {
    const std::optional<CopyDevice> device = engine_.FindDevice(card.device);
    const bool good = device && device->bastion && !device->revoked &&
                      IsBastionCardGenuine(card, device->public_key);
    if (!good) continue;
    const std::string id = card.device.ToString();
    const auto same = [&](const KnownBastion& one) { return one.pin == card.pin; };
    if (const auto found = std::ranges::find_if(*known, same); found != known->end()) {
      found->device = id;
      continue;
    }
    if (known->size() >= kBastionsMax || !road_.Add({card.url, card.pin, id}).ok()) continue;
    known->push_back({card.url, card.pin, id});
  }
  std::erase_if(*known, [&](const KnownBastion& one) {
    const auto id = DeviceId::Parse(one.device);
    const auto device = id ? engine_.FindDevice(*id) : std::nullopt;
    const bool shut_out = device && device->revoked;
    if (shut_out) road_.Forget(one.pin);
    return shut_out;
  });
  if (*known == before) return;
  if (const Status saved = SaveBastions(folder_, *known); !saved.ok()) {
    engine_.env().log.Warning("The list of bastions was not written.",
                              {{"cause", std::string(MessageOf(saved))}});
  }
}

}  // namespace ticketing
