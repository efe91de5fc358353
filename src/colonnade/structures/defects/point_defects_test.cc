// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/defects/point_defects.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

#include "colonnade/core/test_errors.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/defects/oriented_cell.h"
#include "colonnade/structures/known_crystals.h"

namespace colonnade {
namespace {

constexpr std::array<int, 3> cells{8, 6, 5};

Structure with_defects(const std::string& name, const PointDefectOptions& options, std::uint64_t seed = 1) {
  const Structure crystal = crystal_from(name);
  Structure specimen = repeat(crystal, cells);
  Random random(seed);
  add_point_defects(specimen, crystal, cells, options, random);
  return specimen;
}

int count_of(const Structure& structure, const std::string& symbol) {
  for (const auto& [name, count] : composition(structure)) {
    if (name == symbol) return count;
  }
  return 0;
}

double nearest_to(const Structure& crystal, const Vector3& site, int* how_many) {
  double nearest = std::numeric_limits<double>::infinity();
  const Structure block = repeat(crystal, {3, 3, 3});
  const Position at = to_position(crystal, {site[0] + 1, site[1] + 1, site[2] + 1});
  std::vector<double> distances;
  for (const Atom& atom : block.atoms) distances.push_back(periodic_distance(block, at, atom.position));
  for (const double distance : distances) nearest = std::min(nearest, distance);
  *how_many = 0;
  for (const double distance : distances) *how_many += distance < nearest + 1e-6 ? 1 : 0;
  return nearest;
}

TEST(PointDefects, NumbersAreThoseThatWereAsked) {
  PointDefectOptions options;
  options.vacancies = 0.01;
  options.substitute = {"Al:Si:0.02", "Al:Cu:3"};
  options.interstitial = {"C:5:octahedral"};
  const Structure al = with_defects("Al", options);
  // 960 sites: 10 vacancies (of 9.6), 19 Si (of 19.2), 3 Cu of the Al that is left; vacancies take any element, but
  // none twice.
  EXPECT_EQ(al.atoms.size(), 960U - 10 + 5);
  EXPECT_EQ(count_of(al, "C"), 5);
  EXPECT_LE(count_of(al, "Si"), 19);
  EXPECT_GE(count_of(al, "Si") + count_of(al, "Cu"), 22 - 10);
  EXPECT_EQ(al.metadata["defects"].size(), 4U);
  EXPECT_EQ(al.metadata["defects"][0]["count"], 19);
}

TEST(PointDefects, KeepTheirDistanceAcrossTheBoundary) {
  PointDefectOptions options;
  options.substitute = {"Al:Si:20"};
  options.min_distance_A = 7;
  const Structure al = with_defects("Al", options);
  std::vector<Position> places;
  for (const Atom& atom : al.atoms) {
    if (atom.number == 14) places.push_back(atom.position);
  }
  ASSERT_EQ(places.size(), 20U);
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_GE(periodic_distance(al, places[i], places[j]), 7);
  }
}

TEST(PointDefects, SitesOfFccAndBccHaveTheirNeighbours) {
  struct Case {
    const char* crystal;
    const char* kind;
    std::size_t sites;
    int neighbours;
    double distance;  // in lattice parameters
  };
  for (const Case& c : {Case{"Al", "octahedral", 4, 6, 0.5}, Case{"Al", "tetrahedral", 8, 4, std::sqrt(3.0) / 4},
                        Case{"Fe", "octahedral", 6, 2, 0.5}, Case{"Fe", "tetrahedral", 12, 4, std::sqrt(5.0) / 4}}) {
    const Structure crystal = crystal_from(c.crystal);
    const auto sites = interstitial_sites(crystal, c.kind);
    EXPECT_EQ(sites.size(), c.sites);
    for (const Vector3& site : sites) {
      int neighbours = 0;
      EXPECT_NEAR(nearest_to(crystal, site, &neighbours), c.distance * crystal.cell[0][0], 1e-9);
      EXPECT_EQ(neighbours, c.neighbours);
    }
  }
}

TEST(PointDefects, SameSeedSameAtoms) {
  PointDefectOptions options;
  options.vacancies = 20;
  const Structure one = with_defects("Fe", options, 5), two = with_defects("Fe", options, 5),
                  other = with_defects("Fe", options, 6);
  EXPECT_EQ(one.metadata.dump(), two.metadata.dump());
  EXPECT_NE(one.metadata.dump(), other.metadata.dump());
}

TEST(PointDefects, RefusesWhatDoesNotFit) {
  const auto refusal = [](const std::string& crystal, auto set) {
    return message_of([&] {
      PointDefectOptions options;
      set(options);
      with_defects(crystal, options);
    });
  };
  using O = PointDefectOptions;
  EXPECT_NE(refusal("Al", [](O& o) { o.vacancies = 960; }).find("960 vacancies"), std::string::npos);
  EXPECT_NE(refusal("Al", [](O& o) { o.vacancies = 1.5; }).find("neither a fraction"), std::string::npos);
  EXPECT_NE(refusal("Al", [](O& o) { o.substitute = {"Al:Si:2000"}; }).find("places for them"), std::string::npos);
  EXPECT_NE(refusal("Al", [](O& o) { o.substitute = {"Fe:Si:1"}; }).find("has no Fe"), std::string::npos);
  EXPECT_NE(refusal("Al", [](O& o) { o.interstitial = {"C:1:0.5/0.5/0"}; }).find("is occupied"), std::string::npos);
  EXPECT_NE(refusal("Al", [](O& o) { o.interstitial = {"C:1:hexagonal"}; }).find("not understood"), std::string::npos);
  EXPECT_NE(refusal("Si", [](O& o) { o.interstitial = {"C:1:octahedral"}; }).find("fcc and bcc"), std::string::npos);
  EXPECT_NE(refusal("Al",
                    [](O& o) {
                      o.vacancies = 300;
                      o.min_distance_A = 8;
                    })
                .find("fit 8 A apart"),
            std::string::npos);
  EXPECT_NE(refusal("Al",
                    [](O& o) {
                      o.vacancies = 1;
                      o.min_distance_A = 50;
                    })
                .find("need a specimen"),
            std::string::npos);
}

TEST(OrientedCell, KnowsLatticesAndTranslations) {
  EXPECT_EQ(cubic_lattice(crystal_from("Al")), "fcc");
  EXPECT_EQ(cubic_lattice(crystal_from("Si")), "fcc");
  EXPECT_EQ(cubic_lattice(crystal_from("Fe")), "bcc");
  EXPECT_EQ(cubic_lattice(crystal_from("SrTiO3")), "sc");
  EXPECT_EQ(cubic_lattice(crystal_from("Ti")), "");
  EXPECT_FALSE(is_translation(crystal_from("Al"), {0.5, 0, 0}));
}

TEST(OrientedCell, OtherVectorsHoldTheSameCrystal) {
  const Structure al = crystal_from("Al");
  const Structure turned_cell = with_vectors(al, {{{0.5, -0.5, 0}, {0.5, 0.5, -1}, {1, 1, 1}}});
  EXPECT_EQ(turned_cell.atoms.size(), 6U);
  EXPECT_NEAR(determinant(turned_cell.cell), 1.5 * determinant(al.cell), 1e-9);
  EXPECT_NE(message_of([&] {
              with_vectors(al, {{{0.5, 0, 0}, {0, 1, 0}, {0, 0, 1}}});
            }).find("no translation"),
            std::string::npos);
}

TEST(OrientedCell, LayersOfLatticePlanes) {
  const Structure al = crystal_from("Al");
  const double a = al.cell[0][0];
  const PlaneCell layer = plane_cell(al, {1, 1, 1});
  EXPECT_NEAR(layer.spacing_A, a / std::sqrt(3), 1e-9);
  EXPECT_NEAR(length(combine(layer.first, al.cell)), a / std::sqrt(2), 1e-9);
  EXPECT_NEAR(length(combine(layer.second, al.cell)), a * std::sqrt(1.5), 1e-9);
  EXPECT_NEAR(plane_cell(crystal_from("Fe"), {1, 1, 2}).spacing_A, 2.8665 / std::sqrt(6), 1e-9);
  EXPECT_NEAR(plane_cell(al, {1, 0, 0}).spacing_A, a / 2, 1e-9);
  const PlaneCell hexagonal = plane_cell(crystal_from("Ti"), {1, 0, 2});
  const Structure ti = crystal_from("Ti");
  EXPECT_NEAR(hexagonal.spacing_A, 1 / length(combine({1, 0, 2}, reciprocal(ti.cell))), 1e-9);
}

}  // namespace
}  // namespace colonnade
