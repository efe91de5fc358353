// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/alloy.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

#include "colonnade/core/error.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/neighbours.h"

namespace colonnade {
namespace {

/// The sum over atoms of the fraction of like neighbours, kept up to date while atoms change their element.
class LikeNeighbours {
 public:
  LikeNeighbours(Structure& structure, double neighbour_A)
      : structure_(structure), neighbours_(structure, neighbour_A), weight_(structure.atoms.size(), 0) {
    for (std::size_t i = 0; i < weight_.size(); ++i) {
      const auto around = neighbours_.of(i);
      if (around.empty()) continue;
      ++bonded_;
      weight_[i] = 1.0 / static_cast<double>(around.size());
      const auto like =
          std::count_if(around.begin(), around.end(), [&](std::int32_t n) { return number(n) == number(i); });
      sum_ += static_cast<double>(like) * weight_[i];
    }
  }

  double mean() const { return bonded_ == 0 ? 0 : sum_ / static_cast<double>(bonded_); }
  int number(std::size_t atom) const { return structure_.atoms[atom].number; }

  /// Swaps the elements of two atoms; returns the change of the sum. Swapping again undoes it.
  double swap(std::size_t a, std::size_t b) {
    const int number_a = number(a), number_b = number(b);
    const double change = replace(a, number_b) + replace(b, number_a);
    sum_ += change;
    return change;
  }

 private:
  double replace(std::size_t atom, int to) {
    const int from = number(atom);
    double change = 0;
    for (const std::int32_t n : neighbours_.of(atom)) {
      const auto neighbour = static_cast<std::size_t>(n);
      if (neighbour == atom) continue;  // its own periodic image stays like it
      const int there = number(neighbour);
      if (there == from) change -= weight_[atom] + weight_[neighbour];
      if (there == to) change += weight_[atom] + weight_[neighbour];
    }
    structure_.atoms[atom].number = to;
    return change;
  }

  Structure& structure_;
  NeighbourList neighbours_;
  std::vector<double> weight_;  ///< 1 / number of neighbours
  double sum_ = 0;
  std::size_t bonded_ = 0;
};

// Cooling in units of one bond of the bulk, 2/12 in the sum: well below the demixing temperature from the start, so
// that clusters grow at once, and in the end so cold that only their boundaries move.
constexpr double bond = 2.0 / 12, start_temperature = 1.0 * bond, end_temperature = 0.2 * bond;
constexpr int most_sweeps = 200;

void sweep(LikeNeighbours& like, std::size_t count, double temperature, double target, Random& random) {
  for (std::size_t attempt = 0; attempt < count && like.mean() < target; ++attempt) {
    const auto a = static_cast<std::size_t>(random.below(count));
    const auto b = static_cast<std::size_t>(random.below(count));
    if (like.number(a) == like.number(b)) continue;
    const double change = like.swap(a, b);
    if (change < 0 && random.uniform() >= std::exp(change / temperature)) like.swap(a, b);
  }
}

}  // namespace

std::vector<double> checked_fractions(const std::vector<std::string>& elements, const std::vector<double>& fractions) {
  if (fractions.empty()) return std::vector<double>(elements.size(), 1.0 / static_cast<double>(elements.size()));
  if (fractions.size() != elements.size()) {
    fail("{} fractions for {} elements: give one for each element, or none for equal ones", fractions.size(),
         elements.size());
  }
  for (const double fraction : fractions) {
    if (!(fraction >= 0) || !std::isfinite(fraction)) fail("an atomic fraction of {} is not in 0 to 1", fraction);
  }
  const double sum = std::accumulate(fractions.begin(), fractions.end(), 0.0);
  if (std::abs(sum - 1) > 0.01) fail("the atomic fractions add up to {} instead of 1", sum);
  std::vector<double> scaled = fractions;
  for (double& fraction : scaled) fraction /= sum;
  return scaled;
}

std::vector<int> atom_counts(int total, const std::vector<double>& fractions, Random& random) {
  std::vector<int> counts;
  std::vector<double> remainders;
  for (const double fraction : fractions) {
    const double exact = total * fraction;
    counts.push_back(static_cast<int>(std::floor(exact + 1e-9)));
    remainders.push_back(std::round((exact - counts.back()) * 1e6));
  }
  std::vector<std::size_t> order(counts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  random.shuffle(order);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return remainders[a] > remainders[b]; });
  const int missing = total - std::accumulate(counts.begin(), counts.end(), 0);
  for (int i = 0; i < missing; ++i) ++counts[order[static_cast<std::size_t>(i) % order.size()]];
  return counts;
}

