// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/network.h"

#include <ATen/ATen.h>
#include <cmath>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

std::int64_t parameters(ElementNetwork& network) {
  std::int64_t count = 0;
  for (const auto& parameter : network.parameters()) count += parameter.numel();
  return count;
}

/// Of a block: 3x3 weights of its five convolutions, and a scale and a shift for each of their channels.
std::int64_t block_parameters(std::int64_t in, std::int64_t out) { return 9 * out * (in + 4 * out) + 5 * 2 * out; }

TEST(Network, HasThePaperNetworksParameters) {
  ElementNetwork network({32, 64, 128, 256}, 5);
  std::int64_t expected = 32 * 5 + 5;
  expected += block_parameters(1, 32) + block_parameters(32, 64) + block_parameters(64, 128);
  expected += block_parameters(128, 256);
  expected += block_parameters(256, 128) + block_parameters(128, 64) + block_parameters(64, 32);
  EXPECT_EQ(parameters(network), expected);
  EXPECT_EQ(expected, 4689221);
}

TEST(Network, KeepsTheSizeAndGivesAChannelPerElement) {
  const torch::NoGradGuard no_gradient;
  for (const auto& widths : {std::vector<int>{4, 6}, {4, 6, 8}, {2, 3, 4, 5, 6}}) {
    ElementNetwork network(widths, 3);
    Random random(1);
    network.initialise(random);
    const int multiple = network.size_multiple();
    EXPECT_EQ(multiple, 1 << (widths.size() - 1));
    const torch::Tensor output = network.forward(torch::ones({2, 1, 3 * multiple, 2 * multiple}));
    EXPECT_EQ(output.sizes().vec(), (std::vector<std::int64_t>{2, 3, 3 * multiple, 2 * multiple}));
    EXPECT_TRUE(torch::isfinite(output).all().item<bool>());
  }
}

TEST(Network, SeesNoFartherThanItsReach) {
  const torch::NoGradGuard no_gradient;
  ElementNetwork network({2, 3, 4}, 1);
  Random random(5);
  network.initialise(random);
  network.eval();
  const int size = 4 * network.reach_px() / 2;
  EXPECT_EQ(network.reach_px(), 5 * 4 + 12 * 3);
  torch::Tensor image = torch::zeros({1, 1, 8, size});
  const torch::Tensor before = network.forward(image);
  const int centre = size / 2;
  image[0][0][3][centre] = 100;
  const torch::Tensor changed = (network.forward(image) - before).abs().amax({0, 1, 2});
  EXPECT_GT(changed[centre].item<float>(), 0);
  int farthest = 0;
  for (int x = 0; x < size; ++x) {
    if (changed[x].item<float>() > 0) farthest = std::max(farthest, std::abs(x - centre));
  }
  EXPECT_LE(farthest, network.reach_px());
  EXPECT_GT(farthest, network.reach_px() / 2);
}

TEST(Network, StartsWithSignalsOfOrderOneAndRepeatably) {
  ElementNetwork one({8, 16, 32, 64}, 2), two({8, 16, 32, 64}, 2);
  Random random(9), again(9);
  one.initialise(random);
  two.initialise(again);
  const auto a = named_weights(one), b = named_weights(two);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].first, b[i].first);
    EXPECT_TRUE(torch::equal(a[i].second, b[i].second)) << a[i].first;
  }
  const torch::Tensor weight = one.named_parameters()["bridge.last.convolution.weight"];
  EXPECT_NEAR(weight.std().item<double>(), std::sqrt(2.0 / (9 * 64)), 0.02 * std::sqrt(2.0 / (9 * 64)));
  const torch::Tensor output =
      one.forward(torch::sin(torch::arange(4 * 64 * 64).to(torch::kFloat)).view({4, 1, 64, 64}));
  EXPECT_GT(output.std().item<double>(), 0.1);
  EXPECT_LT(output.std().item<double>(), 10);
}

TEST(Network, BackwardAgreesWithDifferences) {
  ElementNetwork network({2, 3}, 1);
  Random random(4);
  network.initialise(random);
  network.to(torch::kDouble);
  network.eval();
  for (const auto& item : network.named_parameters()) {  // shifts of 0 would leave dead pixels exactly at ReLU's kink
    if (item.value().dim() == 1) item.value().detach() += 0.1 * torch::sin(torch::arange(1, item.value().numel() + 1));
  }
  const torch::Tensor image = torch::cos(torch::arange(64).to(torch::kDouble) * 0.7).view({1, 1, 8, 8});
  const auto loss = [&] { return network.forward(image).square().mean(); };
  loss().backward();
  for (const auto& item : network.named_parameters()) {
    torch::Tensor flat = item.value().detach().view(-1);
    const double gradient = item.value().grad().view(-1)[0].item<double>();
    const double kept = flat[0].item<double>(), step = 1e-6;
    flat[0] = kept + step;
    const double above = loss().item<double>();
    flat[0] = kept - step;
    const double below = loss().item<double>();
    flat[0] = kept;
    EXPECT_NEAR(gradient, (above - below) / (2 * step), 1e-5 * (1 + std::abs(gradient))) << item.key();
  }
}

TEST(Network, CountsTheOperationsOfItsConvolutions) {
  const ElementNetwork network({2, 3}, 4);
  // 8 x 8 px: block 1->2 and block 3->2 and the output there, block 2->3 on 4 x 4.
  const double expected = 2.0 * 64 * (9 * 2 * (1 + 8) + 9 * 2 * (3 + 8) + 2 * 4) + 2.0 * 16 * 9 * 3 * (2 + 12);
  EXPECT_DOUBLE_EQ(network.convolution_flops(8, 8), expected);
}

TEST(Network, RefusesWidthsOfNoUse) {
  EXPECT_THROW(ElementNetwork({8}, 1), Error);
  EXPECT_THROW(ElementNetwork({8, 0}, 1), Error);
  EXPECT_THROW(ElementNetwork({8, 16}, 0), Error);
  EXPECT_THROW(ElementNetwork({8, 16, 16, 16, 16, 16, 16, 16}, 1), Error);
  EXPECT_THROW(choose_device("tpu"), Error);
  EXPECT_TRUE(choose_device("cpu").is_cpu());
}

}  // namespace
}  // namespace colonnade
