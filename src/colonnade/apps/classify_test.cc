// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <gmock/gmock.h>

#include "colonnade/apps/program_test.h"

namespace colonnade {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Classify : public ProgramTest {
 protected:
  std::string error(const std::string& arguments) {
    const Run result = run("classify " + arguments);
    EXPECT_EQ(result.code, 2) << arguments;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_EQ(listing(), before_);
    return result.err;
  }
  std::vector<std::string> before_;
};

TEST_F(Classify, SaysWhatItTakesForGranted) {
  const Run result = run("classify --help");
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, AllOf(HasSubstr("one crystal"), HasSubstr("cannot know"), HasSubstr("--crystals"),
                                HasSubstr("--pixel-size"), HasSubstr("--centre")));
}

TEST_F(Classify, RefusesInOneLine) {
  EXPECT_THAT(error(""), HasSubstr("no pattern is given"));
  write_file(folder_ / "p.tif", "no image");
  before_ = {"p.tif"};
  EXPECT_THAT(error("p.tif"), HasSubstr("--model"));
  EXPECT_THAT(error("q.tif --model p.tif"), HasSubstr("q.tif"));
  EXPECT_THAT(error("p.tif --model none.h5"), HasSubstr("p.tif"));
  EXPECT_THAT(error("p.tif --model none.h5 --background much"), HasSubstr("--background"));
}

}  // namespace
}  // namespace colonnade
