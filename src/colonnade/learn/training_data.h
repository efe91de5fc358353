// SPDX-License-Identifier: GPL-3.0-or-later
// A dataset in memory, and the batches that training draws from it. Each sample's draws depend on the seed, the epoch
// and the sample alone, so that a run can go on from any epoch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "colonnade/core/random.h"
#include "colonnade/learn/dataset.h"
#include "colonnade/learn/training.h"

namespace colonnade {

/// Particles of one kind: the same elements, image size, pixel size and labels.
struct TrainingData {
  std::vector<Sample> training, test;
  std::vector<std::string> elements;
  double pixel_size_nm = 0, label_sigma_px = 0;
  int height = 0, width = 0;
  nlohmann::json dataset_options;
};
TrainingData read_training_data(const Split& split);
/// Of a dataset's files, split as the options say.
TrainingData read_training_data(const std::vector<std::filesystem::path>& files, const TrainingOptions& options);

/// Mean and standard deviation of the training images' pixels.
struct IntensityStatistics {
  double mean = 0, deviation = 1;
};
IntensityStatistics intensity_statistics(const std::vector<Sample>& samples);

/// Images (n, 1, y, x), normalised, and maps of counts (n, element, y, x).
struct Batch {
  int count = 0, elements = 0, height = 0, width = 0;
  std::vector<float> images, labels;
};

/// The samples of `indices`, varied as the options say; `random`: the epoch's generator.
Batch training_batch(const std::vector<Sample>& samples, std::span<const std::int64_t> indices,
                     const TrainingOptions& options, const ModelRecord& record, const Random& random);
/// The same samples as they are, but for counting noise and what the network cannot halve at the right and bottom.
Batch plain_batch(const std::vector<Sample>& samples, std::span<const std::int64_t> indices,
                  const TrainingOptions& options, const ModelRecord& record, const Random& random);

}  // namespace colonnade
