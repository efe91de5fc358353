// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/thermal_motion.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/structures/debye_waller.h"

namespace colonnade {
namespace {

ThermalMotion with_factors(const std::string& text) {
  ThermalMotion motion;
  motion.factors = text;
  return motion;
}

std::string complaint(const ThermalMotion& motion, int number = 78) {
  try {
    motion.check();
    motion.b_factor(number);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(ThermalMotion, FactorsByElementByDisplacementAndByDefault) {
  const ThermalMotion some = with_factors(" Pt:0.4 , ni: 0.3");
  EXPECT_EQ(some.b_factor(78), 0.4);
  EXPECT_EQ(some.b_factor(28), 0.3);
  EXPECT_EQ(some.b_factor(46), default_b_factor(46));
  EXPECT_NEAR(with_factors("0.07 A").b_factor(8), 8 * std::numbers::pi * std::numbers::pi * 0.0049, 1e-12);
  EXPECT_EQ(with_factors("0 A").b_factor(8), 0);
  // u of platinum and gold at room temperature are 0.07 and 0.09 A.
  const auto displacement = [](int number) { return std::sqrt(default_b_factor(number) / 8) / std::numbers::pi; };
  EXPECT_NEAR(displacement(78), 0.0695, 0.0005);
  EXPECT_NEAR(displacement(79), 0.0897, 0.0005);
  for (const int number : {78, 28, 46, 27, 26}) EXPECT_NEAR(displacement(number), 0.07, 0.008) << number;
}

TEST(ThermalMotion, RefusesWithWhatToDo) {
  using testing::HasSubstr;
  EXPECT_THAT(complaint(with_factors("Pt 0.4")), HasSubstr("lacks a colon"));
  EXPECT_THAT(complaint(with_factors("Pt:-1")), HasSubstr("no number from 0"));
  EXPECT_THAT(complaint(with_factors("Pt:nan")), HasSubstr("no number from 0"));
  EXPECT_THAT(complaint(with_factors("Px:1")), HasSubstr("Px"));
  EXPECT_THAT(complaint(with_factors("Pt:1,Pt:2")), HasSubstr("twice"));
  EXPECT_THAT(complaint(with_factors("2 A")), HasSubstr("0 to 0.8 A"));
  EXPECT_THAT(complaint(with_factors(""), 8), HasSubstr("b_factors, e.g. O:0.5"));
  ThermalMotion motion;
  motion.model = "einstein";
  EXPECT_THAT(complaint(motion), HasSubstr("frozen_phonons"));
  motion = {};
  motion.configurations = 0;
  EXPECT_THAT(complaint(motion), HasSubstr("configurations"));
}

TEST(ThermalMotion, DisplacementsHaveTheRightSpread) {
  Structure structure;
  for (int i = 0; i < 4000; ++i) structure.atoms.push_back({i % 2 == 0 ? 78 : 28, {1.0 * i, 2, 3}});
  const ThermalMotion motion = with_factors("Pt:0.4,Ni:0.8");
  const Structure moved = configuration(structure, motion, 3);
  double squares[2][3] = {}, mean = 0;
  for (std::size_t i = 0; i < moved.atoms.size(); ++i) {
    const auto& to = moved.atoms[i].position;
    const auto& from = structure.atoms[i].position;
    const double step[] = {to.x - from.x, to.y - from.y, to.z - from.z};
    for (int axis = 0; axis < 3; ++axis) {
      squares[i % 2][axis] += step[axis] * step[axis] / 2000;
      mean += step[axis] / 12000;
    }
  }
  EXPECT_NEAR(mean, 0, 0.004);
  for (int axis = 0; axis < 3; ++axis) {
    EXPECT_NEAR(squares[0][axis] * 8 * std::numbers::pi * std::numbers::pi, 0.4, 0.05);
    EXPECT_NEAR(squares[1][axis] * 8 * std::numbers::pi * std::numbers::pi, 0.8, 0.1);
  }
}

TEST(ThermalMotion, ConfigurationsDependOnSeedAndNumberOnly) {
  Structure structure;
  for (int i = 0; i < 5; ++i) structure.atoms.push_back({78, {1.0 * i, 0, 0}});
  ThermalMotion motion;
  const auto first_x = [&](int n) { return configuration(structure, motion, n).atoms[2].position.x; };
  const double third = first_x(3);
  EXPECT_NE(first_x(2), third);
  EXPECT_EQ(first_x(3), third);
  motion.seed = 2;
  EXPECT_NE(first_x(3), third);
}

TEST(ConfigurationAverage, MeanAndItsError) {
  ConfigurationAverage average;
  EXPECT_THROW(average.mean(), Error);
  // Two pixels: 1, 3 (mean 2, deviation sqrt 2) and 5, 5.
  for (const float value : {1.0F, 3.0F}) {
    Image image(1, 2, 0.02);
    image.title = "HAADF";
    image.data = {value, 5};
    average.add({image});
  }
  EXPECT_EQ(average.count(), 2);
  EXPECT_FLOAT_EQ(average.mean()[0].data[0], 2);
  EXPECT_FLOAT_EQ(average.mean()[0].data[1], 5);
  EXPECT_EQ(average.mean()[0].title, "HAADF");
  // Variance of the mean: 2 / 2 = 1 and 0; root of their mean over the images' mean 3.5.
  EXPECT_NEAR(average.convergence()[0], std::sqrt(0.5) / 3.5, 1e-12);
  EXPECT_EQ(average.mean()[0].metadata.at("thermal_motion").at("configurations"), 2);
  EXPECT_THROW(average.add({Image(2, 2, 0.02)}), Error);
  EXPECT_THROW(average.add({}), Error);
}

}  // namespace
}  // namespace colonnade
