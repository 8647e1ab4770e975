#include "lib/sqlite/errors.h"

#include <sqlite3.h>

#include <string>

namespace ticketing::sqlite {
namespace {

Status Make(ErrorCode code, std::string_view what, int result, std::string_view message) {
  std::string text(what);
  text.append(": ").append(message).append(" (SQLite ").append(std::to_string(result)).append(")");
  return MakeError(code, text);
}

}  // namespace

Status ErrorOf(int code, std::string_view message) {
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return Make(ErrorCode::kConflict, "the data does not allow it", code, message);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT:
      return Make(ErrorCode::kAborted, "the database is held by somebody else", code, message);
    case SQLITE_FULL:
      return Make(ErrorCode::kUnavailable, "the disk is full, nothing was written", code, message);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL:
      return Make(ErrorCode::kUnavailable, "the database file cannot be used, nothing was written",
                  code, message);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Make(ErrorCode::kDataLoss, "the database file is damaged", code, message);
    default:
      return Make(ErrorCode::kInternal, "the database refused a statement", code, message);
  }
}

}  // namespace ticketing::sqlite
