#include "lib/gate/log_batch.h"

#include <map>
#include <span>
#include <utility>

#include "ticketing/sync/log_entry.h"

namespace ticketing::gate {
namespace {

size_t ClosedPart(std::span<const LogRow> rows) {
  std::map<DeviceId, uint64_t> open;  // what must come next of the logs whose last one is unsigned
  size_t closed = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const LogRow& row = rows[i];
    const auto found = open.find(row.device);
    if (found != open.end() && found->second != row.sequence) break;
    if (!CarriesSignature(row.entry)) {
      open[row.device] = row.sequence + 1;
    } else if (found != open.end()) {
      open.erase(found);
    }
    if (open.empty()) closed = i + 1;
  }
  return closed;
}

// An entry and those behind it in its log, up to the next signature; empty when that is not here.
StatusOr<std::vector<std::string>> RunFrom(SqlTransaction& tx, const LogRow& row) {
  std::vector<std::string> run;
  bool is_signed = false;
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT sequence, entry FROM log_entries WHERE device = ? AND sequence >= ? "
               "ORDER BY sequence LIMIT ?",
               {row.device.ToSql(), static_cast<int64_t>(row.sequence),
                static_cast<int64_t>(kLogRunMax + 1)},
               [&](const SqlRow& found) {
                 const bool next = static_cast<uint64_t>(found.Int(0)) == row.sequence + run.size();
                 if (is_signed || !next) return OkStatus();
                 run.push_back(found.Bytes(1));
                 is_signed = CarriesSignature(run.back());
                 return OkStatus();
               }));
  if (!is_signed) run.clear();
  return run;
}

}  // namespace

StatusOr<LogBatch> CloseBatch(SqlTransaction& tx, std::vector<LogRow> rows) {
  LogBatch batch;
  for (size_t begin = 0; begin < rows.size(); ++begin) {
    const size_t closed = ClosedPart(std::span(rows).subspan(begin));
    if (closed > 0) {
      for (size_t i = begin; i < begin + closed; ++i)
        batch.entries.push_back(std::move(rows[i].entry));
      batch.last_arrival = rows[begin + closed - 1].arrival;
      batch.cut = begin + closed < rows.size();
      return batch;
    }
    batch.last_arrival = rows[begin].arrival;
    batch.cut = begin + 1 < rows.size();
    TICKETING_ASSIGN_OR_RETURN(batch.entries, RunFrom(tx, rows[begin]));
    if (!batch.entries.empty()) return batch;
  }
  return batch;
}

}  // namespace ticketing::gate
