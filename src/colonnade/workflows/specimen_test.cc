// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/specimen.h"

#include <cmath>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "colonnade/core/error.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/structure_file.h"

namespace colonnade {
namespace {

using testing::HasSubstr;

class Specimens : public testing::Test {
 protected:
  Specimens()
      : file_(std::filesystem::temp_directory_path() / ("colonnade-specimen-" + std::to_string(getpid()) + ".xyz")) {
    write_xyz(file_, cubic_crystal("fcc", "Pt", 4));
  }
  ~Specimens() override { std::filesystem::remove(file_); }
  std::string complaint(const SpecimenOptions& options) {
    try {
      make_specimen(file_, options, 2);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  std::filesystem::path file_;
};

TEST_F(Specimens, RepeatedCells) {
  SpecimenOptions options;
  options.repeat = {2, 3, 4};
  EXPECT_EQ(make_specimen(file_, options, 2).atoms.size(), 4U * 24);
}

TEST_F(Specimens, BlockAlongAZoneAxis) {
  SpecimenOptions options;
  options.zone_axis = "110";
  options.thickness_nm = 2;
  const Structure block = make_specimen(file_, options, 3);
  EXPECT_NEAR(double(block.atoms.size()), 4 * 30.0 * 30 * 20 / 64, 130);  // whole layers
  const Bounds box = bounds(block);
  EXPECT_LT(box.high.z, 20);
  EXPECT_LT(box.high.x, 30);
  options.width_nm = 1;
  EXPECT_LT(bounds(make_specimen(file_, options, 3)).high.x, 10);
}

TEST_F(Specimens, NonsenseIsRefused) {
  SpecimenOptions options;
  options.repeat = {0, 1, 1};
  EXPECT_THAT(complaint(options), HasSubstr("--repeat"));
  options = {};
  options.thickness_nm = -1;
  EXPECT_THAT(complaint(options), HasSubstr("--thickness"));
  options = {};
  options.width_nm = 2;
  EXPECT_THAT(complaint(options), HasSubstr("--width"));
  Structure bare = cubic_crystal("fcc", "Pt", 4);
  bare.cell = {};
  bare.periodic = {};
  write_xyz(file_, bare);
  options = {};
  options.thickness_nm = 2;
  EXPECT_THAT(complaint(options), HasSubstr("no cell"));
}

}  // namespace
}  // namespace colonnade
