// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/defects/elastic_constants.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <fmt/ranges.h>
#include <map>
#include <numeric>
#include <utility>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

struct Crystal {
  const char* name;
  std::vector<std::pair<const char*, int>> formula;
  /// C11, C12, C44 of a cubic crystal; C11, C12, C13, C33, C44 of a hexagonal one; GPa.
  std::vector<double> constants;
};

/// Room temperature. G. Simmons, H. Wang, Single Crystal Elastic Constants and Calculated Aggregate Properties (MIT
/// Press 1971) as in the CRC Handbook of Chemistry and Physics, section 12, Elastic Constants of Single Crystals; Rh:
/// E. Walker, J. Ashkenazi, M. Dacorogna, Phys. Rev. B 24, 2254 (1981); diamond: M. H. Grimsditch, A. K. Ramdas,
/// Phys. Rev. B 11, 3139 (1975); CeO2: A. Nakajima, A. Yoshihara, M. Ishigame, Phys. Rev. B 50, 13297 (1994).
const std::vector<Crystal>& table() {
  static const std::vector<Crystal> crystals{
      {"Ag", {{"Ag", 1}}, {123.99, 93.67, 46.12}},
      {"Al", {{"Al", 1}}, {106.75, 60.41, 28.34}},
      {"Au", {{"Au", 1}}, {192.34, 163.14, 41.95}},
      {"C", {{"C", 1}}, {1076.4, 125.2, 577.4}},
      {"Cr", {{"Cr", 1}}, {339.8, 58.6, 99.0}},
      {"Cu", {{"Cu", 1}}, {168.3, 122.1, 75.7}},
      {"Fe", {{"Fe", 1}}, {226.0, 140.0, 116.0}},
      {"Ge", {{"Ge", 1}}, {128.35, 48.23, 66.66}},
      {"Ir", {{"Ir", 1}}, {580.0, 242.0, 256.0}},
      {"Mo", {{"Mo", 1}}, {463.7, 157.8, 109.2}},
      {"Nb", {{"Nb", 1}}, {246.5, 134.5, 28.73}},
      {"Ni", {{"Ni", 1}}, {248.1, 154.9, 124.2}},
      {"Pb", {{"Pb", 1}}, {49.66, 42.31, 14.98}},
      {"Pd", {{"Pd", 1}}, {227.1, 176.04, 71.73}},
      {"Pt", {{"Pt", 1}}, {346.7, 250.7, 76.5}},
      {"Rh", {{"Rh", 1}}, {413.0, 194.0, 184.0}},
      {"Si", {{"Si", 1}}, {165.78, 63.94, 79.62}},
      {"Ta", {{"Ta", 1}}, {260.23, 154.46, 82.55}},
      {"V", {{"V", 1}}, {228.7, 119.0, 43.2}},
      {"W", {{"W", 1}}, {522.39, 204.37, 160.58}},
      {"CdTe", {{"Cd", 1}, {"Te", 1}}, {53.51, 36.81, 19.94}},
      {"CeO2", {{"Ce", 1}, {"O", 2}}, {403.0, 105.0, 60.0}},
      {"GaAs", {{"Ga", 1}, {"As", 1}}, {118.77, 53.72, 59.44}},
      {"GaP", {{"Ga", 1}, {"P", 1}}, {141.2, 62.53, 70.47}},
      {"InAs", {{"In", 1}, {"As", 1}}, {83.29, 45.26, 39.59}},
      {"InP", {{"In", 1}, {"P", 1}}, {102.2, 57.6, 46.0}},
      {"KCl", {{"K", 1}, {"Cl", 1}}, {40.69, 7.11, 6.31}},
      {"MgO", {{"Mg", 1}, {"O", 1}}, {297.08, 95.36, 156.13}},
      {"NaCl", {{"Na", 1}, {"Cl", 1}}, {49.47, 12.88, 12.87}},
      {"SrTiO3", {{"Sr", 1}, {"Ti", 1}, {"O", 3}}, {317.6, 102.5, 123.5}},
      {"Be", {{"Be", 1}}, {292.3, 26.7, 14.0, 336.4, 162.5}},
      {"Cd", {{"Cd", 1}}, {114.5, 39.5, 39.9, 50.85, 19.85}},
      {"Co", {{"Co", 1}}, {307.1, 165.0, 102.7, 358.1, 75.5}},
      {"Hf", {{"Hf", 1}}, {181.1, 77.2, 66.1, 196.9, 55.7}},
      {"Mg", {{"Mg", 1}}, {59.5, 26.12, 21.8, 61.55, 16.35}},
      {"Re", {{"Re", 1}}, {612.6, 270.0, 206.0, 682.7, 162.5}},
      {"Ru", {{"Ru", 1}}, {562.6, 187.8, 168.2, 624.2, 180.6}},
      {"Ti", {{"Ti", 1}}, {162.4, 92.0, 69.0, 180.7, 46.7}},
      {"Zn", {{"Zn", 1}}, {163.68, 36.4, 53.0, 63.47, 38.79}},
      {"Zr", {{"Zr", 1}}, {143.4, 72.8, 65.3, 164.8, 32.0}},
  };
  return crystals;
}

