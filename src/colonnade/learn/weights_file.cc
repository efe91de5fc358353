// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/weights_file.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

void read_weight(const Hdf5File& file, const std::filesystem::path& path, const std::string& name, at::Tensor& weight) {
  const std::string dataset = "weights/" + name;
  if (!file.has(dataset)) fail("{}: the model lacks the weights {}; it is damaged", path.string(), name);
  if (file.shape(dataset) != weight.sizes().vec()) {
    fail("{}: the model's weights {} do not have the shape that its widths ask for", path.string(), name);
  }
  std::vector<float> values = file.read_floats(dataset, weight.numel());
  if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) {
    fail("{}: the model's weights {} hold NaN or infinity; training diverged or the file is damaged", path.string(),
         name);
  }
  const at::NoGradGuard no_gradient;
  weight.copy_(at::from_blob(values.data(), weight.sizes(), at::kFloat));
}

}  // namespace

void write_weights(Hdf5File& file, const NamedWeights& weights, bool half) {
  for (const auto& [name, weight] : weights) {
    const at::Tensor values = weight.detach().cpu().contiguous();
    const float* begin = values.data_ptr<float>();
    file.write_floats("weights/" + name, {begin, begin + values.numel()}, values.sizes().vec(), false, half);
  }
}

void read_weights(const Hdf5File& file, const std::filesystem::path& path, NamedWeights weights) {
  for (auto& [name, weight] : weights) read_weight(file, path, name, weight);
}

}  // namespace colonnade
