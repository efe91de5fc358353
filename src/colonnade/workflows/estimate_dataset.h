// SPDX-License-Identifier: GPL-3.0-or-later
// How long a dataset takes, measured on this machine: one view of one particle is simulated with a few of its probes.
#pragma once

#include <string>

#include "colonnade/workflows/make_dataset.h"

namespace colonnade {

struct DatasetEstimate {
  double seconds_per_particle = 0;
  double seconds_before_probes = 0;  ///< of these, for a view: slices and what else is computed once
  int probes = 0;                    ///< of a view
  int threads = 1;
  std::string device;
  /// A line for a person: so many particles by one process such as this, and by each of `processes`.
  std::string text(int particles, int processes = 1) const;
};

/// From the particle of that number; nothing is written.
DatasetEstimate estimate_dataset(const DatasetOptions& options, int particle, const StemAlgorithmFactory& algorithms);
/// For the options as they are given: checks them, and takes their device.
DatasetEstimate estimate_dataset(DatasetOptions options);

}  // namespace colonnade
