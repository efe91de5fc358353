// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/simulate_image.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/units.h"
#include "colonnade/image/filter.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/formats/signal_file.h"
#include "colonnade/image/noise.h"
#include "colonnade/report/figure.h"
#include "colonnade/structures/structure_file.h"
#include "colonnade/workflows/run_record.h"

namespace colonnade {
namespace {

/// Standard deviation of the source's image; its width at half maximum is 2.355 deviations.
double source_deviation_px(const SimulateImageOptions& options) {
  return options.source_size_A / (2 * std::sqrt(2 * std::log(2.0))) / (options.pixel_size_nm * angstrom_per_nm);
}

constexpr double block_border_nm = 1, block_field_nm = 2;

double block_width_nm(const SimulateImageOptions& options) {
  const double field = options.field_nm > 0 ? options.field_nm : block_field_nm;
  return field + 2 * block_border_nm + options.multislice.window_A / angstrom_per_nm;
}

/// The field asked for, centred on the atoms; without a wish all of them with 0.3 nm around.
FieldOfView field_around(const Structure& structure, const SimulateImageOptions& options) {
  const Bounds box = bounds(structure);
  const double pixel_A = options.pixel_size_nm * angstrom_per_nm, border_A = 3;
  const auto pixels = [&](double low, double high) {
    const bool block = options.specimen.thickness_nm > 0;
    const double wanted_nm = options.field_nm == 0 && block ? block_field_nm : options.field_nm;
    const double side_A = wanted_nm > 0 ? wanted_nm * angstrom_per_nm : high - low + 2 * border_A;
    return std::max(16, static_cast<int>(std::lround(side_A / pixel_A)));
  };
  FieldOfView field;
  field.pixel_size_nm = options.pixel_size_nm;
  field.width_px = pixels(box.low.x, box.high.x);
  field.height_px = pixels(box.low.y, box.high.y);
  field.low_x_A = 0.5 * (box.low.x + box.high.x - (field.width_px - 1) * pixel_A);
  field.low_y_A = 0.5 * (box.low.y + box.high.y - (field.height_px - 1) * pixel_A);
  constexpr double most_pixels = 1e8;
  if (double(field.width_px) * field.height_px > most_pixels) {
    fail("the image would have {} x {} pixels; give a smaller --field or a larger --pixel-size", field.width_px,
         field.height_px);
  }
  return field;
}

/// Images averaged over the focal spread: defocus values evenly over +-2 standard deviations with Gaussian weights.
std::vector<Image> simulate_focal_spread(const Structure& structure, const SimulateImageOptions& options,
                                         const std::vector<AnnularDetector>& detectors, const FieldOfView& field) {
  const int steps = options.focal_spread_A > 0 ? options.defocus_steps : 1;
  std::vector<Image> sum;
  double weights = 0;
  for (int step = 0; step < steps; ++step) {
    const double deviations = steps > 1 ? -2 + 4.0 * step / (steps - 1) : 0;
    const double weight = std::exp(-deviations * deviations / 2);
    Optics optics = options.optics;
    optics.aberrations.C10 += deviations * options.focal_spread_A;
    const std::string label = steps > 1 ? fmt::format("Simulating defocus {} of {}", step + 1, steps) : "Simulating";
    auto images = simulate_stem(structure, optics, detectors, field, options.multislice, label);
    weights += weight;
    if (sum.empty()) {
      sum = images;
      for (auto& image : sum) std::fill(image.data.begin(), image.data.end(), 0.0F);
    }
    for (std::size_t i = 0; i < images.size(); ++i) {
      for (std::size_t k = 0; k < images[i].data.size(); ++k) sum[i].data[k] += float(weight) * images[i].data[k];
    }
  }
  for (auto& image : sum) {
    for (float& value : image.data) value /= float(weights);
  }
  return sum;
}

/// Pixels around the field that source size and scan errors reach into.
int border_px(const SimulateImageOptions& options, const FieldOfView& field) {
  const double blur = 4 * source_deviation_px(options);
  const double scan = options.scan.reach_px(field.height_px, field.width_px, field.pixel_size_nm);
  constexpr int samples = 6;  // of the interpolation
  return blur + scan == 0 ? 0 : int(std::ceil(blur + scan)) + samples;
}

FieldOfView widened(FieldOfView field, int border) {
  field.low_x_A -= border * field.pixel_size_nm * angstrom_per_nm;
  field.low_y_A -= border * field.pixel_size_nm * angstrom_per_nm;
  field.width_px += 2 * border;
  field.height_px += 2 * border;
  return field;
}

/// What the detector and the scan make of a computed image, which is larger than the field by a border.
Image recorded(const Image& computed, const FieldOfView& field, const Displacements& displacements,
               const SimulateImageOptions& options, Random& random) {
  Image image = gaussian_filter(computed, source_deviation_px(options));
  image = scan_distorted(image, field.height_px, field.width_px, displacements);
  for (float& value : image.data) value = std::max(value, 0.0F);
  if (options.dose_per_A2 > 0) {
    const double side_A = field.pixel_size_nm * angstrom_per_nm, electrons = options.dose_per_A2 * side_A * side_A;
    image = poisson_noise(image, options.dose_per_A2, random);
    image = gaussian_noise(image, options.read_noise_electrons / electrons, random);
    image.metadata["electrons_per_pixel"] = electrons;
  }
  return image;
}

void write_signals(const PendingFolder& folder, const std::vector<Image>& images, const Optics& optics) {
  SignalFile file(folder / "images.hdf5");
  for (const auto& image : images) {
    write_image(folder / (image.title + ".tif"), image);
    ImageFigure figure;
    figure.image = image;
    figure.title = image.title;
    write_png(folder / (image.title + ".png"), to_svg(figure));
    SignalDescription description = describe_signal(image);
    description.beam_energy_keV = optics.energy_keV;
    description.convergence_mrad = optics.semiangle_mrad;
    file.add(description, image.data);
  }
  file.close();
}

}  // namespace

OptionTable SimulateImageOptions::table() {
  OptionTable table;
  table.add("seed", &seed, "", "Seed of the noise");
  specimen.describe(table);
  table.add("image.field", &field_nm, "nm",
            "Side of the square field of view around the middle; 0: all atoms, or 2 nm of a block");
  table.add("image.pixel_size", &pixel_size_nm, "nm", "Pixel size of the image");
  table.add("image.dose", &dose_per_A2, "e/A^2", "Electron dose, for counting noise; 0: no noise");
  table.add("image.read_noise", &read_noise_electrons, "e",
            "Standard deviation of the detector's own noise, per pixel");
  scan.describe(table);
  optics.describe(table);
  table.add("optics.source_size", &source_size_A, "A",
            "Full width at half maximum of the source, seen at the specimen");
  table.add("optics.focal_spread", &focal_spread_A, "A", "Standard deviation of the defocus by chromatic aberration");
  table.add("optics.defocus_steps", &defocus_steps, "", "Defocus values to average over that spread");
  table.add("optics.detectors", &detectors, "mrad", "Annular detectors, NAME:INNER-OUTER, separated by commas");
  multislice.describe(table);
  return table;
}

void SimulateImageOptions::check() const {
  if (!(pixel_size_nm > 0 && pixel_size_nm < 10)) fail("--pixel-size is {} nm; it must be positive", pixel_size_nm);
  if (!(field_nm >= 0)) fail("--field is {} nm; it must not be negative", field_nm);
  if (!(dose_per_A2 >= 0)) fail("--dose is {}; it must not be negative", dose_per_A2);
  if (!(read_noise_electrons >= 0)) fail("--read-noise is {}; it must not be negative", read_noise_electrons);
  if (read_noise_electrons > 0 && dose_per_A2 == 0) fail("--read-noise is in electrons and needs a --dose");
  if (!(source_size_A >= 0)) fail("--source-size is {} A; it must not be negative", source_size_A);
  if (!(focal_spread_A >= 0)) fail("--focal-spread is {} A; it must not be negative", focal_spread_A);
  if (defocus_steps < 1 || defocus_steps > 1000) {
    fail("--defocus-steps is {}; the number of defocus values must be 1 to 1000", defocus_steps);
  }
  if (detectors.empty()) fail("no detector is given; use --detectors HAADF:60-100");
  specimen.check();
  scan.check();
  optics.check();
  multislice.check();
}

void SimulateImageOptions::make_preview() {
  multislice.window_A = std::min(multislice.window_A == 0 ? 5 : multislice.window_A, 5.0);
  multislice.slice_A = std::max(multislice.slice_A, 3.0);
  multislice.oversampling = 1;
  defocus_steps = std::min(defocus_steps, 3);
}

void simulate_image(const std::filesystem::path& structure_file, SimulateImageOptions options,
                    const std::filesystem::path& out, bool overwrite) {
  options.check();
  std::vector<AnnularDetector> detectors;
  for (const auto& text : options.detectors) detectors.push_back(parse_detector(text));
  const Structure structure = make_specimen(structure_file, options.specimen, block_width_nm(options));
  const FieldOfView field = field_around(structure, options);
  PendingFolder folder(out, overwrite);
  auto images = simulate_focal_spread(structure, options, detectors, widened(field, border_px(options, field)));
  Random random(options.seed);
  const auto displacements =
      scan_displacements(field.height_px, field.width_px, field.pixel_size_nm, options.scan, random);
  for (auto& image : images) image = recorded(image, field, displacements, options, random);
  write_signals(folder, images, options.optics);
  write_xyz(folder / "structure.xyz", structure);
  auto record = run_record("simulate", options.table(), options.seed, {structure_file});
  for (const auto& image : images) record["images"][image.title] = image.metadata;
  write_file(folder / "run.json", record.dump(2) + "\n");
  folder.commit();
}

}  // namespace colonnade
