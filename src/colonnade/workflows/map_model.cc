// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/map_model.h"

#include <algorithm>
#include <cmath>

#include "colonnade/columns/point_grid.h"
#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/units.h"
#include "colonnade/image/filter.h"
#include "colonnade/simulate/stem_experiment.h"
#include "colonnade/structures/alloy.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/structure_file.h"
#include "colonnade/workflows/map_image.h"
#include "colonnade/workflows/simulate_lensing.h"
#include "colonnade/workflows/stem_signals.h"

namespace colonnade {
namespace {

constexpr double border_A = 3, vacuum_A = 10;
// Multislice probes are set down about so far apart and interpolated; lensing gives every pixel.
constexpr double probe_step_nm = 0.025;
constexpr double largest_blur_nm = 0.1;

/// The part of the image around the columns.
PixelBox compared_box(const ElementMap& map) {
  double left = map.image.width, top = map.image.height, right = 0, bottom = 0;
  for (const Column& column : map.columns) {
    left = std::min(left, column.x_px);
    right = std::max(right, column.x_px);
    top = std::min(top, column.y_px);
    bottom = std::max(bottom, column.y_px);
  }
  const double border = border_A / angstrom_per_nm / map.image.pixel_size_nm;
  const int x0 = std::max(0, int(std::floor(left - border))), y0 = std::max(0, int(std::floor(top - border)));
  const int x1 = std::min(map.image.width - 1, int(std::ceil(right + border)));
  const int y1 = std::min(map.image.height - 1, int(std::ceil(bottom + border)));
  return {x0, y0, x1 - x0 + 1, y1 - y0 + 1};
}

/// Every k-th pixel, from the first one on; as many as cover the box.
FieldOfView field_of(const PixelBox& box, double pixel_nm, int k) {
  FieldOfView field;
  field.pixel_size_nm = pixel_nm * k;
  field.width_px = (box.width + k - 2) / k + 1;
  field.height_px = (box.height + k - 2) / k + 1;
  field.low_x_A = box.left * pixel_nm * angstrom_per_nm;
  field.low_y_A = box.top * pixel_nm * angstrom_per_nm;
  return field;
}

/// Every k-th pixel is known; those between by straight lines along both axes.
Image filled_in(const Image& coarse, const PixelBox& box, int k, double pixel_nm) {
  Image image(box.height, box.width, pixel_nm);
  for (int y = 0; y < box.height; ++y) {
    const int v = std::min(y / k, coarse.height - 2 >= 0 ? coarse.height - 2 : 0),
              below = std::min(v + 1, coarse.height - 1);
    const double b = double(y) / k - v;
    for (int x = 0; x < box.width; ++x) {
      const int u = std::min(x / k, coarse.width - 2 >= 0 ? coarse.width - 2 : 0),
                beside = std::min(u + 1, coarse.width - 1);
      const double a = double(x) / k - u;
      image.at(y, x) = float((1 - b) * ((1 - a) * coarse.at(v, u) + a * coarse.at(v, beside)) +
                             b * ((1 - a) * coarse.at(below, u) + a * coarse.at(below, beside)));
    }
  }
  return image;
}

struct Line {
  double gain = 0, offset = 0, squares = 0;
};

/// Least squares of measured = gain * model + offset.
Line fitted_line(const Image& measured, const Image& model) {
  const double n = double(model.data.size()), mx = mean(model), my = mean(measured);
  double xx = 0, xy = 0, yy = 0;
  for (std::size_t i = 0; i < model.data.size(); ++i) {
    const double x = model.data[i] - mx, y = measured.data[i] - my;
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  Line line;
  line.gain = xx > 0 ? std::max(0.0, xy / xx) : 0;
  line.offset = my - line.gain * mx;
  line.squares = (yy - 2 * line.gain * xy + line.gain * line.gain * xx) / n;
  return line;
}

/// The blur that suits best, by golden section.
double fitted_blur_px(const Image& measured, const Image& model, double largest_px) {
  const auto left = [&](double sigma) { return fitted_line(measured, gaussian_filter(model, sigma)).squares; };
  constexpr double golden = 0.6180339887498949;
  double low = 0, high = largest_px, a = high - golden * (high - low), b = low + golden * (high - low);
  double at_a = left(a), at_b = left(b);
  while (high - low > 0.02 * largest_px) {
    if (at_a < at_b) {
      high = b, b = a, at_b = at_a;
      at_a = left(a = high - golden * (high - low));
    } else {
      low = a, a = b, at_a = at_b;
      at_b = left(b = low + golden * (high - low));
    }
  }
  const double best = 0.5 * (low + high);
  return left(0) <= left(best) ? 0 : best;
}

StemExperiment experiment_of(const Structure& structure, const MapOptions& options, const FieldOfView& field) {
  StemExperiment experiment;
  experiment.optics = options.physics.optics;
  experiment.signals.detectors = {parse_detector(options.physics.detector, experiment.optics.semiangle_mrad)};
  experiment.field = field;
  experiment.multislice.slice_A = 0;
  experiment.multislice.thermal.model = "absorptive";
  complete_factors(elements_of(structure.atoms), experiment.multislice.thermal);
  return experiment;
}

Image simulated_by_lensing(const Structure& structure, StemExperiment experiment, const MapOptions& options,
                           double lattice_A, Verification& result) {
  AnnularDetector& detector = experiment.signals.detectors.at(0);
  const double least = 2 * experiment.optics.semiangle_mrad;
  if (detector.inner_mrad < least && detector.outer_mrad > least + 5) {
    result.notes.push_back(
        fmt::format("atomic lensing predicts what is scattered beyond {:.0f} mrad; the detector begins at {:.0f} mrad, "
                    "and the fitted "
                    "gain takes up the difference",
                    least, detector.inner_mrad));
    detector.inner_mrad = least;
  }
  LensingRun run;
  run.zone_axis = options.physics.zone_axis;
  run.lattice_A = lattice_A;
  return simulate_by_lensing(structure, experiment, run, options.seed).at(0);
}

void compare(const ElementMap& map, const PixelBox& box, Image model, Verification& result) {
  const double pixel = map.image.pixel_size_nm;
  result.measured = crop(map.image, box);
  const double blur = fitted_blur_px(result.measured, model, largest_blur_nm / pixel);
  result.blur_nm = blur * pixel;
  result.simulated = gaussian_filter(model, blur);
  const Line line = fitted_line(result.measured, result.simulated);
  result.gain = line.gain;
  result.offset = line.offset;
  result.residual = result.measured;
  double absolute = 0, whole = 0, variance = 0, own = 0;
  const double level = mean(result.measured), model_level = line.gain * mean(result.simulated) + line.offset;
  double product = 0;
  for (std::size_t i = 0; i < result.simulated.data.size(); ++i) {
    const double value = line.gain * result.simulated.data[i] + line.offset, there = result.measured.data[i];
    result.simulated.data[i] = float(value);
    result.residual.data[i] = float(there - value);
    absolute += std::abs(there - value);
    whole += std::abs(there - line.offset);
    variance += (there - level) * (there - level);
    own += (value - model_level) * (value - model_level);
    product += (there - level) * (value - model_level);
  }
  result.r_factor = whole > 0 ? absolute / whole : 0;
  result.rms = variance > 0 ? std::sqrt(line.squares * double(model.data.size()) / variance) : 0;
  result.correlation = variance > 0 && own > 0 ? product / std::sqrt(variance * own) : 0;
  for (Image* image : {&result.measured, &result.simulated, &result.residual}) image->pixel_size_nm = pixel;
}

/// The image summed over each column's cell: what is nearer to it than to any other, within 0.71 spacings.
std::vector<double> cell_sums(const Image& image, const std::vector<Point>& places) {
  const double spacing = typical_spacing(places);
  const double radius = spacing > 0 ? 0.71 * spacing : 0.15 / image.pixel_size_nm;
  const PointGrid grid(places, radius);
  std::vector<double> sums(places.size(), 0);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const int owner = grid.nearest({double(x), double(y)}, radius);
      if (owner >= 0) sums[std::size_t(owner)] += image.at(y, x);
    }
  }
  return sums;
}

/// Cross-sections of the same columns in both images, above the common offset.
void compare_columns(const ElementMap& map, const PixelBox& box, Verification& result) {
  std::vector<Point> places;
  for (const Column& column : map.columns) places.push_back({column.x_px - box.left, column.y_px - box.top});
  Image measured = result.measured, simulated = result.simulated;
  for (float& value : measured.data) value -= float(result.offset);
  for (float& value : simulated.data) value -= float(result.offset);
  const auto there = cell_sums(measured, places), made = cell_sums(simulated, places);
  double sum = 0, squares = 0;
  for (const double value : there) sum += value;
  const double usual = std::abs(sum) / double(there.size());
  for (std::size_t i = 0; i < there.size(); ++i) {
    result.columns.push_back(usual > 0 ? (there[i] - made[i]) / usual : 0);
    squares += result.columns.back() * result.columns.back();
  }
  result.column_rms = std::sqrt(squares / double(there.size()));
}

}  // namespace

