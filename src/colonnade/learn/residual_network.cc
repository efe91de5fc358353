// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/residual_network.h"

#include <array>
#include <cmath>
#include <cstring>
#include <torch/nn/functional/pooling.h>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

struct Plan {
  std::array<int, 4> blocks;
  bool bottleneck;
};

Plan plan_of(int depth) {
  switch (depth) {
    case 18:
      return {{2, 2, 2, 2}, false};
    case 50:
      return {{3, 4, 6, 3}, true};
    case 101:
      return {{3, 4, 23, 3}, true};
    default:
      fail("a residual network of {} layers is not known; take 18, 50 or 101", depth);
  }
}

}  // namespace

NormalisedConvolution::NormalisedConvolution(int channels_in, int channels_out, int kernel, int stride) {
  const auto options =
      torch::nn::Conv2dOptions(channels_in, channels_out, kernel).stride(stride).padding(kernel / 2).bias(false);
  convolution = register_module("convolution", torch::nn::Conv2d(options));
  normalisation = register_module("normalisation", torch::nn::BatchNorm2d(channels_out));
}

torch::Tensor NormalisedConvolution::forward(const torch::Tensor& input) {
  return normalisation->forward(convolution->forward(input));
}

ResidualBlock::ResidualBlock(int channels_in, int width, int stride, bool bottleneck)
    : channels_out(bottleneck ? 4 * width : width) {
  const auto add = [this](int in, int out, int kernel, int step) {
    layers.push_back(register_module("layer_" + std::to_string(layers.size()),
                                     std::make_shared<NormalisedConvolution>(in, out, kernel, step)));
  };
  if (bottleneck) {
    add(channels_in, width, 1, 1);
    add(width, width, 3, stride);
    add(width, channels_out, 1, 1);
  } else {
    add(channels_in, width, 3, stride);
    add(width, width, 3, 1);
  }
  if (stride != 1 || channels_in != channels_out) {
    shortcut =
        register_module("shortcut", std::make_shared<NormalisedConvolution>(channels_in, channels_out, 1, stride));
  }
}

torch::Tensor ResidualBlock::forward(const torch::Tensor& input) {
  torch::Tensor state = input;
  for (std::size_t i = 0; i + 1 < layers.size(); ++i) state = layers[i]->forward(state).relu_();
  state = layers.back()->forward(state);
  return (state + (shortcut ? shortcut->forward(input) : input)).relu_();
}

ResidualNetwork::ResidualNetwork(int depth, int width, int classes) {
  const Plan plan = plan_of(depth);
  if (width < 1 || width > 1024) fail("the network's width {} is not between 1 and 1024", width);
  if (classes < 2) fail("a network that tells {} classes apart makes no sense; give at least 2", classes);
  stem_ = register_module("stem", std::make_shared<NormalisedConvolution>(1, width, 7, 2));
  int channels = width;
  for (int stage = 0; stage < 4; ++stage) {
    for (int i = 0; i < plan.blocks[std::size_t(stage)]; ++i) {
      const int stride = i == 0 && stage > 0 ? 2 : 1;
      blocks_.push_back(
          register_module("stage_" + std::to_string(stage) + "_block_" + std::to_string(i),
                          std::make_shared<ResidualBlock>(channels, width << stage, stride, plan.bottleneck)));
      channels = blocks_.back()->channels_out;
    }
  }
  output_ = register_module("output", torch::nn::Linear(channels, classes));
}

void ResidualNetwork::initialise(Random& random) {
  const torch::NoGradGuard no_gradient;
  for (auto& [name, weight] : parameters_of(*this)) {
    const bool convolution = weight.dim() == 4;
    weight.fill_(name.ends_with("normalisation.weight") ? 1 : 0);
    if (weight.dim() < 2) continue;
    const double inputs = convolution ? double(weight.size(0) * weight.size(2) * weight.size(3)) : 0;
    const double deviation = convolution ? std::sqrt(2 / inputs) : 0.01;
    for (std::int64_t i = 0; i < weight.numel(); ++i) {
      weight.data_ptr<float>()[i] = static_cast<float>(deviation * random.normal());
    }
  }
  for (auto& [name, buffer] : buffers_of(*this)) buffer.fill_(name.ends_with("running_var") ? 1 : 0);
  for (auto& block : blocks_) block->layers.back()->normalisation->weight.zero_();
}

torch::Tensor ResidualNetwork::forward(const torch::Tensor& patterns) {
  namespace functional = torch::nn::functional;
  torch::Tensor state = stem_->forward(patterns).relu_();
  state = functional::max_pool2d(state, functional::MaxPool2dFuncOptions(3).stride(2).padding(1));
  for (auto& block : blocks_) state = block->forward(state);
  return output_->forward(state.mean({2, 3}));
}

std::vector<std::pair<std::string, torch::Tensor>> parameters_of(const ResidualNetwork& network) {
  std::vector<std::pair<std::string, torch::Tensor>> weights;
  for (const auto& item : network.named_parameters()) weights.emplace_back(item.key(), item.value());
  return weights;
}

std::vector<std::pair<std::string, torch::Tensor>> buffers_of(const ResidualNetwork& network) {
  std::vector<std::pair<std::string, torch::Tensor>> buffers;
  for (const auto& item : network.named_buffers()) {
    if (item.value().is_floating_point()) buffers.emplace_back(item.key(), item.value());
  }
  return buffers;
}

torch::Tensor pattern_batch(const std::vector<const std::vector<float>*>& patterns, int side_px) {
  const auto pixels = std::size_t(side_px) * std::size_t(side_px);
  torch::Tensor batch = torch::empty({std::ssize(patterns), 1, side_px, side_px});
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (patterns[i]->size() != pixels) {
      fail("a pattern has {} pixels; the network wants {} x {}", patterns[i]->size(), side_px, side_px);
    }
    std::memcpy(batch.data_ptr<float>() + i * pixels, patterns[i]->data(), pixels * sizeof(float));
  }
  return batch;
}

}  // namespace colonnade
