// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/synchronised_normalisation.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

namespace colonnade {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Statistics per channel of all processes' samples: mean, 1 / deviation, and how many values each is of.
struct Statistics {
  torch::Tensor mean, inverse_deviation, variance;
  double count = 0;
};

/// Sums are taken in double precision: the variance is a small difference of large ones.
Statistics statistics_among(const torch::Tensor& input, const BatchShare& share, double epsilon) {
  const auto [variance, mean] = torch::var_mean(input.to(torch::kFloat), {0, 2, 3}, false);
  const torch::Tensor mean_here = mean.to(torch::kDouble), variance_here = variance.to(torch::kDouble);
  const double count = share.counts ? double(input.numel()) / double(input.size(1)) : 0;
  torch::Tensor sums = torch::cat({mean_here, variance_here + mean_here.square(), torch::ones_like(mean_here)}) * count;
  share.among->sum(sums);
  const auto parts = sums.chunk(3);
  Statistics all;
  all.count = parts[2][0].item<double>();
  const torch::Tensor mean_there = parts[0] / all.count;
  all.variance = (parts[1] / all.count - mean_there.square()).clamp_min(0);
  all.inverse_deviation = (all.variance + epsilon).rsqrt().to(torch::kFloat);
  all.mean = mean_there.to(torch::kFloat);
  return all;
}

void update_running(torch::nn::BatchNorm2dImpl& layer, const Statistics& all) {
  const torch::NoGradGuard no_gradient;
  const double momentum = layer.options.momentum().value_or(0.1);
  const double unbiased = all.count / std::max(1.0, all.count - 1);
  layer.running_mean.mul_(1 - momentum).add_(all.mean, momentum);
  layer.running_var.mul_(1 - momentum).add_((all.variance * unbiased).to(torch::kFloat), momentum);
}

/// input x scale + shift per channel, in one pass of libtorch's own kernel.
torch::Tensor per_channel(const torch::Tensor& input, const torch::Tensor& scale, const torch::Tensor& shift) {
  return torch::batch_norm(input, scale, shift, torch::zeros_like(scale), torch::ones_like(scale), false, 0, 0, false);
}

struct NormaliseAmong : public torch::autograd::Function<NormaliseAmong> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& input, const torch::Tensor& weight,
                               const torch::Tensor& bias, const Statistics* all, const BatchShare* share) {
    context->save_for_backward({input, weight, all->mean, all->inverse_deviation});
    context->saved_data["count"] = all->count;
    context->saved_data["share"] = reinterpret_cast<std::int64_t>(share);
    const torch::Tensor scale = weight * all->inverse_deviation;
    return per_channel(input, scale, bias - all->mean * scale);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor &input = saved[0], &weight = saved[1], &mean = saved[2], &inverse_deviation = saved[3];
    const double count = context->saved_data["count"].toDouble();
    const auto* share = reinterpret_cast<const BatchShare*>(context->saved_data["share"].toInt());
    const torch::Tensor& gradient = gradients[0];
    // Sums over this process's samples of the gradient times the normalised input, and of the gradient.
    auto here = torch::native_batch_norm_backward(gradient, input, weight, {}, {}, mean, inverse_deviation, true, 0,
                                                  {false, true, true});
    const torch::Tensor weight_gradient = std::get<1>(here), bias_gradient = std::get<2>(here);
    torch::Tensor sums = torch::cat({weight_gradient, bias_gradient}).to(torch::kDouble);
    if (!share->counts) sums.zero_();
    share->among->sum(sums);
    const auto parts = (sums / count).to(torch::kFloat).chunk(2);
    // d loss / d input = weight / deviation x (gradient - mean of it - normalised input x mean of their product)
    const torch::Tensor scale = weight * inverse_deviation;
    const torch::Tensor slope = -scale * parts[0] * inverse_deviation;
    const torch::Tensor input_gradient = per_channel(gradient, scale, -scale * parts[1] - slope * mean) +
                                         per_channel(input, slope, torch::zeros_like(slope));
    return {input_gradient, weight_gradient, bias_gradient, {}, {}};
  }
};

}  // namespace

torch::Tensor normalise_among(const torch::Tensor& input, torch::nn::BatchNorm2dImpl& layer, const BatchShare& share) {
  Statistics all;
  {
    const torch::NoGradGuard no_gradient;
    all = statistics_among(input, share, layer.options.eps());
  }
  update_running(layer, all);
  return NormaliseAmong::apply(input, layer.weight, layer.bias, &all, &share);
}

}  // namespace colonnade
