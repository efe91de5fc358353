// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/crystal_symmetry.h"

#include <cmath>
#include <gemmi/symmetry.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "colonnade/core/random.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/structures/cell_parameters.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/known_crystals.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;

TEST(SymmetryOperation, EveryHallSettingIsTheGroupThatGemmiKnows) {
  int compared = 0;
  for (int hall = 1; hall <= 530; ++hall) {
    const CrystalSymmetry symmetry = symmetry_of_hall(hall);
    EXPECT_NO_THROW(require_group(symmetry.operations)) << hall;
    std::set<std::string> ours, theirs;
    for (const SymmetryOperation& operation : symmetry.operations) {
      ours.insert(gemmi::parse_triplet(triplet(operation)).wrap().triplet());
    }
    for (const gemmi::Op& op : gemmi::symops_from_hall(symmetry.hall_symbol.c_str())) {
      theirs.insert(gemmi::Op(op).wrap().triplet());
    }
    EXPECT_EQ(ours, theirs) << hall << " " << symmetry.hall_symbol;
    EXPECT_EQ(ours.size(), symmetry.operations.size()) << hall;
    // gemmi has no setting of every symbol, but what it finds must be the same group.
    const gemmi::SpaceGroup* group = gemmi::find_spacegroup_by_name(symmetry.spaced_symbol);
    if (group == nullptr) continue;
    EXPECT_EQ(group->number, symmetry.space_group) << symmetry.spaced_symbol;
    const std::string point_group = group->point_group_hm();  // of -6m2 gemmi knows one orientation
    EXPECT_EQ(point_group == "-62m" ? "-6m2" : point_group, symmetry.point_group) << symmetry.spaced_symbol;
    EXPECT_EQ(group->centring_type(), symmetry.centring) << symmetry.spaced_symbol;
    EXPECT_EQ(group->crystal_system_str(), name_of(symmetry.system)) << symmetry.spaced_symbol;
    ++compared;
  }
  EXPECT_GT(compared, 500);
}

