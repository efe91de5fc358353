// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/structure_file.h"

#include <cmath>
#include <filesystem>
#include <gemmi/symmetry.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/random.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/neighbours.h"

namespace colonnade {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string xyz_error(const std::string& text) {
  return message_of([&] { read_xyz(text, "in.xyz"); });
}

std::string cif_error(const std::string& text) {
  return message_of([&] { read_cif(text, "in.cif"); });
}

TEST(Xyz, ReadsPlainFilesOfAllHabits) {
  const Structure s =
      read_xyz("3 \r\n  \r\nPt \t1.5 \t-2  3e0 \t \r\n  78 1 2 3\r\nni 1.0D+00 +2 .5 extra 7", "in.xyz");
  ASSERT_EQ(s.atoms.size(), 3U);
  EXPECT_EQ(s.atoms[0].number, 78);
  EXPECT_EQ(s.atoms[1].number, 78);
  EXPECT_EQ(s.atoms[2].number, 28);
  EXPECT_DOUBLE_EQ(s.atoms[0].position.y, -2);
  EXPECT_DOUBLE_EQ(s.atoms[0].position.z, 3);
  EXPECT_DOUBLE_EQ(s.atoms[2].position.x, 1);
  EXPECT_DOUBLE_EQ(s.atoms[2].position.z, 0.5);
  EXPECT_FALSE(s.has_cell());
  EXPECT_TRUE(s.metadata.empty());
}

TEST(Xyz, AnyCommentLineGoes) {
  for (const char* comment : {"made by \"me", "a=b=c \"", "= = =", "energy", "'", "{", "\xc3\x85ngstr\xc3\xb6m"}) {
    const Structure s = read_xyz(std::string("1\n") + comment + "\nPt 0 0 0\n", "in.xyz");
    EXPECT_EQ(s.metadata["comment"], comment);
  }
}

TEST(Xyz, ReadsExtendedColumnsInAnyOrder) {
  const Structure s = read_xyz(
      "2\nProperties=id:I:1:pos:R:3:forces:R:3:species:S:1:flag:L:1 Lattice=\"4 0 0 0 5 0 0 1 6\" pbc=\"T F 1\" "
      "energy=-3.5 steps=12 name='two words' note=\"say \\\"hi\\\"\" relaxed comment=plain\n"
      "1 0.5 1 2 9 9 9 Fe T\n2 1.5 2 3 9 9 9 27 F\n",
      "in.xyz");
  ASSERT_EQ(s.atoms.size(), 2U);
  EXPECT_EQ(s.atoms[0].number, 26);
  EXPECT_EQ(s.atoms[1].number, 27);
  EXPECT_DOUBLE_EQ(s.atoms[1].position.x, 1.5);
  EXPECT_DOUBLE_EQ(s.cell[2][1], 1);
  EXPECT_EQ(s.periodic, (std::array<bool, 3>{true, false, true}));
  EXPECT_EQ(s.metadata["energy"], -3.5);
  EXPECT_EQ(s.metadata["steps"], 12);
  EXPECT_EQ(s.metadata["name"], "two words");
  EXPECT_EQ(s.metadata["note"], "say \"hi\"");
  EXPECT_EQ(s.metadata["relaxed"], true);
  EXPECT_EQ(s.metadata["comment"], "plain");
  EXPECT_EQ(s.metadata.size(), 6U);
}

TEST(Xyz, PeriodicityFollowsTheLatticeWhereNotTold) {
  EXPECT_TRUE(read_xyz("1\nLattice=\"1 0 0 0 1 0 0 0 1\"\nPt 0 0 0", "x").periodic[1]);
  EXPECT_FALSE(read_xyz("1\nProperties=Z:I:1:pos:R:3\n78 0 0 0", "x").periodic[1]);
}

TEST(Xyz, TakesTheFirstOfSeveralFrames) {
  const Structure s = read_xyz("1\nfirst\nPt 0 0 0\n1\nsecond\nNi 0 0 0\n", "in.xyz");
  ASSERT_EQ(s.atoms.size(), 1U);
  EXPECT_EQ(s.metadata["comment"], "first");
}

TEST(Xyz, ErrorsNameFileLineAndRemedy) {
  const std::string properties = "Properties=species:S:1:pos:R:3";
  EXPECT_THAT(xyz_error(""), AllOf(HasSubstr("in.xyz"), HasSubstr("empty")));
  EXPECT_THAT(xyz_error("many\n\nPt 0 0 0"), HasSubstr("in.xyz:1: expected the number of atoms, found 'many'"));
  EXPECT_THAT(xyz_error("-4\n\nPt 0 0 0"), HasSubstr("in.xyz:1: expected the number of atoms"));
  EXPECT_THAT(xyz_error("0\n\n"), HasSubstr("in.xyz:1: the file holds no atoms"));
  EXPECT_THAT(xyz_error("2"), HasSubstr("in.xyz:1: the file ends before"));
  EXPECT_THAT(xyz_error("2\n\nPt 0 0 0\n"), HasSubstr("in.xyz:3: the file ends after 1 of 2 atoms"));
  EXPECT_THAT(xyz_error("1\n\nPt 0 0 0\nPt 1 1 1\n"), HasSubstr("in.xyz:4: the first line says 1 atoms"));
  EXPECT_THAT(xyz_error("1\n\nPlat 0 0 0"), HasSubstr("in.xyz:3: unknown element 'Plat'"));
  EXPECT_THAT(xyz_error("1\n\n119 0 0 0"), HasSubstr("in.xyz:3: there is no element with atomic number 119"));
  EXPECT_THAT(xyz_error("1\n\nPt 0 0"), HasSubstr("in.xyz:3: expected at least 4 columns for an atom, found 3"));
  EXPECT_THAT(xyz_error("1\n\n\n"), HasSubstr("found 0"));
  EXPECT_THAT(xyz_error("1\n\nPt 0 zero 0"), HasSubstr("in.xyz:3: 'zero' is not a position"));
  for (const char* number : {"nan", "inf", "1e999", "1,5", "0x10", "1e10"}) {
    EXPECT_THAT(xyz_error(fmt::format("1\n\nPt 0 {} 0", number)), HasSubstr("is not a position"));
  }
  EXPECT_THAT(xyz_error("1\n" + properties + "\nPt 0 0 0 0"), HasSubstr("expected 4 columns for an atom, found 5"));
  EXPECT_THAT(xyz_error("1\nProperties=species:S:1\nPt 0 0 0"), HasSubstr("in.xyz:2: Properties must name"));
  EXPECT_THAT(xyz_error("1\nProperties=species:S\nPt 0 0 0"), HasSubstr("in.xyz:2: Properties=species:S is not"));
  EXPECT_THAT(xyz_error("1\nProperties=species:S:1:pos:R:3:x:R:99999999999\nPt 0 0 0"), HasSubstr("is not understood"));
  EXPECT_THAT(xyz_error("1\nProperties=species:S:1:pos:R:-3\nPt 0 0 0"), HasSubstr("is not understood"));
  EXPECT_THAT(xyz_error("1\n" + properties + " name=\"open\nPt 0 0 0"), HasSubstr("in.xyz:2: a quote is opened"));
  EXPECT_THAT(xyz_error("1\nLattice=\"1 2 3\"\nPt 0 0 0"), HasSubstr("in.xyz:2: Lattice holds 3 numbers"));
  EXPECT_THAT(xyz_error("1\nLattice=\"1 0 0 0 1 0 0 0 x\"\nPt 0 0 0"), HasSubstr("in.xyz:2: 'x' in Lattice"));
  EXPECT_THAT(xyz_error("1\nLattice=\"1 0 0 2 0 0 0 0 1\"\nPt 0 0 0"), HasSubstr("in.xyz:2: Lattice: the vectors"));
  EXPECT_THAT(xyz_error("1\nLattice=\"1 0 0 0 1 0 0 0 1\" pbc=\"T T\"\nPt 0 0 0"), HasSubstr("in.xyz:2: pbc="));
  EXPECT_THAT(xyz_error("1\n" + properties + " pbc=T\nPt 0 0 0"), HasSubstr("there is no Lattice"));
}

TEST(Xyz, AClaimedNumberOfAtomsIsNotBelieved) {
  EXPECT_THAT(xyz_error("9000000000000000000\n\nPt 0 0 0\n"), HasSubstr("ends after 1 of 9000000000000000000"));
  EXPECT_THAT(xyz_error("99999999999999999999\n\nPt 0 0 0\n"), HasSubstr("expected the number of atoms"));
}

TEST(Xyz, WritingAndReadingGivesTheSame) {
  Structure s = repeat(cubic_crystal("fcc", "Pt", 3.9231), {2, 1, 1});
  s.atoms[3].number = 26;
  s.atoms[0].position = {-0.0, -1e-9, 1234.5678};
  s.periodic = {true, false, true};
  s.metadata = {{"text", "two words"},
                {"number_like", "12"},
                {"truth_like", "T"},
                {"whole", -7},
                {"real", 0.1},
                {"flag", false},
                {"empty", ""},
                {"list", {1, 2.5, "x"}},
                {"nested", {{"quote", "a \"b\" \\ c"}, {"line", "one\ntwo"}}},
                {"backslash", "C:\\new \\\"x"},
                {"marked", "_JSON [1]"},
                {"nothing", nullptr},
                {"newline", "a\nb"},
                {"two words", 1},
                {"=\"'\\", "odd key"}};
  const std::string text = to_xyz(s);
  EXPECT_THAT(text, Not(HasSubstr("-0.000000")));
  const Structure back = read_xyz(text, "back.xyz");
  ASSERT_EQ(back.atoms.size(), s.atoms.size());
  for (std::size_t i = 0; i < s.atoms.size(); ++i) {
    EXPECT_EQ(back.atoms[i].number, s.atoms[i].number);
    EXPECT_NEAR(back.atoms[i].position.x, s.atoms[i].position.x, 5.1e-7);
    EXPECT_NEAR(back.atoms[i].position.z, s.atoms[i].position.z, 5.1e-7);
  }
  EXPECT_EQ(back.cell, s.cell);
  EXPECT_EQ(back.periodic, s.periodic);
  EXPECT_EQ(back.metadata, s.metadata);
  EXPECT_EQ(to_xyz(back), text);
}

TEST(Xyz, RefusesToWriteNonsense) {
  Structure s;
  s.atoms = {{78, {NAN, 0, 0}}};
  EXPECT_THROW(to_xyz(s), Error);
  s.atoms = {{0, {0, 0, 0}}};
  EXPECT_THROW(to_xyz(s), Error);
  s.atoms = {{78, {0, 0, 0}}};
  s.metadata["pbc"] = 1;
  EXPECT_THROW(to_xyz(s), Error);
}

TEST(Xyz, GarbageNeverCrashes) {
  Random random(31);
  const std::string sample =
      "2\nLattice=\"4 0 0 0 5 0 0 1 6\" Properties=species:S:1:pos:R:3 pbc=\"T F T\" a=\"_JSON [1,{}]\" b='x'\n"
      "Fe 0.5 1 2\nCo 1.5 2 3\n";
  int accepted = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    std::string text = sample;
    for (std::uint64_t n = 1 + random.below(4); n > 0; --n) {
      const std::size_t at = random.below(text.size());
      switch (random.below(3)) {
        case 0:
          text[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          text.erase(at, 1 + random.below(5));
          break;
        default:
          text.insert(at, 1, "\"'= \n\\:T[{_9"[random.below(13)]);
      }
      if (text.empty()) text = "1";
    }
    try {
      const Structure s = read_xyz(text, "fuzz");
      EXPECT_GE(s.atoms.size(), 1U);
      EXPECT_EQ(read_xyz(to_xyz(s), "fuzz").atoms.size(), s.atoms.size());
      ++accepted;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("fuzz"));
      EXPECT_THAT(error.what(), Not(HasSubstr("\n")));
    }
  }
  EXPECT_GT(accepted, 1000);
}

