// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/nanoparticle.h"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/structures/alloy.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/neighbours.h"
#include "colonnade/structures/structure_file.h"

namespace colonnade {
namespace {

NanoparticleOptions options_of(double diameter_nm, const std::string& shape) {
  NanoparticleOptions options;
  options.diameter_nm = diameter_nm;
  options.shape = shape;
  options.lattice_A = 3.72;
  return options;
}

/// z of the atoms by column, columns found by rounding to 0.1 A.
std::map<std::pair<long, long>, std::vector<double>> columns_of(const Structure& structure) {
  std::map<std::pair<long, long>, std::vector<double>> columns;
  const Position& origin = structure.atoms.front().position;
  for (const Atom& atom : structure.atoms) {
    const Position& p = atom.position;
    columns[{std::lround((p.x - origin.x) * 10), std::lround((p.y - origin.y) * 10)}].push_back(p.z);
  }
  for (auto& [place, z] : columns) std::sort(z.begin(), z.end());
  return columns;
}

TEST(Nanoparticle, HasTheAtomsOfItsVolume) {
  for (const char* shape : {"sphere", "truncated_octahedron"}) {
    for (int seed = 0; seed < 5; ++seed) {
      Random random(seed);
      const Structure particle = make_nanoparticle(options_of(7.0, shape), random);
      EXPECT_NEAR(static_cast<double>(particle.atoms.size()), 14000, 280) << shape;
    }
  }
  Random random(1);
  const double volume = std::numbers::pi / 6 * std::pow(30.0, 3);
  EXPECT_NEAR(make_nanoparticle(options_of(3.0, "sphere"), random).atoms.size(), volume * 4 / std::pow(3.72, 3), 1);
}

/// Mean over the directions (s1 a, s2 b, s3 c) with all signs of how far the particle reaches.
double mean_reach(const Structure& particle, double a, double b, double c) {
  const double norm = std::sqrt(a * a + b * b + c * c);
  double sum = 0;
  for (int signs = 0; signs < 8; ++signs) {
    double reach = 0;
    for (const Atom& atom : particle.atoms) {
      const Position& p = atom.position;
      reach = std::max(reach,
                       ((signs & 1 ? a : -a) * p.x + (signs & 2 ? b : -b) * p.y + (signs & 4 ? c : -c) * p.z) / norm);
    }
    sum += reach / 8;
  }
  return sum;
}

TEST(Nanoparticle, PlanesEncloseTheVolumeForAllSurfaceRatios) {
  // Where the facets lie, half a layer beyond the outermost atoms, against the surface ratio; and the volume of the
  // solid that they enclose, by Monte Carlo, against the sphere's.
  for (const double ratio : {0.577351, 0.7, 0.9, 1.155, 1.5, 1.732}) {
    NanoparticleOptions options = options_of(8, "truncated_octahedron");
    options.surface_ratio = ratio;
    options.zone_axis = "001";
    Random random(4);
    const Structure particle = make_nanoparticle(options, random);
    const double h100 =
        (mean_reach(particle, 1, 0, 0) + mean_reach(particle, 0, 1, 0) + mean_reach(particle, 0, 0, 1)) / 3 + 3.72 / 4;
    const double h111 = mean_reach(particle, 1, 1, 1) + 3.72 / std::sqrt(12.0);
    int inside = 0;
    const int trials = 200000;
    for (int i = 0; i < trials; ++i) {
      const double x = random.uniform(0, h100), y = random.uniform(0, h100), z = random.uniform(0, h100);
      inside += x + y + z <= h111 * std::numbers::sqrt3 ? 1 : 0;
    }
    const double volume = 8 * std::pow(h100, 3) * inside / trials;
    EXPECT_NEAR(volume / (std::numbers::pi / 6 * std::pow(80.0, 3)), 1, 0.03) << ratio;
    EXPECT_NEAR(h100 / h111, ratio, 0.05) << ratio;
  }
}

TEST(Nanoparticle, SphereIsRound) {
  Random random(8);
  const Structure particle = make_nanoparticle(options_of(5, "sphere"), random);
  double radius = 0, square = 0;
  for (const Atom& atom : particle.atoms) {
    const Position& p = atom.position;
    radius = std::max(radius, std::hypot(p.x, p.y, p.z));
    square += (p.x * p.x + p.y * p.y + p.z * p.z) / static_cast<double>(particle.atoms.size());
  }
  EXPECT_NEAR(radius, 25, 0.3);
  EXPECT_NEAR(square, 0.6 * 25 * 25, 0.01 * 0.6 * 25 * 25);  // mean square radius of a ball
}

TEST(Nanoparticle, IsCentredAndDense) {
  Random random(9);
  const Structure particle = make_nanoparticle(options_of(4, "truncated_octahedron"), random);
  double x = 0, y = 0, z = 0;
  for (const Atom& atom : particle.atoms) {
    x += atom.position.x;
    y += atom.position.y;
    z += atom.position.z;
  }
  EXPECT_NEAR(std::hypot(x, y, z), 0, 1e-8);
  const NeighbourList neighbours(particle, fcc_neighbour_distance(3.72));
  std::size_t full = 0;
  for (std::size_t i = 0; i < neighbours.size(); ++i) {
    EXPECT_LE(neighbours.of(i).size(), 12U);
    full += neighbours.of(i).size() == 12 ? 1 : 0;
  }
  EXPECT_GT(full, particle.atoms.size() / 2);
}

TEST(Nanoparticle, ColumnsStandAlong110) {
  Random random(10);
  NanoparticleOptions options = options_of(4, "sphere");
  const Structure particle = make_nanoparticle(options, random);
  const auto columns = columns_of(particle);
  // Area of a column in the projection: a^2 / (2 sqrt 2).
  const double expected = std::numbers::pi * 400 / (3.72 * 3.72 / (2 * std::numbers::sqrt2));
  EXPECT_NEAR(static_cast<double>(columns.size()), expected, 0.05 * expected);
  for (const auto& [place, z] : columns) {
    for (std::size_t i = 1; i < z.size(); ++i) EXPECT_NEAR(z[i] - z[i - 1], 3.72 / std::numbers::sqrt2, 1e-9);
    // [001] runs along x, [1-10] along y: columns at steps of a/2 and a/(2 sqrt 2) (in 0.1 A).
    EXPECT_NEAR(std::remainder(static_cast<double>(place.first) / 10, 3.72 / 2), 0, 0.06);
    EXPECT_NEAR(std::remainder(static_cast<double>(place.second) / 10, 3.72 / (2 * std::numbers::sqrt2)), 0, 0.06);
  }
}

TEST(Nanoparticle, RotationTurnsTheSameParticleInThePlane) {
  NanoparticleOptions options = options_of(2, "truncated_octahedron");
  Random first(12), second(12);
  Structure plain = make_nanoparticle(options, first);
  options.rotation_deg = 37;
  const Structure turned = make_nanoparticle(options, second);
  rotate(plain, rotation_about_z(37));
  ASSERT_EQ(plain.atoms.size(), turned.atoms.size());
  for (std::size_t i = 0; i < plain.atoms.size(); ++i) {
    EXPECT_EQ(plain.atoms[i].number, turned.atoms[i].number);
    EXPECT_NEAR(plain.atoms[i].position.x, turned.atoms[i].position.x, 1e-9);
    EXPECT_NEAR(plain.atoms[i].position.y, turned.atoms[i].position.y, 1e-9);
    EXPECT_NEAR(plain.atoms[i].position.z, turned.atoms[i].position.z, 1e-9);
  }
}

TEST(Nanoparticle, CompositionIsExactToAnAtom) {
  NanoparticleOptions options = options_of(3, "sphere");
  options.fractions = {0.1, 0.2, 0.3, 0.15, 0.25};
  options.aggregation = 0.3;
  Random random(13);
  const Structure particle = make_nanoparticle(options, random);
  std::map<std::string, int> counts;
  for (const auto& [symbol, count] : composition(particle)) counts[symbol] = count;
  for (std::size_t i = 0; i < 5; ++i) {
    const double exact = options.fractions[i] * static_cast<double>(particle.atoms.size());
    EXPECT_LT(std::abs(counts[options.elements[i]] - exact), 1);
  }
  EXPECT_NEAR(particle.metadata["like_neighbours"].get<double>(),
              like_neighbour_fraction(particle, fcc_neighbour_distance(3.72)), 1e-9);
}

TEST(Nanoparticle, RoughnessTakesAtomsOfTheOutermostLayerAlone) {
  NanoparticleOptions options = options_of(4, "truncated_octahedron");
  Random first(14), second(14);
  const Structure smooth = make_nanoparticle(options, first);
  options.roughness = 0.4;
  const Structure rough = make_nanoparticle(options, second);
  const NeighbourList before(smooth, fcc_neighbour_distance(3.72));
  std::size_t surface = 0;
  for (std::size_t i = 0; i < before.size(); ++i) surface += before.of(i).size() < 12 ? 1 : 0;
  const auto lost = static_cast<double>(smooth.atoms.size() - rough.atoms.size());
  EXPECT_GE(lost, std::round(0.4 * static_cast<double>(surface)));
  EXPECT_LE(lost, 0.5 * static_cast<double>(surface));
  const NeighbourList after(rough, fcc_neighbour_distance(3.72));
  for (std::size_t i = 0; i < after.size(); ++i) EXPECT_GE(after.of(i).size(), 3U);
}

TEST(Nanoparticle, SameSeedGivesTheSameBytes) {
  NanoparticleOptions options = options_of(2, "truncated_octahedron");
  options.roughness = 0.2;
  options.aggregation = 0.2;
  Random first(15), second(15), third(16);
  const std::string text = to_xyz(make_nanoparticle(options, first));
  EXPECT_EQ(text, to_xyz(make_nanoparticle(options, second)));
  EXPECT_NE(text, to_xyz(make_nanoparticle(options, third)));
  // One after the other from one generator they differ.
  EXPECT_NE(text, to_xyz(make_nanoparticle(options, first)));
}

TEST(Nanoparticle, GoldenTinyParticle) {
  NanoparticleOptions options = options_of(1, "truncated_octahedron");
  options.roughness = 0.1;
  options.aggregation = 0.1;
  options.rotation_deg = 10;
  Random random(2021);
  Structure particle = make_nanoparticle(options, random);
  Structure view = view_of(particle, 8, 0.5, 1, random);
  particle.metadata.clear();
  view.metadata.clear();
  EXPECT_EQ(sha256(to_xyz(particle)), "852b146a996cc8615395358236062c4765486517da5319516b053cfe5acdacf5")
      << to_xyz(particle);
  EXPECT_EQ(sha256(to_xyz(view)), "331c1a630836c351ee7fe00207ad1209bb3b50cd226157c4cc2f41fca9c9a495") << to_xyz(view);
}

TEST(Nanoparticle, RefusesBadOptions) {
  const auto refused = [](auto change) {
    NanoparticleOptions options;
    change(options);
    EXPECT_THROW(options.check(), Error);
    Random random(1);
    EXPECT_THROW(make_nanoparticle(options, random), Error);
  };
  refused([](auto& o) { o.elements = {}; });
  refused([](auto& o) { o.elements = {"Pt", "Unobtainium"}; });
  refused([](auto& o) { o.fractions = {0.5, 0.5}; });
  refused([](auto& o) { o.lattice_A = -3; });
  refused([](auto& o) { o.lattice_A = 0.392; });
  refused([](auto& o) { o.shape = "cube"; });
  refused([](auto& o) { o.diameter_nm = 0; });
  refused([](auto& o) { o.diameter_nm = 1000; });
  refused([](auto& o) { o.diameter_nm = NAN; });
  refused([](auto& o) { o.surface_ratio = 0; });
  refused([](auto& o) { o.roughness = 1; });
  refused([](auto& o) { o.roughness = NAN; });
  refused([](auto& o) { o.zone_axis = "000"; });
  refused([](auto& o) { o.rotation_deg = INFINITY; });
  refused([](auto& o) { o.aggregation = 1; });
}

TEST(Nanoparticle, EveryOptionIsDescribed) {
  NanoparticleOptions options;
  OptionTable table;
  options.describe(table);
  table.set("particle.diameter", "2.5");
  table.set("particle.elements", "Pt,Ir");
  EXPECT_DOUBLE_EQ(options.diameter_nm, 2.5);
  EXPECT_EQ(options.elements, (std::vector<std::string>{"Pt", "Ir"}));
  EXPECT_EQ(table.options().size(), 10U);
  options.check();
}

TEST(Nanoparticle, SmallestOnesHoldTogether) {
  for (int seed = 0; seed < 50; ++seed) {
    NanoparticleOptions options = options_of(0.5, seed % 2 == 0 ? "sphere" : "truncated_octahedron");
    Random random(seed);
    const Structure particle = make_nanoparticle(options, random);
    EXPECT_GE(particle.atoms.size(), 1U);
    EXPECT_LE(particle.atoms.size(), 20U);
  }
}

TEST(ViewOf, CentreShowsTheMiddle) {
  Random random(20);
  const Structure particle = make_nanoparticle(options_of(6, "sphere"), random);
  const Structure view = view_of(particle, 30, 0, 4, random);
  const Bounds box = bounds(view);
  EXPECT_GE(box.low.x, -4);
  EXPECT_GE(box.low.y, -4);
  EXPECT_LE(box.high.x, 34);
  EXPECT_LE(box.high.y, 34);
  EXPECT_DOUBLE_EQ(box.low.z, 0);
  EXPECT_NEAR(box.high.z, 60, 3);
  // Every atom of the particle that projects into the field and its margin is there.
  const auto expected = std::count_if(particle.atoms.begin(), particle.atoms.end(), [](const Atom& atom) {
    return std::abs(atom.position.x) <= 19 && std::abs(atom.position.y) <= 19;
  });
  EXPECT_EQ(static_cast<long>(view.atoms.size()), expected);
}

TEST(ViewOf, EdgeHasItsMiddleOnTheRim) {
  Random random(21);
  const Structure particle = make_nanoparticle(options_of(6, "sphere"), random);
  for (int i = 0; i < 20; ++i) {
    const Structure view = view_of(particle, 30, 1, 0, random);
    double nearest = 1e9, outermost = 0;
    const double angle = view.metadata["view"]["angle_deg"].get<double>() * std::numbers::pi / 180;
    for (const Atom& atom : view.atoms) {
      const double x = atom.position.x - 15, y = atom.position.y - 15;
      nearest = std::min(nearest, std::hypot(x, y));
      outermost = std::max(outermost, x * std::cos(angle) + y * std::sin(angle));
    }
    EXPECT_LT(nearest, 2.5);
    EXPECT_LT(outermost, 2.5);
    // About half of the field is vacuum.
    const Structure full = view_of(particle, 30, 0, 0, random);
    EXPECT_LT(static_cast<double>(view.atoms.size()), 0.5 * static_cast<double>(full.atoms.size()));
  }
}

TEST(ViewOf, DistancesSurviveAndTheOffsetScales) {
  Random particle_random(22);
  const Structure particle = make_nanoparticle(options_of(3, "truncated_octahedron"), particle_random);
  // A field larger than the particle keeps all atoms; the shift of the middle is the offset times the rim's distance.
  double shift_at_half = 0, shift_at_edge = 0;
  for (double* shift : {&shift_at_half, &shift_at_edge}) {
    Random random(23);
    const Structure view = view_of(particle, 200, shift == &shift_at_half ? 0.5 : 1.0, 0, random);
    ASSERT_EQ(view.atoms.size(), particle.atoms.size());
    const Position &p = view.atoms[0].position, &q = particle.atoms[0].position;
    *shift = std::hypot(p.x - q.x - 100, p.y - q.y - 100);
    EXPECT_EQ(view.atoms[0].number, particle.atoms[0].number);
    EXPECT_NEAR(view.atoms[5].position.z - p.z, particle.atoms[5].position.z - q.z, 1e-12);
  }
  EXPECT_NEAR(shift_at_half * 2, shift_at_edge, 1e-9);
  EXPECT_NEAR(shift_at_edge, 15, 3);
}

TEST(ViewOf, RefusesBadInput) {
  Random random(24);
  const Structure particle = make_nanoparticle(options_of(1, "sphere"), random);
  EXPECT_THROW(view_of(Structure{}, 10, 0, 0, random), Error);
  EXPECT_THROW(view_of(particle, 0, 0, 0, random), Error);
  EXPECT_THROW(view_of(particle, NAN, 0, 0, random), Error);
  EXPECT_THROW(view_of(particle, 10, 1.5, 0, random), Error);
  EXPECT_THROW(view_of(particle, 10, -0.1, 0, random), Error);
  EXPECT_THROW(view_of(particle, 10, 0, -1, random), Error);
  EXPECT_THROW(view_of(particle, 1e-6, 0.37, 0, random), Error);  // between the columns
}

TEST(ViewOf, OneAtomIsItsOwnRim) {
  Structure atom;
  atom.atoms = {{78, {5, 6, 7}}};
  Random random(25);
  const Structure view = view_of(atom, 10, 1, 0, random);
  EXPECT_NEAR(view.atoms[0].position.x, 5, 1e-12);
  EXPECT_NEAR(view.atoms[0].position.y, 5, 1e-12);
  EXPECT_NEAR(view.atoms[0].position.z, 0, 1e-12);
}

}  // namespace
}  // namespace colonnade
