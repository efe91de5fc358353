// SPDX-License-Identifier: GPL-3.0-or-later
// Crystals by what a microscopist calls them, as calibration standards. Lengths in Angstrom, at room temperature.
// Lattice parameters: CRC Handbook of Chemistry and Physics (97th ed., sections 4 and 12) and Wyckoff, Crystal
// Structures (2nd ed., vol. 1 and 2); SrTiO3: Okazaki and Kawaminami, Mater. Res. Bull. 8, 545 (1973).
#pragma once

#include <string>
#include <vector>

#include "colonnade/structures/structure.h"

namespace colonnade {

/// "SrTiO3", "Si", "Au", ... (a name of the list below); a name or formula of crystal_library.h; "3.905" or
/// "3.79,3.79,13.2": a primitive cell with right angles and these edges; "fcc:3.92" (also bcc, sc, diamond): a cubic
/// cell of that kind; else a structure file with a cell. Fails on anything else, with the nearest name, and on a
/// formula of several crystals, with their names.
Structure crystal_from(const std::string& text);

/// The names that crystal_from() knows.
std::vector<std::string> known_crystal_names();

}  // namespace colonnade
