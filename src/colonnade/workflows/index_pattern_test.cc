// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/index_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/file.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/diffraction/test_patterns.h"
#include "colonnade/image/formats/image_file.h"

namespace colonnade {
namespace {

using testing::HasSubstr;

/// Silicon along [110] by its own structure factors, as a file.
void write_silicon(const std::filesystem::path& path) {
  Random random(31);
  TestPattern how;
  how.angle_deg = 25;
  how.position_noise_per_A = 0;
  const auto spots = test_spots(kinematic_phase("Si", crystal_from("Si"), 1.8), {1, 1, 0}, how, random);
  write_image(path, test_image({}, spots, random));
}

TEST(IndexPattern, SaysWhatAndShowsWhy) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "pattern.tif", out = folder.path() / "out";
  write_silicon(file);
  IndexPatternOptions options;
  options.crystals = {"Al", "Si", "Fe"};
  options.per_px = 0.0101;  // 1 % too large
  const PatternIndexing result = index_pattern_file(file, options, out, false);
  ASSERT_FALSE(result.indexing.matches.empty());
  EXPECT_EQ(result.indexing.matches[0].name, "Si");
  EXPECT_EQ(result.indexing.matches[0].zone, (Miller{1, 1, 0}));
  EXPECT_NEAR(result.scale.per_px / result.indexing.matches[0].scale, 0.01, 2e-5);
  const auto json = nlohmann::json::parse(read_file(out / "index.json"));
  EXPECT_EQ(json["result"]["matches"][0]["crystal"], "Si");
  const std::string table = read_file(out / "spots.csv");
  EXPECT_EQ(std::size_t(std::count(table.begin(), table.end(), '\n')), result.list.spots.size() + 1);
  EXPECT_THAT(read_file(out / "overlay.svg"), HasSubstr("Si [1 1 0]"));
  EXPECT_GT(std::filesystem::file_size(out / "overlay.png"), 10000U);
  EXPECT_THAT(message_of([&] { index_pattern_file(file, options, out, false); }), HasSubstr("exists"));
}

TEST(IndexPattern, FindsTheScaleWithTheCrystal) {
  const TemporaryFolder folder;
  write_silicon(folder.path() / "pattern.tif");
  IndexPatternOptions options;
  options.crystals = {"Si"};
  const PatternIndexing result = index_pattern(read_pattern(folder.path() / "pattern.tif"), options);
  EXPECT_EQ(result.scale_source, "not known");
  ASSERT_FALSE(result.indexing.matches.empty());
  EXPECT_EQ(result.indexing.matches[0].zone, (Miller{1, 1, 0}));
  EXPECT_NEAR(result.scale.per_px / result.indexing.matches[0].scale, 0.01, 2e-5);
}

TEST(IndexPattern, RefusesWhatItCannotDo) {
  IndexPatternOptions options;
  EXPECT_THAT(message_of([&] { options.check(); }), HasSubstr("--crystals"));
  options.crystals = {"Al"};
  options.pattern = 0;
  EXPECT_THAT(message_of([&] { options.check(); }), HasSubstr("--pattern"));
}

TEST(ReadPattern, KnowsReciprocalUnits) {
  EXPECT_NEAR(per_A_in_unit("1/nm"), 0.1, 1e-12);
  EXPECT_NEAR(per_A_in_unit("$A^{-1}$"), 1, 1e-12);
  EXPECT_NEAR(per_A_in_unit("nm^-1"), 0.1, 1e-12);
  EXPECT_EQ(per_A_in_unit("nm"), 0);
  EXPECT_EQ(per_A_in_unit("mrad"), 0);
}

}  // namespace
}  // namespace colonnade