void occupy_at_random(Structure& structure, const std::vector<std::string>& elements,
                      const std::vector<double>& fractions, Random& random) {
  const std::vector<std::string> checked = checked_elements(elements);
  const std::vector<double> shares = checked_fractions(checked, fractions);
  const std::vector<int> counts = atom_counts(static_cast<int>(structure.atoms.size()), shares, random);
  std::vector<int> numbers;
  numbers.reserve(structure.atoms.size());
  for (std::size_t i = 0; i < checked.size(); ++i) {
    numbers.insert(numbers.end(), static_cast<std::size_t>(counts[i]), element(checked[i]).number);
  }
  random.shuffle(numbers);
  for (std::size_t i = 0; i < numbers.size(); ++i) structure.atoms[i].number = numbers[i];
}

double aggregate(Structure& structure, double aggregation, double neighbour_A, Random& random) {
  if (!(aggregation >= 0 && aggregation < 1)) fail("aggregation {} is not in 0 (random) to below 1", aggregation);
  LikeNeighbours like(structure, neighbour_A);
  const double random_alloy = random_like_fraction(structure);
  const double target = random_alloy + aggregation * (1 - random_alloy);
  if (aggregation == 0 || random_alloy >= 1) return like.mean();
  const double cooling = std::pow(end_temperature / start_temperature, 1.0 / most_sweeps);
  double temperature = start_temperature;
  for (int i = 0; i < most_sweeps && like.mean() < target; ++i, temperature *= cooling) {
    sweep(like, structure.atoms.size(), temperature, target, random);
  }
  return like.mean();
}

double random_like_fraction(const Structure& structure) {
  const auto total = static_cast<double>(structure.atoms.size());
  if (total < 2) return total;
  double sum = 0;
  for (const auto& [symbol, count] : composition(structure))
    sum += double(count) * (count - 1.0) / (total * (total - 1));
  return sum;
}

double like_neighbour_fraction(const Structure& structure, double neighbour_A) {
  Structure copy = structure;
  return LikeNeighbours(copy, neighbour_A).mean();
}

std::vector<std::vector<double>> warren_cowley(const Structure& structure, const std::vector<std::string>& elements,
                                               double neighbour_A) {
  const std::vector<std::string> checked = checked_elements(elements);
  std::array<int, largest_atomic_number + 1> place{};
  place.fill(-1);
  for (std::size_t i = 0; i < checked.size(); ++i) place[element(checked[i]).number] = static_cast<int>(i);
  std::vector<double> atoms(checked.size(), 0), bonds(checked.size(), 0);
  std::vector<std::vector<double>> pairs(checked.size(), std::vector<double>(checked.size(), 0));
  for (const Atom& atom : structure.atoms) {
    const Element& present = element(atom.number);
    if (place[atom.number] < 0)
      fail("the structure holds {}, which is not among the elements asked for", present.symbol);
    ++atoms[place[atom.number]];
  }
  const NeighbourList neighbours(structure, neighbour_A);
  for (std::size_t a = 0; a < structure.atoms.size(); ++a) {
    const int i = place[structure.atoms[a].number];
    for (const std::int32_t n : neighbours.of(a)) {
      ++pairs[i][place[structure.atoms[n].number]];
      ++bonds[i];
    }
  }
  const auto total = static_cast<double>(structure.atoms.size());
  for (std::size_t i = 0; i < checked.size(); ++i) {
    for (std::size_t j = 0; j < checked.size(); ++j) {
      const bool known = bonds[i] > 0 && atoms[j] > 0;
      pairs[i][j] = known ? 1 - pairs[i][j] / bonds[i] / (atoms[j] / total) : std::numeric_limits<double>::quiet_NaN();
    }
  }
  return pairs;
}

}  // namespace colonnade
