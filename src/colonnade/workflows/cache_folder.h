// SPDX-License-Identifier: GPL-3.0-or-later
// Where calibrations that take minutes are kept: $XDG_CACHE_HOME/colonnade, or ~/.cache/colonnade.
#pragma once

#include <filesystem>

namespace colonnade {

/// Not made yet, perhaps. Fails where there is no home to keep it in.
std::filesystem::path cache_folder();

}  // namespace colonnade
