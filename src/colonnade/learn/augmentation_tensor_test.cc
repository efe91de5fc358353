// SPDX-License-Identifier: GPL-3.0-or-later
// The batch on a device against the one made image by image, on the CPU device with the same draws.
#include "colonnade/learn/augmentation_tensor.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <numeric>

#include "colonnade/image/filter.h"
#include "colonnade/learn/synthetic_samples.h"

namespace colonnade {
namespace {

std::vector<Sample> samples_of(int count, int height, int width) {
  Random random(5);
  std::vector<Sample> samples;
  for (int i = 0; i < count; ++i) samples.push_back(testing::synthetic_sample(height, width, random));
  return samples;
}

ModelRecord record_for(const std::string& normalisation) {
  ModelRecord record;
  record.elements = {"Pt", "Ni"};
  record.pixel_size_nm = 0.05;
  record.normalisation = normalisation;
  record.intensity_mean = 0.03;
  record.intensity_deviation = 0.02;
  record.label_sigma_px = testing::label_sigma_px;
  return record;
}

double largest_difference(const at::Tensor& tensor, const std::vector<float>& values) {
  const at::Tensor other = at::from_blob(const_cast<float*>(values.data()), tensor.sizes());  // NOLINT: read only
  return (tensor - other).abs().max().item<double>();
}

void expect_same_batch(const TrainingOptions& options, int height, int width, const std::string& normalisation) {
  const auto samples = samples_of(9, height, width);
  std::vector<std::int64_t> indices(samples.size());
  std::iota(indices.begin(), indices.end(), 0);
  const ModelRecord record = record_for(normalisation);
  const Batch expected = training_batch(samples, indices, options, record, Random(8));
  const TensorBatch made = training_batch_on(at::kCPU, samples, indices, options, record, Random(8));
  ASSERT_EQ(made.images.sizes().vec(), (std::vector<std::int64_t>{9, 1, expected.height, expected.width}));
  ASSERT_EQ(made.labels.sizes().vec(), (std::vector<std::int64_t>{9, 2, expected.height, expected.width}));
  EXPECT_LT(largest_difference(made.images, expected.images), 2e-4) << normalisation;
  EXPECT_LT(largest_difference(made.labels, expected.labels), 1e-5);
}

TEST(AugmentationTensor, MakesTheProcessorsBatches) {
  TrainingOptions options;
  options.widths = {8, 16, 32};
  options.blur_px = 2;
  expect_same_batch(options, 40, 40, "beam");
  expect_same_batch(options, 40, 40, "local");
  expect_same_batch(options, 37, 50, "local");
  options.crop_px = 24;
  expect_same_batch(options, 37, 50, "beam");
  options.blur_px = 0;
  options.rotation = false;
  expect_same_batch(options, 32, 32, "local");
}

TEST(AugmentationTensor, MatricesAreTheGaussianFilter) {
  Random random(2);
  for (const double sigma : {0.3, 1.7, 20.0}) {  // the last reaches far beyond the image
    Image image(12, 21, 0.05);
    for (float& value : image.data) value = static_cast<float>(random.uniform());
    const Image expected = gaussian_filter(image, sigma);
    const at::Tensor pixels = at::from_blob(image.data.data(), {12, 21});
    const at::Tensor sigmas = at::full({1}, sigma, at::kFloat);
    const at::Tensor filtered =
        at::matmul(at::matmul(gaussian_matrices(sigmas, 12)[0], pixels), gaussian_matrices(sigmas, 21)[0].t());
    EXPECT_LT(largest_difference(filtered, expected.data), 1e-5) << sigma;
  }
  EXPECT_TRUE(at::equal(gaussian_matrices(at::zeros({1}), 7)[0], at::eye(7)));
}

TEST(AugmentationTensor, CountingNoiseIsOfTheDoseAndOfTheSeed) {
  const std::vector<Augmentation> drawn(2);
  const std::vector<std::uint64_t> seeds{11, 12}, second{12};
  const at::Tensor images = at::full({2, 128, 128}, 0.1F);
  const double electrons = 4000 * 0.25;
  const at::Tensor noisy = vary_images(images, drawn, electrons, seeds);
  EXPECT_NEAR(noisy.mean().item<double>(), 0.1, 1e-3);
  EXPECT_NEAR(noisy.var().item<double>() / (0.1 / electrons), 1, 0.05);
  EXPECT_FALSE(at::equal(noisy[0], noisy[1]));
  EXPECT_TRUE(at::equal(vary_images(images, drawn, electrons, seeds), noisy));
  const at::Tensor alone = vary_images(images.narrow(0, 1, 1), std::span(drawn).first(1), electrons, second);
  EXPECT_TRUE(at::equal(alone[0], noisy[1]));  // whatever else is in the batch
}

}  // namespace
}  // namespace colonnade
