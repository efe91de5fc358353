// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/augmentation_tensor.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <cmath>
#include <mutex>

#include "colonnade/core/parallel.h"
#include "colonnade/core/units.h"

namespace colonnade {
namespace {

constexpr double label_reach_sigmas = 5;

/// One number per image, shaped to act on (n, y, x).
template <class Get>
at::Tensor per_image(std::span<const Augmentation> drawn, const at::Device& device, const Get& get) {
  std::vector<float> values;
  for (const Augmentation& one : drawn) values.push_back(static_cast<float>(get(one)));
  return at::tensor(values).to(device).view({-1, 1, 1});
}

/// -1 to 1 over the side's pixels, as augmentation.cc has the gradient run.
at::Tensor ramp(std::int64_t side, const at::Device& device) {
  const double half = std::max(0.5, 0.5 * double(side - 1));
  return (at::arange(side, at::kFloat) - 0.5 * double(side - 1)).div(half).to(device);
}

/// The cropped images of the samples, on the device.
at::Tensor cropped_images(const std::vector<Sample>& samples, std::span<const std::int64_t> indices,
                          std::span<const Augmentation> drawn, const at::Device& device) {
  const std::int64_t height = drawn.front().height, width = drawn.front().width;
  at::Tensor images = at::empty({std::ssize(indices), height, width}, at::kFloat);
  auto* values = images.data_ptr<float>();
  parallel_for(std::ssize(indices), [&](std::int64_t i, int) {
    const Image& source = samples[indices[i]].image;
    for (std::int64_t y = 0; y < height; ++y) {
      const float* row = source.data.data() + std::size_t(drawn[i].top + y) * source.width + drawn[i].left;
      std::copy_n(row, width, values + (i * height + y) * width);
    }
  });
  return images.to(device);
}

/// weight(distance) of Gaussians cut off at four sigma, not yet normalised.
at::Tensor cut_gaussian(const at::Tensor& distance, const at::Tensor& sigmas, const at::Tensor& radii) {
  const at::Tensor values = distance.div(sigmas).square().mul(-0.5).exp();
  return values.mul(distance.abs() <= radii);
}

at::Tensor filtered(const at::Tensor& images, const at::Tensor& sigmas_px) {
  const at::Tensor down = gaussian_matrices(sigmas_px, images.size(1));
  const at::Tensor across = images.size(1) == images.size(2) ? down : gaussian_matrices(sigmas_px, images.size(2));
  return at::matmul(at::matmul(down, images), across.transpose(1, 2));
}

at::Tensor counted(const at::Tensor& images, double electrons_per_pixel, std::span<const std::uint64_t> seeds) {
  at::Generator generator = at::globalContext().defaultGenerator(images.device()).clone();
  at::Tensor counts = at::empty_like(images);
  for (std::int64_t i = 0; i < images.size(0); ++i) {
    {
      const std::lock_guard lock(generator.mutex());
      generator.set_current_seed(seeds[i]);
    }
    counts[i].copy_(at::poisson(images[i] * electrons_per_pixel, generator));
  }
  return counts.div_(electrons_per_pixel);
}

/// exp(-distance^2 / 2 sigma^2) of each column along one side: (n, column, side).
at::Tensor profiles(const at::Tensor& places, double sigma_px, std::int64_t side) {
  const at::Tensor distance = at::arange(side, at::kFloat).to(places.device()) - places.unsqueeze(2);
  const at::Tensor values = distance.div(sigma_px).square().mul(-0.5).exp();
  return values.mul(distance.abs() <= label_reach_sigmas * sigma_px);
}

bool reaches(const LabelledColumn& column, double reach, std::int64_t height, std::int64_t width) {
  return column.x_px > -reach && column.y_px > -reach && column.x_px < double(width) - 1 + reach &&
         column.y_px < double(height) - 1 + reach;
}

}  // namespace

at::Tensor turn_images(const at::Tensor& images, std::span<const Augmentation> drawn) {
  std::vector<at::Tensor> turned;
  for (std::int64_t i = 0; i < images.size(0); ++i) {
    const at::Tensor one = at::rot90(images[i], drawn[i].quarter_turns, {0, 1});
    turned.push_back(drawn[i].mirror ? one.flip({1}) : one);
  }
  return at::stack(turned);
}

at::Tensor gaussian_matrices(const at::Tensor& sigmas_px, std::int64_t side) {
  const at::Tensor sigmas = sigmas_px.view({-1, 1, 1}).clamp_min(1e-3);
  const at::Tensor radii = (4 * sigmas).add(0.5).floor();
  const auto reach = static_cast<std::int64_t>(radii.max().item<float>());
  const at::Tensor pixel = at::arange(side, at::kFloat).to(sigmas.device());
  const at::Tensor difference = pixel.view({-1, 1}) - pixel, sum = pixel.view({-1, 1}) + pixel + 1;
  at::Tensor matrices = at::zeros({sigmas.size(0), side, side}, sigmas.options());
  // A line mirrored about its ends repeats after twice its length.
  const std::int64_t period = 2 * side;
  for (std::int64_t shift = -(reach / period + 1) * period; shift <= (reach / period + 1) * period; shift += period) {
    if (std::abs(shift) < side + reach) matrices += cut_gaussian(difference + shift, sigmas, radii);
    if (shift + 1 <= reach && shift + period - 1 >= -reach) matrices += cut_gaussian(sum + shift, sigmas, radii);
  }
  const at::Tensor line = at::arange(-reach, reach + 1).to(at::kFloat).to(sigmas.device()).view({1, 1, -1});
  return matrices.div_(cut_gaussian(line, sigmas, radii).sum(2, true));
}

at::Tensor vary_images(const at::Tensor& images, std::span<const Augmentation> drawn, double electrons_per_pixel,
                       std::span<const std::uint64_t> seeds) {
  const at::Device device = images.device();
  at::Tensor varied = images.clamp_min(0);
  const auto blur = [](const Augmentation& one) { return one.blur_px > smallest_blur_px ? one.blur_px : 0; };
  if (std::any_of(drawn.begin(), drawn.end(), [&](const Augmentation& one) { return blur(one) > 0; })) {
    varied = filtered(varied, per_image(drawn, device, blur));
  }
  const at::Tensor rise_x = per_image(drawn, device, [](const Augmentation& one) { return one.gradient_x; });
  const at::Tensor rise_y = per_image(drawn, device, [](const Augmentation& one) { return one.gradient_y; });
  const at::Tensor brightness = 1 + rise_y * ramp(images.size(1), device).view({1, -1, 1}) +
                                rise_x * ramp(images.size(2), device).view({1, 1, -1});
  varied = varied * brightness.clamp_min(0);
  if (electrons_per_pixel > 0) varied = counted(varied, electrons_per_pixel, seeds);
  const at::Tensor gamma = per_image(drawn, device, [](const Augmentation& one) { return one.gamma; });
  const at::Tensor largest = varied.amax({1, 2}, true);
  return at::where(largest > 0, largest * (varied / largest).pow(gamma), varied);
}

at::Tensor normalise_images(const at::Tensor& images, const ModelRecord& record) {
  if (record.normalisation != "local") return (images - record.intensity_mean) / record.intensity_deviation;
  const at::Tensor sigma = at::full({1}, 1 / record.pixel_size_nm, images.options());
  const at::Tensor low = images.amin({1, 2}, true), range = images.amax({1, 2}, true) - low;
  const at::Tensor scaled = at::where(range > 0, (images - low) / range, at::zeros_like(images));
  const at::Tensor difference = scaled - filtered(scaled, sigma);
  const at::Tensor deviation = filtered(difference.square(), sigma).clamp_min(0).sqrt();
  const at::Tensor smallest = 1e-6 * difference.abs().amax({1, 2}, true);
  return at::where(deviation > smallest, difference / deviation, at::zeros_like(images));
}

at::Tensor label_tensor(const std::vector<std::vector<LabelledColumn>>& columns, const at::Device& device,
                        double sigma_px, std::int64_t height, std::int64_t width, std::int64_t elements) {
  std::size_t most = 1;
  for (const auto& list : columns) most = std::max(most, list.size());
  const std::int64_t images = std::ssize(columns);
  at::Tensor places = at::zeros({2, images, std::int64_t(most)}, at::kFloat);
  at::Tensor counts = at::zeros({images, elements, std::int64_t(most)}, at::kFloat);
  auto place = places.accessor<float, 3>(), count = counts.accessor<float, 3>();
  for (std::int64_t i = 0; i < images; ++i) {
    std::int64_t used = 0;
    for (const LabelledColumn& column : columns[i]) {
      if (!reaches(column, label_reach_sigmas * sigma_px, height, width)) continue;
      place[0][i][used] = static_cast<float>(column.y_px);
      place[1][i][used] = static_cast<float>(column.x_px);
      for (std::int64_t e = 0; e < elements; ++e) count[i][e][used] = static_cast<float>(column.counts[e]);
      ++used;
    }
  }
  places = places.to(device);
  const at::Tensor down = profiles(places[0], sigma_px, height), across = profiles(places[1], sigma_px, width);
  const at::Tensor weighted = counts.to(device).unsqueeze(3) * across.unsqueeze(1);
  return at::matmul(down.transpose(1, 2).unsqueeze(1), weighted);
}

TensorBatch training_batch_on(const at::Device& device, const std::vector<Sample>& samples,
                              std::span<const std::int64_t> indices, const TrainingOptions& options,
                              const ModelRecord& record, const Random& random) {
  const at::NoGradGuard no_gradient;
  const Image& first = samples.front().image;
  std::vector<Augmentation> drawn;
  std::vector<std::uint64_t> seeds;
  std::vector<std::vector<LabelledColumn>> columns;
  for (const std::int64_t index : indices) {
    Random own = random.stream(static_cast<std::uint64_t>(index));
    drawn.push_back(draw_augmentation(options, first.height, first.width, own));
    seeds.push_back(own.bits());
    columns.push_back(moved(samples[index].columns, drawn.back()));
  }
  const double side_A = first.pixel_size_nm * angstrom_per_nm;
  at::Tensor images = turn_images(cropped_images(samples, indices, drawn, device), drawn);
  images = vary_images(images, drawn, options.dose_per_A2 * side_A * side_A, seeds);
  TensorBatch batch;
  batch.images = normalise_images(images, record).unsqueeze(1);
  batch.labels =
      label_tensor(columns, device, record.label_sigma_px, images.size(1), images.size(2), std::ssize(record.elements));
  return batch;
}

}  // namespace colonnade