TEST(Xyz, DeepNestingIsKeptAsText) {
  const std::string deep = "_JSON " + std::string(100000, '[');
  const Structure s = read_xyz("1\nProperties=species:S:1:pos:R:3 a=\"" + deep + "\"\nPt 0 0 0", "in.xyz");
  EXPECT_EQ(s.metadata["a"], deep);
}

const std::string cell_of_nacl =
    "data_NaCl\n_cell_length_a 5.64\n_cell_length_b 5.64\n_cell_length_c 5.64\n_cell_angle_alpha 90\n"
    "_cell_angle_beta 90\n_cell_angle_gamma 90\n";
const std::string sites_of_nacl =
    "loop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
    "_atom_site_occupancy\nNa1 Na+ 0 0 0 1\nCl1 Cl1- 0.5 0.5 0.5 1.0\n";

TEST(Cif, ExpandsTheSpaceGroup) {
  for (const char* group :
       {"_symmetry_space_group_name_H-M 'F m -3 m'\n", "_space_group_name_H-M_alt 'Fm-3m'\n",
        "_space_group_IT_number 225\n", "_symmetry_Int_Tables_number 225\n", "_space_group_name_Hall '-F 4 2 3'\n"}) {
    std::string text = cell_of_nacl;
    text.append(group).append(sites_of_nacl);
    const Structure s = read_cif(text, "in.cif");
    EXPECT_EQ(composition_text(s), "Cl4 Na4") << group;
    EXPECT_DOUBLE_EQ(s.cell[0][0], 5.64);
    EXPECT_TRUE(s.periodic[2]);
    // Every Na has 6 Cl at a/2.
    const NeighbourList neighbours(s, 3.0);
    for (std::size_t i = 0; i < 8; ++i) {
      ASSERT_EQ(neighbours.of(i).size(), 6U);
      for (const auto n : neighbours.of(i)) EXPECT_NE(s.atoms[n].number, s.atoms[i].number);
    }
  }
}

