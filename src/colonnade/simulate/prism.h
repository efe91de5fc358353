// SPDX-License-Identifier: GPL-3.0-or-later
// STEM by PRISM (C. Ophus, Adv. Struct. Chem. Imaging 3, 13, 2017): plane waves once through the whole specimen, then
// each probe is a sum over them, in a crop of cell / f around it. f = 1 is multislice; f > 1 takes every f-th plane
// wave each way, and what it costs in accuracy is that the probe has the crop's period.
// The sums of neighbouring probes are one matrix product for each row of the crop. With f = 1 there are no crops, and
// the sums are done for a whole lattice of probes at once: at each point of the far field, the amplitude over the
// probe's place is the Fourier transform of the amplitude over the beams. The image has no frequency beyond twice the
// aperture's, so that it is known everywhere from a lattice twice as fine as the aperture needs.
#pragma once

#include <vector>

#include "colonnade/simulate/scattering_matrix.h"
#include "colonnade/simulate/stem_algorithm.h"

namespace colonnade {

class Prism : public StemAlgorithm {
 public:
  /// Uses prism_interpolation and what Multislice uses, but for the window. Fails on local signals, on a detector
  /// beyond the band limit and, before it starts, where the matrix would not fit into the memory.
  Prism(const Structure& structure, const PeriodicCell& cell, const Optics& optics, const Signals& signals,
        const MultisliceOptions& options);

  std::vector<std::vector<float>> scan(const std::vector<ProbePosition>& positions,
                                       const std::string& label = "") const override;
  nlohmann::json record() const override;

 private:
  struct Workspace;
  void add_up(const ProbeTile& tile, const std::vector<ProbePosition>& positions, Workspace& workspace) const;
  std::vector<std::vector<float>> scan_crops(const std::vector<ProbePosition>& positions,
                                             const std::string& label) const;
  /// Of each signal: the Fourier coefficients of its image of the cell.
  std::vector<AlignedArray<std::complex<float>>> image_spectra(int ny, int nx, const std::string& label) const;
  std::vector<std::vector<float>> scan_image(const std::vector<ProbePosition>& positions,
                                             const std::string& label) const;

  PeriodicCell cell_;
  int interpolation_;
  std::vector<Beam> beams_;
  ScatteringMatrix matrix_;
  CropDetectors detectors_;
  double band_end_;  ///< no wave beyond, 1/A
};

}  // namespace colonnade
