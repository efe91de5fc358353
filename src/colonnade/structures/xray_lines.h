// SPDX-License-Identifier: GPL-3.0-or-later
// Energies of the strongest X-ray lines, K alpha 1 and L alpha 1, in keV (J. A. Bearden, Rev. Mod. Phys. 39, 78 (1967),
// as in table 1-2 of the X-ray Data Booklet, Lawrence Berkeley National Laboratory).
#pragma once

#include <string>

namespace colonnade {

/// "K", "Ka", "L" or "La"; 0 where the table has no such line (K: carbon to tin, L: titanium to bismuth).
double xray_line_keV(int atomic_number, const std::string& line);

/// The line that microscopes map an element by: K where it is below 20 keV, else L; 0 where the table has neither.
double xray_line_keV(int atomic_number);

}  // namespace colonnade
