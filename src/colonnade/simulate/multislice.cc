// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/multislice.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "colonnade/core/error.h"
#include "colonnade/core/units.h"
#include "colonnade/core/version.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/potential.h"
#include "colonnade/simulate/scan_interpolation.h"
#include "colonnade/simulate/specimen_check.h"
#include "colonnade/simulate/stem_algorithm.h"

namespace colonnade {

namespace {

// The grid carries this much more than the outermost detector angle: what is scattered farther out comes back, too.
constexpr double angle_reserve = 1.45;
constexpr double pitch_per_nyquist = 0.9;
// A probe's images hold little near the band limit: see the help of scan_pitch.
constexpr double coarsest_per_nyquist = 1.3;

double nyquist_pitch_A(const Optics& optics) {
  return electron_wavelength_A(optics.energy_keV) / (4 * optics.semiangle_mrad * 1e-3);
}

double outermost_mrad(const std::vector<AnnularDetector>& detectors, const Optics& optics) {
  double angle = optics.semiangle_mrad;
  for (const auto& detector : detectors) angle = std::max(angle, detector.outer_mrad);
  return angle;
}

double checked_sampling(const std::vector<AnnularDetector>& detectors, const Optics& optics, double sampling_A) {
  const double outermost = outermost_mrad(detectors, optics);
  if (sampling_A == 0) return sampling_for_angle(angle_reserve * outermost, optics.energy_keV);
  const double largest = largest_angle_mrad(sampling_A, optics.energy_keV);
  if (outermost > largest) {
    fail(
        "angles up to {} mrad are asked for and a sampling of {} A carries {:.1f} mrad at most; use a sampling of "
        "{:.4f} A or finer, or 0 for automatic",
        outermost, sampling_A, largest, sampling_for_angle(outermost, optics.energy_keV));
  }
  return sampling_A;
}

double checked_pitch(const Optics& optics, double pitch_A) {
  const double nyquist = nyquist_pitch_A(optics);
  if (pitch_A == 0) return pitch_per_nyquist * nyquist;
  if (pitch_A > coarsest_per_nyquist * nyquist) {
    fail("a scan pitch of {} A undersamples this probe, whose images need {:.4f} A or finer; use 0 for automatic",
         pitch_A, nyquist);
  }
  return pitch_A;
}

struct Interval {
  double low, high;
};

// One side of the cell: all atoms and probes with the margin around them; with a window only what its reach can touch.
Interval cell_side(Interval atoms, Interval probes, const MultisliceOptions& options) {
  const double low = std::min(atoms.low, probes.low), high = std::max(atoms.high, probes.high);
  if (options.window_A == 0) return {low - options.margin_A, high + options.margin_A};
  const double reach = options.window_A / 2 + options.margin_A;
  return {std::max(low - options.margin_A, probes.low - reach), std::min(high + options.margin_A, probes.high + reach)};
}

Interval ends(const std::vector<double>& values) { return {values.front(), values.back()}; }

// The first layer of atoms lies half a slice below the cell's top, so that rounding cannot split it.
PeriodicCell make_cell(const Structure& structure, const ScanAxis& x, const ScanAxis& y, double sampling_A,
                       const MultisliceOptions& options) {
  Interval atoms_x = ends(x.samples_A()), atoms_y = ends(y.samples_A());
  PeriodicCell cell;
  if (!structure.atoms.empty()) {
    const Bounds box = bounds(structure);
    atoms_x = {box.low.x, box.high.x};
    atoms_y = {box.low.y, box.high.y};
    cell.origin.z = box.low.z - options.slice_A / 2;
  }
  const Interval side_x = cell_side(atoms_x, ends(x.samples_A()), options);
  const Interval side_y = cell_side(atoms_y, ends(y.samples_A()), options);
  const int nx = fft_size(std::max((side_x.high - side_x.low) / sampling_A, 16.0), 4);
  const int ny = fft_size(std::max((side_y.high - side_y.low) / sampling_A, 16.0), 4);
  if (nx > 16384 || ny > 16384) {
    fail(
        "the cell of {:.0f} x {:.0f} A needs {} x {} pixels, more than 16384; use a smaller field, a window, or a "
        "coarser sampling",
        side_y.high - side_y.low, side_x.high - side_x.low, ny, nx);
  }
  cell.grid = {ny, nx, sampling_A, sampling_A};
  cell.origin.x = (side_x.low + side_x.high - cell.grid.length_x_A()) / 2;
  cell.origin.y = (side_y.low + side_y.high - cell.grid.length_y_A()) / 2;
  return cell;
}

// Atoms inside the cell; those outside are out of the window's reach.
Structure atoms_within(const Structure& structure, const PeriodicCell& cell) {
  Structure result;
  for (const auto& atom : structure.atoms) {
    const double x = atom.position.x - cell.origin.x, y = atom.position.y - cell.origin.y;
    if (x >= 0 && y >= 0 && x < cell.grid.length_x_A() && y < cell.grid.length_y_A()) result.atoms.push_back(atom);
  }
  return result;
}

std::vector<ProbePosition> probe_positions(const ScanAxis& y, const ScanAxis& x) {
  std::vector<ProbePosition> positions;
  for (const double py : y.samples_A()) {
    for (const double px : x.samples_A()) positions.push_back({px, py});
  }
  return positions;
}

/// The empty image of signal i behind the whole specimen (depth 0) or down to one of the depths asked for.
Image make_image(const Signals& signals, std::size_t depth, std::size_t i, const FieldOfView& field,
                 const nlohmann::json& record) {
  const bool far = i < signals.detectors.size();
  Image image(field.height_px, field.width_px, field.pixel_size_nm);
  const bool moment = far && signals.detectors[i].moment != DetectorMoment::none;
  image.intensity = moment ? "mrad" : "fraction of beam";
  image.title = far ? signals.detectors[i].name : signals.local[i - signals.detectors.size()].name;
  image.metadata = {{"simulation", record}};
  if (far) image.metadata["simulation"]["detector"] = signals.detectors[i].record();
  if (depth > 0) {
    const double depth_nm = signals.depths_A[depth - 1] / angstrom_per_nm;
    image.metadata["simulation"]["depth_nm"] = depth_nm;
    image.title += fmt::format(" to {:.6g} nm", depth_nm);
  }
  return image;
}

nlohmann::json option_record(Optics optics, MultisliceOptions options) {
  OptionTable table;
  optics.describe(table);
  options.describe(table);
  return table.to_json();
}

}  // namespace

void FieldOfView::check() const {
  if (height_px < 1 || width_px < 1 || height_px > 65536 || width_px > 65536) {
    fail("an image of {} x {} pixels cannot be simulated; give 1 to 65536 each way", height_px, width_px);
  }
  if (!(pixel_size_nm > 0) || !std::isfinite(pixel_size_nm)) {
    fail("pixel size {} nm must be above 0, e.g. 0.02", pixel_size_nm);
  }
  if (!std::isfinite(low_x_A + low_y_A)) fail("the field of view begins at ({}, {}) A", low_x_A, low_y_A);
}

void MultisliceOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(
      prefix + "algorithm", &algorithm, "",
      "how images are computed: multislice (whole or in a window), prism, partitioned_prism, or lensing, the fast "
      "model of alloy particles (with thermal_motion absorptive)");
  table.add(prefix + "sampling", &sampling_A, "A",
            "pixel of the wave's grid; 0: carries 1.45 times the outermost detector angle (1.3 % rms from a much finer "
            "grid)");
  table.add(
      prefix + "oversampling", &oversampling, "",
      "how many times finer the transmission function is computed before it is band-limited, 1 to 8; from 2 on without "
      "aliasing (2 is then enough), 1 takes exp(i sigma V) as it falls on the grid and costs 13 to 25 % rms");
  table.add(
      prefix + "slice", &slice_A, "A",
      "slice thickness; 0: one slice for each layer of atoms, or 1 A where there are no layers; thicker ones, such as "
      "the usual 2 A, make still crystals too bright");
  table.add(prefix + "window", &window_A, "A",
            "side of the square around each probe that is propagated, 0: the whole cell; rms error of 7.5, 10, 15 A at "
            "60-100 mrad: 1.1, 0.5, 0.3 % on a 2.5 nm particle, 2.0, 1.3, 0.9 % on 7 nm");
  table.add(
      prefix + "window_tails", &window_tails, "",
      "add what the probe's tails beyond the window give, as an incoherent image; rms error of 5, 7.5, 10 A on 7 nm: "
      "2.0, 0.9, 0.5 %");
  table.add(
      prefix + "scan_pitch", &scan_pitch_A, "A",
      "distance of simulated probes, the pixels between are interpolated; 0: 0.9 of the probe's Nyquist pitch; 1.1, "
      "1.2, 1.3 of it, the most allowed, cost 0.6, 1.6, 3.6 % rms");
  table.add(prefix + "margin", &margin_A, "A", "empty border put around atoms and field");
  table.add(prefix + "memory_limit", &memory_limit_GB, "GB",
            "memory that may be used, 0: what is free; a run that needs more is refused before it starts");
  table.add(prefix + "parametrization", &parametrization, "",
            "scattering factors of the atoms: lobato, kirkland or peng");
  table.add(
      prefix + "projection", &projection, "",
      "infinite: an atom acts whole in the slice of its nucleus; finite: each slice gets its own part of the atom");
  thermal.describe(table, section);
  table.add(
      prefix + "prism_interpolation", &prism_interpolation, "",
      "prism, partitioned_prism: every so many-th beam each way, probes in crops of the cell over this; 1: exact");
  table.add(prefix + "parent_rings", &parent_rings, "",
            "partitioned_prism: rings of parent beams around the central one; n rings: 1 + 3 n (n + 1) beams");
}

