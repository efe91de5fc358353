// SPDX-License-Identifier: GPL-3.0-or-later
// Files of interatomic potentials in LAMMPS's formats: found, and looked through before LAMMPS reads them, since its
// own messages on a file cut short name neither the file nor what to do.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace colonnade {

/// The file as named, else in the folders of $LAMMPS_POTENTIALS, else in /usr/share/lammps/potentials; fails where it
/// is in none.
std::filesystem::path find_potential(const std::string& file);

/// Fails unless a file of this pair style is whole and has these names. Setfl files (eam/alloy, eam/fs) are read to
/// their end: M. S. Daw, M. I. Baskes, Phys. Rev. B 29, 6443 (1984) is the method, LAMMPS's manual, pair_style eam, the
/// format. Of other styles the names must stand in the file as words.
void check_potential(const std::filesystem::path& path, const std::string& pair_style,
                     const std::vector<std::string>& names);

}  // namespace colonnade
