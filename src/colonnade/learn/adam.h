// SPDX-License-Identifier: GPL-3.0-or-later
// Adam (Kingma and Ba, arXiv 1412.6980). Kept here because its state has to go to checkpoints by name, in the same way
// with every version of libtorch.
#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace colonnade {

class Adam {
 public:
  using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;
  explicit Adam(NamedTensors parameters);

  /// One step along the parameters' gradients, which are then cleared.
  void step(double learning_rate);
  void clear_gradients();

  std::int64_t steps() const { return steps_; }
  void set_steps(std::int64_t steps) { steps_ = steps; }
  /// Running means of the gradients and of their squares, as "<parameter>.mean" and "<parameter>.square".
  NamedTensors state() const;

 private:
  NamedTensors parameters_;
  std::vector<at::Tensor> means_, squares_;
  std::int64_t steps_ = 0;
};

}  // namespace colonnade
