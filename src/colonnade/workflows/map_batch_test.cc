// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/map_batch.h"

#include <cmath>
#include <gmock/gmock.h>

#include "colonnade/core/file.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/workflows/map_plan.h"
#include "colonnade/workflows/map_summary.h"

namespace colonnade {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

class MapBatch : public testing::Test {
 protected:
  fs::path path(const std::string& name) const { return folder_.path() / name; }
  std::string text(const std::string& name) const { return path(name).string(); }

  void add_image(const std::string& name, int size = 80) const {
    Image image(size, size, 0.02);
    for (int y = 0; y < size; ++y) {
      for (int x = 0; x < size; ++x) {
        const double dx = std::remainder(x - 6.0, 12.0), dy = std::remainder(y - 6.0, 12.0);
        image.at(y, x) = float(0.01 + 0.1 * std::exp(-(dx * dx + dy * dy) / 12.5));
      }
    }
    fs::create_directories(path(name).parent_path());
    write_image(path(name), image);
  }
  std::vector<std::string> names(const std::vector<std::string>& inputs) const {
    std::vector<std::string> found;
    for (const MapJob& job : map_jobs(inputs)) found.push_back(job.name);
    return found;
  }

  const TemporaryFolder folder_;
};

TEST_F(MapBatch, FilesFoldersAndPatterns) {
  for (const char* name : {"a/two.tif", "a/one.tif", "a/one.npy", "b/one.tif"}) add_image(name);
  write_file(path("a/notes.txt"), "not an image");
  EXPECT_THAT(names({text("a")}), ElementsAre("one_npy", "one_tif", "two"));
  EXPECT_THAT(names({text("a/*.tif")}), ElementsAre("one", "two"));
  EXPECT_THAT(names({text("b/one.tif"), text("a/one.tif"), text("a/one.tif")}), ElementsAre("one_tif", "a_one_tif"));
  EXPECT_THAT(names({text("missing.tif")}), ElementsAre("missing"));
  EXPECT_TRUE(is_batch({text("a")}) && is_batch({text("a/*.tif")}) && is_batch({"x", "y"}));
  EXPECT_FALSE(is_batch({text("a/one.tif")}));
  EXPECT_THAT(message_of([&] { map_jobs({text("a/*.emd")}); }), HasSubstr("matches no file"));
  fs::create_directory(path("empty"));
  EXPECT_THAT(message_of([&] { map_jobs({text("empty")}); }), HasSubstr("holds no image"));
}

TEST_F(MapBatch, GoesOnAfterAFailureAndLaterWhereItStopped) {
  add_image("in/a.tif");
  add_image("in/c.tif");
  write_file(path("in/b.tif"), "no image at all");
  MapOptions options;
  options.elements = {"Xe"};  // no model counts it: columns and cross-sections alone, which is quick
  options.figures.formats = {"none"};
  const auto jobs = map_jobs({text("in")});
  const BatchResult first = map_batch(jobs, options, path("out"), false);
  EXPECT_THAT(first.failed, ElementsAre(text("in/b.tif")));
  EXPECT_EQ(first.rows[0]["state"], "mapped");
  EXPECT_THAT(first.rows[1]["error"].get<std::string>(), HasSubstr("not an image file"));
  EXPECT_EQ(first.rows[2]["columns"], first.rows[0]["columns"]);
  EXPECT_TRUE(fs::exists(path("out/a/report.html")));
  EXPECT_FALSE(fs::exists(path("out/b")));
  const std::string csv = read_file(path("out/summary.csv"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 4);
  EXPECT_THAT(csv, HasSubstr("b.tif,b,failed,,,"));
  const std::string page = read_file(path("out/summary.html"));
  EXPECT_THAT(page, HasSubstr("<a href=\"a/report.html\">a.tif</a>"));
  EXPECT_THAT(page, HasSubstr("1 of 3 images failed"));

  const auto written = fs::last_write_time(path("out/a/report.html"));
  const BatchResult again = map_batch(jobs, options, path("out"), false);
  EXPECT_EQ(again.rows[0]["state"], "kept");
  EXPECT_EQ(again.rows[0]["columns"], first.rows[0]["columns"]);
  EXPECT_EQ(fs::last_write_time(path("out/a/report.html")), written);

  options.seed = 2;
  const BatchResult other = map_batch(jobs, options, path("out"), false);
  EXPECT_THAT(other.rows[0]["error"].get<std::string>(), HasSubstr("other options"));
  EXPECT_EQ(map_batch(jobs, options, path("out"), true).rows[0]["state"], "mapped");
}

TEST_F(MapBatch, APlanWritesNothing) {
  add_image("a.tif", 160);
  write_file(path("b.tif"), "no image");
  MapOptions options;
  options.elements = {"Xe"};
  const MapPlan plan = plan_map(path("a.tif"), options, path("out"), false);
  EXPECT_EQ(plan.width, 160);
  EXPECT_NEAR(plan.measured_spacing_nm, 0.24, 0.01);
  EXPECT_NEAR(plan.columns, 178, 20);
  EXPECT_THAT(plan.text(), HasSubstr("160 x 160 px of 0.02 nm"));
  EXPECT_THAT(plan.counting, HasSubstr("no model counts exactly Xe"));
  EXPECT_EQ(plan.to_json()["width"], 160);
  EXPECT_THAT(plan_map(path("b.tif"), options, path("out"), false).text(), HasSubstr("cannot be mapped"));
  EXPECT_FALSE(fs::exists(path("out")));
  options.elements = {"Au"};
  options.physics.lattice_A = 5;  // 0.306 nm apart down [110]
  EXPECT_THAT(plan_map(path("a.tif"), options, path("out"), false).text(), HasSubstr("pixel size or the zone axis"));
}

TEST(MapSummary, CellsWithCommasAndQuotes) {
  const TemporaryFolder folder;
  nlohmann::json row{{"file", "a, b.tif"}, {"folder", "a"}, {"state", "failed"}, {"error", "it says \"no\""}};
  write_summary(folder.path(), nlohmann::json::array({row}), {"Pt"});
  EXPECT_THAT(read_file(folder.path() / "summary.csv"),
              HasSubstr("\"a, b.tif\",a,failed,,,,,,,,\"it says \"\"no\"\"\""));
}

}  // namespace
}  // namespace colonnade
