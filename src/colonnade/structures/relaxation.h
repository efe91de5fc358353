// SPDX-License-Identifier: GPL-3.0-or-later
// Atoms moved to where the forces of an interatomic potential vanish, or by molecular dynamics at a temperature, by
// LAMMPS (A. P. Thompson et al., Comput. Phys. Commun. 271, 108171, 2022), which is loaded as a library where it is
// installed (Debian: liblammps0, potentials in lammps-data) and needed for nothing else. It runs in a process of its
// own, which ends with the call: it starts MPI, and ends its process on errors. Metal units: Angstrom, eV, bar, ps, K.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

/// Any pair style of one file, e.g. "eam/alloy", "eam/fs", "tersoff", "sw", "meam". Files by name are looked for in the
/// current folder, in $LAMMPS_POTENTIALS, and in /usr/share/lammps/potentials.
struct Potential {
  std::string pair_style;
  std::string file;  ///< of meam two: "library.meam AlSiMgCuFe.meam"
  /// Names of the elements in the file where they are not the symbols, "Al:AlS,Si:SiS"; empty: the symbols.
  std::vector<std::string> names;
};

struct RelaxationOptions {
  std::vector<std::string> relax;  ///< pair style, file(s): "eam/alloy,Al_zhou.eam.alloy"; empty: none
  std::vector<std::string> names;  ///< see Potential::names
  bool relax_cell = false;         ///< the cell to zero pressure, too, along each periodic axis
  double force_tolerance_eV_A = 1e-4;
  int most_steps = 5000;
  double md_temperature_K = 0;  ///< above 0: after the relaxation, a snapshot of molecular dynamics at constant volume
  double md_ps = 5;
  void describe(OptionTable& table, const std::string& section = "relaxation");
  void check() const;
  bool any() const { return !relax.empty(); }
  Potential potential() const;
};

struct Relaxation {
  double energy_before_eV = 0, energy_eV = 0;
  double largest_force_eV_A = 0;
  double largest_move_A = 0;
  double temperature_K = 0;  ///< of the snapshot
};

/// True where the LAMMPS library can be loaded.
bool lammps_available();

/// Moves the atoms (and the cell, where asked) and notes potential, energies and LAMMPS's version in the metadata.
/// Along axes that are not periodic the specimen ends in vacuum. The order of the atoms stays. Fails where the library
/// is absent, the potential is missing, cut short or lacks an element, and on what LAMMPS says is wrong.
Relaxation relax(Structure& structure, const RelaxationOptions& options, std::uint64_t seed);

/// The same atoms in the same order as another structure file has them, e.g. of a relaxation made elsewhere: takes its
/// positions and cell. Fails where elements or numbers differ, or an atom moves beyond `farthest_A`.
Relaxation take_positions(Structure& structure, const Structure& relaxed, double farthest_A = 3);

}  // namespace colonnade