void MultisliceOptions::check() const {
  const auto require = [](bool right, const char* name, double value, const char* wanted) {
    if (!right || !std::isfinite(value)) fail("{} is {}; give {}", name, value, wanted);
  };
  require(sampling_A == 0 || (sampling_A >= 0.005 && sampling_A <= 1), "sampling", sampling_A,
          "0.005 to 1 A, or 0 for automatic");
  require(oversampling >= 1 && oversampling <= 8, "oversampling", oversampling, "a whole number from 1 to 8");
  require(slice_A == 0 || (slice_A >= 0.01 && slice_A <= 100), "slice", slice_A,
          "a thickness of 0.01 to 100 A, or 0 for automatic");
  require(window_A == 0 || window_A >= 2, "window", window_A, "2 A or more, or 0 for the whole cell");
  require(scan_pitch_A >= 0, "scan_pitch", scan_pitch_A, "a distance above 0 A, or 0 for automatic");
  require(margin_A >= 0 && margin_A <= 1000, "margin", margin_A, "0 to 1000 A");
  require(memory_limit_GB >= 0, "memory_limit", memory_limit_GB, "a number of GB, or 0 for what is free");
  require(prism_interpolation >= 1 && prism_interpolation <= 1000, "prism_interpolation", prism_interpolation,
          "a whole number from 1 to 1000");
  require(parent_rings >= 1 && parent_rings <= 1000, "parent_rings", parent_rings, "a whole number from 1 to 1000");
  parse_parametrization(parametrization);
  parse_projection(projection);
  thermal.check();
}

