// SPDX-License-Identifier: GPL-3.0-or-later
// Which reflections a space group forbids, whatever the atoms (International Tables for Crystallography, Volume A,
// section 1.6.3): hkl is absent where an operation (W, w) has h W = h and h.w is no whole number.
#pragma once

#include <vector>

#include "colonnade/structures/crystal.h"
#include "colonnade/structures/symmetry_operation.h"

namespace colonnade {

/// hkl and the operations refer to the same cell.
bool is_forbidden(const Miller& hkl, const std::vector<SymmetryOperation>& operations);

}  // namespace colonnade
