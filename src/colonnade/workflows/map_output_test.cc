// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/map_output.h"

#include <cmath>
#include <filesystem>
#include <gmock/gmock.h>

#include "colonnade/core/file.h"
#include "colonnade/core/random.h"
#include "colonnade/image/hdf5_file.h"

namespace colonnade {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

/// 9 x 9 columns of ten atoms; platinum is known and sits on the left, nickel and cobalt only as a sum.
ElementMap made_up() {
  ElementMap map;
  map.image = Image(130, 130, 0.02);
  map.elements = {"Pt", "Ni", "Co"};
  map.model_record = {{"scores", nlohmann::json::object()}};
  Random random(6);
  for (int i = 0; i < 81; ++i) {
    Column column;
    column.x_px = 25 + 10 * (i % 9);
    column.y_px = 25 + 10 * (i / 9);
    map.columns.push_back(column);
    const double platinum = (i % 9 < 4 ? 5 : 2) + 0.3 * random.normal(), rest = 10 - platinum;
    const double free = 0.25 * rest;
    map.distributions.push_back(
        normal_distribution({platinum, rest / 2, rest / 2}, {0.1, 0, 0, 0, free, -0.95 * free, 0, -0.95 * free, free}));
  }
  map.distributions[80].flag = "edge of the image";
  return map;
}

TEST(MapOutput, AWholeParticle) {
  const fs::path folder = fs::path(testing::TempDir()) / "colonnade_map_output";
  fs::remove_all(folder);
  fs::create_directories(folder);
  const ElementMap map = made_up();
  const auto summary = write_map_files(folder, map, {}, {{"seed", 1}}, "a made-up particle");
  const std::string first = summary["statements"][0];
  EXPECT_THAT(first, testing::StartsWith("Pt 3"));
  EXPECT_THAT(first, HasSubstr("Ni, Co: only their sum, 6"));
  const std::string page = read_file(folder / "report.html");
  EXPECT_THAT(page, HasSubstr(first));
  EXPECT_THAT(page, HasSubstr("Pt gathers in neighbouring columns"));
  EXPECT_THAT(page, HasSubstr("1 edge of the image"));
  for (const char* name : {"figures/ordering.svg", "figures/profile_from_rim.svg", "figures/profile_from_centre.pdf",
                           "figures/map_total_sd.png"}) {
    EXPECT_TRUE(fs::exists(folder / name)) << name;
  }
  const auto whole = nlohmann::json::parse(read_file(folder / "analysis.json"));
  EXPECT_EQ(whole["left_out"]["edge of the image"], 1);
  EXPECT_LT(whole["ordering"]["warren_cowley"]["Pt-Pt"]["z"].get<double>(), -3);
  EXPECT_EQ(nlohmann::json::parse(read_file(folder / "run.json"))["summary"]["statements"][0], first);
  const Hdf5File file(folder / "maps.h5", Hdf5File::Mode::read);
  EXPECT_EQ(file.shape("counts/correlation"), (std::vector<std::int64_t>{81, 3, 3}));
  EXPECT_NEAR(file.read_doubles("counts/correlation")[5], -0.95, 1e-9);
  EXPECT_EQ(file.read_text("counts", "elements"), "Pt,Ni,Co");
  fs::remove_all(folder);
}

}  // namespace
}  // namespace colonnade
