// SPDX-License-Identifier: GPL-3.0-or-later
// Graphs for the tests of networks over columns: columns on a ring, each with the next two as neighbours, both ways.
#pragma once

#include <cmath>

#include "colonnade/core/random.h"
#include "colonnade/learn/column_model.h"
#include "colonnade/learn/synthetic_samples.h"

namespace colonnade::testing {

/// Without targets and weights where `outputs` is 0.
inline ColumnGraph random_graph(int columns, int inputs, int outputs, std::uint64_t seed) {
  Random random(seed);
  ColumnGraph graph;
  graph.columns = columns;
  for (int i = 0; i < columns * inputs; ++i) graph.inputs.push_back(float(random.normal()));
  for (int i = 0; i < columns; ++i) {
    for (const int step : {1, 2}) {
      const double angle = 6.283 * (i + 0.5 * step) / columns;
      const auto x = float(step * std::cos(angle)), y = float(step * std::sin(angle));
      graph.edges.push_back({(i + step) % columns, i, x, y});
      graph.edges.push_back({i, (i + step) % columns, -x, -y});
    }
  }
  if (outputs == 0) return graph;
  for (int i = 0; i < columns * outputs; ++i) graph.targets.push_back(float(random.normal()));
  for (int i = 0; i < columns; ++i) graph.weights.push_back(float(random.uniform(0.2, 1)));
  return graph;
}

}  // namespace colonnade::testing
