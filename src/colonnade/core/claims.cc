// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/core/claims.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"

namespace colonnade {

Claims::Claims(const std::filesystem::path& file)
    : file_(file), descriptor_(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0) fail("cannot open {}: {}", file.string(), std::strerror(errno));
}

Claims::~Claims() { close(descriptor_); }

bool Claims::lock(std::int64_t number, int type, bool wait) {
  struct flock range {};
  range.l_type = static_cast<short>(type);
  range.l_whence = SEEK_SET;
  range.l_start = number;
  range.l_len = 1;
  int result = 0;
  do {
    result = fcntl(descriptor_, wait ? F_OFD_SETLKW : F_OFD_SETLK, &range);
  } while (result != 0 && errno == EINTR);
  if (result == 0) return true;
  if (errno == EAGAIN || errno == EACCES) return false;
  if (errno != ENOLCK && errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL) {
    fail("cannot lock {}: {}", file_.string(), std::strerror(errno));
  }
  if (locks_work_) {
    warn("{} lies on a file system without locks: start no second process on this folder", file_.string());
  }
  locks_work_ = false;
  return true;
}

bool Claims::claim(std::int64_t number) { return lock(number, F_WRLCK, false); }

void Claims::wait_for(std::int64_t number) { lock(number, F_WRLCK, true); }

void Claims::release(std::int64_t number) { lock(number, F_UNLCK, false); }

}  // namespace colonnade
