// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <numeric>

#include "colonnade/core/error.h"
#include "colonnade/core/random.h"
#include "colonnade/learn/training.h"

namespace colonnade {

void TrainingOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(prefix + "widths", &widths, "", "channels of the network's encoder blocks and, last, of its bridge");
  table.add(prefix + "epochs", &epochs, "", "how often the network sees every image");
  table.add(prefix + "batch", &batch, "", "images per step");
  table.add(prefix + "learning_rate", &learning_rate, "", "step size of Adam");
  table.add(prefix + "schedule", &schedule, "", "learning rate over the epochs: constant or cosine");
  table.add(prefix + "test_fraction", &test_fraction, "", "fraction of the particles held out");
  table.add(prefix + "keep_best", &keep_best, "", "keep the epoch of the smallest held-out loss, not the last");
  table.add(prefix + "patience", &patience, "",
            "end after this many epochs without a smaller held-out loss; 0: after all epochs");
  table.add(prefix + "normalisation", &normalisation, "",
            "local, or beam (absolute intensities, fractions of the beam)");
  table.add(prefix + "crop", &crop_px, "px", "side of a random square of each image; 0: the whole image");
  table.add(prefix + "dose", &dose_per_A2, "e/A^2", "dose of the counting noise; 0: none");
  table.add(prefix + "contrast", &contrast, "", "contrast's gamma is drawn between 1 minus and 1 plus this");
  table.add(prefix + "illumination", &illumination, "", "largest relative gradient of brightness over half the image");
  table.add(prefix + "blur", &blur_px, "px", "largest sigma of the random Gaussian blur");
  table.add(prefix + "rotation", &rotation, "", "random quarter turns and mirror images");
  table.add(prefix + "device", &device, "", "auto, cpu or cuda");
  table.add(prefix + "precision", &precision, "", "float32, mixed (16 and 32 bits), or auto: mixed on CUDA");
  table.add(prefix + "seed", &seed, "", "seed of the split, the first weights and all that is drawn");
}

void TrainingOptions::check() const {
  const auto within = [](const char* name, double value, double low, double high) {
    if (!(value >= low && value <= high)) fail("{} is {}; it must lie in {} to {}", name, value, low, high);
  };
  if (widths.size() < 2 || widths.size() > 7)
    fail("widths has {} numbers; give 2 to 7, the bridge's last", widths.size());
  for (const double width : widths) {
    within("a width of the network", width, 1, 4096);
    if (width != std::floor(width)) fail("a width of the network is {}; widths are whole numbers", width);
  }
  within("epochs", epochs, 1, 1e6);
  within("batch", batch, 1, 1e5);
  within("patience", patience, 0, 1e6);
  within("learning_rate", learning_rate, 1e-9, 10);
  within("test_fraction", test_fraction, 0, 0.9);
  within("crop", crop_px, 0, 65536);
  within("dose", dose_per_A2, 0, 1e12);
  within("contrast", contrast, 0, 0.9);
  within("illumination", illumination, 0, 0.9);
  within("blur", blur_px, 0, 100);
  if (schedule != "constant" && schedule != "cosine") fail("schedule is \"{}\"; it is constant or cosine", schedule);
  if (normalisation != "local" && normalisation != "beam") {
    fail("normalisation is \"{}\"; it is local or beam", normalisation);
  }
  if (device != "auto" && device != "cpu" && device != "cuda")
    fail("device is \"{}\"; it is auto, cpu or cuda", device);
  if (precision != "auto" && precision != "float32" && precision != "mixed")
    fail("precision is \"{}\"; it is auto, float32 or mixed", precision);
  if (crop_px != largest_side(crop_px)) {
    fail("crop is {}; with {} widths it must be a multiple of {}", crop_px, widths.size(), 1 << (widths.size() - 1));
  }
  if (patience > 0 && test_fraction == 0) fail("patience needs held-out particles; set test_fraction above 0");
  if (keep_best && test_fraction == 0) fail("keep_best needs held-out particles; set test_fraction above 0");
}

int TrainingOptions::largest_side(int side) const {
  const int multiple = 1 << (widths.size() - 1);
  return side / multiple * multiple;
}

namespace {

std::ptrdiff_t held_out_of(std::size_t all, double test_fraction) {
  const auto held_out = static_cast<std::ptrdiff_t>(std::lround(test_fraction * double(all)));
  if (test_fraction <= 0 || all < 2) return held_out;
  return std::clamp<std::ptrdiff_t>(held_out, 1, static_cast<std::ptrdiff_t>(all) - 1);
}

}  // namespace

std::vector<bool> held_out_images(std::size_t images, double test_fraction, std::uint64_t seed) {
  std::vector<std::size_t> shuffled(images);
  std::iota(shuffled.begin(), shuffled.end(), std::size_t{0});
  Random random(seed);
  random.shuffle(shuffled);
  std::vector<bool> held_out(images, false);
  for (auto i = shuffled.end() - held_out_of(images, test_fraction); i != shuffled.end(); ++i) held_out[*i] = true;
  return held_out;
}

Split split_particles(const std::vector<std::filesystem::path>& files, double test_fraction, std::uint64_t seed) {
  std::vector<std::filesystem::path> shuffled = files;
  std::sort(shuffled.begin(), shuffled.end());
  Random random(seed);
  random.shuffle(shuffled);
  const auto border = shuffled.end() - held_out_of(files.size(), test_fraction);
  Split split{{shuffled.begin(), border}, {border, shuffled.end()}};
  std::sort(split.training.begin(), split.training.end());
  std::sort(split.test.begin(), split.test.end());
  return split;
}

}  // namespace colonnade
