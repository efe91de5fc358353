// SPDX-License-Identifier: GPL-3.0-or-later
// The direction in which most nearest neighbours stand in rows (fcc: one of <110>), found from atoms without a cell, as
// tomography gives them, strained and with defects. Angstrom.
#pragma once

#include "colonnade/structures/structure.h"

namespace colonnade {

/// Unit vector with z >= 0. Bonds are pairs of atoms less than `reach_A` apart. Fails where there are none.
Position densest_rows(const Structure& structure, double reach_A);

/// Turns the structure so that the direction runs along +z, the beam.
void turn_to_beam(Structure& structure, const Position& direction);

}  // namespace colonnade
