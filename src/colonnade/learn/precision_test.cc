// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/precision.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <limits>

#include "colonnade/core/error.h"
#include "colonnade/learn/synthetic_samples.h"
#include "colonnade/learn/training_step.h"

namespace colonnade {
namespace {

std::vector<at::Tensor> gradients_of(double value, double scale) {
  return {at::full({3}, value * scale, at::kFloat), at::full({2, 2}, scale, at::kFloat)};
}

TEST(LossScale, DividesGradientsAndLeavesOutWhatIsNotFinite) {
  LossScale scale = LossScale::adaptive();
  const double first = scale.value();
  auto good = gradients_of(0.3, first);
  EXPECT_TRUE(scale.unscale(good));
  EXPECT_TRUE(at::allclose(good[0], at::full({3}, 0.3F)));
  EXPECT_TRUE(at::equal(good[1], at::ones({2, 2})));
  EXPECT_EQ(scale.value(), first);
  EXPECT_EQ(scale.good_steps(), 1);
  for (const double bad : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    const double before = scale.value();
    auto gradients = gradients_of(bad, 1);
    EXPECT_FALSE(scale.unscale(gradients));
    EXPECT_EQ(scale.value(), before / 2);
    EXPECT_EQ(scale.good_steps(), 0);
  }
}

TEST(LossScale, DoublesAfterManyGoodStepsAndGivesUpAtNothing) {
  LossScale scale = LossScale::adaptive();
  const double first = scale.value();
  for (int i = 0; i < 1999; ++i) {
    auto gradients = gradients_of(1, 1);
    ASSERT_TRUE(scale.unscale(gradients));
  }
  EXPECT_EQ(scale.value(), first);
  LossScale resumed = LossScale::adaptive();
  resumed.restore(scale.value(), scale.good_steps());
  auto gradients = gradients_of(1, 1);
  EXPECT_TRUE(resumed.unscale(gradients));
  EXPECT_EQ(resumed.value(), 2 * first);
  EXPECT_EQ(resumed.good_steps(), 0);
  const auto fall = [&] {
    for (int i = 0; i < 100; ++i) {
      auto bad = gradients_of(std::numeric_limits<double>::infinity(), 1);
      resumed.unscale(bad);
    }
  };
  EXPECT_THROW(fall(), Error);
}

TEST(LossScale, IsOneWhereNoneIsNeeded) {
  LossScale scale;
  auto gradients = gradients_of(std::numeric_limits<double>::infinity(), 1);
  EXPECT_TRUE(scale.unscale(gradients));
  EXPECT_EQ(scale.value(), 1);
  EXPECT_FALSE(scale.active());
}

TEST(Precision, IsChosenByDevice) {
  EXPECT_EQ(choose_precision("auto", at::kCPU), Precision::float32);
  EXPECT_EQ(choose_precision("auto", at::Device(at::kCUDA, 0)), Precision::mixed);
  EXPECT_EQ(choose_precision("mixed", at::kCPU), Precision::mixed);
  EXPECT_THROW(choose_precision("half", at::kCPU), Error);
}

/// Losses of some steps on one batch, with a scale of the loss put there by hand.
std::vector<double> losses(Precision precision, double scale) {
  auto network = std::make_shared<ElementNetwork>(std::vector<int>{4, 8}, 2);
  Random random(4);
  network->initialise(random);
  use_memory_layout(*network, memory_layout(at::kCPU));
  TrainingStep step(network, at::kCPU, precision, nullptr);
  if (scale > 0) {
    step.loss_scale() = LossScale::adaptive();
    step.loss_scale().restore(scale, 0);
  }
  at::Generator generator = at::detail::createCPUGenerator(3);
  const at::Tensor images = at::rand({3, 1, 16, 16}, generator), labels = at::rand({3, 2, 16, 16}, generator);
  std::vector<double> values;
  network->train();
  for (int i = 0; i < 6; ++i) values.push_back(step.run(images, labels, 3, 3, 1e-2));
  return values;
}

TEST(Precision, MixedFollowsFloat32) {
  const auto full = losses(Precision::float32, 0), mixed = losses(Precision::mixed, 0);
  EXPECT_LT(full.back(), 0.8 * full.front());
  for (std::size_t i = 0; i < full.size(); ++i) EXPECT_NEAR(mixed[i] / full[i], 1, 0.05) << i;
  EXPECT_NE(mixed, full);  // it is on
}

TEST(Precision, AScaledLossTakesTheSameSteps) {
  const auto plain = losses(Precision::float32, 0), scaled = losses(Precision::float32, 1024);
  for (std::size_t i = 0; i < plain.size(); ++i) EXPECT_NEAR(scaled[i] / plain[i], 1, 1e-5) << i;
  // A scale at which gradients overflow: the first steps are left out, then it goes on.
  const auto overflowing = losses(Precision::float32, 1e40);
  EXPECT_EQ(overflowing[1], overflowing[0]);
  EXPECT_NEAR(overflowing[0] / plain[0], 1, 1e-6);
}

}  // namespace
}  // namespace colonnade
