// SPDX-License-Identifier: GPL-3.0-or-later
// Multislice on a torch device: multislice_engine.h with a batch of probes in place of one, plain two-dimensional
// transforms in place of the passes that suit a processor's caches. Only sources of this folder include this header.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "colonnade/simulate/device/torch_device.h"
#include "colonnade/simulate/stem_algorithm.h"
#include "colonnade/simulate/transmission.h"

namespace colonnade {

class DeviceMultislice : public StemAlgorithm {
 public:
  /// `memory_GB` as in device_stem_algorithms(). Fails where Multislice does, and where the device's memory is too
  /// small.
  DeviceMultislice(const Structure& structure, const PeriodicCell& cell, const Optics& optics, const Signals& signals,
                   const MultisliceOptions& options, const at::Device& device, double memory_GB);

  std::vector<std::vector<float>> scan(const std::vector<ProbePosition>& positions,
                                       const std::string& label = "") const override;
  nlohmann::json record() const override;

 private:
  /// A batch of probes set down: shifts (probe, y, 1) and (probe, 1, x), and in a window the pixels of the cell that it
  /// covers, (probe, y, 1) and (probe, 1, x).
  struct Batch {
    at::Tensor shift_y, shift_x, rows, columns;
  };

  bool windowed() const;
  void plan_memory(const Signals& signals, double memory_GB);
  void upload();
  void prepare_waves(const Optics& optics, double slice_A);
  void prepare_local(const LocalSignalMaps& maps);
  void prepare_detectors(const std::vector<AnnularDetector>& detectors, double wavelength_A);
  at::Tensor to_device(const void* data, std::vector<std::int64_t> shape, at::ScalarType type) const;
  Batch place(const ProbePosition* first, int count) const;
  /// A map of the cell (y, x) as each probe's window shows it, (probe, y, x); without a window the map.
  at::Tensor around_probes(const at::Tensor& map, const Batch& batch) const;
  static at::Tensor sum_rows(const at::Tensor& intensity, const at::Tensor& weights);
  /// Adds to sums (probe, local signal) what the wave before a slice gives.
  void measure_local(int slice, const at::Tensor& wave, const Batch& batch, at::Tensor& sums) const;
  /// (probe, detector..., local signal..., the whole band), on the processor.
  at::Tensor run(const Batch& batch) const;

  PeriodicCell cell_;
  WaveGrid window_;
  at::Device device_;
  double probe_in_window_ = 1, budget_ = 0;
  DeviceMemory memory_;
  int batch_ = 1;
  std::vector<int> indices_;  ///< of the slices that hold atoms
  std::unique_ptr<TransmissionStack> stack_;
  std::vector<at::Tensor> slices_;        ///< (y, x); on the processor views of stack_, which else is let go
  at::Tensor incident_;                   ///< the probe, taken to the first slice that holds atoms
  std::map<int, at::Tensor> free_space_;  ///< by distance in slices
  std::vector<at::Tensor> weights_;       ///< one per detector, then the whole band
  int local_signals_ = 0;
  std::map<int, std::vector<std::pair<int, at::Tensor>>> local_;  ///< by slice: signal, weights (y, x) of the cell
};

}  // namespace colonnade
