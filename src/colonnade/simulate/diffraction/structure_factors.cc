// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/diffraction/structure_factors.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/factor_terms.h"
#include "colonnade/simulate/thermal_motion.h"

namespace colonnade {

namespace {

constexpr double room_temperature_K = 300;

// Atoms by element, so that an atom's factor is computed once per element and length of g.
struct ElementAtoms {
  const FactorTerms* terms;
  double b_A2;
  std::vector<Vector3> places;
};

std::vector<ElementAtoms> atoms_by_element(const Structure& crystal, const StructureFactorOptions& options) {
  std::map<int, ElementAtoms> elements;
  for (const Atom& atom : crystal.atoms) {
    const auto b = options.b_factors_A2.find(atom.number);
    auto [entry, added] = elements.try_emplace(atom.number);
    if (added)
      entry->second = {
          &factor_terms(options.parametrization, atom.number), b == options.b_factors_A2.end() ? 0 : b->second, {}};
    entry->second.places.push_back({atom.position.x, atom.position.y, atom.position.z});
  }
  std::vector<ElementAtoms> list;
  for (auto& [number, atoms] : elements) list.push_back(std::move(atoms));
  return list;
}

std::complex<double> factor_at(const std::vector<ElementAtoms>& elements, const Vector3& g) {
  const double q = length(g);
  std::complex<double> sum;
  double moduli = 0;
  for (const ElementAtoms& element : elements) {
    const double factor = element.terms->factor(q) * std::exp(-element.b_A2 * q * q / 4);
    std::complex<double> phases;
    for (const Vector3& place : element.places) {
      double turns = dot(g, place);
      turns -= std::round(turns);
      phases += std::polar(1.0, 2 * std::numbers::pi * turns);
    }
    sum += factor * phases;
    moduli += std::abs(factor) * double(element.places.size());
  }
  return std::abs(sum) <= extinction_limit * moduli ? 0 : sum;
}

}  // namespace

DebyeWallerFactors debye_waller_factors(const Structure& structure, const std::string& factors, double temperature_K) {
  if (!(temperature_K >= 0 && temperature_K <= 3000))
    fail("a temperature of {} K for the Debye-Waller factors; give 0 (none) to 3000", temperature_K);
  DebyeWallerFactors result;
  if (temperature_K == 0) return result;
  ThermalMotion motion;
  motion.factors = factors;
  motion.check();
  for (const Atom& atom : structure.atoms)
    if (!result.contains(atom.number))
      result[atom.number] = motion.b_factor(atom.number) * temperature_K / room_temperature_K;
  return result;
}

void StructureFactorOptions::check() const {
  if (!(std::isfinite(longest_per_A) && longest_per_A > 0))
    fail("the longest reflection is {} 1/A; give a positive number, e.g. 2", longest_per_A);
  for (const auto& [number, b] : b_factors_A2)
    if (!(std::isfinite(b) && b >= 0)) fail("a Debye-Waller factor of {} A^2 (atomic number {}) is below 0", b, number);
}

std::complex<double> structure_factor(const Structure& crystal, const Vector3& g,
                                      const StructureFactorOptions& options) {
  options.check();
  return factor_at(atoms_by_element(crystal, options), g);
}

std::vector<std::complex<double>> structure_factors_at(const Structure& crystal, const std::vector<Vector3>& points,
                                                       const StructureFactorOptions& options) {
  options.check();
  const auto elements = atoms_by_element(crystal, options);
  std::vector<std::complex<double>> factors(points.size());
  constexpr std::int64_t chunk = 256;
  const auto count = std::ssize(points);
  // Starting threads takes as long as so many terms, and callers may be parallel themselves.
  const int threads = double(count) * double(crystal.atoms.size()) < 1e5 ? 1 : 0;
  parallel_for((count + chunk - 1) / chunk,
               [&](std::int64_t n, int) {
                 for (auto i = n * chunk; i < std::min(count, (n + 1) * chunk); ++i)
                   factors[std::size_t(i)] = factor_at(elements, points[std::size_t(i)]);
               },
               threads);
  return factors;
}

std::vector<Reflection> structure_factors(const Structure& crystal, const StructureFactorOptions& options) {
  options.check();
  require_cell(crystal);
  if (crystal.atoms.empty()) fail("the crystal has no atoms, so it diffracts nothing");
  std::vector<Reflection> all{{{0, 0, 0}, {0, 0, 0}, 0}};
  std::vector<Vector3> points{{0, 0, 0}};
  for (const ReciprocalPoint& point : reciprocal_points(crystal, options.longest_per_A)) {
    all.push_back({point.hkl, point.g, 0});
    points.push_back(point.g);
  }
  const auto factors = structure_factors_at(crystal, points, options);
  for (std::size_t i = 0; i < all.size(); ++i) all[i].factor = factors[i];
  std::erase_if(all, [](const Reflection& r) { return r.hkl != Miller{} && r.factor == 0.0; });
  if (all.size() < 2)
    fail("the crystal has no reflection up to {} 1/A; give a larger limit (longest_per_A)", options.longest_per_A);
  return all;
}

double FactorScale::value(const Structure& crystal) const {
  const double mass = energy_keV > 0 ? electron_mass_ratio(energy_keV) : 1;
  return per_volume ? mass / std::abs(determinant(crystal.cell)) : mass;
}

}  // namespace colonnade
