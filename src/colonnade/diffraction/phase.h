// SPDX-License-Identifier: GPL-3.0-or-later
// A crystal as indexing sees it: where its reflections lie and how strongly they scatter. g in 1/Angstrom (1/d, no
// 2 pi), in the Cartesian frame of the structure's atoms.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/reciprocal_lattice.h"

namespace colonnade {

struct PhaseReflection {
  Miller hkl{};
  Vector3 g{};           ///< 1/Angstrom
  double intensity = 0;  ///< |F|^2, any unit, one unit per phase; 0: systematically absent
};

struct Phase {
  std::string name;
  Structure crystal;
  std::string space_group;                   ///< for people; may be empty
  std::vector<PhaseReflection> reflections;  ///< by |g|, absent ones too, both of a Friedel pair
};

/// Below this share of a phase's strongest |F|^2 a reflection counts as absent.
inline constexpr double absent_share = 1e-5;

/// All reflections with |g| <= longest_per_A; intensity(point) is |F|^2.
Phase make_phase(const std::string& name, const Structure& crystal, double longest_per_A,
                 const std::function<double(const ReciprocalPoint&)>& intensity);

/// Fails, naming the phase, unless it has a cell and reflections that scatter, in three dimensions.
void require_phase(const Phase& phase);

/// A powder ring: all reflections of one |g|.
struct PhaseRing {
  Miller hkl{};  ///< one of them
  double g_per_A = 0;
  double strength = 0;  ///< sum of |F|^2 over the ring, the strongest ring 1
};
/// By |g|; rings nearer than 1e-4 of it are one; absent ones left out.
std::vector<PhaseRing> powder_rings(const Phase& phase);

/// Whole-number matrices W that carry the lattice and the intensities into themselves: hkl -> W hkl (column). The Laue
/// group as the reflections show it, the identity first; entries of -1, 0 and 1, which is all of it for a conventional
/// or reduced cell.
std::vector<std::array<Miller, 3>> laue_operations(const Phase& phase);
/// A zone axis turned by the operation of that matrix on reflections: uvw -> W^-T uvw.
Miller turned_zone(const std::array<Miller, 3>& operation, const Miller& zone);

/// "[1 -1 0]".
std::string zone_text(const Miller& zone);

}  // namespace colonnade
