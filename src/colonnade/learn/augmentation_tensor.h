// SPDX-License-Identifier: GPL-3.0-or-later
// Batches of training made on a torch device: what augmentation.h and normalise.h do image by image on the processor,
// as operations on a whole batch. The same draws from the same generator; only counting noise comes from the device's
// own generator, seeded by sample, so that a batch depends on the seed, the epoch and its samples alone, on either
// device. Gaussian filters are products with a matrix per side, reflections at the edges included. Only sources include
// this header: it brings libtorch's.
//
// For CUDA. On a CPU it is held against the other one by tests, and slower (training_bench.cc), so that one stays.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <span>
#include <vector>

#include "colonnade/learn/augmentation.h"
#include "colonnade/learn/training_data.h"

namespace colonnade {

/// Images (n, 1, y, x), normalised, and maps of counts (n, element, y, x).
struct TensorBatch {
  at::Tensor images, labels;
};

/// What training_batch() makes.
TensorBatch training_batch_on(const at::Device& device, const std::vector<Sample>& samples,
                              std::span<const std::int64_t> indices, const TrainingOptions& options,
                              const ModelRecord& record, const Random& random);

// Its parts. Images are (n, y, x), floats; `drawn` has one entry for each.

/// Rotation and mirror; crops are taken where the images are put together.
at::Tensor turn_images(const at::Tensor& images, std::span<const Augmentation> drawn);
/// (n, side, side) for n sigmas: row i of each holds the weights of all pixels for pixel i. Sigmas of 0: unity.
at::Tensor gaussian_matrices(const at::Tensor& sigmas_px, std::int64_t side);
/// Blur, illumination, counting noise (`electrons_per_pixel` of the whole beam; 0: none) and contrast.
at::Tensor vary_images(const at::Tensor& images, std::span<const Augmentation> drawn, double electrons_per_pixel,
                       std::span<const std::uint64_t> seeds);
/// As ModelRecord::normalisation says, for images of one pixel size.
at::Tensor normalise_images(const at::Tensor& images, const ModelRecord& record);
/// (n, element, y, x) of each image's columns.
at::Tensor label_tensor(const std::vector<std::vector<LabelledColumn>>& columns, const at::Device& device,
                        double sigma_px, std::int64_t height, std::int64_t width, std::int64_t elements);

}  // namespace colonnade
