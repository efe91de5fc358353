// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/crystal_library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <numeric>
#include <set>

#include "colonnade/core/test_errors.h"
#include "colonnade/structures/crystal_symmetry.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/known_crystals.h"
#include "colonnade/structures/neighbours.h"

namespace colonnade {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class EveryRow : public ::testing::TestWithParam<int> {};

TEST_P(EveryRow, SpglibFindsTheStatedGroupAgain) {
  for (const LibraryCrystal& crystal : crystal_library()) {
    if (int(crystal_system(crystal.space_group)) != GetParam()) continue;
    SCOPED_TRACE(crystal.name);
    const CrystalSymmetry stated = symmetry_of_hall(crystal.hall_number);
    EXPECT_EQ(stated.space_group, crystal.space_group);
    const Structure structure = to_structure(crystal);
    const CrystalSymmetry found = symmetry_of(structure);
    EXPECT_EQ(found.space_group, crystal.space_group) << found.symbol;
    EXPECT_EQ(found.operations.size(), stated.operations.size());
  }
}

TEST_P(EveryRow, OrbitsHaveTheirMultiplicityAndAtomsTheirRoom) {
  for (const LibraryCrystal& crystal : crystal_library()) {
    if (int(crystal_system(crystal.space_group)) != GetParam()) continue;
    SCOPED_TRACE(crystal.name);
    const Structure structure = to_structure(crystal);
    int atoms = 0;
    for (const LibrarySite& site : crystal.sites) {
      const auto places = orbit(site.place, operations_of_hall(crystal.hall_number), structure.cell);
      EXPECT_EQ(int(places.size()), site.multiplicity) << site.element << site.multiplicity << site.wyckoff;
      atoms += site.multiplicity;
    }
    EXPECT_EQ(int(structure.atoms.size()), atoms);
    const NeighbourList neighbours(structure, 0.6);
    for (std::size_t i = 0; i < neighbours.size(); ++i) EXPECT_TRUE(neighbours.of(i).empty());
    EXPECT_GT(density_g_cm3(structure), 0.3);
    EXPECT_LT(density_g_cm3(structure), 25);
  }
}

TEST_P(EveryRow, FormulaIsThatOfTheAtoms) {
  for (const LibraryCrystal& crystal : crystal_library()) {
    if (int(crystal_system(crystal.space_group)) != GetParam()) continue;
    SCOPED_TRACE(crystal.name);
    std::string reduced;
    const auto counts = composition(to_structure(crystal));
    int common = 0;
    for (const auto& [symbol, count] : counts) common = std::gcd(common, count);
    for (const auto& [symbol, count] : counts) reduced += symbol + std::to_string(count / common);
    const auto found = find_crystals(reduced);
    EXPECT_NE(std::find(found.begin(), found.end(), &crystal), found.end()) << reduced;
  }
}

INSTANTIATE_TEST_SUITE_P(CrystalLibrary, EveryRow, ::testing::Range(0, 7));

TEST(CrystalLibrary, HasEnoughOfEachKind) {
  std::map<std::string, int> systems;
  int large_groups = 0;
  std::set<std::string> names;
  for (const LibraryCrystal& crystal : crystal_library()) {
    ++systems[name_of(crystal_system(crystal.space_group))];
    large_groups += std::set<int>{212, 213, 221, 225, 227, 229}.contains(crystal.space_group) ? 1 : 0;
    EXPECT_TRUE(names.insert(crystal.name).second) << crystal.name;
    EXPECT_TRUE(crystal.common.empty() || names.insert(crystal.common).second) << crystal.common;
    EXPECT_NE(full_source(crystal.source), crystal.source) << crystal.name << " has an unknown source";
  }
  EXPECT_GE(large_groups, 150);
  for (const auto& [system, count] : systems) EXPECT_GE(count, 25) << system;
  EXPECT_EQ(systems.size(), 7U);
}

TEST(CrystalLibrary, FindsByNameAndFormula) {
  EXPECT_EQ(library_crystal("rutile").space_group, 136);
  EXPECT_EQ(library_crystal("RUTILE").name, "TiO2-136");
  EXPECT_EQ(library_crystal("tio2-141").common, "anatase");
  EXPECT_EQ(library_crystal("ClNa").name, "NaCl");
  EXPECT_EQ(library_crystal("nacl").name, "NaCl");
  EXPECT_EQ(library_crystal("Si").space_group, 227);
  EXPECT_EQ(library_crystal("Co").space_group, 194);
  EXPECT_EQ(library_crystal("CO").space_group, 198);
  EXPECT_EQ(library_crystal("O3SrTi").name, "SrTiO3");
  EXPECT_EQ(library_crystal("molybdite").space_group, 62);
  EXPECT_EQ(find_crystals("TiO2").size(), find_crystals("Ti2O4").size() + find_crystals("O2Ti").size());
  EXPECT_TRUE(find_crystals("").empty());
  EXPECT_TRUE(find_crystals("Xq2").empty());
}

TEST(CrystalLibrary, ErrorsNameWhatThereIs) {
  const auto error = [](const std::string& text) { return message_of([&] { library_crystal(text); }); };
  EXPECT_THAT(error("TiO2"), AllOf(HasSubstr("rutile (TiO2-136)"), HasSubstr("anatase (TiO2-141)")));
  EXPECT_THAT(error("rutil"), HasSubstr("did you mean rutile"));
  EXPECT_THAT(error("zzzzzzzzzz"), HasSubstr("--list"));
}

TEST(CrystalLibrary, AgreesWithTheKnownCrystals) {
  for (const std::string& name : known_crystal_names()) {
    const Structure known = crystal_from(name), ours = to_structure(library_crystal(name));
    EXPECT_EQ(composition_text(known), composition_text(ours)) << name;
    const CellParameters a = cell_parameters(known), b = cell_parameters(ours);
    EXPECT_NEAR(a.a_A, b.a_A, 1e-9) << name;
    EXPECT_NEAR(a.c_A, b.c_A, 1e-9) << name;
    EXPECT_EQ(symmetry_of(known).space_group, symmetry_of(ours).space_group) << name;
  }
}

TEST(CrystalLibrary, IsKnownToCrystalFrom) {
  EXPECT_EQ(composition_text(crystal_from("rutile")), "Ti2 O4");
  EXPECT_EQ(crystal_from("rutile").metadata["source"], "COD 9004141");
  EXPECT_EQ(composition_text(crystal_from("Cu3Au")), "Au1 Cu3");
  EXPECT_THAT(message_of([] { crystal_from("TiO2"); }), HasSubstr("rutile (TiO2-136)"));
  EXPECT_THAT(message_of([] { crystal_from("rutiles"); }), HasSubstr("did you mean rutile"));
  // Names that were known before keep their meaning.
  EXPECT_TRUE(crystal_from("Fe").metadata.empty());
}

TEST(CrystalLibrary, BondLengthsAreThoseOfTextbooks) {
  struct Bond {
    const char *name, *from, *to;
    double length_A;
    std::size_t coordination;
  };
  for (const Bond& bond : {Bond{"rutile", "Ti", "O", 1.96, 6},  {"corundum", "Al", "O", 1.91, 6},
                           {"hematite", "Fe", "O", 2.03, 6},    {"NaCl", "Na", "Cl", 2.82, 6},
                           {"spinel", "Mg", "O", 1.92, 4},      {"ZnAl2O4", "Zn", "O", 1.95, 4},
                           {"graphite", "C", "C", 1.42, 3},     {"molybdenite", "Mo", "S", 2.41, 6},
                           {"WS2", "W", "S", 2.40, 6},          {"LiCoO2", "Co", "O", 1.92, 6},
                           {"MgO", "Mg", "O", 2.106, 6},        {"CsCl", "Cs", "Cl", 3.57, 8},
                           {"fluorite", "Ca", "F", 2.366, 8},   {"lithium niobate", "Nb", "O", 2.02, 6},
                           {"BaTiO3-38", "Ti", "O", 2.02, 6},   {"anatase", "Ti", "O", 1.95, 6},
                           {"zircon", "Si", "O", 1.62, 4},      {"sphalerite", "Zn", "S", 2.34, 4},
                           {"wurtzite", "Zn", "S", 2.34, 4},    {"zincite", "Zn", "O", 1.98, 4},
                           {"cassiterite", "Sn", "O", 2.05, 6}, {"Bi2Se3", "Bi", "Se", 2.97, 6},
                           {"TiS2", "Ti", "S", 2.42, 6},        {"eskolaite", "Cr", "O", 1.99, 6},
                           {"calcite", "C", "O", 1.28, 3},      {"magnetite", "Fe", "O", 1.89, 4},
                           {"LiFe5O8", "Li", "O", 2.11, 6},     {"brookite", "Ti", "O", 1.96, 6},
                           {"PtS", "Pt", "S", 2.31, 4},         {"shcherbinaite", "V", "O", 1.9, 5},
                           {"Mo3Al2C", "C", "Mo", 2.1, 6},      {"Ni2Mo3N", "N", "Mo", 2.1, 6}}) {
    const Structure structure = to_structure(library_crystal(bond.name));
    const int from = element(bond.from).number, to = element(bond.to).number;
    const NeighbourList neighbours(structure, bond.length_A * 1.1);
    for (std::size_t i = 0; i < neighbours.size(); ++i) {
      if (structure.atoms[i].number != from) continue;
      std::size_t count = 0;
      for (const auto n : neighbours.of(i)) count += structure.atoms[n].number == to ? 1 : 0;
      EXPECT_EQ(count, bond.coordination) << bond.name;
      break;
    }
  }
}

}  // namespace
}  // namespace colonnade