TEST(Cif, ListedOperationsComeFirst) {
  const std::string operations =
      "loop_\n_symmetry_equiv_pos_as_xyz\n'x, y, z'\n'x, y+1/2, z+1/2'\n'-x, -y, -z'\n"
      "'-x, 1/2-y, 1/2-z'\n";
  const Structure s =
      read_cif(cell_of_nacl + "_symmetry_space_group_name_H-M 'F m -3 m'\n" + operations + sites_of_nacl, "x");
  EXPECT_EQ(composition_text(s), "Cl2 Na2");
}

TEST(Cif, GeneralPositionsHaveTheOrderOfTheGroup) {
  for (const char* name : {"P 1", "P -1", "P 21/c", "P 63/m m c", "I 4/m m m", "R -3 c:H", "F d -3 m:2", "F m -3 m"}) {
    const gemmi::SpaceGroup* group = gemmi::find_spacegroup_by_name(name);
    ASSERT_NE(group, nullptr) << name;
    const std::string cell = fmt::format(
        "data_x\n_cell_length_a 30\n_cell_length_b 30\n_cell_length_c 30\n_cell_angle_alpha 90\n_cell_angle_beta 90\n"
        "_cell_angle_gamma 90\n_space_group_name_H-M_alt '{}'\n",
        name);
    const std::string site =
        "loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\nPt1 0.1234 0.2071(3) "
        "0.3317\n";
    const Structure s = read_cif(cell + site, "in.cif");
    EXPECT_EQ(static_cast<int>(s.atoms.size()), group->operations().order()) << name;
  }
}

