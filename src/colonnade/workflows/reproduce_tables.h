// SPDX-License-Identifier: GPL-3.0-or-later
// The published tables beside one's own (reproduce.h), and what they say in words.
#pragma once

#include <string>
#include <vector>

#include "colonnade/report/text_table.h"
#include "colonnade/workflows/reproduce_scores.h"

namespace colonnade {

TextTable r2_table(const Reproduction& reproduction);
/// Columns right and off by 1, 2, 3.
TextTable off_by_table(const Reproduction& reproduction);
/// Exact and within-one rates.
TextTable rates_table(const Reproduction& reproduction);
/// Which part of the published rates each predictor reaches.
TextTable explained_table(const Reproduction& reproduction);
TextTable line_table(const Reproduction& reproduction);
TextTable last_epoch_table(const Reproduction& reproduction);
TextTable height_table(const Reproduction& reproduction, const NetworkScores& scores);

/// All that there is, in the order of reading, the plan first.
std::vector<TextTable> tables_of(const ReproduceOptions& options, const ReproducePlan& plan,
                                 const Reproduction& reproduction);

/// How much of the published score each predictor explains, in sentences.
std::vector<std::string> findings(const Reproduction& reproduction);

}  // namespace colonnade
