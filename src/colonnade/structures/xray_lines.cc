// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/xray_lines.h"

#include <array>

namespace colonnade {

namespace {

constexpr int first_K = 6, first_L = 22;

// From carbon to tin.
constexpr std::array K_alpha_keV{0.2770,  0.3924,  0.5249,  0.6768,  0.8486,  1.0410,  1.2536,  1.4867,  1.7400,
                                 2.0137,  2.3078,  2.6224,  2.9577,  3.3138,  3.6917,  4.0906,  4.5108,  4.9522,
                                 5.4147,  5.8988,  6.4038,  6.9303,  7.4782,  8.0478,  8.6389,  9.2517,  9.8864,
                                 10.5437, 11.2224, 11.9242, 12.6490, 13.3953, 14.1650, 14.9584, 15.7751, 16.6151,
                                 17.4793, 18.3671, 19.2792, 20.2161, 21.1771, 22.1629, 23.1736, 24.2097, 25.2713};

// From titanium to bismuth.
constexpr std::array L_alpha_keV{
    0.4522, 0.5113, 0.5728, 0.6374, 0.7050, 0.7762, 0.8515, 0.9297,  1.0117,  1.0979, 1.1880, 1.2820, 1.3791,
    1.4804, 1.5860, 1.6941, 1.8066, 1.9226, 2.0424, 2.1659, 2.2932,  2.4240,  2.5586, 2.6967, 2.8386, 2.9843,
    3.1337, 3.2869, 3.4440, 3.6047, 3.7693, 3.9377, 4.1099, 4.2865,  4.4663,  4.6510, 4.8402, 5.0337, 5.2304,
    5.4325, 5.6361, 5.8457, 6.0572, 6.2728, 6.4952, 6.7198, 6.9487,  7.1799,  7.4156, 7.6555, 7.8990, 8.1461,
    8.3976, 8.6525, 8.9117, 9.1751, 9.4423, 9.7133, 9.9888, 10.2685, 10.5515, 10.8388};

template <class Table>
double entry(const Table& table, int first, int atomic_number) {
  const bool there = atomic_number >= first && atomic_number < first + int(table.size());
  return there ? table[std::size_t(atomic_number - first)] : 0;
}

}  // namespace

double xray_line_keV(int atomic_number, const std::string& line) {
  if (line == "K" || line == "Ka") return entry(K_alpha_keV, first_K, atomic_number);
  if (line == "L" || line == "La") return entry(L_alpha_keV, first_L, atomic_number);
  return 0;
}

double xray_line_keV(int atomic_number) {
  const double highest_keV = 20, K = xray_line_keV(atomic_number, "K");
  return K > 0 && K < highest_keV ? K : xray_line_keV(atomic_number, "L");
}

}  // namespace colonnade
