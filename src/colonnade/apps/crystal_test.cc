// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "colonnade/apps/program_test.h"
#include "colonnade/structures/structure_file.h"

namespace colonnade {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Crystal : public ProgramTest {
 protected:
  std::string error(const std::string& arguments) {
    const Run result = run("crystal " + arguments);
    EXPECT_EQ(result.code, 2) << arguments;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    return result.err;
  }
};

TEST_F(Crystal, SaysWhatIsKnown) {
  const Run result = run("crystal rutile NaCl");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("rutile (TiO2-136)"), HasSubstr("136 P42/mnm"), HasSubstr("entry 9004141"),
                                HasSubstr("halite (NaCl)"), HasSubstr("Na 4a"), HasSubstr("225 Fm-3m")));
  const auto json = nlohmann::json::parse(run("crystal Si --json").out)["crystals"][0];
  EXPECT_EQ(json["space_group"], 227);
  EXPECT_EQ(json["system"], "cubic");
  EXPECT_EQ(json["composition"]["Si"], 8);
  EXPECT_NEAR(json["density_g_cm3"].get<double>(), 2.329, 0.001);
}

TEST_F(Crystal, ListsTheLibrary) {
  const auto all = nlohmann::json::parse(run("crystal --list --json").out)["crystals"];
  EXPECT_GT(all.size(), 400U);
  const auto few = nlohmann::json::parse(run("crystal --list --json --group 225 --element al").out)["crystals"];
  EXPECT_GE(few.size(), 2U);
  for (const auto& row : few) {
    EXPECT_EQ(row["space_group"], 225);
    EXPECT_THAT(row["formula"].get<std::string>(), HasSubstr("Al"));
  }
  EXPECT_THAT(run("crystal --list --system tetragonal").out, AllOf(HasSubstr("anatase"), Not(HasSubstr("halite"))));
}

TEST_F(Crystal, WritesCellsThatAreReadBack) {
  EXPECT_EQ(run("crystal Si --primitive --out p.cif").code, 0);
  EXPECT_EQ(read_structure(folder_ / "p.cif").atoms.size(), 2U);
  EXPECT_THAT(run("crystal p.cif --standard").out, AllOf(HasSubstr("227 Fd-3m"), HasSubstr("8: Si8")));
  EXPECT_EQ(run("crystal corundum --supercell 2,2,1 --zone 001 --out s.xyz").code, 0);
  EXPECT_EQ(read_structure(folder_ / "s.xyz").atoms.size(), 120U);
  EXPECT_EQ(run("crystal corundum --supercell 2,2,1 --out s.cif").code, 0);
  EXPECT_EQ(read_structure(folder_ / "s.cif").atoms.size(), 120U);
  EXPECT_THAT(error("Si --out p.cif"), HasSubstr("--overwrite"));
  EXPECT_EQ(run("crystal Si --out p.cif --overwrite").code, 0);
  EXPECT_EQ(read_structure(folder_ / "p.cif").atoms.size(), 8U);
}

TEST_F(Crystal, ErrorsAreOneClearLine) {
  EXPECT_THAT(error(""), HasSubstr("no crystal is given"));
  EXPECT_THAT(error("TiO2"), HasSubstr("anatase (TiO2-141)"));
  EXPECT_THAT(error("rutil"), HasSubstr("did you mean rutile"));
  EXPECT_THAT(error("Si Ge --out a.cif"), HasSubstr("one crystal"));
  EXPECT_THAT(error("Si --out a.pdb"), HasSubstr(".cif or .xyz"));
  EXPECT_THAT(error("Si --zone 110 --out a.cif"), HasSubstr("turned"));
  EXPECT_THAT(error("Si --zone 000"), HasSubstr("zone axis '000'"));
  EXPECT_THAT(error("Si --supercell 2,2"), HasSubstr("three whole numbers"));
  EXPECT_THAT(error("Si --supercell 2,2,0.5"), HasSubstr("0.5"));
  EXPECT_THAT(error("Si --standard --primitive"), HasSubstr("one of them"));
  EXPECT_THAT(error("--list --group 231"), HasSubstr("1 to 230"));
  EXPECT_THAT(error("--list --system cubical"), HasSubstr("hexagonal"));
  EXPECT_THAT(error("--list --element Xq"), HasSubstr("Xq"));
  EXPECT_THAT(error("--list --group 3"), HasSubstr("no crystal of the library fits"));
  EXPECT_THAT(error("--list Si"), HasSubstr("--list takes no crystals"));
  write_file(folder_ / "bad.cif", "data_x\n_cell_length_a 5\n");
  EXPECT_THAT(error("bad.cif"), HasSubstr("no atoms"));
}

}  // namespace
}  // namespace colonnade