ProbeArea scanned_area(const FieldOfView& field, const Optics& optics, const MultisliceOptions& options) {
  const double pixel = field.pixel_size_nm * angstrom_per_nm, pitch = checked_pitch(optics, options.scan_pitch_A);
  const ScanAxis x(field.low_x_A, pixel, field.width_px, pitch), y(field.low_y_A, pixel, field.height_px, pitch);
  const Interval across = ends(x.samples_A()), down = ends(y.samples_A());
  return {across.low, across.high, down.low, down.high, double(x.samples_A().size()) * double(y.samples_A().size())};
}

MultisliceOptions settled(const Structure& structure, MultisliceOptions options) {
  if (options.slice_A != 0) return options;
  options.slice_A = 1;
  if (structure.atoms.empty()) return options;
  const Bounds box = bounds(structure);
  // Layers of crystals are 0.8 A apart or more in the usual zone axes.
  constexpr double most_slices_per_A = 1.3;
  for (const double thickness : {0.02, 0.1, 0.25, 0.5}) {
    std::set<long long> occupied;
    for (const auto& atom : structure.atoms) {
      occupied.insert(std::llround((atom.position.z - box.low.z) / thickness));
    }
    if (double(occupied.size()) > 2 + most_slices_per_A * (box.high.z - box.low.z)) continue;
    options.slice_A = thickness;
    break;
  }
  return options;
}

