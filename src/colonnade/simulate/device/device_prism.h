// SPDX-License-Identifier: GPL-3.0-or-later
// PRISM on a torch device: prism.h and scattering_matrix.h with batches of plane waves in place of one, the matrix on
// the device, and one matrix product for each tile of neighbouring probes. Only sources of this folder include this
// header.
#pragma once

#include <vector>

#include "colonnade/simulate/aperture_beams.h"
#include "colonnade/simulate/device/device_specimen.h"
#include "colonnade/simulate/device/torch_device.h"
#include "colonnade/simulate/scattering_matrix.h"
#include "colonnade/simulate/stem_algorithm.h"

namespace colonnade {

class DevicePrism : public StemAlgorithm {
 public:
  /// `memory_GB` as in device_stem_algorithms(). Fails where Prism does, and where the matrix does not fit the device.
  DevicePrism(const Structure& structure, const PeriodicCell& cell, const Optics& optics, const Signals& signals,
              const MultisliceOptions& options, const at::Device& device, double memory_GB);

  std::vector<std::vector<float>> scan(const std::vector<ProbePosition>& positions,
                                       const std::string& label = "") const override;
  nlohmann::json record() const override;

 private:
  /// How a wave of the cell becomes one of the stored grid: which frequencies go where, and times what.
  struct Storing {
    at::Tensor from_rows, from_columns, to_rows, to_columns, factors;
  };
  /// `depth_A`: where waves are stored; `last_A`: the last slice.
  Storing plan_storing(double depth_A, double last_A) const;
  void plan_memory(const TransmissionStack& stack, std::size_t tables, double memory_GB);
  void compute(const DeviceSpecimen& specimen, const Storing& storing, double first_A);
  at::Tensor store(const at::Tensor& spectrum, const Storing& storing) const;
  int tile_side() const;
  at::Tensor coefficients(const ProbeTile& tile, const std::vector<ProbePosition>& positions) const;
  /// (probe, detector... and the whole band) on the processor.
  at::Tensor run(const ProbeTile& tile, const std::vector<ProbePosition>& positions) const;

  PeriodicCell cell_;
  PrismGrids grids_;
  at::Device device_;
  int interpolation_;
  double wavelength_A_, budget_ = 0, needed_ = 0;
  int waves_together_ = 1, probes_together_ = 1, slices_ = 0;
  std::vector<Beam> beams_;
  at::Tensor matrix_;  ///< (beam, y, x)
  std::vector<at::Tensor> weights_;
};

}  // namespace colonnade
