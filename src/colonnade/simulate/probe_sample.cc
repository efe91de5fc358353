// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/probe_sample.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <numeric>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/random.h"
#include "colonnade/core/units.h"
#include "colonnade/image/fft.h"

namespace colonnade {

namespace {

constexpr int candidates_per_probe = 64;
constexpr double narrowest_window_A = 10, widest_window_A = 60;
constexpr double blur_A = 0.5, reach_A = 1.6;
constexpr double brightness_exponent = 1.7;  // of the atomic number, as HAADF intensities have

double brightness(const Structure& structure, const ProbePosition& at) {
  double sum = 0;
  for (const auto& atom : structure.atoms) {
    const double x = atom.position.x - at.x_A, y = atom.position.y - at.y_A, squared = x * x + y * y;
    if (squared > reach_A * reach_A) continue;
    sum += std::pow(atom.number, brightness_exponent) * std::exp(-squared / (2 * blur_A * blur_A));
  }
  return sum;
}

// Candidates jittered on a grid that covers the field.
std::vector<ProbePosition> candidates_in(const FieldOfView& field, int wanted, Random& random) {
  const double pixel = field.pixel_size_nm * angstrom_per_nm;
  const double width = field.width_px * pixel, height = field.height_px * pixel;
  const int columns = std::max(1, int(std::lround(std::sqrt(wanted * width / height))));
  const int rows = std::max(1, wanted / columns);
  std::vector<ProbePosition> result;
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      result.push_back({field.low_x_A - pixel / 2 + width * (column + random.uniform()) / columns,
                        field.low_y_A - pixel / 2 + height * (row + random.uniform()) / rows});
    }
  }
  return result;
}

double mean(const std::vector<double>& values, const std::vector<double>& shares) {
  return std::inner_product(values.begin(), values.end(), shares.begin(), 0.0);
}

// Sides of j times a quarter of the unit, j a fast number, around the same centre.
Specimen enlarged(const Structure& structure, const Specimen& specimen, double unit_A) {
  PeriodicCell cell = specimen.cell;
  WaveGrid& grid = cell.grid;
  const int step = int(std::lround(unit_A / grid.pitch_x_A)) / 4;
  const auto enlarge = [step](int pixels) { return step * fft_size(double(pixels) / step); };
  const int nx = enlarge(grid.nx), ny = enlarge(grid.ny);
  cell.origin.x -= (nx - grid.nx) * grid.pitch_x_A / 2;
  cell.origin.y -= (ny - grid.ny) * grid.pitch_y_A / 2;
  grid.nx = nx;
  grid.ny = ny;
  Structure atoms;
  for (const auto& atom : structure.atoms) {
    const double x = atom.position.x - cell.origin.x, y = atom.position.y - cell.origin.y;
    if (x >= 0 && y >= 0 && x < grid.length_x_A() && y < grid.length_y_A()) atoms.atoms.push_back(atom);
  }
  return {cell, atoms};
}

void append(ProbeRun& run, const Structure& structure, const Optics& optics,
            const std::vector<AnnularDetector>& detectors, const ProbeArea& area,
            const std::vector<ProbePosition>& positions, const MultisliceOptions& options, double cell_unit_A) {
  const double start = processor_seconds();
  Specimen specimen = specimen_around(structure, optics, detectors, area, options);
  if (cell_unit_A > 0) specimen = enlarged(structure, specimen, cell_unit_A);
  const auto algorithm = make_stem_algorithm(specimen.atoms, specimen.cell, optics, Signals{detectors, {}}, options);
  const double ready = processor_seconds();
  run.values.resize(detectors.size());
  for (const auto& probe : algorithm->scan(positions, "")) {
    for (std::size_t d = 0; d < detectors.size(); ++d) run.values[d].push_back(probe[d]);
  }
  run.setup_s += ready - start;
  run.scan_s += processor_seconds() - ready;
}

}  // namespace

ProbeSample sample_probes(const Structure& structure, const FieldOfView& field, int count, std::uint64_t seed) {
  field.check();
  if (count < 1) fail("{} probes cannot stand for an image; give at least 1", count);
  Random random(seed);
  const auto candidates = candidates_in(field, candidates_per_probe * count, random);
  const std::size_t size = candidates.size();
  std::vector<double> bright(size);
  parallel_for(std::int64_t(size), [&](std::int64_t i, int) { bright[i] = brightness(structure, candidates[i]); });
  const double sum = std::accumulate(bright.begin(), bright.end(), 0.0);
  std::vector<std::size_t> order(size);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return bright[a] > bright[b]; });
  ProbeSample sample;
  std::size_t first = 0;
  double measure = 0;
  for (std::size_t i = 0; i < size; ++i) {
    measure += 0.5 / double(size) + 0.5 * (sum > 0 ? bright[order[i]] / sum : 1 / double(size));
    const bool stratum_ends = measure >= double(sample.positions.size() + 1) / count - 1e-9 || i + 1 == size;
    if (!stratum_ends || int(sample.positions.size()) == count) continue;
    const bool last = int(sample.positions.size()) + 1 == count;
    const std::size_t end = last ? size : i + 1;
    sample.positions.push_back(candidates[order[first + random.below(end - first)]]);
    sample.shares.push_back(double(end - first) / double(size));
    first = end;
  }
  return sample;
}