Specimen specimen_around(const Structure& structure, const Optics& optics,
                         const std::vector<AnnularDetector>& detectors, const ProbeArea& area,
                         const MultisliceOptions& options) {
  const double sampling = checked_sampling(detectors, optics, options.sampling_A);
  const auto ends_of = [](double low, double high) { return ScanAxis(low, high - low, high > low ? 2 : 1, 0); };
  const PeriodicCell cell = make_cell(structure, ends_of(area.low_x_A, area.high_x_A),
                                      ends_of(area.low_y_A, area.high_y_A), sampling, options);
  return {cell, atoms_within(structure, cell)};
}

std::vector<Image> simulate_stem(const Structure& structure, const Optics& optics,
                                 const std::vector<AnnularDetector>& detectors, const FieldOfView& field,
                                 const MultisliceOptions& options, const std::string& label) {
  check_detectors(detectors);
  return simulate_stem(structure, optics, Signals{detectors, {}}, field, options, label, make_stem_algorithm);
}

std::vector<Image> simulate_stem(const Structure& structure, const Optics& optics, const Signals& signals,
                                 const FieldOfView& field, const MultisliceOptions& given, const std::string& label,
                                 const StemAlgorithmFactory& factory) {
  optics.check();
  given.check();
  field.check();
  signals.check();
  check_specimen(structure, parse_parametrization(given.parametrization));
  const MultisliceOptions options = settled(structure, given);
  const double sampling = checked_sampling(signals.detectors, optics, options.sampling_A);
  const double pitch = checked_pitch(optics, options.scan_pitch_A);
  const double pixel = field.pixel_size_nm * angstrom_per_nm;
  const ScanAxis x(field.low_x_A, pixel, field.width_px, pitch), y(field.low_y_A, pixel, field.height_px, pitch);
  const PeriodicCell cell = make_cell(structure, x, y, sampling, options);
  const auto algorithm = factory(atoms_within(structure, cell), cell, optics, signals, options);
  const auto scanned = algorithm->scan(probe_positions(y, x), label);

  double remaining = 0;
  for (const auto& probe : scanned) remaining += probe[signals.values_per_depth() - 1] / double(scanned.size());
  nlohmann::json record = {
      {"method", options.algorithm},
      {"version", version},
      {"options", option_record(optics, options)},
      {"defocus_sign", defocus_statement},
      {"wavelength_A", electron_wavelength_A(optics.energy_keV)},
      {"sampling_A", sampling},
      {"grid_px", {cell.grid.ny, cell.grid.nx}},
      {"largest_angle_mrad", largest_angle_mrad(sampling, optics.energy_keV)},
      {"scan_samples", {y.samples_A().size(), x.samples_A().size()}},
      {"low_A", {{"x", field.low_x_A}, {"y", field.low_y_A}}},
      {"mean_fraction_within_band_limit", remaining},
  };
  record.update(algorithm->record());
  std::vector<Image> images;
  for (std::size_t depth = 0; depth <= signals.depths_A.size(); ++depth) {
    for (std::size_t i = 0; i + 1 < signals.values_per_depth(); ++i) {
      std::vector<float> samples;
      for (const auto& probe : scanned) samples.push_back(probe[depth * signals.values_per_depth() + i]);
      images.push_back(make_image(signals, depth, i, field, record));
      images.back().data = interpolate_scan(y, x, samples);
      if (images.back().intensity == "mrad") continue;
      for (float& value : images.back().data) value = std::max(value, 0.0F);
    }
  }
  return images;
}

}  // namespace colonnade
