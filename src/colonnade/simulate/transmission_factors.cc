// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/transmission_factors.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "colonnade/core/parallel.h"
#include "colonnade/simulate/factor_terms.h"
#include "colonnade/simulate/phase_object.h"

namespace colonnade {

namespace {

constexpr double overlap_A = 1;

using Absorptive = std::map<int, AbsorptiveFactor>;

SliceFactors complex_factors(const Structure& structure, const WaveGrid& fine, const TransmissionOptions& options,
                             const std::function<double(int number)>& b_factor) {
  std::map<int, double> widths;
  for (const auto& atom : structure.atoms) {
    if (widths.count(atom.number) == 0) widths[atom.number] = b_factor(atom.number);
  }
  const std::vector<std::pair<int, double>> elements(widths.begin(), widths.end());
  std::vector<std::unique_ptr<AbsorptiveFactor>> made(elements.size());
  parallel_for(std::int64_t(elements.size()), [&](std::int64_t i, int) {
    const auto& [number, b] = elements[std::size_t(i)];
    made[std::size_t(i)] = std::make_unique<AbsorptiveFactor>(
        PhaseObject(factor_terms(options.parametrization, number), options.energy_keV), b);
  });
  const auto atoms = std::make_shared<Absorptive>();
  for (std::size_t i = 0; i < made.size(); ++i) atoms->emplace(elements[i].first, std::move(*made[i]));
  // What finite projections move between slices is damped across the beam and, being far from nuclei, not along it.
  AtomFactors elastic = {[atoms](int number, double k) { return atoms->at(number).elastic(k); },
                         [atoms, kind = options.parametrization](int number, double k, double distance) {
                           return factor_terms(kind, number).beyond(k, distance) *
                                  std::exp(-atoms->at(number).b_factor() * k * k / 4);
                         }};
  AtomFactors absorptive = {[atoms](int number, double k) { return atoms->at(number).absorptive(k); }, nullptr};
  SliceFactors factors;
  factors.elastic = std::make_unique<ScatteringFactorMaps>(structure, fine, std::move(elastic));
  factors.absorptive = std::make_unique<ScatteringFactorMaps>(structure, fine, std::move(absorptive));
  return factors;
}

// Leaves 1e-5 of what stands at the nearest frequency that folds onto the band's end, relative to the end.
double blur_b_factor(const WaveGrid& grid, int oversampling) {
  constexpr double suppression = 11.5;
  const double end = grid.band_end();
  const double fold = oversampling / std::max(grid.pitch_x_A, grid.pitch_y_A) - end;
  return 4 * suppression / (fold * fold - end * end);
}

}  // namespace

SliceFactors plain_factors(const Structure& structure, const WaveGrid& fine, const TransmissionOptions& options) {
  SliceFactors factors;
  factors.elastic = std::make_unique<ScatteringFactorMaps>(structure, fine, options.parametrization);
  return factors;
}

SliceFactors blurred_factors(const Structure& structure, const WaveGrid& fine, const WaveGrid& grid,
                             const TransmissionOptions& options) {
  const double blur = blur_b_factor(grid, options.oversampling);
  SliceFactors factors = complex_factors(structure, fine, options, [blur](int) { return blur; });
  factors.blur_b_A2 = blur;
  return factors;
}

SliceFactors absorptive_factors(const Structure& structure, const WaveGrid& fine, const TransmissionOptions& options) {
  return complex_factors(structure, fine, options, [&](int number) { return options.thermal.b_factor(number); });
}

bool overlapping(const std::vector<Atom>& atoms) {
  std::vector<Position> sorted;
  for (const auto& atom : atoms) sorted.push_back(atom.position);
  std::sort(sorted.begin(), sorted.end(), [](const Position& a, const Position& b) { return a.x < b.x; });
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (std::size_t j = i + 1; j < sorted.size() && sorted[j].x - sorted[i].x < overlap_A; ++j) {
      if (std::hypot(sorted[j].x - sorted[i].x, sorted[j].y - sorted[i].y) < overlap_A) return true;
    }
  }
  return false;
}

}  // namespace colonnade
