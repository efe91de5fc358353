// SPDX-License-Identifier: GPL-3.0-or-later
// Small particles for this room's tests: Gaussian columns on a jittered square lattice, whose brightness is a weighted
// sum of the counts of two elements; no physics, but something that can be learnt.
#pragma once

#include <cmath>
#include <filesystem>
#include <string>

#include "colonnade/core/file.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/random.h"
#include "colonnade/learn/dataset.h"

namespace colonnade::testing {

/// The images are tiny, and other tests run beside: threads of libtorch would wait for each other most of the time.
inline const bool one_thread = (set_thread_count(1), true);

inline constexpr double label_sigma_px = 1.5;

/// Element one is bright and sharp, element two is dim and broad, so that both can be told apart.
inline Sample synthetic_sample(int height, int width, Random& random) {
  Sample sample;
  sample.image = Image(height, width, 0.05);
  sample.image.intensity = "fraction of beam";
  for (float& value : sample.image.data) value = 0.02F;
  for (double y = 6; y < height - 4; y += 9) {
    for (double x = 6; x < width - 4; x += 9) {
      LabelledColumn column{x + random.uniform(-1, 1), y + random.uniform(-1, 1), {}};
      column.counts = {static_cast<int>(random.below(6)), static_cast<int>(random.below(6))};
      sample.columns.push_back(column);
    }
  }
  for (const LabelledColumn& column : sample.columns) {
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const double r2 = (x - column.x_px) * (x - column.x_px) + (y - column.y_px) * (y - column.y_px);
        sample.image.at(y, x) += static_cast<float>(0.02 * column.counts[0] * std::exp(-0.5 * r2) +
                                                    0.01 * column.counts[1] * std::exp(-0.5 * r2 / 5));
      }
    }
  }
  return sample;
}

inline ParticleSamples synthetic_particle(int particle, int views, int height, int width, std::uint64_t seed) {
  Random random = Random(seed).stream(particle);
  ParticleSamples samples;
  samples.particle = particle;
  samples.seed = seed;
  samples.elements = {"Pt", "Ni"};
  samples.options = {{"kind", "synthetic"}};
  for (int v = 0; v < views; ++v) samples.views.push_back(synthetic_sample(height, width, random));
  return samples;
}

inline void write_synthetic_dataset(const std::filesystem::path& folder, int particles, int views, int side) {
  std::filesystem::create_directories(folder);
  write_file(folder / dataset_options_file, "seed = 5\n");
  for (int p = 0; p < particles; ++p)
    write_particle(folder, synthetic_particle(p, views, side, side, 5), label_sigma_px);
}

}  // namespace colonnade::testing
