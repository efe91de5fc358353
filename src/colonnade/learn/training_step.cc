// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/training_step.h"

#include <torch/types.h>
#include <utility>

namespace colonnade {
namespace {

Adam::NamedTensors trained(const ElementNetwork& network) {
  Adam::NamedTensors parameters;
  for (const auto& item : network.named_parameters()) parameters.emplace_back(item.key(), item.value());
  return parameters;
}

}  // namespace

TrainingStep::TrainingStep(std::shared_ptr<ElementNetwork> network, const torch::Device& device, Precision precision,
                           Collective* among)
    : network_(std::move(network)), device_(device), precision_(precision), among_(among), adam_(trained(*network_)) {
  if (precision_ == Precision::mixed && device_.is_cuda()) loss_scale_ = LossScale::adaptive();
  share(named_weights(*network_));
}

void TrainingStep::share(const Adam::NamedTensors& tensors) {
  if (among_ == nullptr) return;
  for (auto [name, tensor] : tensors) among_->broadcast(tensor);
}

double TrainingStep::run(const torch::Tensor& images, const torch::Tensor& labels, std::int64_t part,
                         std::int64_t whole, double learning_rate) {
  const bool counts = part > 0;
  network_->share_batches({among_, counts});
  torch::Tensor loss;
  {
    const MixedScope mixed(precision_, device_);
    loss = torch::mse_loss(network_->forward(images).to(torch::kFloat), labels);
  }
  if (part != whole) loss = loss * (double(part) / double(whole));
  (loss_scale_.active() ? loss * loss_scale_.value() : loss).backward();
  std::vector<torch::Tensor> all = gradients();
  const double value = among_ == nullptr ? loss.item<double>() : add_up(all, loss, counts);
  if (loss_scale_.unscale(all)) {
    adam_.step(learning_rate);
  } else {
    adam_.clear_gradients();
  }
  return value;
}

std::vector<torch::Tensor> TrainingStep::gradients() const {
  std::vector<torch::Tensor> gradients;
  for (const torch::Tensor& parameter : network_->parameters()) gradients.push_back(parameter.grad());
  return gradients;
}

/// Sums the gradients, and with them the loss, over the processes in one call.
double TrainingStep::add_up(std::vector<torch::Tensor>& gradients, const torch::Tensor& loss, bool counts) {
  const torch::NoGradGuard no_gradient;
  std::vector<torch::Tensor> parts;
  for (const torch::Tensor& gradient : gradients) parts.push_back(gradient.reshape(-1));
  parts.push_back(loss.detach().reshape(-1));
  torch::Tensor flat = torch::cat(parts);
  if (!counts) flat.zero_();
  among_->sum(flat);
  std::int64_t begin = 0;
  for (torch::Tensor& gradient : gradients) {
    gradient.copy_(flat.narrow(0, begin, gradient.numel()).view(gradient.sizes()));
    begin += gradient.numel();
  }
  return flat[begin].item<double>();
}

}  // namespace colonnade
