// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/training_memory.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "colonnade/core/error.h"
#include "colonnade/core/memory.h"

namespace colonnade {
namespace {

constexpr double float_bytes = 4, half_bytes = 2, index_bytes = 8;
constexpr double program_bytes = 0.25e9;
// Gradients under way and the convolutions' work space, in maps of the first block's size: measured.
constexpr double gradient_maps = 9;
// weight, gradient, Adam's two means, and while a step is taken their divisor
constexpr double copies_of_weights = 5;

double convolution_weights(double channels_in, double channels_out) { return 9 * channels_in * channels_out; }

double block_weights(double channels_in, double channels_out) {
  return convolution_weights(channels_in, channels_out) + 4 * convolution_weights(channels_out, channels_out) +
         5 * 4 * channels_out;
}

/// Maps of a block that are kept for the way back: before and after the normalisation of each of the five convolutions,
/// and the sum in front of the last.
constexpr double maps_of_block = 2 * 5 + 1;

/// Numbers kept for the way back of one image, and of these the pooling's places.
struct Kept {
  double values = 0, places = 0;
};

Kept kept_by_network(const std::vector<double>& widths, double elements, double pixels) {
  Kept kept;
  const std::size_t levels = widths.size() - 1;
  for (std::size_t level = 0; level < levels; ++level, pixels /= 4) {
    const double encoder = maps_of_block * widths[level] + widths[level] / 4;        // and the pooled
    const double decoder = (maps_of_block + 1) * widths[level] + widths[level + 1];  // the skip's sum, the up-sampled
    kept.values += pixels * (encoder + decoder);
    kept.places += pixels * widths[level] / 4;
    if (level == 0) kept.values += 2 * elements * pixels;  // the maps and their gradient
  }
  kept.values += pixels * maps_of_block * widths.back();
  return kept;
}

/// Numbers alive at once while an image only goes forward: the skips, and the maps between two layers.
double forward_values(const std::vector<double>& widths, double pixels) {
  double values = gradient_maps * widths.front() * pixels;
  for (std::size_t level = 0; level + 1 < widths.size(); ++level, pixels /= 4) values += widths[level] * pixels;
  return values;
}

double all_weights(const std::vector<double>& widths, double elements) {
  double weights = (widths.front() + 1) * elements, channels = 1;
  for (std::size_t level = 0; level + 1 < widths.size(); ++level) {
    weights += block_weights(channels, widths[level]) + block_weights(widths[level + 1], widths[level]);
    channels = widths[level];
  }
  return weights + block_weights(channels, widths.back());
}

}  // namespace

TrainingMemory estimate_training_memory(const TrainingOptions& options, const TrainingSizes& sizes, bool mixed) {
  const Kept kept = kept_by_network(options.widths, sizes.elements, sizes.step_pixels);
  const double step = kept.values + gradient_maps * options.widths.front() * sizes.step_pixels;
  const double number = mixed ? half_bytes : float_bytes;
  const double in_and_out = (1 + sizes.elements) * float_bytes;
  TrainingMemory memory;
  memory.program = program_bytes;
  memory.data = sizes.data_bytes;
  memory.weights = all_weights(options.widths, sizes.elements) * float_bytes *
                   (copies_of_weights + (options.keep_best ? 1 : 0) + (mixed ? 0.5 : 0));
  memory.per_image =
      std::max(step * number + kept.places * index_bytes + in_and_out * sizes.step_pixels,
               forward_values(options.widths, sizes.scored_pixels) * number + in_and_out * sizes.scored_pixels);
  memory.batch_data = in_and_out * std::max(sizes.step_pixels, sizes.scored_pixels);
  return memory;
}

int largest_batch(const TrainingMemory& memory, double free, bool processor) {
  const double fixed = processor ? memory.on_processor(0) : memory.on_device(0);
  const double each = memory.per_image + (processor ? memory.batch_data : 0);
  return static_cast<int>(std::clamp(std::floor((free - fixed) / each), 0.0, 1e6));
}

std::string to_text(const TrainingMemory& memory, int images, bool processor) {
  const double whole = processor ? memory.on_processor(images) : memory.on_device(images);
  std::string text = fmt::format("{:.2f} GB of memory: {:.2f} GB for {} images of a step, {:.2f} GB for the weights",
                                 whole / bytes_per_GB, memory.per_image * images / bytes_per_GB, images,
                                 memory.weights / bytes_per_GB);
  if (processor) text += fmt::format(", {:.2f} GB for the dataset's images", memory.data / bytes_per_GB);
  return text;
}

void require_training_memory(const TrainingMemory& memory, int batch, int processes, int local, double free,
                             bool processor) {
  const int sharers = processor ? local : 1, images = (batch + processes - 1) / processes;
  const double needed = sharers * (processor ? memory.on_processor(images) : memory.on_device(images));
  if (needed <= free) return;
  const int fitting = largest_batch(memory, free / sharers, processor) * processes;
  const std::string remedy = fitting > 0
                                 ? fmt::format("a batch of {} would fit", fitting)
                                 : std::string("not even a batch of one fits; use smaller widths or a smaller crop");
  fail("training with a batch of {} needs {:.3g} GB of memory and {:.3g} GB are free; {}", batch, needed / bytes_per_GB,
       free / bytes_per_GB, remedy);
}

}  // namespace colonnade
