// SPDX-License-Identifier: GPL-3.0-or-later
// The scattering matrix of PRISM (C. Ophus, Adv. Struct. Chem. Imaging 3, 13, 2017): the exit waves of plane waves, by
// multislice. Two departures from the paper, both without cost. Exit waves are stored on the coarsest grid that carries
// the band limit, (2/3)^2 of the pixels. And they are taken back through empty space to the middle of the specimen,
// which no detector in the far field can see: there a wave has spread least from where it was scattered, so that a crop
// around a probe loses less of it.
#pragma once

#include <complex>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "colonnade/core/parallel.h"
#include "colonnade/core/progress.h"
#include "colonnade/image/fft.h"
#include "colonnade/simulate/aperture_beams.h"
#include "colonnade/simulate/multislice.h"
#include "colonnade/simulate/potential.h"
#include "colonnade/simulate/stem_algorithm.h"

namespace colonnade {

class Propagator;
class TransmissionStack;

/// The grid on which exit waves of the whole cell are stored, and that of a crop: the same pitch.
struct PrismGrids {
  WaveGrid whole, crop;
};
PrismGrids prism_grids(const WaveGrid& cell, int interpolation);

class ScatteringMatrix {
 public:
  using Complex = std::complex<float>;
  /// Crops are cell / interpolation wide; with an interpolation of 1 and `far_field` the waves are kept as their
  /// Fourier coefficients, in FFT order. Fails before the work starts where the matrix would not fit into the memory.
  ScatteringMatrix(const Structure& structure, const PeriodicCell& cell, const Optics& optics,
                   const MultisliceOptions& options, int interpolation, const std::vector<Beam>& beams,
                   bool far_field = false);

  /// The whole cell as it is stored, and a crop of it: the same pitch.
  const WaveGrid& grid() const { return grid_; }
  const WaveGrid& crop() const { return crop_; }
  /// grid().nx pixels of an exit wave; an incident wave of amplitude 1 at the entrance surface. The rows y of all beams
  /// lie one after another.
  const Complex* row(int y, std::size_t beam) const {
    return data_.data() + (std::size_t(y) * beams_ + beam) * grid_.nx;
  }
  std::size_t beams() const { return beams_; }
  /// Where waves are given: this far below the entrance surface.
  double depth_A() const { return depth_A_; }
  double bytes() const { return double(data_.size()) * sizeof(Complex); }
  int slice_count() const { return slices_; }

 private:
  void compute(const TransmissionStack& stack, const std::vector<Beam>& beams, double wavelength_A, double slice_A);
  void store(std::size_t beam, const AlignedArray<Complex>& wave);

  WaveGrid grid_, crop_;
  std::size_t beams_ = 0;
  double depth_A_ = 0;
  int slices_ = 0;
  bool far_field_;
  AlignedArray<Complex> data_;
};

/// Far-field detectors on the Fourier grid of a crop.
class CropDetectors {
 public:
  /// `soft`: edges one step of the crop's Fourier grid wide.
  CropDetectors(const std::vector<AnnularDetector>& detectors, const WaveGrid& crop, double wavelength_A, bool soft);
  /// The fraction of the beam on each detector, then within the band limit, of a wave whose squares sum to the crop's
  /// number of pixels in vacuum; transforms it in place.
  std::vector<float> measure(AlignedArray<std::complex<float>>& wave) const;
  /// What the square of each point of the transform counts for: of each detector, then of all.
  const std::vector<std::vector<float>>& weights() const { return weights_; }

 private:
  FftPlan forward_;
  std::vector<std::vector<float>> weights_;
};

/// Probes whose crops nearly coincide.
struct ProbeTile {
  int top = 0, left = 0;         ///< of the area that all crops lie in, pixels of the stored grid
  int height = 0, width = 0;     ///< of that area
  std::vector<int> probes;       ///< indices of positions
  std::vector<int> down, right;  ///< for each probe: from the area's corner to its crop's
};
/// Fails on a position that is no number. `tile_px`: how far apart the crops of a tile may begin; at most `most`
/// probes in each. A crop's middle lies on the pixel floor(place + `rounding`) of its probe.
std::vector<ProbeTile> probe_tiles(const std::vector<ProbePosition>& positions, const PeriodicCell& cell,
                                   const WaveGrid& grid, const WaveGrid& crop, int tile_px, int most, double rounding);

/// Measures the probes of all tiles, in parallel. `add_up(tile, workspace)` puts the exit waves of a tile's probes into
/// workspace.waves; each thread has a Workspace of its own.
template <class Workspace, class AddUp>
std::vector<std::vector<float>> scan_tiles(const std::vector<ProbeTile>& tiles, std::size_t probes,
                                           const CropDetectors& detectors, const std::string& label,
                                           const AddUp& add_up) {
  std::vector<std::vector<float>> result(probes);
  std::unique_ptr<Progress> progress;
  if (!label.empty()) progress = std::make_unique<Progress>(label, std::int64_t(probes));
  std::vector<Workspace> workspaces(thread_count());
  parallel_for(std::int64_t(tiles.size()), [&](std::int64_t t, int worker) {
    const ProbeTile& tile = tiles[std::size_t(t)];
    Workspace& workspace = workspaces[std::size_t(worker)];
    add_up(tile, workspace);
    for (std::size_t i = 0; i < tile.probes.size(); ++i) {
      result[std::size_t(tile.probes[i])] = detectors.measure(workspace.waves[i]);
    }
    if (progress) progress->advance(std::int64_t(tile.probes.size()));
  });
  return result;
}

/// Fails where signals ask for more than far-field detectors, or detectors reach too far.
void check_prism_signals(const Signals& signals, const WaveGrid& cell, double wavelength_A);

}  // namespace colonnade
