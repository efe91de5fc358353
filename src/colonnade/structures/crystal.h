// SPDX-License-Identifier: GPL-3.0-or-later
// Crystals: unit cells by name, zone axes, supercells. Lengths in Angstrom. (Cells from CIF: structure_file.h.)
#pragma once

#include <array>
#include <string>
#include <vector>

#include "colonnade/structures/structure.h"

namespace colonnade {

using Miller = std::array<int, 3>;

/// "110", "[1 1 0]", "1-10", "1,-1,0"; fails on anything else, on 000 and on indices beyond 20.
Miller parse_zone_axis(const std::string& text);

/// The conventional cubic cell of one element: kind is "fcc", "bcc", "sc" or "diamond"; lattice parameter in Angstrom.
Structure cubic_crystal(const std::string& kind, const std::string& symbol, double lattice_A);
/// Lattice parameter by Vegard's law from the elements' close-packed radii (a = 2 sqrt 2 r), Angstrom.
double vegard_fcc_lattice(const std::vector<std::string>& symbols, const std::vector<double>& fractions);
/// The cell repeated along its vectors.
Structure repeat(const Structure& crystal, const std::array<int, 3>& times);
/// The rotation that brings direction [uvw] of the crystal's cell along +z, the beam. Along +x goes the normal of the
/// widest-spaced lattice plane that contains [uvw] (zone law hu + kv + lw = 0): exactly perpendicular in every crystal
/// system, and in a cubic cell the direction of those indices, so that [110] has [001] along x. Of planes equally far
/// apart it takes the one of largest h, then k, then l.
std::array<std::array<double, 3>, 3> zone_axis_rotation(const Structure& crystal, const Miller& zone_axis);

/// The crystal, which goes on without end, cut to a box: atoms with 0 <= x < width, 0 <= y < height and 0 <= z <
/// thickness (Angstrom) of a crystal as it stands (rotate it before), its origin at the box's. The box becomes the
/// cell. Fails beyond 20 million atoms.
Structure cut_block(const Structure& crystal, const Position& size);

}  // namespace colonnade
