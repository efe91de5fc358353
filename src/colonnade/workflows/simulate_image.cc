// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/simulate_image.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/units.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/noise.h"
#include "colonnade/report/figure.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/structure_file.h"
#include "colonnade/workflows/run_record.h"

namespace colonnade {
namespace {

Structure turned(Structure structure, const SimulateImageOptions& options) {
  if (!options.zone_axis.empty()) {
    if (!structure.has_cell()) fail("--zone-axis needs a structure with a cell; this file has none");
    rotate(structure, zone_axis_rotation(structure, parse_zone_axis(options.zone_axis)));
  }
  if (options.rotation_deg != 0) rotate(structure, rotation_about_z(options.rotation_deg));
  return structure;
}

/// The field asked for, centred on the atoms; without a wish all of them with 0.3 nm around.
FieldOfView field_around(const Structure& structure, const SimulateImageOptions& options) {
  const Bounds box = bounds(structure);
  const double pixel_A = options.pixel_size_nm * angstrom_per_nm, border_A = 3;
  const auto pixels = [&](double low, double high) {
    const double side_A = options.field_nm > 0 ? options.field_nm * angstrom_per_nm : high - low + 2 * border_A;
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

}  // namespace

OptionTable SimulateImageOptions::table() {
  OptionTable table;
  table.add("seed", &seed, "", "Seed of the noise");
  table.add("specimen.zone_axis", &zone_axis, "", "Direction of the file's cell along the beam; empty: the cell's z");
  table.add("specimen.rotation", &rotation_deg, "deg", "Rotation in the image plane, from x towards y");
  table.add("image.field", &field_nm, "nm", "Side of the square field of view around the middle; 0: all atoms");
  table.add("image.pixel_size", &pixel_size_nm, "nm", "Pixel size of the image");
  table.add("image.dose", &dose_per_A2, "e/A^2", "Electron dose, for counting noise; 0: no noise");
  table.add("image.jitter", &jitter_px, "px", "Scan noise: standard deviation of each row's shift");
  optics.describe(table);
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
  if (!(jitter_px >= 0)) fail("--jitter is {}; it must not be negative", jitter_px);
  if (!(focal_spread_A >= 0)) fail("--focal-spread is {} A; it must not be negative", focal_spread_A);
  if (defocus_steps < 1 || defocus_steps > 1000) {
    fail("--defocus-steps is {}; the number of defocus values must be 1 to 1000", defocus_steps);
  }
  if (detectors.empty()) fail("no detector is given; use --detectors HAADF:60-100");
  optics.check();
  multislice.check();
}

void simulate_image(const std::filesystem::path& structure_file, SimulateImageOptions options,
                    const std::filesystem::path& out, bool overwrite) {
  options.check();
  std::vector<AnnularDetector> detectors;
  for (const auto& text : options.detectors) detectors.push_back(parse_detector(text));
  const Structure structure = turned(read_structure(structure_file), options);
  PendingFolder folder(out, overwrite);
  auto images = simulate_focal_spread(structure, options, detectors, field_around(structure, options));
  Random random(options.seed);
  for (auto& image : images) {
    if (options.dose_per_A2 > 0) image = poisson_noise(image, options.dose_per_A2, random);
    if (options.jitter_px > 0) image = scan_jitter(image, options.jitter_px, random);
    write_image(folder / (image.title + ".tif"), image);
    ImageFigure figure;
    figure.image = image;
    figure.title = image.title;
    write_png(folder / (image.title + ".png"), to_svg(figure));
  }
  write_xyz(folder / "structure.xyz", structure);
  auto record = run_record("simulate", options.table(), options.seed, {structure_file});
  for (const auto& image : images) record["images"][image.title] = image.metadata;
  write_file(folder / "run.json", record.dump(2) + "\n");
  folder.commit();
}

}  // namespace colonnade
