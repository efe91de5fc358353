// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/register_frames.h"

#include <gmock/gmock.h>

#include "colonnade/core/test_errors.h"
#include "colonnade/image/test_specimen.h"
#include "colonnade/image/undistort.h"

namespace colonnade {
namespace {

constexpr int height = 240, width = 256;

struct Recorded {
  std::vector<Image> frames;
  std::vector<Displacements> truth;
};

/// Frames one after the other under steady drift (pixels per frame), each with jitter.
Recorded series(const TestSpecimen& specimen, int count, double drift_y, double drift_x, double jitter, double noise,
                bool within) {
  Recorded result;
  Random random(17);
  for (int f = 0; f < count; ++f) {
    std::vector<double> y, x;
    for (int row = 0; row < height; ++row) {
      const double time = f + (within ? double(row) / height : 0.5) - 0.5 * count;
      y.push_back(drift_y * time + jitter * random.normal());
      x.push_back(drift_x * time + jitter * random.normal());
    }
    result.truth.push_back(line_displacements(y, x, width));
    result.frames.push_back(specimen.recorded(height, width, result.truth.back()));
    add_normal_noise(result.frames.back(), noise, random);
  }
  return result;
}

/// Root mean square error of the displacements, per axis, apart from what all frames and lines share.
double error_px(const Registration& found, const Recorded& truth, int border = 0) {
  double sum = 0, count = 0, mean_y = 0, mean_x = 0;
  for (int pass = 0; pass < 2; ++pass) {
    for (std::size_t f = 0; f < truth.truth.size(); ++f) {
      if (!found.frames[f].used) continue;
      for (int row = border; row < height - border; ++row) {
        const double y = found.frames[f].lines.y[row] - truth.truth[f].y[std::size_t(row) * width],
                     x = found.frames[f].lines.x[row] - truth.truth[f].x[std::size_t(row) * width];
        if (pass == 0) mean_y += y, mean_x += x, count += 1;
        if (pass == 1) sum += 0.5 * (std::pow(y - mean_y, 2) + std::pow(x - mean_x, 2));
      }
    }
    if (pass == 0) mean_y /= count, mean_x /= count;
  }
  return std::sqrt(sum / count);
}

TEST(RegisterFrames, RigidDriftOfAParticle) {
  const Recorded stack = series({}, 6, 2.3, -3.7, 0, 0.15, false);
  const Registration found = register_frames(stack.frames);
  EXPECT_LT(error_px(found, stack), 0.03);
  EXPECT_NEAR(found.drift_px, 5 * std::hypot(2.3, 3.7), 0.1);
  for (const auto& frame : found.frames) {
    EXPECT_TRUE(frame.used);
    EXPECT_GT(frame.error_px, 0.001);
    EXPECT_LT(frame.error_px, 0.05);
  }
  const FrameAverage average = average_registered(stack.frames, found);
  EXPECT_EQ(average.mean.height, found.height);
  EXPECT_LT(found.height, height);
  EXPECT_NEAR(mean(average.standard_error), 0.15 / std::sqrt(6.0), 0.02);
}

TEST(RegisterFrames, AnEndlessLatticeIsFollowedStepByStep) {
  TestSpecimen specimen;
  specimen.radius = 0;
  // In all 30 pixels, more than a lattice vector; each step less than half of one.
  const Recorded stack = series(specimen, 6, 5, 4, 0, 0.2, false);
  EXPECT_LT(error_px(register_frames(stack.frames), stack), 0.03);
}

TEST(RegisterFrames, AJumpByALatticeVectorIsSeenByTheOutline) {
  Recorded stack = series({}, 4, 0.4, 0.2, 0, 0.1, false);
  const TestSpecimen specimen;
  const std::vector<double> y(height, specimen.ay + 0.3), x(height, specimen.ax - 0.2);
  stack.truth[2] = line_displacements(y, x, width);
  Random random(5);
  stack.frames[2] = specimen.recorded(height, width, stack.truth[2]);
  add_normal_noise(stack.frames[2], 0.1, random);
  EXPECT_LT(error_px(register_frames(stack.frames), stack), 0.03);
}

TEST(RegisterFrames, AStrangeFrameIsLeftOut) {
  Recorded stack = series({}, 6, 0.5, 0.3, 0, 0.1, false);
  Random random(6);
  for (float& value : stack.frames[3].data) value = float(0.3 + 0.2 * random.normal());
  const Registration found = register_frames(stack.frames);
  for (std::size_t f = 0; f < 6; ++f) EXPECT_EQ(found.frames[f].used, f != 3) << f;
  EXPECT_LT(error_px(found, stack), 0.05);
}

TEST(RegisterFrames, LinesDriftWithinFramesAndJitter) {
  // Columns 12 pixels apart in rows 10 pixels apart, as in a metal along [110]: every line crosses some.
  const TestSpecimen specimen{12, 1, 5, 10, 128, 0};
  const Recorded stack = series(specimen, 12, 2.1, -1.2, 0.25, 0.04, true);
  RegistrationOptions options;
  const double rigid = error_px(register_frames(stack.frames, options), stack);
  options.lines = true;
  const Registration found = register_frames(stack.frames, options);
  EXPECT_GT(rigid, 0.5);
  EXPECT_LT(error_px(found, stack), 0.1);
  EXPECT_NEAR(found.jitter_y_px, 0.25, 0.05);
  EXPECT_NEAR(found.jitter_x_px, 0.25, 0.05);
  std::cout << "12 frames, jitter 0.25 px, drift 2.4 px per frame: " << rigid << " px rms rigid, "
            << error_px(found, stack) << " px by lines, " << error_px(found, stack, 24) << " inside; jitter "
            << found.jitter_y_px << ", " << found.jitter_x_px << "\n";
}

TEST(RegisterFrames, WhatCannotBeAlignedIsRefused) {
  EXPECT_THAT(message_of([] { register_frames({Image(64, 64)}); }), testing::HasSubstr("two or more"));
  EXPECT_THAT(message_of([] { register_frames({Image(64, 64), Image(64, 60)}); }), testing::HasSubstr("one size"));
}

TEST(FrameAverage, ErrorIsTheScatterOverTheRootOfTheCount) {
  std::vector<Image> frames(5, Image(40, 30, 0.01));
  Random random(7);
  for (Image& frame : frames) add_normal_noise(frame, 2, random);
  const FrameAverage average = average_frames(frames);
  double squares = 0, claimed = 0;
  for (std::size_t p = 0; p < average.mean.data.size(); ++p) {
    squares += std::pow(average.mean.data[p], 2);
    claimed += std::pow(average.standard_error.data[p], 2);
  }
  EXPECT_NEAR(claimed / squares, 1, 0.1);
  EXPECT_EQ(average_frames({frames[0]}).standard_error.at(3, 3), 0);
  const FrameAverage two = average_frames(frames, {1, 1, 0, 0, 0});
  EXPECT_FLOAT_EQ(two.mean.at(2, 2), 0.5F * (frames[0].at(2, 2) + frames[1].at(2, 2)));
  EXPECT_FLOAT_EQ(two.standard_error.at(2, 2), 0.5F * std::abs(frames[0].at(2, 2) - frames[1].at(2, 2)));
}

}  // namespace
}  // namespace colonnade
