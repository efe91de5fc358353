// SPDX-License-Identifier: GPL-3.0-or-later
// What jobs that simulate images have in common between their options and simulate_experiment(): X-ray signals that fit
// the atoms' thermal motion, and the border that a blurred field needs.
#pragma once

#include <vector>

#include "colonnade/simulate/eds.h"
#include "colonnade/simulate/stem_experiment.h"

namespace colonnade {

/// Elements whose Debye-Waller factor is neither given nor known get a usual one, with a warning.
void complete_factors(const std::vector<int>& atomic_numbers, ThermalMotion& thermal);
/// Has the scan measure the ionisations of these lines, too.
void add_eds_signals(const std::vector<EdsLine>& lines, const ThermalMotion& thermal, Signals& signals);

/// Pixels around a field that the source's image reaches into.
double source_reach_px(const PartialCoherence& coherence, const FieldOfView& field);
/// Whole pixels of a border for this reach, with what interpolation needs; 0 for no reach.
int border_px(double reach_px);
FieldOfView widened(FieldOfView field, int border_px);

}  // namespace colonnade
