// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/defects/dislocations.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

#include "colonnade/core/test_errors.h"
#include "colonnade/structures/defects/oriented_cell.h"
#include "colonnade/structures/known_crystals.h"
#include "colonnade/structures/neighbours.h"

namespace colonnade {
namespace {

Structure dislocated(const std::string& name, int count, const std::string& method = "elastic",
                     const Vector3& size_A = {160, 120, 20}) {
  DislocationOptions options;
  options.dislocations = count;
  options.dislocation_method = method;
  return make_dislocated(crystal_from(name), size_A, options, {});
}

double nearest_distance(const Structure& structure) {
  const NeighbourList list(structure, 4);
  double nearest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < list.size(); ++i) {
    for (const auto j : list.of(i)) {
      nearest = std::min(
          nearest, periodic_distance(structure, structure.atoms[i].position, structure.atoms[std::size_t(j)].position));
    }
  }
  return nearest;
}

TEST(Dislocations, SlipSystemsAreThoseOfTheLattices) {
  for (const char* name : {"Al", "Fe"}) {
    const Structure crystal = crystal_from(name);
    const SlipSystem system = slip_system(crystal);
    EXPECT_NEAR(determinant(system.rotation), 1, 1e-12);
    EXPECT_NEAR(dot(system.burgers, system.normal), 0, 1e-12);
    EXPECT_TRUE(is_translation(crystal, system.burgers));
    EXPECT_TRUE(is_translation(crystal, system.normal));
    EXPECT_TRUE(is_translation(crystal, system.line));
  }
  EXPECT_NE(message_of([] { slip_system(crystal_from("Ti")); }).find("fcc and bcc"), std::string::npos);
}

TEST(Dislocations, NumberOfAtomsIsThePerfectCrystalsToALayer) {
  for (const char* name : {"Al", "Fe", "Si"}) {
    for (const char* method : {"elastic", "half_planes"}) {
      const Structure crystal = crystal_from(name);
      const Structure one = dislocated(name, 1, method);
      const double b = one.metadata["defects"][0]["burgers_vector_A"];
      EXPECT_NEAR(one.cell[0][0] / b, std::floor(one.cell[0][0] / b) + 0.5, 1e-9);
      const double density = double(crystal.atoms.size()) / determinant(crystal.cell);
      const double perfect = density * determinant(one.cell);
      // The glide plane is off the middle by less than two layers, 6 A at most: half of b for each.
      EXPECT_NEAR(double(one.atoms.size()), perfect, density * b / 2 * one.cell[2][2] * 6 + 1) << name;
      EXPECT_FALSE(one.periodic[1]);
    }
  }
}

TEST(Dislocations, CountsOfTheHalves) {
  const Structure al = dislocated("Al", 2);
  const double b = al.metadata["defects"][0]["burgers_vector_A"];
  // By layers: below and above differ by the two repeats of b, each of 2 atoms per repeat of the line.
  std::vector<double> heights;
  for (const Atom& atom : al.atoms) heights.push_back(atom.position.y);
  std::sort(heights.begin(), heights.end());
  const auto layers = int(std::lround(al.cell[1][1] / (4.0496 / std::sqrt(3))));
  const int deep = int(std::lround(al.cell[2][2] / (4.0496 * std::sqrt(1.5))));
  const int below = int(std::lround(al.cell[0][0] / b)) - 1, above = below + 2;
  std::size_t best = 0;
  for (int glide = 1; glide < layers; ++glide) {
    const std::size_t count =
        std::size_t(2 * deep) * (std::size_t(below) * glide + std::size_t(above) * (layers - glide));
    if (count == al.atoms.size()) best = std::size_t(glide);
  }
  EXPECT_GE(best, std::size_t(layers / 2 - 2));
  EXPECT_LE(best, std::size_t(layers / 2 + 2));
}

TEST(Dislocations, AtomsKeepApartAndFarPlanesFit) {
  for (const char* name : {"Al", "Fe", "Cu"}) {
    const Structure crystal = crystal_from(name);
    const double bond = name == std::string("Fe") ? 2.8665 * std::sqrt(0.75) : crystal.cell[0][0] / std::sqrt(2);
    EXPECT_GT(nearest_distance(dislocated(name, 2)), 0.75 * bond) << name;
  }
}

/// Around a line, steps from neighbour to neighbour counted in the perfect crystal: what they lack to a closed circuit
/// is the Burgers vector. Along a layer above the glide plane and back along one below.
TEST(Dislocations, CircuitThroughTheAtomsClosesToB) {
  const Structure al = dislocated("Al", 1, "elastic", {200, 150, 10});
  const double b = al.metadata["defects"][0]["burgers_vector_A"], width = al.cell[0][0];
  const auto per_width = [&](double low, double high) {
    int count = 0;
    for (const Atom& atom : al.atoms) count += atom.position.y > low && atom.position.y < high ? 1 : 0;
    return count;
  };
  const double layer = 4.0496 / std::sqrt(3);
  const int deep = int(std::lround(al.cell[2][2] / (4.0496 * std::sqrt(1.5))));
  // Far from the glide plane the layers are flat to a fraction of their spacing: three layers' atoms.
  const int above = per_width(al.cell[1][1] - 4.5 * layer, al.cell[1][1] + layer);
  const int below = per_width(-layer, 3.5 * layer);
  EXPECT_GT(above, 0);
  EXPECT_EQ(above % (2 * deep), 0);
  EXPECT_EQ(below % (2 * deep), 0);
  const double repeats_above = double(above) / (2 * deep), repeats_below = double(below) / (2 * deep);
  const double layers_above = std::round(repeats_above * b / width),
               layers_below = std::round(repeats_below * b / width);
  EXPECT_NEAR(repeats_above / layers_above - repeats_below / layers_below, 1, 1e-12);
}

TEST(Dislocations, RefusesSmallSpecimens) {
  EXPECT_NE(message_of([] {
              dislocated("Al", 10, "elastic", {100, 100, 10});
            }).find("fewer than 8 repeats"),
            std::string::npos);
  EXPECT_NE(message_of([] { dislocated("Al", 1, "elastic", {100, 10, 10}); }).find("no room"), std::string::npos);
  EXPECT_NE(message_of([] { dislocated("Al", 1, "screw"); }).find("unknown"), std::string::npos);
  EXPECT_NE(message_of([] { dislocated("Rh", 0); }).find("no dislocation"), std::string::npos);
}

}  // namespace
}  // namespace colonnade