TEST(Cif, ObliqueCellsKeepLengthsAndAngles) {
  const Structure s = read_cif(
      "data_x\n_cell_length_a 3\n_cell_length_b 4\n_cell_length_c 5\n_cell_angle_alpha 80\n_cell_angle_beta 95\n"
      "_cell_angle_gamma 110\n_space_group_name_H-M_alt 'P 1'\nloop_\n_atom_site_label\n_atom_site_fract_x\n"
      "_atom_site_fract_y\n_atom_site_fract_z\nFe 1.25 -0.25 0.999999999\n",
      "in.cif");
  const auto& c = s.cell;
  const auto along = [&](int i, int j) { return c[i][0] * c[j][0] + c[i][1] * c[j][1] + c[i][2] * c[j][2]; };
  const double degree = std::acos(-1.0) / 180;
  EXPECT_NEAR(std::sqrt(along(0, 0)), 3, 1e-9);
  EXPECT_NEAR(std::sqrt(along(1, 1)), 4, 1e-9);
  EXPECT_NEAR(std::sqrt(along(2, 2)), 5, 1e-9);
  EXPECT_NEAR(along(1, 2), 20 * std::cos(80 * degree), 1e-9);
  EXPECT_NEAR(along(0, 2), 15 * std::cos(95 * degree), 1e-9);
  EXPECT_NEAR(along(0, 1), 12 * std::cos(110 * degree), 1e-9);
  const Fractional f = to_fractional(s, s.atoms[0].position);
  EXPECT_NEAR(f.a, 0.25, 1e-12);
  EXPECT_NEAR(f.b, 0.75, 1e-12);
  EXPECT_NEAR(f.c, 0, 1e-12);
}

