// SPDX-License-Identifier: GPL-3.0-or-later
// One step of training: forward, mean squared error, backward, the mean of the gradients over all processes, Adam. Only
// sources include this header: it brings libtorch's.
#pragma once

#include <memory>

#include "colonnade/learn/adam.h"
#include "colonnade/learn/collective.h"
#include "colonnade/learn/network.h"
#include "colonnade/learn/precision.h"

namespace colonnade {

class TrainingStep {
 public:
  /// `among`: the processes of the run, or null for one alone. The network's weights are on the device already; those
  /// of the first process go to all.
  TrainingStep(std::shared_ptr<ElementNetwork> network, const torch::Device& device, Precision precision,
               Collective* among);

  /// The mean loss of a whole batch of `whole` images, of which these are this process's `part` (0: the images are
  /// there to keep step with the others, and do not count).
  double run(const torch::Tensor& images, const torch::Tensor& labels, std::int64_t part, std::int64_t whole,
             double learning_rate);

  Adam& adam() { return adam_; }
  LossScale& loss_scale() { return loss_scale_; }
  /// Copies all of the first process's tensors to the others.
  void share(const Adam::NamedTensors& tensors);

 private:
  std::vector<torch::Tensor> gradients() const;
  double add_up(std::vector<torch::Tensor>& gradients, const torch::Tensor& loss, bool counts);

  std::shared_ptr<ElementNetwork> network_;
  torch::Device device_;
  Precision precision_;
  Collective* among_;
  Adam adam_;
  LossScale loss_scale_;
};

}  // namespace colonnade
