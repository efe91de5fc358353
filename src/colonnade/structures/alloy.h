// SPDX-License-Identifier: GPL-3.0-or-later
// Which element sits where: random occupation, clustering up to a target, and the short-range order that results
// (Cowley, Phys. Rev. 77, 669, 1950). Distances in Angstrom.
#pragma once

#include <string>
#include <vector>

#include "colonnade/core/random.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

/// Atomic fractions for the elements, scaled to sum up to 1; none given: equal ones. Fails where their number differs
/// from the elements', one is negative or not finite, or the sum is off 1 by more than 0.01.
std::vector<double> checked_fractions(const std::vector<std::string>& elements, const std::vector<double>& fractions);

/// Whole numbers of atoms that add up to `total`, each its fraction's to within one atom (largest remainders first; who
/// of equal remainders gets the odd atom is drawn).
std::vector<int> atom_counts(int total, const std::vector<double>& fractions, Random& random);

/// Occupies the sites at random with the given fractions, exact to within one atom per element.
void occupy_at_random(Structure& structure, const std::vector<std::string>& elements,
                      const std::vector<double>& fractions, Random& random);

/// Swaps unlike atoms anywhere in the structure (Kawasaki moves, composition kept; Metropolis at a falling temperature)
/// until the mean fraction of like nearest neighbours reaches x + aggregation * (1 - x), x being that of a random
/// alloy, or the cooling ends: boundaries between clusters set a limit, near 0.8 for five elements in a 3 nm particle.
/// aggregation in [0, 1). Returns the fraction reached.
double aggregate(Structure& structure, double aggregation, double neighbour_A, Random& random);

/// Mean over atoms of the fraction of nearest neighbours (within neighbour_A) of the same element; atoms without
/// neighbours are left out, and 0 is returned where none has any.
double like_neighbour_fraction(const Structure& structure, double neighbour_A);
/// What like_neighbour_fraction is on average when the structure's atoms are shuffled: sum of n (n - 1) / (N (N - 1)).
double random_like_fraction(const Structure& structure);
/// Warren-Cowley parameters alpha_ij = 1 - p(j|i)/c_j of the first shell, by element in the given order: 0 random,
/// negative where unlike atoms seek each other, 1 - 1/c_i on the diagonal of a separated alloy. NaN for an element that
/// is absent. Fails on an atom whose element is not in the list.
std::vector<std::vector<double>> warren_cowley(const Structure& structure, const std::vector<std::string>& elements,
                                               double neighbour_A);

}  // namespace colonnade
