// SPDX-License-Identifier: GPL-3.0-or-later
// Frames of molecular dynamics made elsewhere: (extended) XYZ with several frames, and LAMMPS's text dumps (dump atom,
// dump custom; LAMMPS's manual, "dump"). Lengths in Angstrom.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "colonnade/structures/structure.h"

namespace colonnade {

struct TrajectoryOptions {
  /// Elements of the types 1, 2, ... of a dump without an "element" column.
  std::vector<std::string> type_elements;
};

/// All frames, of a file known by its content ("ITEM:" begins a dump). Atoms of a dump are sorted by id, so that atom n
/// is the same one in all frames; columns x y z, xu yu zu, xs ys zs or xsu ysu zsu. Fails on a frame cut short, naming
/// it.
std::vector<Structure> read_trajectory(const std::filesystem::path& path, const TrajectoryOptions& options = {});

/// The same of a text; `name` stands for the file in messages.
std::vector<Structure> read_dump(const std::string& text, const std::string& name, const TrajectoryOptions& options);
std::vector<Structure> read_xyz_frames(const std::string& text, const std::string& name);

}  // namespace colonnade
