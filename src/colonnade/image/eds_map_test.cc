// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/eds_map.h"

#include <cmath>
#include <gmock/gmock.h>

#include "colonnade/core/random.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/image.h"

namespace colonnade {
namespace {

using testing::HasSubstr;

constexpr std::int64_t rows = 20, columns = 30, channels = 2000;
constexpr double step_keV = 0.01;

/// Spectra of a background that falls linearly and one line; `counts` X-rays of the line at each point.
StoredSignal sample(const std::function<double(std::int64_t, std::int64_t)>& counts, double energy_keV,
                    bool poisson = false) {
  const double sigma = line_width_keV(energy_keV) / 2.35482;
  std::vector<float> values(std::size_t(rows * columns * channels));
  Random random(7);
  for (std::int64_t y = 0; y < rows; ++y) {
    for (std::int64_t x = 0; x < columns; ++x) {
      for (std::int64_t channel = 0; channel < channels; ++channel) {
        const double energy = double(channel) * step_keV, distance = (energy - energy_keV) / sigma;
        double expected = 3 - 0.001 * double(channel);
        if (std::abs(distance) < 6) {
          expected += counts(y, x) * step_keV / sigma / 2.5066283 * std::exp(-0.5 * distance * distance);
        }
        values[std::size_t((y * columns + x) * channels + channel)] =
            float(poisson && std::abs(distance) < 12 ? double(random.poisson(expected)) : expected);
      }
    }
  }
  StoredSignal signal;
  signal.title = "EDS";
  signal.axes = {{"y", "nm", rows, 0.05, 0, true},
                 {"x", "nm", columns, 0.05, 0, true},
                 {"energy", "keV", channels, step_keV, 0, false}};
  signal.read = [values](std::int64_t first, std::int64_t count) {
    const auto entry = columns * channels;
    return std::vector<float>(values.begin() + first * entry, values.begin() + (first + count) * entry);
  };
  return signal;
}

TEST(EdsMap, WidthsOfLines) {
  EXPECT_NEAR(line_width_keV(5.8988, 130), 0.130, 1e-9);
  EXPECT_NEAR(line_width_keV(9.4423, 130), std::sqrt(2.5 * 3543.5 + 16900) / 1000, 1e-6);  // Pt L alpha: 0.160 keV
}

TEST(EdsMap, CountsOfALineOnASlope) {
  const auto counts = [](std::int64_t y, std::int64_t x) { return 100.0 + double(10 * y + x); };
  const LineMap map = line_map(sample(counts, 9.4423), {.energy_keV = 9.4423}, "a.emd");
  EXPECT_NEAR(map.fraction, 0.98147, 1e-4);  // a normal variable within 2.3548 deviations
  EXPECT_EQ(map.counts.pixel_size_nm, 0.05);
  for (int y = 0; y < rows; y += 7) {
    for (int x = 0; x < columns; x += 7) EXPECT_NEAR(map.counts.at(y, x), map.fraction * counts(y, x), 1.5);
  }
}

TEST(EdsMap, TheVarianceIsThatOfTheCounts) {
  const auto counts = [](std::int64_t, std::int64_t) { return 60.0; };
  const LineMap map = line_map(sample(counts, 7.478, true), {.energy_keV = 7.478}, "a.emd");
  const double middle = mean(map.counts);
  double scatter = 0;
  for (const float value : map.counts.data) scatter += (value - middle) * (value - middle);
  scatter /= double(map.counts.data.size() - 1);
  EXPECT_NEAR(middle, 0.98147 * 60, 2);
  EXPECT_NEAR(scatter / mean(map.variance), 1, 0.2);  // 600 points: a deviation of 6 %
}

// Beside Ni K alpha (7.478) a strong line in the upper background window; without it the slope alone is off.
TEST(EdsMap, AWindowWithAnotherLineIsLeftOut) {
  StoredSignal signal = sample([](std::int64_t, std::int64_t) { return 100.0; }, 7.478);
  const auto plain = signal.read;
  signal.read = [plain](std::int64_t first, std::int64_t count) {
    auto values = plain(first, count);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += i % channels == 775 ? 1000.0F : 0.0F;
    return values;
  };
  const LineMap blind = line_map(signal, {.energy_keV = 7.478}, "a.emd");
  const LineMap aware = line_map(signal, {.energy_keV = 7.478, .others_keV = {7.75}}, "a.emd");
  EXPECT_LT(blind.counts.at(0, 0), -500);
  EXPECT_NEAR(aware.counts.at(0, 0), 98.1, 12);
  EXPECT_EQ(aware.counts.metadata["xray_line"]["background_windows"], 1);
}

TEST(EdsMap, WhatCannotBeMapped) {
  StoredSignal signal = sample([](std::int64_t, std::int64_t) { return 1.0; }, 5);
  EXPECT_THAT(message_of([&] { line_map(signal, {.energy_keV = 25}, "a.emd"); }),
              HasSubstr("a.emd: no line at 25 keV in spectra from 0 to 19.99 keV"));
  EXPECT_THAT(message_of([&] { line_map(signal, {}, "a.emd"); }), HasSubstr("above zero"));
  signal.axes.back().unit = "nm";
  EXPECT_THAT(message_of([&] { line_map(signal, {.energy_keV = 5}, "a.emd"); }),
              HasSubstr("not a spectrum image of energies"));
}

TEST(EdsMap, OfARealFile) {
  const auto zip = std::filesystem::path(COLONNADE_SHARED_DATA) / "micrographs/rsciio_velox_v11.zip";
  if (!std::filesystem::exists(zip)) GTEST_SKIP() << "no real micrographs here";
  const Image copper = read_image(zip, {"EDS:8.048", 0});
  EXPECT_EQ(copper.height, 16);
  EXPECT_NEAR(copper.pixel_size_nm, 3.599249, 1e-5);
  EXPECT_GT(mean(copper), 0);  // the grid
}

}  // namespace
}  // namespace colonnade