Voigt66 of_constants(const std::vector<double>& c) {
  if (c.size() == 3) return cubic_stiffness(c[0], c[1], c[2]);
  if (c.size() == 5) return hexagonal_stiffness(c[0], c[1], c[2], c[3], c[4]);
  fail("{} elastic constants; give C11,C12,C44 (cubic) or C11,C12,C13,C33,C44 (hexagonal) in GPa", c.size());
}

/// Counts of the elements in smallest whole numbers.
std::map<std::string, int> formula_of(const Structure& crystal) {
  int divisor = 0;
  std::map<std::string, int> formula;
  for (const auto& [symbol, count] : composition(crystal)) {
    divisor = std::gcd(divisor, count);
    formula[symbol] = count;
  }
  for (auto& [symbol, count] : formula) count /= std::max(1, divisor);
  return formula;
}

/// The cell stands as the constants have it, a along x and c along z: three equal edges and right angles, or two and
/// the angle of a and b 120 (60) degrees.
bool fits(const Structure& crystal, bool cubic) {
  const Matrix3& m = crystal.cell;
  const double a = length(m[0]), b = length(m[1]), c = length(m[2]), slack = 1e-3 * a * a;
  if (std::abs(m[0][0] - a) > 1e-3 * a || std::abs(m[2][2] - c) > 1e-3 * c) return false;
  if (std::abs(dot(m[0], m[2])) > slack || std::abs(dot(m[1], m[2])) > slack || std::abs(a * a - b * b) > slack) {
    return false;
  }
  return cubic ? std::abs(dot(m[0], m[1])) <= slack && std::abs(a * a - c * c) <= slack
               : std::abs(std::abs(dot(m[0], m[1])) - a * b / 2) <= slack;
}

}  // namespace

int voigt_place(int i, int j) { return i == j ? i : 6 - i - j; }

Voigt stress_vector(const Matrix3& s) { return {s[0][0], s[1][1], s[2][2], s[1][2], s[0][2], s[0][1]}; }

Voigt strain_vector(const Matrix3& e) { return {e[0][0], e[1][1], e[2][2], 2 * e[1][2], 2 * e[0][2], 2 * e[0][1]}; }

Matrix3 stress_tensor(const Voigt& s) { return {{{s[0], s[5], s[4]}, {s[5], s[1], s[3]}, {s[4], s[3], s[2]}}}; }

Matrix3 strain_tensor(const Voigt& e) { return stress_tensor({e[0], e[1], e[2], e[3] / 2, e[4] / 2, e[5] / 2}); }

