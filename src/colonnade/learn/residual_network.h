// SPDX-License-Identifier: GPL-3.0-or-later
// Residual networks that classify patterns: K. He, X. Zhang, S. Ren, J. Sun, Proc. CVPR 2016, 770 (arXiv 1512.03385),
// ResNet-18, -50 and -101 with one channel in. Where a bottleneck shrinks the image it does so in its 3x3 convolution,
// as all later programs do. Only sources of this room include this header: it brings libtorch.
#pragma once

#include <memory>
#include <string>
#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <utility>
#include <vector>

#include "colonnade/core/random.h"
#include "colonnade/learn/classifier_model.h"

namespace colonnade {

/// A convolution without bias and its batch normalisation; ReLU is up to the caller.
struct NormalisedConvolution : torch::nn::Module {
  NormalisedConvolution(int channels_in, int channels_out, int kernel, int stride);
  torch::Tensor forward(const torch::Tensor& input);

  torch::nn::Conv2d convolution{nullptr};
  torch::nn::BatchNorm2d normalisation{nullptr};
};

/// Two 3x3 convolutions, or 1x1, 3x3 and 1x1 to four times the width, beside the identity (a 1x1 convolution where the
/// shape changes).
struct ResidualBlock : torch::nn::Module {
  ResidualBlock(int channels_in, int width, int stride, bool bottleneck);
  torch::Tensor forward(const torch::Tensor& input);

  int channels_out = 0;
  std::vector<std::shared_ptr<NormalisedConvolution>> layers;
  std::shared_ptr<NormalisedConvolution> shortcut;  ///< null: the identity
};

class ResidualNetwork : public torch::nn::Module {
 public:
  /// `depth` is 18, 50 or 101; `width`: channels of the first stage (64 in the paper). The weights hold nothing of use
  /// until initialise() or a load.
  ResidualNetwork(int depth, int width, int classes);
  /// He's normal initialisation (arXiv 1502.01852) by channels out; the last normalisation of a block begins at zero,
  /// so that each block begins as the identity (Goyal et al., arXiv 1706.02677).
  void initialise(Random& random);
  /// (n, 1, side, side) to (n, classes): logits. The side is at least 32.
  torch::Tensor forward(const torch::Tensor& patterns);

 private:
  std::shared_ptr<NormalisedConvolution> stem_;
  std::vector<std::shared_ptr<ResidualBlock>> blocks_;
  torch::nn::Linear output_{nullptr};
};

/// Weights, then running statistics, by name, in a fixed order.
std::vector<std::pair<std::string, torch::Tensor>> parameters_of(const ResidualNetwork& network);
std::vector<std::pair<std::string, torch::Tensor>> buffers_of(const ResidualNetwork& network);

struct ClassifierModel::Network {
  std::shared_ptr<ResidualNetwork> layers;
  torch::Device device = torch::kCPU;
};

/// Patterns side by side, (n, 1, side, side), as the network is given them.
torch::Tensor pattern_batch(const std::vector<const std::vector<float>*>& patterns, int side_px);

}  // namespace colonnade
