// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>

#include "colonnade/apps/program_test.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;

class Convert : public ProgramTest {
 protected:
  void make(const std::string& name) { write_image(folder_ / name, lattice_image(48, 0.02)); }
};

TEST_F(Convert, EveryFormatKeepsNumbersAndScale) {
  make("image.tif");
  const Image image = read_image(folder_ / "image.tif");
  for (const std::string format : {"hspy", "emd", "npy", "tif"}) {
    const Run result = run("convert image.tif --out out --to " + format);
    ASSERT_EQ(result.code, 0) << result.err;
    const Image back = read_image(folder_ / "out" / ("image." + format));
    EXPECT_EQ(back.data, image.data) << format;
    EXPECT_NEAR(back.pixel_size_nm, format == "npy" ? 0 : 0.02, 1e-9) << format;
  }
  const Run result = run("convert image.tif --out out --to png");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(read_file(folder_ / "out/image.png").substr(1, 3), "PNG");
}

TEST_F(Convert, PatternsAndTheList) {
  make("a.tif");
  make("b.tif");
  EXPECT_EQ(run("convert '*.tif' --out out --to csv").code, 0);
  EXPECT_THAT(read_file(folder_ / "out/a.csv"), HasSubstr("0.02 nm per pixel"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "out/b.csv"));
  EXPECT_THAT(run("convert a.tif --list").out, HasSubstr("48 x 48"));
}

TEST_F(Convert, NothingIsLeftOfABatchThatFails) {
  make("a.tif");
  write_file(folder_ / "b.tif", "no image");
  const Run result = run("convert a.tif b.tif --out out --to npy");
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("b.tif"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out"));
  EXPECT_EQ(run("convert a.tif --out out --to npy").code, 0);
  EXPECT_THAT(run("convert a.tif --out out --to npy").err, HasSubstr("--overwrite"));
  EXPECT_EQ(run("convert a.tif --out out --to npy --overwrite").code, 0);
  EXPECT_THAT(run("convert a.tif --out out --to jpg").err, HasSubstr("--to is 'jpg'"));
  EXPECT_THAT(run("convert a.tif --out . --to tif --overwrite").err, HasSubstr("over itself"));
}

}  // namespace
}  // namespace colonnade
