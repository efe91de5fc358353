// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/training_data.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/parallel.h"
#include "colonnade/learn/augmentation.h"

namespace colonnade {
namespace {

void require_alike(const TrainingData& data, const ParticleSamples& particle, const std::filesystem::path& path) {
  const Image& image = particle.views.front().image;
  if (particle.elements != data.elements) fail("{}: its elements differ from the other particles'", path.string());
  if (image.height != data.height || image.width != data.width ||
      std::abs(image.pixel_size_nm / data.pixel_size_nm - 1) > 1e-6) {
    fail("{}: its images differ in size or pixel size from the other particles'", path.string());
  }
  if (particle.label_sigma_px != data.label_sigma_px) {
    fail("{}: its labels' sigma differs from the other particles'", path.string());
  }
}

void take_first(TrainingData& data, const ParticleSamples& particle) {
  const Image& image = particle.views.front().image;
  data.elements = particle.elements;
  data.height = image.height;
  data.width = image.width;
  data.pixel_size_nm = image.pixel_size_nm;
  data.label_sigma_px = particle.label_sigma_px;
  data.dataset_options = particle.options;
}

/// Makes every sample of a batch on its own: `make` gets the sample's place in the batch.
Batch fill_batch(std::int64_t count, int height, int width, const ModelRecord& record,
                 const std::function<Sample(std::int64_t)>& make) {
  Batch batch{static_cast<int>(count), static_cast<int>(record.elements.size()), height, width, {}, {}};
  const std::size_t pixels = std::size_t(height) * width;
  batch.images.resize(count * pixels);
  batch.labels.assign(count * batch.elements * pixels, 0.0F);
  parallel_for(count, [&](std::int64_t i, int) {
    const Sample sample = make(i);
    const Image image = normalised(sample.image, record);
    std::copy(image.data.begin(), image.data.end(), batch.images.begin() + std::ptrdiff_t(i * pixels));
    add_labels(sample.columns, record.label_sigma_px, height, width, batch.elements,
               batch.labels.data() + i * batch.elements * pixels);
  });
  return batch;
}

}  // namespace

TrainingData read_training_data(const Split& split) {
  if (split.training.empty()) fail("there are no particles to train on; make the dataset larger");
  info("{} particles to train on, {} held out", split.training.size(), split.test.size());
  TrainingData data;
  for (const bool held_out : {false, true}) {
    for (const auto& path : held_out ? split.test : split.training) {
      ParticleSamples particle = read_particle(path);
      if (data.elements.empty()) take_first(data, particle);
      require_alike(data, particle, path);
      for (Sample& sample : particle.views) {
        sample.image.metadata = nullptr;  // not needed, and copied with every image otherwise
        (held_out ? data.test : data.training).push_back(std::move(sample));
      }
    }
  }
  return data;
}

TrainingData read_training_data(const std::vector<std::filesystem::path>& files, const TrainingOptions& options) {
  if (!options.split_by_image) return read_training_data(split_particles(files, options.test_fraction, options.seed));
  TrainingData data = read_training_data(Split{files, {}});
  const auto held_out = held_out_images(data.training.size(), options.test_fraction, options.seed);
  std::vector<Sample> all = std::move(data.training);
  data.training.clear();
  for (std::size_t i = 0; i < all.size(); ++i) (held_out[i] ? data.test : data.training).push_back(std::move(all[i]));
  info("the split is by image: {} to train on, {} held out", data.training.size(), data.test.size());
  return data;
}

IntensityStatistics intensity_statistics(const std::vector<Sample>& samples) {
  double sum = 0, squares = 0, count = 0;
  for (const Sample& sample : samples) {
    if (sample.image.intensity != "fraction of beam") {
      fail("normalisation \"beam\" needs images as fractions of the beam, but one's intensities are \"{}\"",
           sample.image.intensity);
    }
    for (const float value : sample.image.data) {
      sum += value;
      squares += double(value) * value;
    }
    count += double(sample.image.data.size());
  }
  const double mean = sum / count;
  const double variance = squares / count - mean * mean;
  if (!(variance > 0)) fail("the training images are all of one grey; there is nothing to learn from");
  return {mean, std::sqrt(variance)};
}

Batch training_batch(const std::vector<Sample>& samples, std::span<const std::int64_t> indices,
                     const TrainingOptions& options, const ModelRecord& record, const Random& random) {
  const Image& first = samples.front().image;
  const int height = options.crop_px > 0 ? options.crop_px : options.largest_side(first.height);
  const int width = options.crop_px > 0 ? options.crop_px : options.largest_side(first.width);
  return fill_batch(std::ssize(indices), height, width, record, [&](std::int64_t i) {
    Random own = random.stream(static_cast<std::uint64_t>(indices[i]));
    const Augmentation drawn = draw_augmentation(options, first.height, first.width, own);
    return augmented(samples[indices[i]], drawn, options.dose_per_A2, own);
  });
}

Batch plain_batch(const std::vector<Sample>& samples, std::span<const std::int64_t> indices,
                  const TrainingOptions& options, const ModelRecord& record, const Random& random) {
  const Image& first = samples.front().image;
  Augmentation whole;
  whole.height = options.largest_side(first.height);
  whole.width = options.largest_side(first.width);
  return fill_batch(std::ssize(indices), whole.height, whole.width, record, [&](std::int64_t i) {
    Random own = random.stream(static_cast<std::uint64_t>(indices[i]));
    return augmented(samples[indices[i]], whole, options.dose_per_A2, own);
  });
}

}  // namespace colonnade
