// SPDX-License-Identifier: GPL-3.0-or-later
// How near atoms of a structure come to each other, Angstrom.
#pragma once

#include "colonnade/structures/structure.h"

namespace colonnade {

/// The distance of the two nearest atoms, across periodic boundaries too; infinite where no two are within 6 A.
double shortest_distance(const Structure& structure);

}  // namespace colonnade
