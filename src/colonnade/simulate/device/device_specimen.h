// SPDX-License-Identifier: GPL-3.0-or-later
// What the device's algorithms share: tensors of tables, transforms, detector sums, and a specimen's slices with the
// free space between them. Only sources of this folder include this header: it brings libtorch's.
#pragma once

#include <ATen/core/Tensor.h>
#include <complex>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "colonnade/simulate/detector.h"
#include "colonnade/simulate/transmission.h"
#include "colonnade/simulate/wave_grid.h"

namespace colonnade {

/// A copy of an array; the array may go when this returns.
at::Tensor to_device(const void* data, const std::vector<std::int64_t>& shape, at::ScalarType type,
                     const at::Device& device);
/// (y, x) in FFT order.
at::Tensor complex_table(const WaveGrid& grid, const std::function<std::complex<float>(int row, int column)>& value,
                         const at::Device& device);
at::Tensor real_table(const WaveGrid& grid, const std::function<double(int row, int column)>& value,
                      const at::Device& device);

/// Over the last two axes; neither is normalised, so propagators and weights carry the factors.
at::Tensor to_fourier(const at::Tensor& waves);
at::Tensor to_space(const at::Tensor& spectrum);
/// |wave|^2
at::Tensor intensity_of(const at::Tensor& wave);
/// The sum of intensity (probe, y, x) times weights (y, x) or (probe, y, x) for each probe, in double. Rows are summed
/// in single precision, their sums in double: the order of the sums is then the same for any number of threads and any
/// batch.
at::Tensor sum_rows(const at::Tensor& intensity, const at::Tensor& weights);
/// One table per detector, then that of the whole band, for the transform of a wave whose squares sum to the number of
/// pixels in vacuum. `band_limited`: the grid's band limit is yet to be applied, squared.
std::vector<at::Tensor> detector_tables(const std::vector<AnnularDetector>& detectors, const WaveGrid& grid,
                                        double wavelength_A, bool soft, bool band_limited, const at::Device& device);

/// Transmission functions on the cell's grid, and the free space between them on the waves' grid.
class DeviceSpecimen {
 public:
  DeviceSpecimen(std::unique_ptr<TransmissionStack> stack, const WaveGrid& waves, double wavelength_A, double slice_A,
                 const at::Device& device);
  /// Bytes on the device.
  static double bytes(const TransmissionStack& stack, const WaveGrid& waves);

  int slices() const { return int(slices_.size()); }
  const at::Tensor& slice(int entry) const { return slices_[std::size_t(entry)]; }
  /// From the slice before to this one, within the band limit, divided by the number of pixels.
  const at::Tensor& step_to(int entry) const { return free_space_.at(indices_[entry] - indices_[entry - 1]); }

 private:
  std::vector<int> indices_;
  std::unique_ptr<TransmissionStack> stack_;  ///< on the processor, which works on the slices where they are
  std::vector<at::Tensor> slices_;
  std::map<int, at::Tensor> free_space_;  ///< by distance in slices
};

}  // namespace colonnade