nlohmann::json Verification::to_json() const {
  return {{"by", by},         {"notes", notes},       {"gain", gain},
          {"offset", offset}, {"blur_nm", blur_nm},   {"correlation", correlation},
          {"rms", rms},       {"r_factor", r_factor}, {"column_rms", column_rms}};
}

ParticleModel model_of_map(const ElementMap& map, const MapOptions& options) {
  ParticleModelOptions model = options.particle_model;
  model.zone_axis = options.physics.zone_axis;
  model.seed = options.seed;
  model.lattice_A = options.physics.lattice_A;
  if (model.lattice_A == 0) {
    std::vector<double> atoms(map.elements.size(), 0);
    double all = 0;
    for (const auto& column : map.distributions) {
      for (std::size_t e = 0; e < atoms.size(); ++e)
        all += std::max(0.0, column.mean[e]), atoms[e] += std::max(0.0, column.mean[e]);
    }
    for (double& number : atoms) number /= std::max(all, 1e-9);
    model.lattice_A = vegard_fcc_lattice(map.elements, all > 0 ? atoms : checked_fractions(map.elements, {}));
  }
  const double pixel_A = map.image.pixel_size_nm * angstrom_per_nm;
  std::vector<Point> places;
  for (const Column& column : map.columns) places.push_back({column.x_px * pixel_A, column.y_px * pixel_A});
  return build_particle_model(places, map.distributions, map.elements, model);
}

