// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/network.h"

#include <ATen/Parallel.h>
#include <cmath>
#include <limits>
#include <torch/cuda.h>
#include <torch/nn/functional/pooling.h>
#include <torch/nn/functional/upsampling.h>
#include <utility>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"

namespace colonnade {
namespace {

namespace functional = torch::nn::functional;

torch::Tensor twice_as_large(const torch::Tensor& input) {
  return functional::interpolate(input, functional::InterpolateFuncOptions()
                                            .scale_factor(std::vector<double>{2.0, 2.0})
                                            .mode(torch::kBilinear)
                                            .align_corners(false));
}

double block_flops(double channels_in, double channels_out, double pixels) {
  return 2 * 9 * channels_out * (channels_in + 4 * channels_out) * pixels;
}

}  // namespace

ConvolutionLayer::ConvolutionLayer(int channels_in, int channels_out) {
  convolution = register_module(
      "convolution", torch::nn::Conv2d(torch::nn::Conv2dOptions(channels_in, channels_out, 3).padding(1).bias(false)));
  normalisation = register_module("normalisation", torch::nn::BatchNorm2d(channels_out));
}

torch::Tensor ConvolutionLayer::forward(const torch::Tensor& input) {
  torch::Tensor state = convolution->forward(input);
  state = share != nullptr && is_training() ? normalise_among(state, *normalisation, *share)
                                            : normalisation->forward(state);
  return state.relu_();
}

ConvolutionBlock::ConvolutionBlock(int channels_in, int channels_out) {
  first = register_module("first", std::make_shared<ConvolutionLayer>(channels_in, channels_out));
  for (int i = 0; i < 3; ++i) {
    residual.push_back(register_module("residual_" + std::to_string(i),
                                       std::make_shared<ConvolutionLayer>(channels_out, channels_out)));
  }
  last = register_module("last", std::make_shared<ConvolutionLayer>(channels_out, channels_out));
}

torch::Tensor ConvolutionBlock::finish(const torch::Tensor& entered) {
  torch::Tensor state = entered;
  for (auto& layer : residual) state = layer->forward(state);
  return last->forward(state + entered);
}

ElementNetwork::ElementNetwork(std::vector<int> widths, int elements)
    : widths_(std::move(widths)), elements_(elements) {
  if (widths_.size() < 2) fail("the network has {} widths; give at least two, the bridge's last", widths_.size());
  if (widths_.size() > 7) fail("the network has {} widths; at most 7 make sense", widths_.size());
  if (elements < 1) fail("the network needs at least one element");
  for (const int width : widths_) {
    if (width < 1 || width > 4096) fail("the network's width {} is not between 1 and 4096", width);
  }
  int channels = 1;
  for (int level = 0; level < levels(); ++level) {
    encoder_.push_back(register_module("encoder_" + std::to_string(level),
                                       std::make_shared<ConvolutionBlock>(channels, widths_[level])));
    channels = widths_[level];
  }
  bridge_ = register_module("bridge", std::make_shared<ConvolutionBlock>(channels, widths_.back()));
  for (int level = 0; level < levels(); ++level) {
    decoder_.push_back(register_module("decoder_" + std::to_string(level),
                                       std::make_shared<ConvolutionBlock>(widths_[level + 1], widths_[level])));
  }
  output_ = register_module("output", torch::nn::Conv2d(torch::nn::Conv2dOptions(widths_[0], elements, 1)));
}

void ElementNetwork::initialise(Random& random) {
  const torch::NoGradGuard no_gradient;
  for (auto& item : named_weights(*this)) {
    torch::Tensor& weight = item.second;
    if (weight.dim() == 4) {
      const double deviation = std::sqrt(2.0 / (weight.size(1) * weight.size(2) * weight.size(3)));
      torch::Tensor values = torch::empty(weight.sizes());
      for (std::int64_t i = 0; i < values.numel(); ++i) {
        values.data_ptr<float>()[i] = static_cast<float>(deviation * random.normal());
      }
      weight.copy_(values);
    } else {
      const bool one = item.first.ends_with("normalisation.weight") || item.first.ends_with("running_var");
      weight.fill_(one ? 1 : 0);
    }
  }
}

void ElementNetwork::share_batches(const BatchShare& share) {
  share_ = share;
  for (const auto& module : modules(false)) {
    if (auto* layer = module->as<ConvolutionLayer>()) layer->share = share.among != nullptr ? &share_ : nullptr;
  }
}

torch::Tensor ElementNetwork::forward(const torch::Tensor& images) {
  std::vector<torch::Tensor> skips;
  torch::Tensor state = images;
  for (auto& block : encoder_) {
    skips.push_back(block->enter(state));
    state = functional::max_pool2d(block->finish(skips.back()), functional::MaxPool2dFuncOptions(2));
  }
  state = bridge_->finish(bridge_->enter(state));
  for (int level = levels() - 1; level >= 0; --level) {
    state = decoder_[level]->finish(decoder_[level]->enter(twice_as_large(state)) + skips[level]);
  }
  return output_->forward(state);
}

int ElementNetwork::reach_px() const {
  int reach = 5 << levels();                                            // the bridge
  for (int level = 0; level < levels(); ++level) reach += 12 << level;  // two blocks of five, pooling and up-sampling
  return reach;
}

double ElementNetwork::convolution_flops(int height, int width) const {
  double flops = 0, channels = 1, pixels = double(height) * width;
  flops += 2.0 * widths_[0] * elements_ * pixels;
  for (int level = 0; level < levels(); ++level, pixels /= 4) {
    flops += block_flops(channels, widths_[level], pixels) + block_flops(widths_[level + 1], widths_[level], pixels);
    channels = widths_[level];
  }
  return flops + block_flops(channels, widths_.back(), pixels);
}

torch::Device choose_device(const std::string& name, int local_rank) {
  at::set_num_threads(thread_count());
  if (name == "cpu" || (name == "auto" && !torch::cuda::is_available())) return torch::kCPU;
  if (name != "cuda" && name != "auto") fail("the device \"{}\" is unknown; it is auto, cpu or cuda", name);
  if (!torch::cuda::is_available()) {
    fail("there is no CUDA device that this libtorch can use; choose the device cpu or auto");
  }
  return {torch::kCUDA, static_cast<torch::DeviceIndex>(local_rank % static_cast<int>(torch::cuda::device_count()))};
}

void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
}

torch::MemoryFormat memory_layout(const torch::Device& device, bool half_precision) {
  return device.is_cpu() || half_precision ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
}

void use_memory_layout(ElementNetwork& network, torch::MemoryFormat layout) {
  const torch::NoGradGuard no_gradient;
  for (torch::Tensor& weight : network.parameters()) {
    if (weight.dim() == 4) weight.set_data(weight.contiguous(layout));
  }
}

std::vector<std::pair<std::string, torch::Tensor>> named_weights(const ElementNetwork& network) {
  std::vector<std::pair<std::string, torch::Tensor>> weights;
  for (const auto& item : network.named_parameters()) weights.emplace_back(item.key(), item.value());
  for (const auto& item : network.named_buffers()) {
    if (!item.key().ends_with("num_batches_tracked")) weights.emplace_back(item.key(), item.value());
  }
  return weights;
}

}  // namespace colonnade
