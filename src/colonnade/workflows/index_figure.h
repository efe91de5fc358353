// SPDX-License-Identifier: GPL-3.0-or-later
// What indexing shows of a pattern: the spots drawn over it, and as a table.
#pragma once

#include <string>

#include "colonnade/report/figure.h"
#include "colonnade/workflows/index_pattern.h"

namespace colonnade {

/// The pattern with its best match: indexed spots, the strongest with their indices, those left over, and strong
/// reflections where nothing is seen.
std::string overlay_figure(const PatternIndexing& result, const std::string& title);

/// CSV: places, intensities and, for the best match, the indices of each spot.
std::string spot_table(const PatternIndexing& result);

}  // namespace colonnade
