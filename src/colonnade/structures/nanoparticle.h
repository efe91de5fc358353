// SPDX-License-Identifier: GPL-3.0-or-later
// Nanoparticles of an fcc alloy, looked at down a zone axis (Ragone et al., Comput. Mater. Sci. 2021, 110905).
// Positions in Angstrom, the beam along +z; sizes that people type in nm.
#pragma once

#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/core/random.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

struct NanoparticleOptions {
  std::vector<std::string> elements{"Pt", "Ni", "Pd", "Co", "Fe"};
  std::vector<double> fractions;               ///< atomic fractions in that order; empty: equal
  double lattice_A = 0;                        ///< 0: Vegard's law from the elements' radii
  std::string shape = "truncated_octahedron";  ///< sphere, truncated_octahedron (the fcc Wulff shape)
  double diameter_nm = 3.0;                    ///< of the sphere of equal volume
  double surface_ratio = 1.155;   ///< Wulff: gamma(100)/gamma(111); below 0.577 a cube, above 1.732 an octahedron
  double roughness = 0.0;         ///< fraction of the atoms of the outermost layer taken away at random
  std::string zone_axis = "110";  ///< along the beam
  double rotation_deg = 0;        ///< in-plane, counter-clockwise from +x towards +y
  double aggregation = 0;         ///< 0: random occupation; towards 1: like neighbours cluster (see alloy.h)
  void describe(OptionTable& table, const std::string& section = "particle");
  void check() const;
};

/// Lattice parameter that the options mean, Angstrom.
double lattice_of(const NanoparticleOptions& options);
/// Distance that parts first from second neighbours of an fcc crystal, for alloy.h: half way between the shells.
double fcc_neighbour_distance(double lattice_A);

/// A free-standing particle, its mean position at the origin, zone axis along +z. Random: lattice origin within the
/// cell, surface, occupation. Before roughening it has as many atoms as the sphere of this diameter holds on average,
/// exactly for a sphere, to half a facet for a truncated octahedron (facets stay whole). The outermost layer are the
/// atoms with fewer than 12 neighbours; of those, the fraction `roughness` goes, and atoms that this leaves with fewer
/// than three neighbours follow. The elements' numbers of atoms are the fractions' to within one atom. Metadata:
/// options, lattice, and the fraction of like neighbours.
Structure make_nanoparticle(const NanoparticleOptions& options, Random& random);

/// Where in the particle a square field of view looks: the centre, the edge (its middle on the particle's rim in a
/// random direction), or anywhere between; the particle is moved so that the field's low corner is the origin of x and
/// y, and the lowest atom that is left is at z = 0. `offset`: 0 centre, 1 edge. Atoms farther than `margin_A` outside
/// the field are dropped; a cell is left out, since the cut ends its periodicity.
Structure view_of(const Structure& particle, double field_A, double offset, double margin_A, Random& random);

}  // namespace colonnade
