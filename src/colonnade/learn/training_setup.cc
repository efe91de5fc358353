// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/training_setup.h"

#include <algorithm>
#include <c10/core/DeviceGuard.h>
#include <optional>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/memory.h"
#include "colonnade/core/version.h"
#include "colonnade/learn/training_memory.h"

namespace colonnade {
namespace {

nlohmann::json options_json(TrainingOptions options) {
  OptionTable table;
  options.describe(table);
  return table.to_json();
}

TrainingSizes sizes_of(const std::vector<std::filesystem::path>& files, const TrainingOptions& options) {
  const ParticleSamples particle = read_particle(files.front());
  const Image& image = particle.views.front().image;
  TrainingSizes sizes;
  sizes.elements = static_cast<int>(particle.elements.size());
  const double height = options.largest_side(image.height), width = options.largest_side(image.width);
  sizes.scored_pixels = height * width;
  sizes.step_pixels = options.crop_px > 0 ? double(options.crop_px) * options.crop_px : height * width;
  sizes.data_bytes = double(files.size() * particle.views.size() * image.data.size() * sizeof(float));
  return sizes;
}

}  // namespace

nlohmann::json run_identity(TrainingOptions options, const std::string& fingerprint) {
  OptionTable table;
  options.describe(table, "");
  nlohmann::json run = table.to_json();
  run.erase("device");
  run.erase("patience");
  if (options.schedule == "constant") run.erase("epochs");
  if (options.split_by_image) run["split"] = "image";
  run["data"] = fingerprint;
  run["version"] = version;
  return run;
}

ModelRecord first_record(const TrainingData& data, const TrainingOptions& options, const std::string& fingerprint) {
  ModelRecord record;
  record.elements = data.elements;
  record.pixel_size_nm = data.pixel_size_nm;
  record.normalisation = options.normalisation;
  if (options.normalisation == "beam") {
    const IntensityStatistics statistics = intensity_statistics(data.training);
    record.intensity_mean = statistics.mean;
    record.intensity_deviation = statistics.deviation;
  }
  record.widths.assign(options.widths.begin(), options.widths.end());
  record.label_sigma_px = data.label_sigma_px;
  record.options = {{"dataset", data.dataset_options}, {"training", options_json(options)}};
  if (options.split_by_image) record.options["training"]["training.split"] = "image";
  record.data_fingerprint = fingerprint;
  record.seed = options.seed;
  record.version = version;
  return record;
}

void check_memory(const std::vector<std::filesystem::path>& files, const TrainingOptions& options,
                  const Placement& placement, const ProcessGroup& group) {
  const bool processor = placement.device.is_cpu();
  const TrainingMemory memory =
      estimate_training_memory(options, sizes_of(files, options), placement.precision == Precision::mixed);
  const int images = (options.batch + group.size - 1) / group.size;
  info("training takes about {}", to_text(memory, images, processor));
  const c10::DeviceGuard guard(placement.device);
  const std::optional<double> free = processor ? allowed_memory(0) : free_cuda_memory();
  if (free) require_training_memory(memory, options.batch, group.size, group.local_size, *free, processor);
}

void check_sizes(const TrainingData& data, const TrainingOptions& options) {
  if (options.crop_px > std::min(data.height, data.width)) {
    fail("crop_px is {}, but the images are {} x {} px", options.crop_px, data.width, data.height);
  }
  if (options.largest_side(std::min(data.height, data.width)) == 0) {
    fail("the images are {} x {} px, too small for a network of {} widths", data.width, data.height,
         options.widths.size());
  }
}

}  // namespace colonnade