Voigt66 cubic_stiffness(double c11, double c12, double c44) {
  return {{{c11, c12, c12, 0, 0, 0},
           {c12, c11, c12, 0, 0, 0},
           {c12, c12, c11, 0, 0, 0},
           {0, 0, 0, c44, 0, 0},
           {0, 0, 0, 0, c44, 0},
           {0, 0, 0, 0, 0, c44}}};
}

Voigt66 hexagonal_stiffness(double c11, double c12, double c13, double c33, double c44) {
  return {{{c11, c12, c13, 0, 0, 0},
           {c12, c11, c13, 0, 0, 0},
           {c13, c13, c33, 0, 0, 0},
           {0, 0, 0, c44, 0, 0},
           {0, 0, 0, 0, c44, 0},
           {0, 0, 0, 0, 0, (c11 - c12) / 2}}};
}

Voigt66 isotropic_stiffness(double young_GPa, double poisson) {
  const double lame = young_GPa * poisson / ((1 + poisson) * (1 - 2 * poisson));
  const double shear = young_GPa / (2 * (1 + poisson));
  return cubic_stiffness(lame + 2 * shear, lame, shear);
}

Voigt66 inverse_of(const Voigt66& stiffness) {
  Eigen::Matrix<double, 6, 6> matrix;
  for (int i = 0; i < 6; ++i) {
    for (int j = 0; j < 6; ++j) matrix(i, j) = stiffness[i][j];
  }
  const Eigen::LLT<Eigen::Matrix<double, 6, 6>> factors(matrix);
  if (factors.info() != Eigen::Success) {
    fail("the elastic constants belong to no stable crystal (their matrix is not positive definite); check them");
  }
  const Eigen::Matrix<double, 6, 6> inverse = factors.solve(Eigen::Matrix<double, 6, 6>::Identity());
  Voigt66 result{};
  for (int i = 0; i < 6; ++i) {
    for (int j = 0; j < 6; ++j) result[i][j] = inverse(i, j);
  }
  return result;
}

Voigt66 turned(const Voigt66& stiffness, const Matrix3& rotation) {
  // Column (k, l): the stress that the unit strain e_kl of the turned frame gives, turned forth.
  Matrix3 back{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) back[i][j] = rotation[j][i];
  }
  Voigt66 result{};
  for (std::size_t column = 0; column < 6; ++column) {
    Voigt unit{};
    unit[column] = 1;
    const Matrix3 strain = multiply(multiply(back, strain_tensor(unit)), rotation);
    const Matrix3 stress = stress_tensor(multiply(stiffness, strain_vector(strain)));
    const Voigt seen = stress_vector(multiply(multiply(rotation, stress), back));
    for (std::size_t row = 0; row < 6; ++row) result[row][column] = seen[row];
  }
  return result;
}

Voigt multiply(const Voigt66& matrix, const Voigt& vector) {
  Voigt product{};
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t j = 0; j < 6; ++j) product[i] += matrix[i][j] * vector[j];
  }
  return product;
}

std::vector<std::string> crystals_with_stiffness() {
  std::vector<std::string> names;
  for (const Crystal& crystal : table()) names.emplace_back(crystal.name);
  return names;
}

Voigt66 stiffness_of(const Structure& crystal, const std::vector<double>& given) {
  if (!given.empty()) return of_constants(given);
  const auto formula = formula_of(crystal);
  for (const Crystal& known : table()) {
    const std::map<std::string, int> of_known(known.formula.begin(), known.formula.end());
    if (of_known != formula) continue;
    if (!fits(crystal, known.constants.size() == 3)) {
      fail(
          "the elastic constants known of {} are those of its {} form, and this cell is another, or turned (a along x, "
          "c along "
          "z is needed); give --elastic or turn it",
          known.name, known.constants.size() == 3 ? "cubic" : "hexagonal");
    }
    return of_constants(known.constants);
  }
  fail("no elastic constants of {} are known; give --elastic C11,C12,C44 in GPa (the table has {})",
       composition_text(crystal), fmt::join(crystals_with_stiffness(), ", "));
}

}  // namespace colonnade
