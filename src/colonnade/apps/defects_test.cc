// SPDX-License-Identifier: GPL-3.0-or-later
// `colonnade defects` as a user runs it.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "colonnade/apps/program_test.h"
#include "colonnade/structures/structure_file.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;

class Defects : public ProgramTest {};

TEST_F(Defects, WritesTheSpecimenAndSaysWhatWasDone) {
  const Run result =
      run("defects Al --size 6,5,4 --stress xx=1 --vacancies 0.05 --sigma paper_300K --seed 3 --out a.xyz");
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("456 atoms"));
  EXPECT_THAT(result.out, HasSubstr("1. vacancies, count 24"));
  EXPECT_THAT(result.out, HasSubstr("3. thermal displacement"));
  const Structure specimen = read_structure(folder_ / "a.xyz");
  EXPECT_EQ(specimen.atoms.size(), 456U);
  EXPECT_EQ(specimen.metadata["made_by"]["seed"], 3);
  EXPECT_EQ(specimen.metadata["defects"].size(), 3U);
}

TEST_F(Defects, SameSeedSameBytes) {
  ASSERT_EQ(run("defects Fe --size 20,12,2 --dislocations 1 --temperature 100 --out a.xyz").code, 0);
  ASSERT_EQ(run("defects Fe --size 20,12,2 --dislocations 1 --temperature 100 --out b.xyz --threads 1").code, 0);
  EXPECT_EQ(read_file(folder_ / "a.xyz"), read_file(folder_ / "b.xyz"));
}

TEST_F(Defects, PrintsJson) {
  const Run result = run("defects Cu --size 12,4,4 --twin 111 --json --out a.xyz");
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(nlohmann::json::parse(result.out)["defects"][0]["kind"], "twins");
}

TEST_F(Defects, RefusesInOneLineAndWritesNothing) {
  for (const auto& [arguments, words] : {std::pair{"defects", "no crystal is given"},
                                         {"defects Xx", "not known"},
                                         {"defects Al --size 3", "give three"},
                                         {"defects Al --size 3,3,3 --vacancies 500", "500 vacancies"},
                                         {"defects Al --size 3,3,3 --twin 111", "needs a larger cell"},
                                         {"defects Al --interstitial C:1:0/0/0", "is occupied"},
                                         {"defects BaTiO3 --stress xx=1", "no elastic constants"},
                                         {"defects Al --dislocations 9", "fewer than 8 repeats"},
                                         {"defects Al --relax eam/alloy,none.eam", "no potential none.eam"},
                                         {"defects Al --out a.pdb", "FILE.xyz"}}) {
    const Run result = run(arguments);
    EXPECT_EQ(result.code, 2) << arguments;
    EXPECT_THAT(result.err, HasSubstr(words));
    EXPECT_TRUE(listing().empty()) << arguments;
  }
}

}  // namespace
}  // namespace colonnade
