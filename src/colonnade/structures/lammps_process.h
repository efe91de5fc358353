// SPDX-License-Identifier: GPL-3.0-or-later
// One job of LAMMPS in a process of its own. Angstrom, eV, ps.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace colonnade {

struct LammpsJob {
  /// Box as LAMMPS has it: a along x, b in the x-y plane; its low corner at the origin, periodic everywhere.
  double lx = 0, ly = 0, lz = 0, xy = 0, xz = 0, yz = 0;
  std::vector<double> masses_u;              ///< by type
  std::vector<int> types;                    ///< from 1
  std::vector<double> positions;             ///< x y z each, inside the box
  std::vector<std::string> commands_before;  ///< pair style and coefficients
  std::vector<std::string> commands;         ///< the work
};

struct LammpsResult {
  double energy_before_eV = 0, energy_eV = 0, temperature_K = 0;
  double lx = 0, ly = 0, lz = 0, xy = 0, xz = 0, yz = 0;
  double low[3] = {0, 0, 0};
  int version = 0;
  std::vector<double> positions, forces;
};

/// Forks, loads LAMMPS there, runs, and hands back what came out. The caller may have threads; the child uses none of
/// them. Fails with LAMMPS's own message where it stops.
LammpsResult run_lammps(const LammpsJob& job);

}  // namespace colonnade
