// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/atomic_rows.h"

#include <cmath>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"
#include "colonnade/structures/nanoparticle.h"

namespace colonnade {
namespace {

TEST(AtomicRows, RowsOfAShakenAndTurnedParticleAreFound) {
  Random random(1);
  NanoparticleOptions options;
  options.elements = {"Pt"};
  options.diameter_nm = 2.5;
  options.zone_axis = "110";
  Structure particle = make_nanoparticle(options, random);
  turn_to_beam(particle, {-0.48, 0.6, 0.64});
  for (Atom& atom : particle.atoms) atom.position.x += 0.1 * random.normal();
  const Position rows = densest_rows(particle, 3.3);
  turn_to_beam(particle, rows);
  // Along the beam stand columns of many atoms again: nearest neighbours one above the other.
  std::size_t above = 0;
  for (const Atom& a : particle.atoms) {
    for (const Atom& b : particle.atoms) {
      const double across = std::hypot(a.position.x - b.position.x, a.position.y - b.position.y);
      if (b.position.z > a.position.z && b.position.z < a.position.z + 3.3 && across < 0.8) {
        ++above;
        break;
      }
    }
  }
  EXPECT_GT(double(above), 0.75 * double(particle.atoms.size()));
}

TEST(AtomicRows, ATurnKeepsDistancesAndTakesTheDirectionToTheBeam) {
  Structure pair;
  pair.atoms = {{78, {0, 0, 0}}, {78, {1, 2, 2}}};
  turn_to_beam(pair, {1, 2, 2});
  EXPECT_NEAR(pair.atoms[1].position.z - pair.atoms[0].position.z, 3, 1e-9);
  EXPECT_NEAR(pair.atoms[1].position.x, pair.atoms[0].position.x, 1e-9);
  EXPECT_THROW(densest_rows(pair, 1.0), Error);
}

}  // namespace
}  // namespace colonnade
