// SPDX-License-Identifier: GPL-3.0-or-later
// Batch normalisation over the samples of all processes together (Ioffe and Szegedy, arXiv 1502.03167, with the sums of
// Peng et al., arXiv 1711.07240): each step is then that of one process with the whole batch, and every process keeps
// the same running statistics. Costs two small sums over the processes per layer and step. Only sources include this
// header: it brings libtorch's.
#pragma once

#include <torch/nn/modules/batchnorm.h>

#include "colonnade/learn/collective.h"

namespace colonnade {

/// A process's part in a step. One that has no samples left of a batch computes along on any sample, uncounted.
struct BatchShare {
  Collective* among = nullptr;
  bool counts = true;
};

/// The input (n, channel, y, x) normalised, scaled and shifted as the layer does in training; updates the layer's
/// running statistics.
torch::Tensor normalise_among(const torch::Tensor& input, torch::nn::BatchNorm2dImpl& layer, const BatchShare& share);

}  // namespace colonnade
