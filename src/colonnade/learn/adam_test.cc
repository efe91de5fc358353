// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/adam.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/optim/adam.h>

namespace colonnade {
namespace {

torch::Tensor target_loss(const torch::Tensor& weight, int step) {
  const torch::Tensor goal = torch::arange(12).to(torch::kFloat).view({3, 4}) * (0.1 * (step % 3));
  return (weight.sin() - goal).square().sum();
}

TEST(Adam, AgreesWithLibtorch) {
  torch::Tensor ours = torch::linspace(-1, 1, 12).view({3, 4}).clone().requires_grad_();
  torch::Tensor theirs = ours.detach().clone().requires_grad_();
  Adam adam({{"weight", ours}});
  torch::optim::Adam reference({theirs}, torch::optim::AdamOptions(0.05));
  for (int step = 0; step < 40; ++step) {
    target_loss(ours, step).backward();
    adam.step(0.05);
    reference.zero_grad();
    target_loss(theirs, step).backward();
    reference.step();
    ASSERT_TRUE(torch::allclose(ours, theirs, 1e-5, 1e-6)) << step;
  }
  EXPECT_FALSE(torch::allclose(ours, torch::linspace(-1, 1, 12).view({3, 4}), 0, 0.1));
  EXPECT_EQ(adam.steps(), 40);
}

TEST(Adam, GoesOnFromItsState) {
  torch::Tensor one = torch::linspace(-1, 1, 12).view({3, 4}).clone().requires_grad_();
  Adam first({{"weight", one}});
  const auto run = [](Adam& adam, torch::Tensor& weight, int begin, int end) {
    for (int step = begin; step < end; ++step) {
      target_loss(weight, step).backward();
      adam.step(0.05);
    }
  };
  run(first, one, 0, 5);
  torch::Tensor two = one.detach().clone().requires_grad_();
  Adam second({{"weight", two}});
  {
    const torch::NoGradGuard no_gradient;
    auto from = first.state(), to = second.state();
    ASSERT_EQ(from.size(), 2U);
    EXPECT_EQ(from[0].first, "weight.mean");
    EXPECT_EQ(from[1].first, "weight.square");
    for (std::size_t i = 0; i < from.size(); ++i) to[i].second.copy_(from[i].second);
    second.set_steps(first.steps());
  }
  run(first, one, 5, 10);
  run(second, two, 5, 10);
  EXPECT_TRUE(torch::equal(one, two));
}

}  // namespace
}  // namespace colonnade