TEST(SymmetryOperation, TripletsAreThoseOfTheTables) {
  EXPECT_EQ(triplet({{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, {}}), "x,y,z");
  EXPECT_EQ(triplet({{{{0, -1, 0}, {1, -1, 0}, {0, 0, 1}}}, {0, 0, 1.0 / 3}}), "-y,x-y,z+1/3");
  EXPECT_EQ(triplet({{{{-1, 0, 0}, {0, 1, 0}, {0, 0, -1}}}, {0.5, -0.25, 1}}), "-x+1/2,y+3/4,-z");
  EXPECT_EQ(triplet({{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, {0.123, 0, 0}}), "x+0.123000,y,z");
}

TEST(SymmetryOperation, WhatIsNoGroupIsRefused) {
  const SymmetryOperation quarter{{{{0, -1, 0}, {1, 0, 0}, {0, 0, 1}}}, {}};
  EXPECT_THAT(message_of([&] { require_group({quarter}); }), HasSubstr("'-y,x,z' after '-y,x,z' is not among them"));
  EXPECT_THAT(message_of([] { operations_of_hall(0); }), HasSubstr("no Hall number 0"));
  EXPECT_THAT(message_of([] { operations_of_hall(531); }), HasSubstr("no Hall number 531"));
}

TEST(CrystalSymmetry, OfKnownCrystals) {
  struct Known {
    const char *name, *symbol, *system, *point_group;
    int space_group;
  };
  for (const Known& known : {Known{"Au", "Fm-3m", "cubic", "m-3m", 225},
                             {"Fe", "Im-3m", "cubic", "m-3m", 229},
                             {"Si", "Fd-3m", "cubic", "m-3m", 227},
                             {"GaAs", "F-43m", "cubic", "-43m", 216},
                             {"SrTiO3", "Pm-3m", "cubic", "m-3m", 221},
                             {"NaCl", "Fm-3m", "cubic", "m-3m", 225},
                             {"Mg", "P63/mmc", "hexagonal", "6/mmm", 194}}) {
    // Turned, repeated and moved: the group stays.
    Structure crystal = repeat(crystal_from(known.name), {1, 2, 1});
    rotate(crystal, zone_axis_rotation(crystal, {3, -1, 2}));
    translate(crystal, {0.3, -0.7, 11});
    const CrystalSymmetry symmetry = symmetry_of(crystal);
    EXPECT_EQ(symmetry.space_group, known.space_group) << known.name;
    EXPECT_EQ(symmetry.symbol, known.symbol);
    EXPECT_EQ(symmetry.point_group, known.point_group);
    EXPECT_EQ(name_of(symmetry.system), known.system);
    EXPECT_EQ(symmetry.centring, known.symbol[0]);
    EXPECT_FALSE(symmetry.standard);
  }
}

TEST(CrystalSymmetry, LatticeVectorsAreNotTransposed) {
  // A monoclinic cell, whose vectors as rows and as columns are different lattices.
  Structure crystal;
  crystal.cell = cell_vectors({5, 6, 7, 90, 105, 90});
  crystal.atoms = {{26, to_position(crystal, {0.1, 0.2, 0.3})}, {26, to_position(crystal, {-0.1, 0.2, -0.3})}};
  const CrystalSymmetry symmetry = symmetry_of(crystal);
  EXPECT_EQ(name_of(symmetry.system), "monoclinic");
  // Each operation carries atoms to atoms, and keeps lengths.
  for (const SymmetryOperation& operation : symmetry.operations) {
    for (std::size_t k = 0; k < 3; ++k) {
      Vector3 column{};
      for (std::size_t i = 0; i < 3; ++i) column[i] = operation.rotation[i][k];
      EXPECT_NEAR(length(combine(column, crystal.cell)), length(crystal.cell[k]), 1e-9);
    }
  }
}

TEST(CrystalSymmetry, StandardAndPrimitiveCells) {
  for (const auto& [name, atoms] :
       std::vector<std::pair<std::string, std::size_t>>{{"Si", 8}, {"NaCl", 8}, {"Mg", 2}}) {
    Structure crystal = repeat(crystal_from(name), {2, 1, 1});
    crystal.metadata["note"] = "kept";
    rotate(crystal, rotation_about_z(31));
    const Structure standard = standard_cell(crystal), primitive = primitive_cell(crystal);
    EXPECT_EQ(standard.atoms.size(), atoms) << name;
    EXPECT_EQ(primitive.atoms.size(), 2U) << name;
    EXPECT_EQ(standard.metadata["note"], "kept");
    EXPECT_EQ(standard.cell[0][1], 0);
    EXPECT_NEAR(density_g_cm3(standard), density_g_cm3(crystal), 1e-6);
    EXPECT_NEAR(density_g_cm3(primitive), density_g_cm3(crystal), 1e-6);
    EXPECT_TRUE(symmetry_of(standard).standard) << name;
    EXPECT_EQ(symmetry_of(primitive).space_group, symmetry_of(crystal).space_group) << name;
    EXPECT_EQ(symmetry_of(standard).operations.size(), operations_of_hall(symmetry_of(standard).hall_number).size());
  }
}

TEST(CrystalSymmetry, ToleranceDecides) {
  Structure crystal = crystal_from("SrTiO3");
  crystal.atoms[1].position.z += 0.05;
  EXPECT_EQ(symmetry_of(crystal, 1e-3).symbol, "P4mm");
  EXPECT_EQ(symmetry_of(crystal, 0.2).symbol, "Pm-3m");
}

TEST(CrystalSymmetry, ErrorsSayWhatToDo) {
  const auto error = [](const Structure& structure, double tolerance_A = 1e-3) {
    return message_of([&] { symmetry_of(structure, tolerance_A); });
  };
  Structure crystal = crystal_from("Si");
  EXPECT_THAT(error({}), HasSubstr("no unit cell"));
  EXPECT_THAT(error(crystal, 0), HasSubstr("tolerance of 0 A"));
  EXPECT_THAT(error(crystal, NAN), HasSubstr("tolerance of nan A"));
  Structure empty = crystal;
  empty.atoms.clear();
  EXPECT_THAT(error(empty), HasSubstr("no atoms"));
  Structure twice = crystal;
  twice.atoms.push_back(twice.atoms[0]);
  EXPECT_THAT(error(twice), HasSubstr("no space group fits"));
  EXPECT_THAT(message_of([&] { standard_cell(twice); }), HasSubstr("no space group fits"));
  Structure lost = crystal;
  lost.atoms[0].position.x = NAN;
  EXPECT_THAT(error(lost), HasSubstr("not finite"));
  Structure flat = crystal;
  flat.cell[2] = flat.cell[1];
  EXPECT_THAT(error(flat), HasSubstr("one plane"));
  EXPECT_THAT(error(repeat(crystal, {20, 20, 20})), HasSubstr("too many"));
  EXPECT_THAT(message_of([] { crystal_system(231); }), HasSubstr("no space group 231"));
  EXPECT_THAT(message_of([] { crystal_system_of_name("cubical"); }), HasSubstr("triclinic, monoclinic"));
}

TEST(CrystalSymmetry, AnyCellOfAtomsEndsWell) {
  Random random(3);
  for (int trial = 0; trial < 300; ++trial) {
    Structure crystal;
    for (auto& row : crystal.cell) row = {8 * random.uniform() - 4, 8 * random.uniform() - 4, 8 * random.uniform() - 4};
    for (std::uint64_t n = 1 + random.below(6); n > 0; --n) {
      crystal.atoms.push_back(
          {int(1 + random.below(3)), {random.uniform() * 9, random.uniform() * 9, random.uniform()}});
    }
    try {
      const CrystalSymmetry symmetry = symmetry_of(crystal);
      EXPECT_EQ(symmetry.equivalent.size(), crystal.atoms.size());
      EXPECT_GE(standard_cell(crystal).atoms.size(), 1U);
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace colonnade
