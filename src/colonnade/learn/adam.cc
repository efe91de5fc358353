// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/adam.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <cmath>

namespace colonnade {
namespace {

constexpr double mean_decay = 0.9;
constexpr double square_decay = 0.999;
constexpr double smallest_divisor = 1e-8;

}  // namespace

Adam::Adam(NamedTensors parameters) : parameters_(std::move(parameters)) {
  for (const auto& item : parameters_) {
    means_.push_back(at::zeros_like(item.second.detach()));
    squares_.push_back(at::zeros_like(item.second.detach()));
  }
}

void Adam::step(double learning_rate) {
  const at::NoGradGuard no_gradient;
  ++steps_;
  const double mean_correction = 1 - std::pow(mean_decay, double(steps_));
  const double square_correction = std::sqrt(1 - std::pow(square_decay, double(steps_)));
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    at::Tensor& parameter = parameters_[i].second;
    const at::Tensor gradient = parameter.grad();
    if (!gradient.defined()) continue;
    means_[i].mul_(mean_decay).add_(gradient, 1 - mean_decay);
    squares_[i].mul_(square_decay).addcmul_(gradient, gradient, 1 - square_decay);
    const at::Tensor divisor = squares_[i].sqrt().div_(square_correction).add_(smallest_divisor);
    parameter.addcdiv_(means_[i], divisor, -learning_rate / mean_correction);
    parameter.mutable_grad() = at::Tensor();
  }
}

void Adam::clear_gradients() {
  for (auto& item : parameters_) item.second.mutable_grad() = at::Tensor();
}

Adam::NamedTensors Adam::state() const {
  NamedTensors state;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    state.emplace_back(parameters_[i].first + ".mean", means_[i]);
    state.emplace_back(parameters_[i].first + ".square", squares_[i]);
  }
  return state;
}

}  // namespace colonnade
