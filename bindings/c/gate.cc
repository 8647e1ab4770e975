// The gate: the engine with SQLite and the operating system's clock and randomness behind it.
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "bindings/c/support.h"
#include "ticketing/admission/explain.h"
#include "ticketing/base/bytes.h"
#include "ticketing/env/env.h"
#include "ticketing/gate/engine.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/system/clock.h"
#include "ticketing/system/random.h"
#include "ticketing/wire/sync_codec.h"

using ticketing::GateEngine;
using ticketing::InvalidField;
using ticketing::OkStatus;
using ticketing::ScanContext;
using ticketing::ScanResult;
using ticketing::Status;
using ticketing::StatusOr;
using ticketing::capi::CheckHandle;
using ticketing::capi::CheckOutput;
using ticketing::capi::CheckStruct;
using ticketing::capi::GiveBytes;
using ticketing::capi::Guard;
using ticketing::capi::ReadView;
using ticketing::capi::ViewOf;

static_assert(TICKETING_OUTCOME_ADMITTED == static_cast<int32_t>(ticketing::Outcome::kAdmitted));
static_assert(TICKETING_OUTCOME_REFUSED == static_cast<int32_t>(ticketing::Outcome::kRefused));
static_assert(TICKETING_DIRECTION_ENTRY == static_cast<int32_t>(ticketing::Direction::kEntry));
static_assert(TICKETING_DIRECTION_EXIT == static_cast<int32_t>(ticketing::Direction::kExit));
static_assert(sizeof(ticketing_scan_options_t) == 32);

namespace {

constexpr uint64_t kIdMax = std::numeric_limits<int64_t>::max();

// A library writes to nobody's standard error; what matters comes back as an error.
class QuietLog final : public ticketing::Log {
 public:
  void Write(ticketing::LogLevel, std::string_view, const ticketing::LogFields&) override {}
};

class QuietMetrics final : public ticketing::Metrics {
 public:
  void Count(std::string_view, std::string_view, const ticketing::MetricLabels&, double) override {}
  void Set(std::string_view, std::string_view, const ticketing::MetricLabels&, double) override {}
  void Observe(std::string_view, std::string_view, const ticketing::MetricLabels&,
               double) override {}
  std::string Text() override { return ""; }
};

}  // namespace

struct ticketing_gate : ticketing::capi::Handle<0x54494754> {
  explicit ticketing_gate(std::string data_dir) : databases({.data_dir = std::move(data_dir)}) {}

  ticketing::SystemClock clock;
  ticketing::SystemRandom random;
  QuietLog log;
  QuietMetrics metrics;
  ticketing::SqliteDatabaseFactory databases;
  std::unique_ptr<GateEngine> engine;  // refers to everything above
};

struct ticketing_scan : ticketing::capi::Handle<0x54495343> {
  explicit ticketing_scan(ScanResult the_result) : result(std::move(the_result)) {}
  ScanResult result;
};

namespace {

StatusOr<std::string> ReadPath(ticketing_view_t view) {
  TICKETING_ASSIGN_OR_RETURN(const std::string_view path, ReadView(view, "options.data_dir"));
  if (path.empty()) return InvalidField("options.data_dir", "is empty");
  if (path.find('\0') != path.npos || !ticketing::IsValidUtf8(path))
    return InvalidField("options.data_dir", "is not a path in UTF-8");
  return std::string(path);
}

StatusOr<ScanContext> ReadScanOptions(const ticketing_scan_options_t* options) {
  ScanContext context;
  if (options == nullptr) return context;
  TICKETING_RETURN_IF_ERROR(CheckStruct(options, "options"));
  if (options->gate > UINT16_MAX) return InvalidField("options.gate", "is out of range");
  context.gate = static_cast<uint16_t>(options->gate);
  context.event = options->event_number;
  if (options->direction == TICKETING_DIRECTION_EXIT) {
    context.direction = ticketing::Direction::kExit;
  } else if (options->direction != 0 && options->direction != TICKETING_DIRECTION_ENTRY) {
    return InvalidField("options.direction", "is neither an entry nor an exit");
  }
  if (options->scan_id > kIdMax) return InvalidField("options.scan_id", "is out of range");
  if (options->scan_id != 0) context.scan_id = ticketing::ScanId{options->scan_id};
  if (options->staff_override != 0 && options->staff_override != 1)
    return InvalidField("options.staff_override", "is neither 0 nor 1");
  context.staff_override = options->staff_override == 1;
  if (context.staff_override) {
    // The host program knows its people; the log tells that it was one of them.
    context.staff = {static_cast<uint8_t>(ticketing::StaffWhy::kOther), "host program",
                     "said by the host program"};
  }
  if (options->reserved != 0) return InvalidField("options.reserved", "is not 0");
  return context;
}

}  // namespace

