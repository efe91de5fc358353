// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/reproduce_plan.h"

#include <algorithm>
#include <cmath>
#include <fmt/ranges.h>

#include "colonnade/core/error.h"
#include "colonnade/workflows/stem_device.h"

namespace colonnade {
namespace {

constexpr int paper_images = 10000, paper_epochs = 800, paper_side_px = 256, paper_width = 32;
constexpr double smallest_scale = 1e-5;
/// The window around each probe below this scale is the narrower one.
constexpr double wide_window_scale = 0.1, wide_window_A = 7.5, narrow_window_A = 5;

int in_steps(double value, int step, int least) { return std::max(least, step * int(std::lround(value / step))); }

DatasetOptions dataset_of(const ReproduceOptions& options) {
  const double f = std::pow(options.scale, 0.25);
  DatasetOptions dataset;
  dataset.seed = options.seed;
  dataset.size_px = in_steps(paper_side_px * f, 16, 32);
  const double shrunk = double(dataset.size_px) / paper_side_px;
  dataset.diameter_nm = {6.5 * shrunk, 7.5 * shrunk};
  dataset.labels = false;
  dataset.device = options.device;
  dataset.multislice.window_A = options.scale < wide_window_scale ? narrow_window_A : wide_window_A;
  if (options.physics == "paper") {
    dataset.multislice.slice_A = 2;
    dataset.multislice.thermal.model = "none";
  }
  return dataset;
}

std::string range_text(const Range& range) { return fmt::format("{:.3g} to {:.3g}", range.low, range.high); }

std::string slices_text(const MultisliceOptions& multislice) {
  return multislice.slice_A > 0 ? fmt::format("{:g} A", multislice.slice_A) : "one for each layer of atoms";
}

std::string atoms_text(const MultisliceOptions& multislice) {
  return multislice.thermal.model == "none" ? "at rest" : "trembling (" + multislice.thermal.model + ")";
}

}  // namespace

OptionTable ReproduceOptions::table() {
  OptionTable table;
  table.add("seed", &seed, "", "Seed of everything random");
  table.add("scale", &scale, "",
            "From 1, the whole experiment, down to minutes on two cores; --dry-run says what it does");
  table.add("physics", &physics, "", "paper (slices of 2 A, atoms at rest) or right (a slice a layer, atoms tremble)");
  table.add("split", &split, "", "particle, image (naive: views of a particle on both sides), or both");
  table.add("views", &views, "", "Views of each particle in the split by image");
  table.add("dose", &dose_per_A2, "e/A^2", "Dose of the images' counting noise; 0: none");
  table.add("response", &response, "", "Response of the signals (colonnade calibrate), for the best that is possible");
  table.add("device", &device, "", stem_device_help);
  table.add("training_device", &training_device, "", "auto, cpu or cuda");
  return table;
}

void ReproduceOptions::check() const {
  if (!(scale >= smallest_scale && scale <= 1)) fail("--scale is {}; it must lie in {} to 1", scale, smallest_scale);
  if (physics != "paper" && physics != "right") fail("--physics is \"{}\"; it is paper or right", physics);
  if (split != "both" && split != "particle" && split != "image") {
    fail("--split is \"{}\"; it is particle, image or both", split);
  }
  if (views < 2 || views > 100) fail("--views is {}; the split by image needs 2 to 100 of each particle", views);
  if (!(dose_per_A2 >= 0 && std::isfinite(dose_per_A2))) fail("--dose is {}; give a dose of 0 or more", dose_per_A2);
}

ReproducePlan plan_of(const ReproduceOptions& options) {
  options.check();
  ReproducePlan plan;
  const double f = std::pow(options.scale, 0.25);
  const int images = in_steps(paper_images * std::pow(options.scale, 2.0 / 3), options.views, 2 * options.views);
  plan.particle_data = dataset_of(options);
  plan.particle_data.particles = images;
  plan.image_data = dataset_of(options);
  plan.image_data.seed = options.seed + 1;  // other particles, so that each network can be tried on the other's
  plan.image_data.views = options.views;
  plan.image_data.particles = images / options.views;
  TrainingOptions& training = plan.training;
  const int width = in_steps(paper_width * f, 4, 4);
  training.widths = {double(width), 2.0 * width, 4.0 * width, 8.0 * width};
  training.batch = width;
  training.epochs = std::max(4, int(std::lround(paper_epochs * std::pow(options.scale, 0.4))));
  training.dose_per_A2 = options.dose_per_A2;
  training.device = options.training_device;
  training.seed = options.seed;
  return plan;
}

TextTable plan_table(const ReproduceOptions& options, const ReproducePlan& plan) {
  const DatasetOptions &data = plan.particle_data, &views = plan.image_data;
  const TrainingOptions& training = plan.training;
  const int held_out = int(std::lround(training.test_fraction * plan.images()));
  TextTable table{fmt::format("The experiment at scale {:g}", options.scale), {"", "the paper", "here"}, {}, ""};
  const auto add = [&](const std::string& what, const std::string& paper, const std::string& here) {
    table.rows.push_back({what, paper, here});
  };
  add("images, of them held out", "10,000, 2,000", fmt::format("{}, {}", plan.images(), held_out));
  if (options.by_particle()) {
    add("particles, views of each: split by particle", "10,000, 1", fmt::format("{}, {}", data.particles, data.views));
  }
  if (options.by_image()) {
    add("particles, views of each: split by image", "not said", fmt::format("{}, {}", views.particles, views.views));
  }
  add("diameter [nm]", "6.5 to 7.5", range_text(data.diameter_nm));
  add("image [px], of 0.02 nm", "256 x 256", fmt::format("{0} x {0}", data.size_px));
  add("field of view [nm]", "5.12", fmt::format("{:.3g}", data.size_px * data.pixel_size_nm));
  add("slices", "2 A", slices_text(data.multislice));
  add("atoms", "at rest", atoms_text(data.multislice));
  add("window around the probe [A]", "not said", fmt::format("{:g}", data.multislice.window_A));
  add("detector [mrad]", "not said", fmt::format("{}", fmt::join(data.detectors, ", ")));
  add("dose of the noise [e/A^2]", "not said", fmt::format("{:g}", training.dose_per_A2));
  add("widths of the network", "32, 64, 128, 256", fmt::format("{}", fmt::join(training.widths, ", ")));
  add("batch", "32", std::to_string(training.batch));
  add("epochs", "800", std::to_string(training.epochs));
  return table;
}

std::vector<std::string> open_choices() {
  return {
      "How many views of each particle the 10,000 images show, and whether the split is by particle or by image, is "
      "not "
      "said. Both are made here: one view of each of as many particles as images, split by particle; and several views "
      "of fewer particles, split by image.",
      "The detector's angles, the dose, the learning rate and the strength of the augmentation are not printed. Here: "
      "60 "
      "to 100 mrad, the dose above, 0.001, and the defaults of `colonnade train`.",
      "For the fit of intensity against height it is not said of which images, how many, with which noise, and where a "
      "peak is read. Here: all held-out images of the split by particle, with noise, normalised as the network sees "
      "them; the peak is the largest interpolated value within one pixel of the column; the height is the number of "
      "atoms of one element, whatever else stands in the column.",
      "The published rates (exact, within one) are of images whose thickness is not described column by column. Rates "
      "of thin columns are higher for everybody, also for who only knows the thickness: compare with that first."};
}

}  // namespace colonnade
