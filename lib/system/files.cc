#include "ticketing/system/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ticketing {
namespace {

Status Failed(std::string_view what, const std::string& path, int error) {
  std::string message(what);
  message.append(" ").append(path).append(": ").append(std::strerror(error));
  return MakeError(error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable, message);
}

// For paths that are made, where a missing folder is no "not found" of the caller's.
Status CannotWrite(std::string_view what, const std::string& path, int error) {
  return MakeError(ErrorCode::kUnavailable, MessageOf(Failed(what, path, error)));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::string ParentOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

Status SyncDirectory(const std::string& path) {
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || ::fsync(folder.get()) != 0)
    return CannotWrite("cannot sync folder", path, errno);
  return OkStatus();
}

}  // namespace

StatusOr<std::string> ReadFile(const std::string& path, size_t bytes_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return Failed("cannot open", path, errno);
  std::string bytes;
  while (true) {
    constexpr size_t kStep = 64 << 10;
    const size_t size = bytes.size();
    bytes.resize(size + kStep);
    const ssize_t count = ::read(file.get(), bytes.data() + size, kStep);
    if (count < 0 && errno != EINTR) return CannotWrite("cannot read", path, errno);
    bytes.resize(size + static_cast<size_t>(std::max<ssize_t>(count, 0)));
    if (bytes.size() > bytes_max) {
      return MakeError(ErrorCode::kPayloadTooLarge,
                       path + " is longer than " + std::to_string(bytes_max) + " bytes");
    }
    if (count == 0) return bytes;
  }
}

Status WriteFileAtomically(const std::string& path, std::string_view bytes, unsigned mode) {
  // In the same folder: a rename is atomic only inside one file system.
  std::string temporary = path + ".XXXXXX";
  const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return CannotWrite("cannot write", path, errno);
  const bool written = ::fchmod(file.get(), mode) == 0 && WriteAll(file.get(), bytes) &&
                       ::fsync(file.get()) == 0 && ::rename(temporary.c_str(), path.c_str()) == 0;
  if (!written) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return CannotWrite("cannot write", path, error);
  }
  return SyncDirectory(ParentOf(path));
}

Status MakeDirectory(const std::string& path, unsigned mode) {
  if (path.size() > 1 && path.back() == '/')
    return MakeDirectory(path.substr(0, path.size() - 1), mode);
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) return OkStatus();
    return MakeError(ErrorCode::kUnavailable, path + " is not a folder");
  }
  const std::string parent = ParentOf(path);
  TICKETING_RETURN_IF_ERROR(MakeDirectory(parent, mode));
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
    return CannotWrite("cannot make folder", path, errno);
  return SyncDirectory(parent);
}

}  // namespace ticketing
