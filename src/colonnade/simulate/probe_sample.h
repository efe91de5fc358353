// SPDX-License-Identifier: GPL-3.0-or-later
// A few probes that stand for an image: what an error of the whole image is estimated from, and the error itself.
// Lengths in Angstrom, intensities as fractions of the beam, times in seconds of processor time.
#pragma once

#include <cstdint>
#include <vector>

#include "colonnade/simulate/stem_algorithm.h"

namespace colonnade {

/// Probe positions and the share of the field that each stands for; shares sum to 1.
struct ProbeSample {
  std::vector<ProbePosition> positions;
  std::vector<double> shares;
};
/// Seeded, stratified by an estimate of the intensity (atoms' Z^1.7 under a blurred probe): half of the probes are
/// spread evenly over the field, half where it is bright; shares undo that. Weighted means over the sample are unbiased
/// estimates of means over the field.
ProbeSample sample_probes(const Structure& structure, const FieldOfView& field, int count, std::uint64_t seed);

/// Intensities of probes, as doubles: [detector][probe].
using ProbeValues = std::vector<std::vector<double>>;

/// How far values are from those they should have.
struct ErrorFigure {
  double rms_over_mean = 0;  ///< root mean square of the difference over the mean of the reference
  double uncertainty = 0;    ///< of rms_over_mean, from the spread among the probes (one standard deviation)
  double mean_ratio = 1;     ///< mean of the values over mean of the reference
};
ErrorFigure error_of(const std::vector<double>& values, const std::vector<double>& reference,
                     const std::vector<double>& shares);

/// Processor time of this process so far.
double processor_seconds();

/// Probes by given options, with what they cost.
struct ProbeRun {
  ProbeValues values;
  double setup_s = 0, scan_s = 0;  ///< processor time: everything probes share; the probes
};
/// In the cell that simulate_stem uses for a whole area. With a unit above 0 the cell is enlarged to sides that are
/// multiples of a quarter of it, so that grids of different pitch have the very same cell (the probe, periodic in the
/// cell, differs by a percent from one cell to another); the pitch must divide the unit into a fast number of pixels.
ProbeRun run_in_area(const Structure& structure, const Optics& optics, const std::vector<AnnularDetector>& detectors,
                     const ProbeArea& area, const std::vector<ProbePosition>& positions,
                     const MultisliceOptions& options, double cell_unit_A = 0);
/// Each probe in a cell just large enough for its window, which is cheaper on fine grids; needs a window.
ProbeRun run_one_by_one(const Structure& structure, const Optics& optics, const std::vector<AnnularDetector>& detectors,
                        const std::vector<ProbePosition>& positions, const MultisliceOptions& options,
                        double cell_unit_A = 0);

/// The area of one probe.
ProbeArea point(const ProbePosition& at);
/// The side in pixels of the window that these options give; fails where the window is too small for the probe.
int window_pixels(const Optics& optics, const std::vector<AnnularDetector>& detectors,
                  const MultisliceOptions& options);
/// The sides that the engine gives to windows: the next fast number of pixels.
int window_size(double at_least);
/// The option window_A that gives a window of this many pixels, one of those.
double window_of_pixels(int pixels, double sampling_A);
/// The side in A of a window that holds the probe well: 10, more where aberrations make the probe wide.
double window_for_probe(const Optics& optics, const std::vector<AnnularDetector>& detectors, MultisliceOptions options);

/// Predicted processor time, from the grid and the numbers of slices and atoms, with figures of a 2020s core; a factor
/// of two is to be expected.
struct Cost {
  double setup_s = 0, per_probe_s = 0;
  double total_s(double probes) const { return setup_s + probes * per_probe_s; }
};
Cost predict_multislice_cost(const Specimen& specimen, const MultisliceOptions& options);

}  // namespace colonnade
