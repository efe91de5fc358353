// SPDX-License-Identifier: GPL-3.0-or-later
// The figures of a particle's analysis: composition, histograms, shares, order, profiles; and counts beside the truth.
#pragma once

#include <string>
#include <vector>

#include "colonnade/columns/particle_analysis.h"
#include "colonnade/workflows/evaluate_model.h"
#include "colonnade/workflows/map_figures.h"

namespace colonnade {

std::vector<NamedFigure> analysis_figures(const ParticleAnalysis& analysis);

/// Predicted against true counts of one element; a square.
std::string counts_svg(const CountComparison& comparison, const std::vector<std::string>& elements, std::size_t element,
                       const std::string& title, double size_px);

}  // namespace colonnade
