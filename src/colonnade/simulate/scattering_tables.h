// SPDX-License-Identifier: GPL-3.0-or-later
// Coefficients of the published parametrisations, hydrogen (1) to lawrencium (103; Peng to californium, 98), row Z - 1;
// the sources are named where the tables stand.
#pragma once

#include <array>

namespace colonnade {

inline constexpr int largest_parametrized_number = 103;
inline constexpr int largest_peng_number = 98;
using KirklandTable = std::array<std::array<double, 12>, largest_parametrized_number>;
using LobatoTable = std::array<std::array<double, 10>, largest_parametrized_number>;
using PengTable = std::array<std::array<double, 10>, largest_peng_number>;
extern const KirklandTable kirkland_table;  ///< a1, b1, a2, b2, a3, b3, c1, d1, c2, d2, c3, d3
extern const LobatoTable lobato_table;      ///< a1 ... a5, b1 ... b5
extern const PengTable peng_table;          ///< a1 ... a5, b1 ... b5, of s = q / 2

}  // namespace colonnade
