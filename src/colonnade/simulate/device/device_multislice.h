// SPDX-License-Identifier: GPL-3.0-or-later
// Multislice on a torch device: multislice_engine.h with a batch of probes in place of one, plain two-dimensional
// transforms in place of the passes that suit a processor's caches. Only sources of this folder include this header.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "colonnade/simulate/device/device_specimen.h"
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
  /// Holds the patterns of one batch.
  void scan_patterns(const std::vector<ProbePosition>& positions, const PatternGrid& grid, const PatternSink& sink,
                     const std::string& label = "") const override;
  nlohmann::json record() const override;

 private:
  /// A batch of probes set down: shifts (probe, y, 1) and (probe, 1, x), and in a window the pixels of the cell that it
  /// covers, (probe, y, 1) and (probe, 1, x).
  struct Batch {
    at::Tensor shift_y, shift_x, rows, columns;
  };

  /// Called with the spectrum behind so many slices, not normalised.
  using Measure = std::function<void(int slices, const at::Tensor& spectrum)>;

  bool windowed() const;
  void plan_memory(const TransmissionStack& stack, const Signals& signals, double memory_GB);
  void prepare_incident(const Optics& optics, double depth_A);
  void prepare_local(const LocalSignalMaps& maps);
  Batch place(const ProbePosition* first, int count) const;
  /// A map of the cell (y, x) as each probe's window shows it, (probe, y, x); without a window the map.
  at::Tensor around_probes(const at::Tensor& map, const Batch& batch) const;
  /// Adds to sums (probe, local signal) what the wave before a slice gives.
  void measure_local(int slice, const at::Tensor& wave, const Batch& batch, at::Tensor& sums) const;
  /// (probe, detector..., local signal..., the whole band).
  at::Tensor measure(const at::Tensor& spectrum, const at::Tensor& local) const;
  /// (probe, y, x) in Fourier space behind the last slice.
  at::Tensor pass(const Batch& batch, at::Tensor& local, const Measure& behind) const;
  at::Tensor no_local_sums(const Batch& batch) const;
  /// The values of measure() behind the specimen, then for each depth, on the processor.
  at::Tensor run(const Batch& batch) const;

  PeriodicCell cell_;
  WaveGrid window_;
  at::Device device_;
  double wavelength_A_, probe_in_window_ = 1, budget_ = 0;
  DeviceMemory memory_;
  int batch_ = 1;
  std::unique_ptr<DeviceSpecimen> specimen_;
  at::Tensor incident_;              ///< the probe, taken to the first slice that holds atoms
  std::vector<at::Tensor> weights_;  ///< one per detector, then the whole band
  std::vector<int> depths_;          ///< how many slices lie above each depth asked for
  int local_signals_ = 0;
  std::map<int, std::vector<std::pair<int, at::Tensor>>> local_;  ///< by slice: signal, weights (y, x) of the cell
};

}  // namespace colonnade
