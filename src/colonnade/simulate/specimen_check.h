// SPDX-License-Identifier: GPL-3.0-or-later
// What can be wrong with a specimen before anything is computed; each fails with the atoms concerned (counted from 1,
// as in the file they came from).
#pragma once

#include "colonnade/simulate/potential.h"
#include "colonnade/simulate/scattering_factors.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

/// Two atoms nearer than this lie on top of each other.
inline constexpr double least_distance_A = 0.5;

/// Fails on a position that is no number, an element that the parametrisation lacks, and two atoms nearer than
/// least_distance_A.
void check_specimen(const Structure& structure, Parametrization parametrization);

/// Fails on an atom outside 0 <= x < length, 0 <= y < length and above the entrance surface of a periodic cell, where
/// its images would stand elsewhere than it was meant.
void check_inside(const Structure& structure, const PeriodicCell& cell);

}  // namespace colonnade
