// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/cache_folder.h"

#include <cstdlib>

#include "colonnade/core/error.h"

namespace colonnade {

std::filesystem::path cache_folder() {
  const char* given = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  if (given != nullptr && *given != '\0') return std::filesystem::path(given) / "colonnade";
  if (home == nullptr || *home == '\0') {
    fail("there is no cache folder, as neither XDG_CACHE_HOME nor HOME is set; name a file by --calibration");
  }
  return std::filesystem::path(home) / ".cache" / "colonnade";
}

}  // namespace colonnade
