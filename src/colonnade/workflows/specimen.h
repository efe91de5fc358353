// SPDX-License-Identifier: GPL-3.0-or-later
// From a structure file to what stands under the beam: turned to a zone axis, repeated, or cut from an endless crystal.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

struct SpecimenOptions {
  std::string zone_axis;                ///< of the file's cell, along the beam; empty: the structure as it stands
  double rotation_deg = 0;              ///< in-plane
  std::vector<double> repeat{1, 1, 1};  ///< cells along a, b, c
  double thickness_nm = 0;              ///< above 0: the crystal is endless and cut to width x width x thickness
  double width_nm = 0;                  ///< of that block; 0: the field of view and a border around
  void describe(OptionTable& table, const std::string& section = "specimen");
  void check() const;
};

/// Reads and prepares. `block_width_nm` is the width where the options leave it open.
Structure make_specimen(const std::filesystem::path& file, const SpecimenOptions& options, double block_width_nm);

}  // namespace colonnade
