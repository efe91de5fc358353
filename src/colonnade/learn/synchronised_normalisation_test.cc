// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/synchronised_normalisation.h"

#include <gtest/gtest.h>
#include <thread>
#include <torch/types.h>

#include "colonnade/learn/collective_threads.h"
#include "colonnade/learn/synthetic_samples.h"

namespace colonnade {
namespace {

struct Result {
  torch::Tensor output, input_gradient, weight_gradient, bias_gradient, mean, variance;
};

torch::nn::BatchNorm2d layer_for_test() {
  torch::nn::BatchNorm2d layer(3);
  const torch::NoGradGuard no_gradient;
  layer->weight.copy_(torch::tensor({0.5F, 1.5F, -2.0F}));
  layer->bias.copy_(torch::tensor({0.1F, -0.2F, 0.3F}));
  layer->train();
  return layer;
}

template <class Forward>
Result result_of(torch::nn::BatchNorm2d& layer, const torch::Tensor& input, const torch::Tensor& target,
                 const Forward& forward) {
  const torch::Tensor leaf = input.clone().requires_grad_();
  Result result;
  result.output = forward(leaf);
  (result.output * target).sum().backward();
  result.input_gradient = leaf.grad();
  result.weight_gradient = layer->weight.grad();
  result.bias_gradient = layer->bias.grad();
  result.mean = layer->running_mean;
  result.variance = layer->running_var;
  return result;
}

void expect_close(const torch::Tensor& one, const torch::Tensor& other, const char* what) {
  EXPECT_LT((one - other).abs().max().item<double>(), 5e-6 * std::max(1.0, other.abs().max().item<double>())) << what;
}

TEST(SynchronisedNormalisation, PartsOfABatchGiveWhatTheWholeGives) {
  torch::manual_seed(3);
  const torch::Tensor input = (torch::randn({5, 3, 6, 4}) * 2 + 7).contiguous(torch::MemoryFormat::ChannelsLast);
  const torch::Tensor target = torch::randn({5, 3, 6, 4});
  auto plain = layer_for_test();
  const Result whole = result_of(plain, input, target, [&](const torch::Tensor& x) { return plain->forward(x); });
  // The third has no samples and computes along on one that does not count.
  const int begin[] = {0, 2, 0}, end[] = {2, 5, 1};
  testing::CollectiveThreads threads(3);
  Result parts[3];
  std::vector<std::thread> processes;
  for (int rank = 0; rank < 3; ++rank) {
    processes.emplace_back([&, rank] {
      testing::CollectiveThreads::Member among(threads, rank);
      const BatchShare share{&among, rank < 2};
      auto layer = layer_for_test();
      const torch::Tensor weight_of_loss = target.slice(0, begin[rank], end[rank]) * (share.counts ? 1.0 : 0.0);
      parts[rank] = result_of(layer, input.slice(0, begin[rank], end[rank]), weight_of_loss,
                              [&](const torch::Tensor& x) { return normalise_among(x, *layer, share); });
    });
  }
  for (std::thread& process : processes) process.join();
  for (int rank = 0; rank < 3; ++rank) {
    expect_close(parts[rank].mean, whole.mean, "running mean");
    expect_close(parts[rank].variance, whole.variance, "running variance");
    EXPECT_TRUE(torch::equal(parts[rank].mean, parts[0].mean));
    if (rank == 2) continue;
    expect_close(parts[rank].output, whole.output.slice(0, begin[rank], end[rank]), "output");
    expect_close(parts[rank].input_gradient, whole.input_gradient.slice(0, begin[rank], end[rank]), "input gradient");
  }
  expect_close(parts[0].weight_gradient + parts[1].weight_gradient, whole.weight_gradient, "weight gradient");
  expect_close(parts[0].bias_gradient + parts[1].bias_gradient, whole.bias_gradient, "bias gradient");
}

}  // namespace
}  // namespace colonnade
