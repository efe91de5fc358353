// SPDX-License-Identifier: GPL-3.0-or-later
// CIF files that are written: what the reader here, gemmi and spglib make of them.
#include <algorithm>
#include <cmath>
#include <gemmi/cif.hpp>
#include <gemmi/symmetry.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/test_errors.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/structures/cell_parameters.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/crystal_library.h"
#include "colonnade/structures/crystal_symmetry.h"
#include "colonnade/structures/known_crystals.h"
#include "colonnade/structures/structure_file.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Largest distance from an atom of one to the nearest of the same element in the other, cells' images included.
double farthest_A(const Structure& one, const Structure& other) {
  double farthest = 0;
  for (const Atom& atom : one.atoms) {
    double nearest = 1e9;
    const Fractional f = to_fractional(one, atom.position);
    for (const Atom& candidate : other.atoms) {
      if (candidate.number != atom.number) continue;
      const Fractional g = to_fractional(other, candidate.position);
      const Vector3 apart{std::remainder(f.a - g.a, 1.0), std::remainder(f.b - g.b, 1.0),
                          std::remainder(f.c - g.c, 1.0)};
      nearest = std::min(nearest, length(combine(apart, one.cell)));
    }
    farthest = std::max(farthest, nearest);
  }
  return farthest;
}

void expect_same(const Structure& written, const Structure& read) {
  ASSERT_EQ(written.atoms.size(), read.atoms.size());
  EXPECT_EQ(composition_text(written), composition_text(read));
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(written.cell[i][j], read.cell[i][j], 1e-5);
  }
  EXPECT_LT(farthest_A(written, read), 1e-5);
  EXPECT_LT(farthest_A(read, written), 1e-5);
}

TEST(CifOut, EveryCrystalOfTheLibraryComesBack) {
  for (const LibraryCrystal& crystal : crystal_library()) {
    if (crystal.name.size() % 3 != 0 && crystal.cell.alpha_deg == 90 && crystal.space_group < 195) continue;
    SCOPED_TRACE(crystal.name);
    const Structure structure = to_structure(crystal);
    if (structure.atoms.size() > 24) continue;
    expect_same(structure, read_cif(to_cif(structure), "p1.cif"));
    const CrystalSymmetry symmetry = symmetry_of(structure);
    const std::string text = to_cif(structure, symmetry);
    const Structure back = read_cif(text, "symmetry.cif");
    expect_same(structure, back);
    EXPECT_EQ(symmetry_of(back).space_group, crystal.space_group);
    EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 30 + 192 + std::ptrdiff_t(crystal.sites.size()));
  }
}

TEST(CifOut, GemmiFindsTheGroupThatIsNamed) {
  for (const char* name : {"Au", "Si", "NaCl", "rutile", "corundum", "ZnO", "baddeleyite", "molybdite", "kyanite"}) {
    const LibraryCrystal& crystal = library_crystal(name);
    const Structure structure = to_structure(crystal);
    const std::string text = to_cif(structure, symmetry_of(structure));
    gemmi::cif::Document document = gemmi::cif::read_memory(text.data(), text.size(), "x.cif");
    const std::string* symbol = document.sole_block().find_value("_space_group_name_H-M_alt");
    ASSERT_NE(symbol, nullptr) << name;
    const gemmi::SpaceGroup* group = gemmi::find_spacegroup_by_name(gemmi::cif::as_string(*symbol));
    ASSERT_NE(group, nullptr) << name << " " << *symbol;
    EXPECT_EQ(group->number, crystal.space_group);
    // The named group alone, without the list of operations, gives the same crystal.
    const auto begin = text.find("loop_\n_space_group_symop"), end = text.find("loop_\n_atom_site");
    expect_same(structure, read_cif(text.substr(0, begin) + text.substr(end), "name.cif"));
  }
}

TEST(CifOut, TurnedAndRepeatedCellsToo) {
  Structure crystal = repeat(crystal_from("rutile"), {1, 2, 1});
  const Structure straight = crystal;
  rotate(crystal, zone_axis_rotation(crystal, {1, 1, 1}));
  const std::string text = to_cif(crystal, symmetry_of(crystal));
  EXPECT_THAT(text, Not(HasSubstr("_space_group_name_H-M_alt")));
  EXPECT_THAT(text, HasSubstr("'x,y+1/2,z'"));
  expect_same(straight, read_cif(text, "turned.cif"));
}

TEST(CifOut, IsWrittenToAFile) {
  const TemporaryFolder folder;
  const Structure crystal = crystal_from("NaCl");
  write_cif(folder.path() / "a.cif", crystal);
  write_cif(folder.path() / "b.cif", crystal, symmetry_of(crystal));
  expect_same(crystal, read_structure(folder.path() / "a.cif"));
  expect_same(crystal, read_structure(folder.path() / "b.cif"));
}

TEST(CifOut, WhatACifCannotHoldIsRefused) {
  const auto error = [](const Structure& structure) { return message_of([&] { to_cif(structure); }); };
  Structure crystal = crystal_from("NaCl");
  EXPECT_THAT(error({}), HasSubstr("no unit cell"));
  Structure mirrored = crystal;
  std::swap(mirrored.cell[0], mirrored.cell[1]);
  EXPECT_THAT(error(mirrored), HasSubstr("left-handed"));
  Structure empty = crystal;
  empty.atoms.clear();
  EXPECT_THAT(error(empty), HasSubstr("without atoms"));
  Structure lost = crystal;
  lost.atoms[0].position.x = NAN;
  EXPECT_THAT(error(lost), HasSubstr("not finite"));
  Structure moved = crystal;
  translate(moved, {0.1, 0.2, 0.3});
  EXPECT_THAT(message_of([&] { to_cif(moved, symmetry_of(moved)); }), HasSubstr("standard cell"));
  EXPECT_THAT(message_of([&] { to_cif(repeat(crystal, {2, 1, 1}), symmetry_of(crystal)); }), HasSubstr("16"));
}

}  // namespace
}  // namespace colonnade
