// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/defects/grains.h"

#include <cmath>
#include <gtest/gtest.h>

#include "colonnade/core/test_errors.h"
#include "colonnade/structures/defects/shortest_distance.h"
#include "colonnade/structures/known_crystals.h"
#include "colonnade/structures/structure_file.h"

namespace colonnade {
namespace {

Structure grains_of(const std::string& name, int count, std::uint64_t seed = 1, const Vector3& size_A = {80, 60, 50}) {
  GrainOptions options;
  options.grains = count;
  Random random(seed);
  return make_grains(crystal_from(name), size_A, options, random);
}

TEST(Grains, KeepTheNumberDensityAndTheDistance) {
  for (const char* name : {"Al", "Fe", "Si", "Ti"}) {
    for (const int count : {1, 2, 9}) {
      const Structure crystal = crystal_from(name);
      const Structure specimen = grains_of(name, count);
      const double density = double(crystal.atoms.size()) / std::abs(determinant(crystal.cell));
      EXPECT_NEAR(double(specimen.atoms.size()) / determinant(specimen.cell) / density, 1, 0.01) << name << count;
      const double closest = specimen.metadata["defects"][0]["closest_A"];
      EXPECT_GE(shortest_distance(specimen), closest - 1e-6) << name << count;
      EXPECT_GE(closest, 0.499 * shortest_distance(crystal)) << name << count;
    }
  }
}

/// Deep inside a grain the atoms lie on the crystal's lattice, turned as the metadata says: the phase of a reciprocal
/// vector is the same for all.
TEST(Grains, InsidesAreTheTurnedCrystal) {
  const Structure specimen = grains_of("Al", 4);
  const auto& record = specimen.metadata["defects"][0];
  const auto seed = record["seeds_A"][0].get<Vector3>();
  const auto rotation = record["rotations"][0].get<Matrix3>();
  const Vector3 g = multiply(rotation, Vector3{1 / 4.0496, 1 / 4.0496, 1 / 4.0496});
  double cosines = 0, sines = 0;
  int count = 0;
  for (const Atom& atom : specimen.atoms) {
    const Vector3 way{atom.position.x - seed[0], atom.position.y - seed[1], atom.position.z - seed[2]};
    if (length(way) > 7) continue;
    const double phase = 2 * 3.14159265358979 * dot(g, way);
    cosines += std::cos(phase);
    sines += std::sin(phase);
    ++count;
  }
  ASSERT_GT(count, 20);
  EXPECT_NEAR(std::hypot(cosines, sines) / count, 1, 0.05);
}

TEST(Grains, RotationsAreProperAndUniform) {
  Random random(2);
  Vector3 mean{};
  double squares = 0;
  const int draws = 20000;
  for (int i = 0; i < draws; ++i) {
    const Matrix3 m = random_rotation(random);
    EXPECT_NEAR(determinant(m), 1, 1e-12);
    EXPECT_NEAR(dot(m[0], m[1]), 0, 1e-12);
    for (std::size_t k = 0; k < 3; ++k) mean[k] += m[k][2] / draws;
    squares += m[2][2] * m[2][2] / draws;
  }
  for (const double part : mean) EXPECT_NEAR(part, 0, 0.02);
  EXPECT_NEAR(squares, 1.0 / 3, 0.01);
}

TEST(Grains, SameSeedSameBytesWhateverTheThreads) {
  EXPECT_EQ(to_xyz(grains_of("Fe", 5, 3)), to_xyz(grains_of("Fe", 5, 3)));
  EXPECT_NE(to_xyz(grains_of("Fe", 5, 3)), to_xyz(grains_of("Fe", 5, 4)));
}

TEST(Grains, RefuseTooSmallBoxes) {
  EXPECT_NE(message_of([] { grains_of("Al", 1000, 1, {30, 30, 30}); }).find("no room"), std::string::npos);
  EXPECT_NE(message_of([] { grains_of("Al", 0); }).find("no grain"), std::string::npos);
}

}  // namespace
}  // namespace colonnade
