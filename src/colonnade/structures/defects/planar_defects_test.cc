// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/defects/planar_defects.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <map>

#include "colonnade/core/test_errors.h"
#include "colonnade/structures/defects/oriented_cell.h"
#include "colonnade/structures/defects/shortest_distance.h"
#include "colonnade/structures/known_crystals.h"
#include "colonnade/structures/neighbours.h"

namespace colonnade {
namespace {

Structure twinned(const std::string& name, const std::string& plane, const Vector3& size_A = {120, 12, 12},
                  double lamella_nm = 0) {
  PlanarDefectOptions options;
  options.twin = plane;
  options.lamella_nm = lamella_nm;
  return make_twinned(crystal_from(name), size_A, options);
}

Structure faulted(const std::string& name, const std::string& kind, int faults = 1, const std::string& plane = "111") {
  PlanarDefectOptions options;
  options.fault = plane;
  options.fault_kind = kind;
  options.faults = faults;
  return make_faulted(crystal_from(name), {100, 12, 12}, options);
}

bool has_atom(const Structure& structure, const Position& at) {
  return std::any_of(structure.atoms.begin(), structure.atoms.end(),
                     [&](const Atom& atom) { return periodic_distance(structure, atom.position, at) < 1e-3; });
}

/// Layers along x of an fcc pile as letters: its layers' offsets along y, in the order in which they are first met.
std::string sequence_of(const Structure& specimen, double spacing_A) {
  const double third = specimen.cell[1][1] / std::round(specimen.cell[1][1] / (spacing_A * std::sqrt(4.5))) / 3;
  std::map<int, int> offsets;
  const Vector3& up = specimen.cell[0];
  for (const Atom& atom : specimen.atoms) {
    const int layer = int(std::lround(atom.position.x / spacing_A));
    const int offset = (int(std::lround(2 * atom.position.y / third)) % 3 + 3) % 3;
    const auto [place, is_new] = offsets.emplace(layer, offset);
    EXPECT_TRUE(is_new || place->second == offset) << "layer " << layer << " is not one layer";
  }
  (void)up;
  std::string letters;
  for (const auto& [layer, offset] : offsets) letters += char('A' + offset);
  return letters;
}

/// Layers whose neighbours on both sides are alike: hexagonal surroundings, as in hcp.
int hexagonal_layers(const std::string& letters, std::size_t from, std::size_t to) {
  int count = 0;
  for (std::size_t i = std::max<std::size_t>(1, from); i < to; ++i) count += letters[i - 1] == letters[i + 1] ? 1 : 0;
  return count;
}

TEST(Twins, CoherentPlanesKeepTheNearestNeighbours) {
  const double al = 4.0496;
  const Structure specimen = twinned("Al", "111");
  EXPECT_NEAR(shortest_distance(specimen), al / std::sqrt(2), 1e-6);
  // Every atom keeps its twelve neighbours.
  const NeighbourList list(specimen, al * 0.85);
  for (std::size_t i = 0; i < list.size(); ++i) EXPECT_EQ(list.of(i).size(), 12U);
  EXPECT_NEAR(double(specimen.atoms.size()) / determinant(specimen.cell), 4 / (al * al * al), 1e-9);
}

TEST(Twins, FccPilesAreMirroredTwice) {
  const double spacing = 4.0496 / std::sqrt(3);
  const std::string letters = sequence_of(twinned("Al", "111"), spacing);
  EXPECT_EQ(letters.size() % 2, 0U);
  // One mirror within, one across the boundary: a layer between two alike, ...ABCACBA...
  EXPECT_EQ(hexagonal_layers(letters, 1, letters.size() - 1), 1);
  const std::size_t middle = letters.size() / 2;
  for (std::size_t k = 1; k < middle; ++k) EXPECT_EQ(letters[middle + k], letters[middle - k]);
}

TEST(Twins, AreMirrorImages) {
  for (const auto& [name, plane] :
       {std::pair{"Al", "111"}, {"Fe", "112"}, {"Si", "111"}, {"Ti", "102"}, {"Cu", "1-11"}, {"Al", "210"}}) {
    const Structure specimen = twinned(name, plane);
    const Structure crystal = crystal_from(name);
    const double middle = specimen.cell[0][0] / 2;
    for (const Atom& atom : specimen.atoms) {
      const Position& p = atom.position;
      EXPECT_TRUE(has_atom(specimen, {2 * middle - p.x, p.y, p.z})) << name << " " << plane;
    }
    // A mirror through atoms keeps the density, one between them nearly.
    const double density = double(crystal.atoms.size()) / determinant(crystal.cell);
    EXPECT_NEAR(double(specimen.atoms.size()) / determinant(specimen.cell) / density, 1, 0.03) << name << " " << plane;
  }
}

TEST(Twins, BondsOfSiliconCrossTheMirror) {
  const Structure specimen = twinned("Si", "111");
  const double bond = 5.4310 * std::sqrt(3.0) / 4;
  EXPECT_NEAR(shortest_distance(specimen), bond, 1e-6);
  const NeighbourList list(specimen, bond * 1.1);
  for (std::size_t i = 0; i < list.size(); ++i) EXPECT_EQ(list.of(i).size(), 4U);
}

TEST(Twins, LamellaeHaveTheThicknessThatIsAsked) {
  const double spacing = 4.0496 / std::sqrt(3);
  const Structure specimen = twinned("Al", "111", {140, 12, 12}, 1.4);
  const auto& record = specimen.metadata["defects"][0];
  EXPECT_NEAR(record["lamella_A"].get<double>(), 6 * spacing, 1e-6);
  EXPECT_EQ(record["lamellae"], 10);
  EXPECT_EQ(hexagonal_layers(sequence_of(specimen, spacing), 1, 59), 9);
}

TEST(Twins, RefuseWhatDoesNotFit) {
  EXPECT_NE(message_of([] { twinned("Al", "111", {15, 20, 20}); }).find("needs a larger cell"), std::string::npos);
  EXPECT_NE(message_of([] { twinned("Al", "732", {200, 8, 8}); }).find("needs a larger cell"), std::string::npos);
  EXPECT_NE(message_of([] { twinned("Al", "111", {100, 20, 20}, 6); }).find("do not fit"), std::string::npos);
  EXPECT_NE(message_of([] { twinned("Al", "11"); }).find("plane '11'"), std::string::npos);
}

TEST(StackingFaults, SequencesAreThoseOfTheTextbook) {
  const double spacing = 4.0496 / std::sqrt(3);
  const auto inner = [&](const Structure& specimen) {
    const std::string letters = sequence_of(specimen, spacing);
    std::string kinds;
    for (std::size_t i = 1; i + 1 < letters.size(); ++i) kinds += letters[i - 1] == letters[i + 1] ? 'h' : 'c';
    return kinds;
  };
  // Surroundings of the layers: an intrinsic fault has two hexagonal layers in a row, an extrinsic one with one
  // between.
  const std::string intrinsic = inner(faulted("Al", "intrinsic")), extrinsic = inner(faulted("Al", "extrinsic"));
  EXPECT_EQ(std::count(intrinsic.begin(), intrinsic.end(), 'h'), 2);
  EXPECT_NE(intrinsic.find("chhc"), std::string::npos);
  EXPECT_EQ(std::count(extrinsic.begin(), extrinsic.end(), 'h'), 2);
  EXPECT_NE(extrinsic.find("chchc"), std::string::npos);
  const std::string three = inner(faulted("Al", "intrinsic", 3));
  EXPECT_EQ(std::count(three.begin(), three.end(), 'h'), 6);
}

TEST(StackingFaults, KeepNeighboursAndDensity) {
  for (const char* kind : {"intrinsic", "extrinsic"}) {
    for (const char* plane : {"111", "1-11", "-1-11"}) {
      const Structure al = faulted("Al", kind, 2, plane);
      const NeighbourList list(al, 4.0496 * 0.85);
      for (std::size_t i = 0; i < list.size(); ++i) EXPECT_EQ(list.of(i).size(), 12U);
      EXPECT_NEAR(double(al.atoms.size()) / determinant(al.cell), 4 / std::pow(4.0496, 3), 1e-9);
    }
    const Structure si = faulted("Si", kind);
    const NeighbourList bonds(si, 5.4310 * std::sqrt(3.0) / 4 * 1.1);
    for (std::size_t i = 0; i < bonds.size(); ++i) EXPECT_EQ(bonds.of(i).size(), 4U);
  }
}

TEST(StackingFaults, RefuseWhatIsNoFccPlane) {
  EXPECT_NE(message_of([] { faulted("Fe", "intrinsic"); }).find("fcc"), std::string::npos);
  EXPECT_NE(message_of([] { faulted("Al", "intrinsic", 1, "110"); }).find("{111}"), std::string::npos);
  EXPECT_NE(message_of([] { faulted("Al", "intrinsic", 20); }).find("needs a larger cell"), std::string::npos);
  EXPECT_NE(message_of([] { faulted("Al", "double"); }).find("unknown"), std::string::npos);
}

}  // namespace
}  // namespace colonnade