int32_t ticketing_gate_open(const ticketing_gate_options_t* options, ticketing_gate_t** gate,
                            ticketing_error_t** error) {
  return Guard(error, [&]() -> Status {
    TICKETING_RETURN_IF_ERROR(CheckOutput(gate, "gate"));
    TICKETING_RETURN_IF_ERROR(CheckStruct(options, "options"));
    if (options->abi_version == 0 || options->abi_version > TICKETING_ABI_VERSION)
      return InvalidField("options.abi_version", "is of a newer library than the one loaded");
    if (options->device_id == 0 || options->device_id > kIdMax)
      return InvalidField("options.device_id", "is out of range");
    TICKETING_ASSIGN_OR_RETURN(std::string path, ReadPath(options->data_dir));
    TICKETING_ASSIGN_OR_RETURN(const std::string_view seed,
                               ReadView(options->device_seed, "options.device_seed"));
    TICKETING_ASSIGN_OR_RETURN(ticketing::SigningKey key, ticketing::SigningKey::FromSeed(seed));
    auto made = std::make_unique<ticketing_gate>(std::move(path));
    const ticketing::Env env{made->clock, made->random, made->log, made->metrics};
    TICKETING_ASSIGN_OR_RETURN(
        made->engine, GateEngine::Open(env, made->databases, "gate", std::move(key),
                                       {.device = ticketing::DeviceId{options->device_id}}));
    *gate = made.release();
    return OkStatus();
  });
}

int32_t ticketing_gate_load_event(ticketing_gate_t* gate, ticketing_view_t copy,
                                  ticketing_error_t** error) {
  return Guard(error, [&]() -> Status {
    TICKETING_RETURN_IF_ERROR(CheckHandle(gate, "gate"));
    TICKETING_ASSIGN_OR_RETURN(const std::string_view bytes, ReadView(copy, "copy"));
    TICKETING_ASSIGN_OR_RETURN(const ticketing::EventCopy decoded,
                               ticketing::DecodeEventCopy(bytes));
    return gate->engine->ApplyEventCopy(decoded);
  });
}

void ticketing_gate_free(ticketing_gate_t* gate) {
  delete gate;
}

int32_t ticketing_gate_scan(ticketing_gate_t* gate, ticketing_view_t text,
                            const ticketing_scan_options_t* options, ticketing_scan_t** scan,
                            ticketing_error_t** error) {
  return Guard(error, [&]() -> Status {
    TICKETING_RETURN_IF_ERROR(CheckHandle(gate, "gate"));
    TICKETING_RETURN_IF_ERROR(CheckOutput(scan, "scan"));
    TICKETING_ASSIGN_OR_RETURN(const std::string_view scanned, ReadView(text, "text"));
    TICKETING_ASSIGN_OR_RETURN(const ScanContext context, ReadScanOptions(options));
    TICKETING_ASSIGN_OR_RETURN(ScanResult result, gate->engine->Scan(scanned, context));
    *scan = new ticketing_scan(std::move(result));
    return OkStatus();
  });
}

int32_t ticketing_gate_explain(const ticketing_gate_t* gate, const ticketing_scan_t* scan,
                               ticketing_view_t language, ticketing_bytes_t* sentence,
                               ticketing_error_t** error) {
  return Guard(error, [&]() -> Status {
    TICKETING_RETURN_IF_ERROR(CheckHandle(gate, "gate"));
    TICKETING_RETURN_IF_ERROR(CheckHandle(scan, "scan"));
    TICKETING_ASSIGN_OR_RETURN(std::string_view tag, ReadView(language, "language"));
    const auto known = ticketing::GateLanguageOf(tag.empty() ? "es" : tag);
    if (!known) return InvalidField("language", "is neither Spanish nor English");
    return GiveBytes(gate->engine->Explain(scan->result, *known), sentence, "sentence");
  });
}

int32_t ticketing_scan_outcome(const ticketing_scan_t* scan) {
  return scan == nullptr ? 0 : static_cast<int32_t>(scan->result.decision.outcome);
}

int32_t ticketing_scan_reason(const ticketing_scan_t* scan) {
  return scan == nullptr ? 0 : static_cast<int32_t>(scan->result.decision.reason);
}

const char* ticketing_scan_reason_name(const ticketing_scan_t* scan) {
  // Names are literals and end with a zero byte.
  return scan == nullptr ? "" : ticketing::ReasonName(scan->result.decision.reason).data();
}

uint64_t ticketing_scan_id(const ticketing_scan_t* scan) {
  return scan == nullptr ? 0 : scan->result.scan_id.value;
}

uint64_t ticketing_scan_ticket_id(const ticketing_scan_t* scan) {
  return scan == nullptr ? 0 : scan->result.ticket_id.value;
}

ticketing_view_t ticketing_scan_seat_label(const ticketing_scan_t* scan) {
  return ViewOf(scan == nullptr ? std::string_view("") : scan->result.seat_label);
}

int64_t ticketing_scan_decided_at(const ticketing_scan_t* scan) {
  return scan == nullptr ? 0 : scan->result.at.micros;
}

void ticketing_scan_free(ticketing_scan_t* scan) {
  delete scan;
}