// Neighbouring strata are alike: the difference of their terms shows the spread within them (collapsed strata).
ErrorFigure error_of(const std::vector<double>& values, const std::vector<double>& reference,
                     const std::vector<double>& shares) {
  std::vector<double> terms(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) terms[i] = shares[i] * std::pow(values[i] - reference[i], 2);
  const double squares = std::accumulate(terms.begin(), terms.end(), 0.0);
  double variance = 0;
  for (std::size_t i = 0; i + 1 < terms.size(); i += 2) variance += std::pow(terms[i] - terms[i + 1], 2);
  ErrorFigure figure;
  const double expected = mean(reference, shares);
  if (expected <= 0) return figure;
  figure.rms_over_mean = std::sqrt(squares) / expected;
  figure.uncertainty = squares > 0 ? 0.5 * std::sqrt(variance) / squares * figure.rms_over_mean : 0;
  figure.mean_ratio = mean(values, shares) / expected;
  return figure;
}

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

ProbeRun run_in_area(const Structure& structure, const Optics& optics, const std::vector<AnnularDetector>& detectors,
                     const ProbeArea& area, const std::vector<ProbePosition>& positions,
                     const MultisliceOptions& options, double cell_unit_A) {
  ProbeRun run;
  append(run, structure, optics, detectors, area, positions, options, cell_unit_A);
  return run;
}

ProbeRun run_one_by_one(const Structure& structure, const Optics& optics, const std::vector<AnnularDetector>& detectors,
                        const std::vector<ProbePosition>& positions, const MultisliceOptions& options,
                        double cell_unit_A) {
  if (options.window_A == 0) fail("probes can be computed one by one in a window only; give window above 0");
  ProbeRun run;
  for (const auto& at : positions) {
    append(run, structure, optics, detectors, point(at), {at}, options, cell_unit_A);
  }
  return run;
}

ProbeArea point(const ProbePosition& at) { return {at.x_A, at.x_A, at.y_A, at.y_A}; }

// An empty specimen shows what the engine makes of a window.
int window_pixels(const Optics& optics, const std::vector<AnnularDetector>& detectors,
                  const MultisliceOptions& options) {
  const Specimen specimen = specimen_around({}, optics, detectors, {}, options);
  const auto algorithm = make_stem_algorithm({}, specimen.cell, optics, Signals{detectors, {}}, options);
  return algorithm->record().at("window_px").at(0);
}

int window_size(double at_least) {
  const int size = fft_size(at_least, 8);
  return size == 120 ? 128 : size;
}

// The engine rounds 0.97 of the side up to a fast number of pixels.
double window_of_pixels(int pixels, double sampling_A) { return (pixels - 0.5) * sampling_A / 0.97; }

double window_for_probe(const Optics& optics, const std::vector<AnnularDetector>& detectors,
                        MultisliceOptions options) {
  options.algorithm = "multislice";
  for (options.window_A = narrowest_window_A;; options.window_A *= 1.5) {
    try {
      window_pixels(optics, detectors, options);
      return options.window_A;
    } catch (const Error&) {
      if (options.window_A > widest_window_A) throw;
    }
  }
}

Cost predict_multislice_cost(const Specimen& specimen, const MultisliceOptions& options) {
  // Measured: per pixel and binary digit of the number of pixels for transforms (a probe's slice is two and 10 to 20
  // %), per pixel for the potential's elements and the exponential, per pixel and atom for the structure factors.
  constexpr double transforms_s = 8e-10, probe_slice_s = 3.6e-10, expose_s = 3e-8, atom_s = 1.6e-10;
  const WaveGrid& grid = specimen.cell.grid;
  const auto slices = slice_atoms(specimen.atoms, specimen.cell, options.slice_A);
  const double fine = double(grid.size()) * options.oversampling * options.oversampling;
  double occupied = 0;
  for (const auto& slice : slices) occupied += slice.empty() ? 0 : 1;
  const double side = options.window_A == 0 ? 1e9 : options.window_A;
  const double pixels =
      std::min(side / grid.pitch_x_A, double(grid.nx)) * std::min(side / grid.pitch_y_A, double(grid.ny));
  Cost cost;
  cost.setup_s = occupied * fine * (expose_s + transforms_s * std::log2(fine)) +
                 atom_s * fine * double(specimen.atoms.atoms.size());
  cost.per_probe_s = std::max(occupied, 1.0) * probe_slice_s * pixels * std::log2(pixels);
  return cost;
}

}  // namespace colonnade
