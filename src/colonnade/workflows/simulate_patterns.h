// SPDX-License-Identifier: GPL-3.0-or-later
// 4D-STEM: a diffraction pattern for each point of a scan, streamed to HDF5 (signal_file.h).
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "colonnade/simulate/pattern_grid.h"
#include "colonnade/simulate/stem_experiment.h"

namespace colonnade {

/// Scans the field's square of the experiment with this step. Patterns are averaged over frozen phonons and the focal
/// spread (then they are held in memory), not over the source; local signals and depths are left out.
void simulate_patterns(const Structure& structure, const StemExperiment& experiment, const FieldOfView& field,
                       double step_nm, const PatternGrid& camera, const std::filesystem::path& path,
                       const nlohmann::json& record, const StemAlgorithmFactory& algorithms);

}  // namespace colonnade
