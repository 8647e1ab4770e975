#include "tests/sim/machine.h"

#include <utility>

namespace ticketing::sim {
namespace {

constexpr Duration kTryAgain = Duration::Seconds(5);
constexpr Duration kLook = Duration::Millis(20);

}  // namespace

Machine::Machine(Setting& setting, std::string name, bool far, int page_bytes, uint64_t seed)
    : clock(setting.loop),
      disk(name, seed),
      setting_(setting),
      name_(std::move(name)),
      node_(setting.network.Add(far)),
      page_bytes_(page_bytes),
      random_(seed * 31 + 7) {}

void Machine::Start() {
  if (databases_ == nullptr) {
    auto sqlite = std::make_unique<SqliteDatabaseFactory>(SqliteOptions{.data_dir = disk.name(),
                                                                        .vfs = kVfsName,
                                                                        .page_size = page_bytes_,
                                                                        .single_threaded = true});
    databases_ = std::move(sqlite);
    if (setting_.wrap) databases_ = setting_.wrap(node_, std::move(databases_));
  }
  const uint64_t life = ++life_;
  disk.Restart();
  setting_.network.SetPower(node_, true);
  Status opened;
  {
    const Inside inside(*this);
    opened = Open(*databases_);
  }
  setting_.loop.Note("start", static_cast<uint64_t>(node_), opened.ok());
  if (!opened.ok() || disk.dead() || life != life_) {
    Close();
    if (life == life_ && !disk.dead()) setting_.loop.After(kTryAgain, [this] { Start(); });
    return;
  }
  running_ = true;
  Started();
}

void Machine::Crash(bool keeps_some, Duration pause) {
  if (disk.dead()) return;
  ++crashes;
  ++life_;
  running_ = false;
  disk.Crash(keeps_some);
  setting_.network.Bind(node_, nullptr);
  setting_.network.SetPower(node_, false);
  setting_.loop.Note("crash", static_cast<uint64_t>(node_));
  Stopped();
  setting_.network.Abort(node_);
  setting_.loop.After(Duration{}, [this, pause] { ComeBack(pause); });
}

void Machine::Retire() {
  Crash(false, Duration::Millis(-1));
  ++life_;
}

void Machine::ComeBack(Duration pause) {
  const uint64_t life = life_;
  while (inside_ > 0) setting_.loop.Sleep(kLook);
  Close();
  if (pause.micros < 0) return;
  setting_.loop.After(pause, [this, life] {
    if (life == life_) Start();
  });
}

void Machine::Every(Duration pause, std::function<void()> step) {
  setting_.loop.After(Duration{}, [this, pause, step = std::move(step), life = life_] {
    while (life == life_) {
      {
        const Inside inside(*this);
        step();
      }
      setting_.loop.Sleep(pause);
    }
  });
}

}  // namespace ticketing::sim
