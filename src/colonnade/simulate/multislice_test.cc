// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/multislice.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "colonnade/core/error.h"
#include "colonnade/simulate/multislice_engine.h"
#include "colonnade/simulate/reference_data.h"
#include "colonnade/simulate/scan_interpolation.h"

namespace colonnade {
namespace {

const std::vector<AnnularDetector> haadf = {{"HAADF", 50, 90}};

// Three short columns, of platinum, palladium and iron.
Structure small_structure() {
  Structure structure;
  for (int i = 0; i < 3; ++i) {
    const int elements[] = {78, 46, 26};
    for (int j = 0; j < 3; ++j) {
      structure.atoms.push_back({elements[i], {10 + 1.5 * i, 20 + 0.7 * i, 5 + 2.6 * j}});
    }
  }
  return structure;
}

TEST(SimulateStem, ImageSaysWhatItIs) {
  MultisliceOptions options;
  const auto images =
      simulate_stem(small_structure(), Optics{}, {{"HAADF", 50, 90}, {"ADF", 25, 50}}, {8, 18, 12, 20, 0.03}, options);
  ASSERT_EQ(images.size(), 2U);
  for (const auto& image : images) {
    EXPECT_EQ(image.height, 12);
    EXPECT_EQ(image.width, 20);
    EXPECT_EQ(image.pixel_size_nm, 0.03);
    EXPECT_EQ(image.intensity, "fraction of beam");
    const auto& record = image.metadata.at("simulation");
    EXPECT_EQ(record.at("detector").at("name"), image.title);
    EXPECT_THAT(record.at("defocus_sign").get<std::string>(), testing::HasSubstr("C10 = -defocus"));
    EXPECT_GT(record.at("mean_fraction_within_band_limit").get<double>(), 0.95);
    EXPECT_LT(record.at("mean_fraction_within_band_limit").get<double>(), 1.0001);
    EXPECT_GE(record.at("largest_angle_mrad").get<double>(), 90);
    for (const char* key : {"version", "options", "grid_px", "window_px", "slices", "scan_samples"}) {
      EXPECT_TRUE(record.contains(key)) << key;
    }
    EXPECT_GE(extremes(image).low, 0);
  }
  EXPECT_EQ(images[0].title, "HAADF");
  EXPECT_EQ(images[1].title, "ADF");
}

TEST(SimulateStem, AtomsAppearWhereTheyAre) {
  const auto image = simulate_stem(small_structure(), Optics{}, haadf, {8, 18, 30, 40, 0.02}, {}).front();
  const auto brightest = std::max_element(image.data.begin(), image.data.end()) - image.data.begin();
  EXPECT_EQ(brightest % image.width, 10) << "platinum at x = 10 A, pixel (10 - 8) / 0.2";
  EXPECT_EQ(brightest / image.width, 10);
  EXPECT_GT(image.at(13, 17), image.at(17, 25)) << "palladium is brighter than iron";
  EXPECT_GT(image.at(17, 25), 2 * image.at(25, 10)) << "iron is brighter than vacuum";
}

TEST(SimulateStem, InterpolatedScanAgreesWithEveryPixelSimulated) {
  const PeriodicCell cell{{4, 13, 4}, {240, 280, 0.06, 0.06}};
  const Multislice multislice(small_structure(), cell, Optics{}, haadf, {});
  const auto scan = [&](const ScanAxis& y, const ScanAxis& x) {
    std::vector<ProbePosition> positions;
    for (const double py : y.samples_A()) {
      for (const double px : x.samples_A()) positions.push_back({px, py});
    }
    std::vector<float> samples;
    for (const auto& probe : multislice.scan(positions)) samples.push_back(probe[0]);
    return interpolate_scan(y, x, samples);
  };
  const double coarse = 0.9 * 0.0250793 / (4 * 17.5e-3), fine = 0.2;
  const auto interpolated = scan(ScanAxis(18.8, 0.2, 20, coarse), ScanAxis(8.5, 0.2, 34, coarse));
  const auto direct = scan(ScanAxis(18.8, 0.2, 20, fine), ScanAxis(8.5, 0.2, 34, fine));
  EXPECT_LT(rms_over_mean(direct, interpolated), 0.005);
}

TEST(SimulateStem, GoldenImage) {
  Optics optics;
  optics.aberrations.C10 = -10;
  optics.aberrations.C12 = 20;
  optics.aberrations.phi12 = 14;
  optics.aberrations.C30 = 1e4;
  const auto image = simulate_stem(small_structure(), optics, haadf, {8.6, 18.9, 4, 6, 0.08}, {}).front();
  const std::vector<float> golden = {
      1.90398e-04F, 5.25229e-04F, 1.59709e-03F, 3.19236e-04F, 2.40489e-04F, 1.32170e-04F, 5.25240e-04F, 5.43909e-03F,
      2.59956e-02F, 9.97703e-04F, 1.14232e-03F, 1.91846e-04F, 1.95958e-04F, 1.98505e-03F, 1.23225e-02F, 7.26368e-03F,
      1.31128e-02F, 6.85277e-04F, 1.97191e-04F, 5.28551e-04F, 8.03718e-04F, 1.09733e-03F, 2.49432e-03F, 4.70406e-03F,
  };
  ASSERT_EQ(image.data.size(), golden.size());
  for (std::size_t i = 0; i < golden.size(); ++i) EXPECT_NEAR(image.data[i] / golden[i], 1, 1e-3) << i;
}

TEST(SimulateStem, FinerOversamplingChangesNothing) {
  MultisliceOptions four;
  four.oversampling = 4;
  const FieldOfView field{8.6, 18.9, 2, 4, 0.08};
  const auto two_times = simulate_stem(small_structure(), Optics{}, haadf, field, {}).front();
  const auto four_times = simulate_stem(small_structure(), Optics{}, haadf, field, four).front();
  EXPECT_LT(rms_over_mean(two_times.data, four_times.data), 5e-4);
}

TEST(SimulateStem, NothingScattersWithoutAtoms) {
  const auto image = simulate_stem(Structure{}, Optics{}, haadf, {0, 0, 4, 5, 0.02}, {}).front();
  for (const float value : image.data) EXPECT_NEAR(value, 0, 2e-5);
}

std::string complaint(const Optics& optics, const std::vector<AnnularDetector>& detectors, const FieldOfView& field,
                      const MultisliceOptions& options) {
  try {
    simulate_stem(small_structure(), optics, detectors, field, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(SimulateStem, RefusesWithWhatToDo) {
  using testing::HasSubstr;
  const FieldOfView field{8, 18, 4, 4, 0.02};
  MultisliceOptions options;
  options.sampling_A = 0.1;
  EXPECT_THAT(complaint({}, {{"HAADF", 60, 100}}, field, options),
              testing::AllOf(HasSubstr("83.6 mrad at most"), HasSubstr("sampling of 0.0836 A")));
  options = {};
  options.scan_pitch_A = 0.5;
  EXPECT_THAT(complaint({}, haadf, field, options), HasSubstr("undersamples"));
  options = {};
  options.slice_A = -2;
  EXPECT_THAT(complaint({}, haadf, field, options), HasSubstr("slice is -2"));
  options = {};
  options.sampling_A = 0.3;  // carries 28 mrad, less than this probe's convergence angle
  Optics wide;
  wide.semiangle_mrad = 35;
  EXPECT_THAT(complaint(wide, {{"BF", 0, 10}}, field, options),
              testing::AllOf(HasSubstr("angles up to 35 mrad"), HasSubstr("sampling of 0.2389 A")));
  options = {};
  options.memory_limit_GB = 0.001;
  EXPECT_THAT(complaint({}, haadf, field, options), testing::AllOf(HasSubstr("GB of memory"), HasSubstr("would fit")));
  options = {};
  options.margin_A = -1;
  EXPECT_THAT(complaint({}, haadf, field, options), HasSubstr("margin"));
  options = {};
  options.oversampling = 0;
  EXPECT_THAT(complaint({}, haadf, field, options), HasSubstr("oversampling"));
  options = {};
  options.parametrization = "doyle";
  EXPECT_THAT(complaint({}, haadf, field, options), HasSubstr("lobato, kirkland or peng"));
  EXPECT_THAT(complaint({}, {}, field, {}), HasSubstr("no detector"));
  EXPECT_THAT(complaint({}, haadf, {8, 18, 0, 4, 0.02}, {}), HasSubstr("0 x 4 pixels"));
  EXPECT_THAT(complaint({}, haadf, {8, 18, 4, 4, -0.02}, {}), HasSubstr("pixel size"));
  options = {};
  options.window_A = 0;
  EXPECT_THAT(complaint({}, haadf, {1e6, 18, 4, 4, 0.02}, options), HasSubstr("more than 16384"));
}

TEST(MultisliceOptions, DescribedOnce) {
  MultisliceOptions options;
  Optics optics;
  OptionTable table;
  optics.describe(table);
  options.describe(table);
  std::set<std::string> names;
  for (const auto& option : table.options()) {
    EXPECT_TRUE(names.insert(option.name()).second) << option.name();
    EXPECT_FALSE(option.help.empty()) << option.name();
  }
  table.set("multislice.window", "10");
  EXPECT_EQ(options.window_A, 10);
  options.check();
}

TEST(Settled, EachLayerOfACrystalIsASlice) {
  Structure crystal;
  for (int layer = 0; layer < 20; ++layer) {
    for (int i = 0; i < 5; ++i) crystal.atoms.push_back({78, {2.0 * i, 1, 0.3 + 1.386 * layer}});
  }
  MultisliceOptions options;
  options.slice_A = 0;
  options = settled(crystal, options);
  EXPECT_LE(options.slice_A, 0.1);
  const PeriodicCell cell{{0, 0, 0.3 - options.slice_A / 2}, {32, 32, 0.5, 0.5}};
  int occupied = 0;
  for (const auto& slice : slice_atoms(crystal, cell, options.slice_A)) occupied += slice.empty() ? 0 : 1;
  EXPECT_EQ(occupied, 20);
}

TEST(Settled, WithoutLayersOneAngstrom) {
  Structure liquid;
  for (int i = 0; i < 400; ++i) liquid.atoms.push_back({78, {0.5 * i, 0, std::fmod(7.31 * i, 40.0)}});
  MultisliceOptions options;
  options.slice_A = 0;
  EXPECT_EQ(settled(liquid, options).slice_A, 1);
  options.slice_A = 2.5;
  EXPECT_EQ(settled(liquid, options).slice_A, 2.5);
}

}  // namespace
}  // namespace colonnade
