// SPDX-License-Identifier: GPL-3.0-or-later
// How the shipped estimators fare on images of other simulators, whatever it is: printed, and checked for sanity only.
// They differ in physics: these images are of atoms at rest in slices of 2 A, which makes them up to twice too bright.
#include <gtest/gtest.h>
#include <iostream>

#include "colonnade/columns/counts.h"
#include "colonnade/columns/find_columns.h"
#include "colonnade/columns/scores.h"
#include "colonnade/core/units.h"
#include "colonnade/simulate/reference_data.h"
#include "colonnade/workflows/count_estimator.h"
#include "colonnade/workflows/map_area.h"
#include "colonnade/workflows/map_physics.h"

namespace colonnade {
namespace {

namespace fs = std::filesystem;
const fs::path source = COLONNADE_SOURCE_DIR, shared_data = COLONNADE_SHARED_DATA;
const std::vector<std::string> elements{"Pt", "Ni", "Pd", "Co", "Fe"};

struct Known {
  std::vector<Column> columns;
  std::vector<std::vector<double>> truth;
};

void print(const std::string& title, const std::vector<CountScore>& scores) {
  std::cout << title << "\n";
  for (const CountScore& s : scores) {
    std::cout << fmt::format(
        "  {}: {} columns, R2 {:.2f}, exact {:.0f} %, within one {:.0f} %, in 68 / 95 % intervals {:.0f} / {:.0f} %\n",
        s.element, s.columns, s.r2, 100 * s.exact, 100 * s.within_1, 100 * s.coverage_68, 100 * s.coverage_95);
  }
}

TEST(IndependentImages, PhysicsOnAParticleComputedByAnotherCode) {
  const fs::path folder = shared_data / "reference" / "stem";
  if (!fs::exists(folder / "p_ab_p4_256.npy")) GTEST_SKIP() << "no images by other codes at " << folder;
  const ReferenceArray array = read_reference_array(folder / "p_ab_p4_256.npy");
  constexpr double origin_A = 14.4, step_A = 0.2;
  Image image(256, 256, step_A / angstrom_per_nm);
  for (int y = 0; y < 256; ++y) {
    for (int x = 0; x < 256; ++x) image.at(y, x) = array.at(1, x, y);  // 60 to 105 mrad
  }
  Known known;
  for (const auto& column : true_columns(read_reference_structure(folder / "paper.zxyz"), elements)) {
    Column place;
    place.x_px = (column.x_A - origin_A) / step_A, place.y_px = (column.y_A - origin_A) / step_A;
    if (place.x_px < 0 || place.y_px < 0 || place.x_px > 255 || place.y_px > 255) continue;
    known.columns.push_back(place);
    known.truth.emplace_back(column.counts.begin(), column.counts.end());
  }
  for (const std::string scale : {"beam", "shape"}) {
    PhysicsOptions options;
    options.response = (source / "models" / "ptnipdcofe_response.json").string();
    options.scale = scale;
    const PhysicsCounts counts = count_image(image, known.columns, elements, options, MapArea(image));
    std::vector<std::vector<double>> truth;
    std::vector<CountDistribution> inner;
    for (std::size_t i = 0; i < counts.columns.size(); ++i) {
      if (counts.columns[i].flag == "edge of the image") continue;
      truth.push_back(known.truth[i]);
      inner.push_back(counts.columns[i]);
    }
    const auto scores = score_distributions(truth, inner, elements);
    print("physics, intensities as " + scale + ", on an image by another code", scores);
    for (const CountScore& score : scores) {
      EXPECT_GT(score.columns, 200);
      EXPECT_TRUE(std::isfinite(score.r2));
      EXPECT_GE(score.coverage_95, score.coverage_68);
    }
  }
}

/// The first number of maps (image, then one of each element) of 256 x 256 pixels.
std::vector<Image> labelled_image(const fs::path& file) {
  const ReferenceArray array = read_reference_array(file);
  std::vector<Image> maps;
  for (int m = 0; m < array.shape[0]; ++m) {
    Image& map = maps.emplace_back(256, 256, 0.02);
    for (int y = 0; y < 256; ++y) {
      for (int x = 0; x < 256; ++x) map.at(y, x) = array.at(m, y, x);
    }
  }
  return maps;
}

TEST(IndependentImages, TheNetworkOnImagesByTheAuthorsOfTheMethod) {
  const fs::path folder = shared_data / "hea-labelled";
  if (!fs::exists(folder / "test_1.npy")) GTEST_SKIP() << "no labelled images at " << folder;
  for (const char* file : {"ptnipdcofe.h5", "ptnipdcofe_thermal.h5"}) {
    if (!fs::exists(source / "models" / file)) continue;
    const Model model = Model::load(source / "models" / file);
    std::vector<std::vector<double>> truth;
    std::vector<CountDistribution> counted;
    for (const char* name : {"train_1", "train_2", "train_12", "test_1", "test_2"}) {
      auto maps = labelled_image(folder / (std::string(name) + ".npy"));
      const Image image = maps.front();
      Image total = image;
      for (std::size_t p = 0; p < total.data.size(); ++p) {
        total.data[p] = 0;
        for (int e = 1; e <= 5; ++e) total.data[p] += maps[e].data[p];
      }
      maps.erase(maps.begin());
      const auto columns = find_columns(total);
      const auto there = read_counts(maps, columns);
      auto here = count_on_maps(model, image, columns).distributions;
      // Of the light elements the source does not say which map is which: only Pt and Pd are compared.
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].at_edge) continue;
        truth.push_back({std::round(there[i][0]), std::round(there[i][2])});
        const CountDistribution& two = here[i];
        counted.push_back(
            normal_distribution({two.mean[0], two.mean[2]}, {two.covariance[0], 0, 0, two.covariance[12]}));
      }
    }
    const auto scores = score_distributions(truth, counted, {"Pt", "Pd"});
    print(std::string(file) + " on images by the authors of the method", scores);
    EXPECT_GT(scores[0].columns, 1000);
    EXPECT_TRUE(std::isfinite(scores[0].r2));
  }
}

}  // namespace
}  // namespace colonnade