TEST(Cif, ErrorsNameFileAndSite) {
  const std::string group = "_symmetry_space_group_name_H-M 'F m -3 m'\n";
  const auto site = [&](const std::string& line) {
    return cif_error(cell_of_nacl + group + sites_of_nacl + line + "\n");
  };
  EXPECT_THAT(site("Ni1 Ni 0.25 0.25 0.25 0.5"), AllOf(HasSubstr("in.cif:18"), HasSubstr("Ni1 is occupied to 0.5")));
  EXPECT_THAT(site("Xq1 Xq 0.25 0.25 0.25 1"), AllOf(HasSubstr("in.cif:18"), HasSubstr("unknown element 'Xq'")));
  EXPECT_THAT(site("Ni1 Ni 0.25 ? 0.25 1"), HasSubstr("in.cif:18: site Ni1 has no position"));
  EXPECT_THAT(site("Ni1 Ni 0 0 0 1"), HasSubstr("lie on the same place"));
  EXPECT_THAT(site("Ni1 Ni 0.25 0.25"), HasSubstr("in.cif"));
  EXPECT_THAT(cif_error(""), HasSubstr("in.cif"));
  EXPECT_THAT(cif_error("data_x\n_cell_length_a 5\n"), HasSubstr("in.cif: no atoms"));
  EXPECT_THAT(cif_error("data_x\n_text 'open\n"), AllOf(HasSubstr("in.cif:"), HasSubstr("not a valid CIF")));
  EXPECT_THAT(cif_error("data_x\n" + group + sites_of_nacl), HasSubstr("no unit cell"));
  EXPECT_THAT(cif_error(cell_of_nacl + "_space_group_name_H-M_alt 'F z 3'\n" + sites_of_nacl),
              HasSubstr("unknown space group 'F z 3'"));
  EXPECT_THAT(cif_error(cell_of_nacl + "_space_group_symop_operation_xyz 'x,y'\n" + sites_of_nacl),
              HasSubstr("in.cif"));
  EXPECT_THAT(cif_error(cell_of_nacl + "_space_group_symop_operation_xyz '999999999999*x,y,z'\n" + sites_of_nacl),
              HasSubstr("no symmetry operation"));
  EXPECT_THAT(cif_error("data_x\n_cell_length_a 5\n_cell_length_b 5\n_cell_length_c 5\n_cell_angle_alpha 10\n"
                        "_cell_angle_beta 10\n_cell_angle_gamma 170\n" +
                        group + sites_of_nacl),
              HasSubstr("in.cif"));
}

TEST(Cif, OperationsThatAreNoGroupAreRefused) {
  const auto listed = [&](const std::string& operations) {
    return cif_error(cell_of_nacl + "loop_\n_symmetry_equiv_pos_as_xyz\n" + operations + sites_of_nacl);
  };
  EXPECT_EQ(listed("'x,y,z'\n'-x,-y,-z'\n"), "no error");
  EXPECT_EQ(listed("'-x,-y,-z'\n"), "no error");  // the identity goes without saying
  EXPECT_THAT(listed("'x,y,z'\n'-y,x,z'\n"), AllOf(HasSubstr("in.cif:9"), HasSubstr("are no group: '-y,x,z' after")));
  EXPECT_THAT(listed("'x,y,z'\n'x,y+1/3,z'\n"), HasSubstr("list all of them"));
  EXPECT_THAT(listed("'x,y,z'\n'x,x,z'\n"), AllOf(HasSubstr("'x,x,z'"), HasSubstr("does not keep volumes")));
  EXPECT_THAT(listed("'x,y,z'\n'1/2*x,y,z'\n"), HasSubstr("no symmetry operation"));
}

TEST(Cif, GarbageNeverCrashes) {
  Random random(37);
  const std::string sample =
      cell_of_nacl +
      "_symmetry_space_group_name_H-M 'P 1'\nloop_\n_symmetry_equiv_pos_as_xyz\n'x, y, z'\n'x, y+1/2, z+1/2'\n" +
      sites_of_nacl;
  for (int trial = 0; trial < 3000; ++trial) {
    std::string text = sample;
    for (std::uint64_t n = 1 + random.below(3); n > 0; --n) {
      const std::size_t at = random.below(text.size());
      if (random.below(2) == 0) {
        text[at] = "\"'? \n;#_9.-\xff"[random.below(12)];
      } else {
        text.erase(at, 1 + random.below(8));
      }
    }
    try {
      EXPECT_GE(read_cif(text, "fuzz").atoms.size(), 1U);
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr("fuzz"), Not(HasSubstr("\n"))));
    }
  }
}

