// SPDX-License-Identifier: GPL-3.0-or-later
// The job "defects": from a crystal to a virtual specimen with lattice defects (after Jeong, Ra, Jeong, Lee, RSC Adv.
// 14, 18489, 2024). What is asked for is done in the order in which later steps need earlier ones:
//   1. the specimen: cells of the crystal; or grains, twins, stacking faults or dislocations, which are specimens of
//      their own and exclude each other;
//   2. point defects, on the sites of that lattice;
//   3. strain or stress, of atoms and cell;
//   4. relaxation by forces (and molecular dynamics), in the strained cell;
//   5. positions from a file with the same atoms;
//   6. thermal displacement, last, as nothing relaxes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/structures/defects/dislocations.h"
#include "colonnade/structures/defects/grains.h"
#include "colonnade/structures/defects/planar_defects.h"
#include "colonnade/structures/defects/point_defects.h"
#include "colonnade/structures/defects/strain.h"
#include "colonnade/structures/defects/thermal_displacement.h"
#include "colonnade/structures/relaxation.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

struct DefectOptions {
  std::vector<double> size{10, 10, 10};  ///< cells along a, b, c; of a turned specimen: edges' lengths along x, y, z
  std::uint64_t seed = 1;
  PlanarDefectOptions planar;
  GrainOptions grains;
  DislocationOptions dislocations;
  PointDefectOptions points;
  StrainOptions strain;
  RelaxationOptions relaxation;
  std::string positions;                   ///< structure file or trajectory whose positions the atoms take; empty: none
  int frame = 1;                           ///< of that trajectory, from 1
  std::vector<std::string> type_elements;  ///< of a LAMMPS dump
  ThermalDisplacementOptions thermal;
  OptionTable table();
  void check() const;
};

/// `crystal` is what crystal_from() takes. Metadata "defects" says what was done, "made_by" with what.
Structure make_defects(const std::string& crystal, DefectOptions options);

/// The same into FILE.xyz (.extxyz), with its metadata, or FILE.cif (P 1), without. Checked before anything is
/// computed; fails where the file is there and `overwrite` is false.
Structure make_defects(const std::string& crystal, const DefectOptions& options, const std::filesystem::path& out,
                       bool overwrite);

/// Atoms, box, and what was done in which order.
nlohmann::json defects_summary(const Structure& specimen);
std::string defects_text(const Structure& specimen);

}  // namespace colonnade
