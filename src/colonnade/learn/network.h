// SPDX-License-Identifier: GPL-3.0-or-later
// The fully convolutional network of Ragone et al. (Comput. Mater. Sci. 2021, 110905): encoder blocks, a bridge and
// decoder blocks, each block conv3x3, a residual of three conv3x3, conv3x3; max-pooling down, bilinear x2 up, additive
// skips and a 1x1 convolution to one channel per element. Only sources of this room include this header: it brings
// libtorch.
//
// Where the paper leaves a choice:
// - Batch normalisation and ReLU follow every 3x3 convolution, so these carry no bias of their own.
// - The convolutions of a block have weights of their own (the published program uses one weight four times).
// - A decoder block's first convolution maps the channels of the level below to its own; the skip, the output of the
// first
//   convolution of the encoder's block (as in the published program), is added behind it, before the residual.
// - The output is linear while training, so that no channel can die; predictions are cut at 0 by who reads them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>
#include <vector>

#include "colonnade/core/random.h"
#include "colonnade/learn/model.h"
#include "colonnade/learn/synchronised_normalisation.h"

namespace colonnade {

/// conv3x3 without bias, batch normalisation, ReLU.
struct ConvolutionLayer : torch::nn::Module {
  ConvolutionLayer(int channels_in, int channels_out);
  torch::Tensor forward(const torch::Tensor& input);

  torch::nn::Conv2d convolution{nullptr};
  torch::nn::BatchNorm2d normalisation{nullptr};
  const BatchShare* share = nullptr;  ///< in training, with several processes: the batch's statistics are of all
};

struct ConvolutionBlock : torch::nn::Module {
  ConvolutionBlock(int channels_in, int channels_out);
  /// `first` applied to the input; what a skip carries.
  torch::Tensor enter(const torch::Tensor& input) { return first->forward(input); }
  /// The residual and the last convolution, applied to what enter() gave.
  torch::Tensor finish(const torch::Tensor& entered);

  std::shared_ptr<ConvolutionLayer> first, last;
  std::vector<std::shared_ptr<ConvolutionLayer>> residual;
};

class ElementNetwork : public torch::nn::Module {
 public:
  /// `widths`: channels of the encoder's blocks and, last, of the bridge. The weights hold nothing of use until
  /// initialise() or a load.
  ElementNetwork(std::vector<int> widths, int elements);

  /// He's normal initialisation (arXiv 1502.01852): deviation sqrt(2 / (9 channels in)), all else 0 and 1.
  void initialise(Random& random);
  /// (n, 1, y, x) to (n, elements, y, x); y and x multiples of size_multiple().
  torch::Tensor forward(const torch::Tensor& images);

  /// Has steps of training normalise over the batches of several processes together (a null `among`: alone).
  void share_batches(const BatchShare& share);

  const std::vector<int>& widths() const { return widths_; }
  int elements() const { return elements_; }
  int levels() const { return static_cast<int>(widths_.size()) - 1; }
  int size_multiple() const { return 1 << levels(); }
  /// No output pixel depends on input pixels farther than this.
  int reach_px() const;
  /// Floating-point operations (multiplications and additions) of the convolutions, forward, for one image.
  double convolution_flops(int height, int width) const;

 private:
  std::vector<int> widths_;
  int elements_;
  BatchShare share_;
  std::vector<std::shared_ptr<ConvolutionBlock>> encoder_, decoder_;
  std::shared_ptr<ConvolutionBlock> bridge_;
  torch::nn::Conv2d output_{nullptr};
};

struct Model::Network {
  std::shared_ptr<ElementNetwork> layers;
  torch::Device device = torch::kCPU;
};

/// "auto" (CUDA where there is one), "cpu" or "cuda" (fails where there is none). Sets libtorch's threads. Several
/// processes of one machine take its CUDA devices in turn, by `local_rank`.
torch::Device choose_device(const std::string& name, int local_rank = 0);

/// Has glibc keep freed memory. Every step of training allocates and frees the same large arrays, which it would hand
/// back to the system each time. Measured, widths 16 to 128 at 128 px: 12.6 against 8.5 images/s at a batch of 32, no
/// difference at a batch of 8.
void keep_freed_memory();

/// The order of a tensor's axes in memory that is fastest there: channels last on a CPU, and where convolutions are in
/// half precision, as tensor cores read them.
torch::MemoryFormat memory_layout(const torch::Device& device, bool half_precision = false);
/// Puts the network's weights into that order.
void use_memory_layout(ElementNetwork& network, torch::MemoryFormat layout);

/// Weights and the running statistics of the batch normalisation by name, in a fixed order.
std::vector<std::pair<std::string, torch::Tensor>> named_weights(const ElementNetwork& network);

}  // namespace colonnade