class StructureFile : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ("structure_file_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path with(const std::string& name, const std::string& text) const {
    write_file(folder_ / name, text);
    return folder_ / name;
  }

  std::filesystem::path folder_;
};

TEST_F(StructureFile, IsToldByContentAndExtension) {
  const std::string xyz = "1\n\nPt 0 0 0\n",
                    cif = cell_of_nacl + "_space_group_name_H-M_alt 'F m -3 m'\n" + sites_of_nacl;
  EXPECT_EQ(read_structure(with("a.xyz", xyz)).atoms.size(), 1U);
  EXPECT_EQ(read_structure(with("a.cif", cif)).atoms.size(), 8U);
  EXPECT_EQ(read_structure(with("a.txt", xyz)).atoms.size(), 1U);
  EXPECT_EQ(read_structure(with("b.txt", "# comment\n" + cif)).atoms.size(), 8U);
  EXPECT_EQ(read_structure(with("b.xyz", cif)).atoms.size(), 8U);
  EXPECT_EQ(read_structure(with("marked.xyz", "\xef\xbb\xbf" + xyz)).atoms.size(), 1U);
  const auto reads = [&](const std::string& name, const std::string& text) {
    return message_of([&] { read_structure(with(name, text)); });
  };
  EXPECT_THAT(reads("c.pdb", "ATOM 1\n"), AllOf(HasSubstr("c.pdb"), HasSubstr("not a structure file")));
  EXPECT_THAT(reads("c.xyz", "hello\n"), HasSubstr("c.xyz:1: expected the number of atoms"));
  EXPECT_THAT(reads("c.cif", "hello\n"), HasSubstr("c.cif"));
  EXPECT_THAT(reads("d.xyz", std::string("1\n\0\nPt 0 0 0", 12)), HasSubstr("not a structure file"));
  EXPECT_THAT(reads("empty.xyz", ""), HasSubstr("empty.xyz"));
}

TEST_F(StructureFile, MissingFilesAndFoldersAreNamed) {
  EXPECT_THAT(message_of([&] { read_structure(folder_ / "none.xyz"); }), HasSubstr("none.xyz"));
  EXPECT_THAT(message_of([&] { read_structure(folder_); }), HasSubstr(folder_.string()));
}

TEST_F(StructureFile, IsWrittenAndReadBack) {
  const Structure s = repeat(cubic_crystal("diamond", "Si", 5.43), {2, 2, 1});
  write_xyz(folder_ / "si.xyz", s);
  EXPECT_EQ(to_xyz(read_structure(folder_ / "si.xyz")), to_xyz(s));
}

TEST(StructureFileShared, ReadsMeasuredParticles) {
  const std::filesystem::path folder = std::filesystem::path(COLONNADE_SHARED_DATA) / "structures";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no outside data at " << folder;
  struct Known {
    const char* file;
    std::size_t atoms;
    bool cell;
  };
  for (const Known& known : {Known{"aet_hea1.xyz", 5672, true}, Known{"aet_mea1.xyz", 2436, true},
                             Known{"aet_mea2.xyz", 8349, true}, Known{"aet_pdpt_to.xyz", 8468, false}}) {
    if (!std::filesystem::exists(folder / known.file)) continue;
    const Structure s = read_structure(folder / known.file);
    EXPECT_EQ(s.atoms.size(), known.atoms) << known.file;
    EXPECT_EQ(s.has_cell(), known.cell) << known.file;
    EXPECT_FALSE(s.periodic[0]) << known.file;
    // Metals: the mean number of neighbours within 3.5 A is that of a dense particle.
    const NeighbourList neighbours(s, 3.5);
    double mean = 0;
    for (std::size_t i = 0; i < neighbours.size(); ++i) {
      mean += static_cast<double>(neighbours.of(i).size()) / static_cast<double>(known.atoms);
    }
    EXPECT_GT(mean, 8) << known.file;
    EXPECT_LT(mean, 13) << known.file;
    EXPECT_EQ(read_xyz(to_xyz(s), "again").atoms.size(), known.atoms);
  }
}

}  // namespace
}  // namespace colonnade
