// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/lensing_features.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace colonnade {

namespace {

constexpr double depth_unit_A = 70, focusing_unit = 25;
// Shells in units of the smallest common distance of columns; fcc [110] has 1, 1.15 and 1.63, [100] has 1 and 1.41.
constexpr double first_shell = 1.08, second_shell = 1.5;

struct Power {
  int focusing, depth;
};
constexpr std::array<Power, 10> own_powers = {
    {{0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 0}, {0, 1}, {0, 2}, {1, 1}, {2, 1}, {1, 2}}};
constexpr std::array<Power, 3> neighbour_powers = {{{0, 0}, {1, 0}, {0, 1}}};

double power(double base, int exponent) {
  double result = 1;
  for (int i = 0; i < exponent; ++i) result *= base;
  return result;
}

double median_spacing(const std::vector<AtomColumn>& columns) {
  constexpr double farthest_A = 5;
  const auto neighbours = column_neighbours(columns, farthest_A);
  std::vector<double> nearest;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (neighbours[i].empty()) continue;
    const AtomColumn& other = columns[neighbours[i].front()];
    nearest.push_back(std::hypot(columns[i].x_A - other.x_A, columns[i].y_A - other.y_A));
  }
  if (nearest.empty()) return 1;
  const auto middle = nearest.begin() + std::ptrdiff_t(nearest.size() / 2);
  std::nth_element(nearest.begin(), middle, nearest.end());
  return *middle;
}

std::string power_name(const char* whose, const Power& power) {
  std::string name = whose;
  if (power.focusing > 0) name += " x focusing^" + std::to_string(power.focusing);
  if (power.depth > 0) name += " x depth^" + std::to_string(power.depth);
  return name;
}

}  // namespace

double focusing_strength(int atomic_number) { return atomic_number / 40.0; }

LensingFeatures::LensingFeatures(const std::vector<AtomColumn>& columns) {
  double top = std::numeric_limits<double>::infinity();
  for (const AtomColumn& column : columns) top = std::min(top, column.atoms.front().position.z);
  for (const AtomColumn& column : columns) {
    auto& places = places_.emplace_back();
    double focusing = 0;
    for (const Atom& atom : column.atoms) {
      places.push_back({atom.number, (atom.position.z - top) / depth_unit_A, focusing / focusing_unit});
      focusing += focusing_strength(atom.number);
    }
  }
  const double spacing = median_spacing(columns);
  const auto neighbours = column_neighbours(columns, second_shell * spacing);
  near_.resize(columns.size());
  far_.resize(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    for (const int other : neighbours[i]) {
      const double distance = std::hypot(columns[i].x_A - columns[other].x_A, columns[i].y_A - columns[other].y_A);
      (distance <= first_shell * spacing ? near_ : far_)[i].push_back(other);
    }
  }
}

const std::vector<std::string>& LensingFeatures::names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> result;
    for (const Power& power : own_powers) result.push_back(power_name("own atoms", power));
    for (const Power& power : neighbour_powers) result.push_back(power_name("first neighbours", power));
    for (const Power& power : neighbour_powers) result.push_back(power_name("second neighbours", power));
    return result;
  }();
  return names;
}

std::vector<std::vector<double>> LensingFeatures::rows(const AtomStrengths& strengths) const {
  const auto sum = [&](const std::vector<Place>& places, const Power& exponents) {
    double total = 0;
    for (const Place& place : places) {
      const auto strength = strengths.find(place.number);
      if (strength == strengths.end()) continue;
      total += strength->second * power(place.focusing, exponents.focusing) * power(place.depth, exponents.depth);
    }
    return total;
  };
  std::vector<std::array<double, neighbour_powers.size()>> lent(places_.size());
  for (std::size_t i = 0; i < places_.size(); ++i) {
    for (std::size_t j = 0; j < neighbour_powers.size(); ++j) lent[i][j] = sum(places_[i], neighbour_powers[j]);
  }
  std::vector<std::vector<double>> rows;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    std::vector<double> row;
    for (const Power& exponents : own_powers) row.push_back(sum(places_[i], exponents));
    for (const auto* shell : {&near_[i], &far_[i]}) {
      for (std::size_t j = 0; j < neighbour_powers.size(); ++j) {
        double total = 0;
        for (const int other : *shell) total += lent[other][j];
        row.push_back(total);
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace colonnade
