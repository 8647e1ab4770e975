// A SQLite VFS over another one that hands a commit's log to the operating system in one piece.
//
// SQLite writes each page of the write-ahead log with two calls, and so does a commit of a hundred
// pages with two hundred. Here the log's writes that follow each other wait in memory until they
// are synced, read, or 128 KB, or until the lock goes under which they came: nothing of a commit
// counts before its sync, and with synchronous=FULL every commit ends with one. For databases with
// shared memory; other files than theirs are those of the other VFS.
#ifndef TICKETING_LIB_SQLITE_GATHER_VFS_H_
#define TICKETING_LIB_SQLITE_GATHER_VFS_H_

#include <string>

namespace ticketing::sqlite {

// The name of such a VFS over the one called `base`, empty for the operating system's. Empty when
// there is no `base`. Thread-safe.
std::string GatheringVfs(const std::string& base);

}  // namespace ticketing::sqlite

#endif  // TICKETING_LIB_SQLITE_GATHER_VFS_H_
