// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of view with known columns whose signals are drawn, without simulating an image: for training.
#pragma once

#include <string>
#include <vector>

#include "colonnade/columns/signal_response.h"
#include "colonnade/core/random.h"
#include "colonnade/workflows/make_dataset.h"

namespace colonnade {

/// A view of a particle with what stands around it.
struct StandingColumns {
  std::vector<Point> positions_nm;  ///< the field is 0 to field_nm both ways; columns outside spill into it
  std::vector<std::vector<int>> counts;
  std::vector<std::vector<int>> neighbours;
  double field_nm = 0, spacing_nm = 0;
  Conditions conditions;
};

/// The first view of a particle of prepared options.
StandingColumns standing_columns(const DatasetOptions& options, int particle);

/// What would be measured in the field: signals drawn from the response, noise at the doses of `kinds`; columns at the
/// field's edge lose what lies outside.
KnownColumns drawn_field(const StandingColumns& columns, const SignalResponse& response,
                         const std::vector<SignalKind>& kinds, Random& random);

/// The field in some of its signals, with counting noise at the doses of `kinds`; it has none yet.
KnownColumns noisy_field(const KnownColumns& field, const std::vector<SignalKind>& kinds, Random& random);

}  // namespace colonnade
