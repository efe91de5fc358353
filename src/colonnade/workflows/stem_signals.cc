// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/stem_signals.h"

#include <cmath>
#include <numbers>

#include "colonnade/core/log.h"
#include "colonnade/core/units.h"
#include "colonnade/structures/debye_waller.h"
#include "colonnade/structures/elements.h"

namespace colonnade {

void complete_factors(const std::vector<int>& atomic_numbers, ThermalMotion& thermal) {
  const bool by_element = thermal.factors.empty() || thermal.factors.find(':') != std::string::npos;
  if (thermal.model == "none" || !by_element) return;
  constexpr double usual_A2 = 0.5;
  for (const int number : atomic_numbers) {
    const std::string symbol(element(number).symbol);
    const bool given = ("," + thermal.factors).find("," + symbol + ":") != std::string::npos;
    if (given || default_b_factor(number) > 0) continue;
    warn("no Debye-Waller factor of {} is known and {} A^2 is taken; give your own by --b-factors {}:{}", symbol,
         usual_A2, symbol, usual_A2);
    thermal.factors += fmt::format("{}{}:{}", thermal.factors.empty() ? "" : ",", symbol, usual_A2);
  }
}

void add_eds_signals(const std::vector<EdsLine>& lines, const ThermalMotion& thermal, Signals& signals) {
  for (const auto& line : lines) {
    // Where atoms are displaced one by one their kernels need not tremble.
    const double b_factor = thermal.absorptive() ? thermal.b_factor(line.atomic_number) : 0;
    signals.local.push_back(eds_signal(line, std::sqrt(b_factor / (8 * std::numbers::pi * std::numbers::pi))));
  }
}

double source_reach_px(const PartialCoherence& coherence, const FieldOfView& field) {
  return 4 * coherence.source_deviation_A() / (field.pixel_size_nm * angstrom_per_nm);
}

int border_px(double reach_px) {
  constexpr int samples = 6;  // of the interpolation
  return reach_px == 0 ? 0 : int(std::ceil(reach_px)) + samples;
}

FieldOfView widened(FieldOfView field, int border_px) {
  field.low_x_A -= border_px * field.pixel_size_nm * angstrom_per_nm;
  field.low_y_A -= border_px * field.pixel_size_nm * angstrom_per_nm;
  field.width_px += 2 * border_px;
  field.height_px += 2 * border_px;
  return field;
}

}  // namespace colonnade
