// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/map_model.h"

#include <cmath>
#include <gmock/gmock.h>

#include "colonnade/core/file.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/simulate/stem_experiment.h"
#include "colonnade/structures/structure_file.h"
#include "colonnade/workflows/map_image.h"
#include "colonnade/workflows/map_output.h"
#include "colonnade/workflows/map_report.h"

namespace colonnade {
namespace {

using testing::HasSubstr;

MapOptions options_of_test() {
  MapOptions options;
  options.elements = {"Pt", "Ni"};
  options.physics.lattice_A = 3.9;
  options.physics.optics.energy_keV = 200;
  options.physics.optics.semiangle_mrad = 20;
  options.physics.detector = "HAADF:60-100";
  options.verify = "multislice";
  return options;
}

/// Five columns of an fcc crystal down [110], with known counts, on 36 x 30 pixels of 0.025 nm.
ElementMap five_columns() {
  ElementMap map;
  map.image = Image(30, 36, 0.025);
  map.elements = {"Pt", "Ni"};
  const double a = 39.0 / 25, h = a / std::sqrt(2.0);  // px: the rectangle is a x a / sqrt 2
  const double x0 = 12, y0 = 9;
  const std::vector<std::pair<double, double>> places{
      {x0, y0}, {x0 + 10 * a / 2, y0 + 10 * h / 2}, {x0, y0 + 10 * h}, {x0 + 10 * a, y0}, {x0 + 10 * a, y0 + 10 * h}};
  const std::vector<std::vector<double>> counts{{2, 1}, {3, 2}, {0, 4}, {1, 1}, {2, 2}};
  for (std::size_t i = 0; i < places.size(); ++i) {
    Column column;
    column.x_px = places[i].first;
    column.y_px = places[i].second;
    map.columns.push_back(column);
    map.distributions.push_back(normal_distribution(counts[i], {0, 0, 0, 0}));
  }
  return map;
}

TEST(MapModel, TheFileIsInTheImagesPlace) {
  const ElementMap map = five_columns();
  const ParticleModel model = model_of_map(map, options_of_test());
  EXPECT_EQ(model.shifts.broken, 0U);
  const TemporaryFolder folder;
  write_map_model(folder.path() / "model.xyz", map, model);
  const Structure read = read_structure(folder.path() / "model.xyz");
  ASSERT_EQ(read.atoms.size(), 18U);
  EXPECT_NEAR(read.cell[0][0], 9, 1e-9);
  EXPECT_NEAR(read.cell[1][1], 7.5, 1e-9);
  EXPECT_NEAR(read.atoms[0].position.x, 3, 1e-6);
  EXPECT_EQ(composition_text(read), "Pt8 Ni10");
  EXPECT_THAT(read_file(folder.path() / "model.xyz"), HasSubstr("Properties=species:S:1:pos:R:3:column:I:1"));
}

/// The image simulated from the model is mapped to itself: gain, offset and blur come back, and nothing is left.
TEST(MapModel, VerificationFindsWhatWasDoneToTheImage) {
  ElementMap map = five_columns();
  const MapOptions options = options_of_test();
  const ParticleModel model = model_of_map(map, options);
  // Against something alike first, to get the model's own image.
  for (int y = 0; y < map.image.height; ++y) {
    for (int x = 0; x < map.image.width; ++x) {
      for (const Column& column : map.columns) {
        map.image.at(y, x) += float(std::exp(-(std::pow(x - column.x_px, 2) + std::pow(y - column.y_px, 2)) / 12));
      }
    }
  }
  const Verification blind = verify_map(map, model, options);
  EXPECT_GT(blind.correlation, 0.5);
  EXPECT_LT(blind.correlation, 0.995);
  ASSERT_GT(blind.gain, 0);
  Image known = blind.simulated;
  for (float& value : known.data) value = float((value - blind.offset) / blind.gain);
  for (int y = 0; y < known.height; ++y) {
    for (int x = 0; x < known.width; ++x) {
      map.image.at(y + blind.top, x + blind.left) = 7 * known.at(y, x) + 0.3F;
    }
  }
  const Verification check = verify_map(map, model, options);
  EXPECT_GT(check.correlation, 0.999);
  EXPECT_LT(check.rms, 0.03);
  EXPECT_NEAR(check.gain, 7, 0.3);
  EXPECT_NEAR(check.offset, 0.3, 0.01);
  EXPECT_LT(check.column_rms, 0.02);
  EXPECT_NEAR(check.blur_nm, blind.blur_nm, 0.012);
  EXPECT_EQ(check.columns.size(), 5U);
}

TEST(MapReport, HasViewerModelAndMethods) {
  ElementMap map = five_columns();
  map.physics = {{"notes", {"the dose is a guess"}}};
  map.model = model_of_map(map, options_of_test());
  Verification check;
  check.by = "lensing";
  check.correlation = 0.987;
  check.measured = check.simulated = check.residual = Image(8, 8, 0.025);
  check.columns.assign(5, 0.1);
  map.verification = check;
  const nlohmann::json record{
      {"seed", 1}, {"microscope", {{"energy_keV", 200}, {"semiangle_mrad", 20}, {"detector", "HAADF:60-100"}}}};
  PreparationStep step{"frames", "Nine frames were averaged.", Image(8, 8, 0.025), Image(8, 8, 0.025), {}};
  map.preparation.push_back(step);
  const ParticleAnalysis analysis = analyse_map(map, {});
  const std::string page = report_html(map, analysis, map_figures(map, analysis), record, "five <columns>");
  for (const char* part :
       {"Element map of five &lt;columns&gt;", "id=\"column-viewer\"", "Model off by", "0.987", "18 atoms in 5 columns",
        "for 200 kV, a semi-angle of 20 mrad", "Assumed: the dose is a guess.", "[1] A. De Backer",
        "Physical Review Letters 116, 246101"}) {
    EXPECT_THAT(page, HasSubstr(part));
  }
}

}  // namespace
}  // namespace colonnade
