// SPDX-License-Identifier: GPL-3.0-or-later
// Partitioned PRISM (P. Pelz, A. Rakowski, L. Rangel DaCosta, B. Savitzky, M. Scott, C. Ophus, Microsc. Microanal. 27,
// 835, 2021): only few parent beams on rings of the aperture go through the specimen; the exit waves of all others,
// apart from the tilt of their own plane wave, are interpolated between the parents'.
//
// Weights are those of ordinary kriging (G. Matheron 1963) rather than natural neighbours: apart from its tilt, an exit
// wave is a smooth function of the beam's direction, whose smoothness is known: its transform over directions extends
// as far as waves are displaced between entering and leaving. A parent's weights are 1 at itself and 0 at other
// parents; the weights of a child sum to 1. As the tilt is taken out in the middle of the specimen
// (scattering_matrix.h), the displacement is at most half of what it is at the exit. With every beam a parent it is
// PRISM.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "colonnade/simulate/scattering_matrix.h"
#include "colonnade/simulate/stem_algorithm.h"

namespace colonnade {

/// Beams at the centre and on `rings` rings, 6 j on the j-th, the last at the aperture's edge; each moved to the
/// nearest point of the cell's Fourier grid. All children where these are no more than that.
std::vector<Beam> parent_beams(const WaveGrid& cell, const std::vector<Beam>& children, int rings,
                               double largest_k_per_A);

/// (children, parents): how much of each parent is in each child. `spread_A`: standard deviation of displacements.
Eigen::MatrixXd partition_weights(const WaveGrid& cell, const std::vector<Beam>& children,
                                  const std::vector<Beam>& parents, double spread_A);

class PartitionedPrism : public StemAlgorithm {
 public:
  /// Uses prism_interpolation, parent_rings and what Multislice uses, but for the window. Fails as Prism does.
  PartitionedPrism(const Structure& structure, const PeriodicCell& cell, const Optics& optics, const Signals& signals,
                   const MultisliceOptions& options);

  std::vector<std::vector<float>> scan(const std::vector<ProbePosition>& positions,
                                       const std::string& label = "") const override;
  nlohmann::json record() const override;

 private:
  using Complex = std::complex<float>;
  struct Workspace;
  void prepare_beamlets(const Eigen::MatrixXd& weights, double wavelength_A);
  void add_up(const ProbeTile& tile, const std::vector<ProbePosition>& positions, Workspace& workspace) const;
  /// Where the parents' rows y begin, each of the crop's width.
  std::size_t beamlet_offset(int shift, int y) const {
    return (std::size_t(shift) * matrix_.crop().ny + y) * parents_.size() * matrix_.crop().nx;
  }

  PeriodicCell cell_;
  int interpolation_;
  double spread_A_;
  std::vector<Beam> children_, parents_;
  ScatteringMatrix matrix_;
  CropDetectors detectors_;
  AlignedArray<Complex> beamlets_;  ///< [shift][y][parent][x]: the part of the probe that a parent stands for
};

}  // namespace colonnade
