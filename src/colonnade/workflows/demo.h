// SPDX-License-Identifier: GPL-3.0-or-later
// The job "demo": the whole way in a few minutes on two cores, ending with truth beside prediction.
#pragma once

#include <cstdint>
#include <filesystem>

#include "colonnade/core/options.h"

namespace colonnade {

struct DemoOptions {
  std::uint64_t seed = 2026;
  int particles = 24;  ///< simulated to say how good the model is
  bool train = false;  ///< train a network here (minutes) instead of taking the one that ships
  OptionTable table();
  void check() const;
};

/// Writes into the folder: dataset/ (fresh particles), held_out/ (one more, as an image with noise and with its truth),
/// map/ (what `map` says of it), report.html. Returns the report's path.
std::filesystem::path run_demo(const DemoOptions& options, const std::filesystem::path& out, bool overwrite);

}  // namespace colonnade