void write_map_model(const std::filesystem::path& path, const ElementMap& map, const ParticleModel& model) {
  Structure structure = model.structure;
  const Bounds box = bounds(structure);
  const double pixel_A = map.image.pixel_size_nm * angstrom_per_nm;
  structure.cell = {{{map.image.width * pixel_A, 0, 0},
                     {0, map.image.height * pixel_A, 0},
                     {0, 0, box.high.z - box.low.z + 2 * vacuum_A}}};
  translate(structure, {0, 0, vacuum_A - box.low.z});
  AtomNumbers numbers{"column", {}};
  for (const int column : model.columns) numbers.values.push_back(column + 1);
  write_xyz(path, structure, {numbers});
}

Verification verify_map(const ElementMap& map, const ParticleModel& model, const MapOptions& options) {
  Verification result;
  result.by = options.verify;
  const double pixel = map.image.pixel_size_nm;
  const PixelBox box = compared_box(map);
  result.left = box.left;
  result.top = box.top;
  const bool lensing = options.verify == "lensing";
  const int k = lensing ? 1 : std::max(1, int(probe_step_nm / pixel));
  Structure structure = model.structure;
  translate(structure, {0, 0, -bounds(structure).low.z});
  const StemExperiment experiment = experiment_of(structure, options, field_of(box, pixel, k));
  const double lattice_A = model.structure.metadata.at("lattice_A").get<double>();
  const Image coarse = lensing ? simulated_by_lensing(structure, experiment, options, lattice_A, result)
                               : simulate_experiment(structure, experiment, "Simulating the model").at(0);
  compare(map, box, filled_in(coarse, box, k, pixel), result);
  compare_columns(map, box, result);
  info("the model's image agrees with the measured one to {:.0f} % of its contrast (correlation {:.3f})",
       100 * result.rms, result.correlation);
  return result;
}

}  // namespace colonnade
