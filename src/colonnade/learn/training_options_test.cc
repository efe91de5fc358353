// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "colonnade/core/error.h"
#include "colonnade/learn/training.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;

std::vector<std::filesystem::path> names(int count) {
  std::vector<std::filesystem::path> files;
  for (int i = 0; i < count; ++i) files.emplace_back("/data/particle_" + std::to_string(i) + ".h5");
  return files;
}

TEST(SplitParticles, SharesNothingAndRepeats) {
  const auto files = names(50);
  const Split split = split_particles(files, 0.2, 7);
  EXPECT_EQ(split.test.size(), 10U);
  EXPECT_EQ(split.training.size(), 40U);
  std::set<std::filesystem::path> all(split.training.begin(), split.training.end());
  all.insert(split.test.begin(), split.test.end());
  EXPECT_EQ(all.size(), 50U);
  auto reversed = files;
  std::reverse(reversed.begin(), reversed.end());
  EXPECT_EQ(split_particles(reversed, 0.2, 7).test, split.test);
  EXPECT_NE(split_particles(files, 0.2, 8).test, split.test);
}

TEST(SplitParticles, LeavesBothSidesSomething) {
  EXPECT_EQ(split_particles(names(2), 0.01, 1).test.size(), 1U);
  EXPECT_EQ(split_particles(names(2), 0.9, 1).training.size(), 1U);
  EXPECT_EQ(split_particles(names(1), 0.5, 1).training.size() + split_particles(names(1), 0.5, 1).test.size(), 1U);
  EXPECT_TRUE(split_particles(names(9), 0, 1).test.empty());
}

TEST(HeldOutImages, AreTheAskedPartAndRepeat) {
  const auto held_out = held_out_images(50, 0.2, 7);
  ASSERT_EQ(held_out.size(), 50U);
  EXPECT_EQ(std::count(held_out.begin(), held_out.end(), true), 10);
  EXPECT_EQ(held_out_images(50, 0.2, 7), held_out);
  EXPECT_NE(held_out_images(50, 0.2, 8), held_out);
  const auto few = held_out_images(2, 0.01, 1);
  EXPECT_EQ(std::count(few.begin(), few.end(), true), 1);
  EXPECT_EQ(held_out_images(3, 0, 1), std::vector<bool>(3, false));
}

TEST(TrainingOptions, CheckNamesWhatIsWrong) {
  const auto message = [](const std::function<void(TrainingOptions&)>& spoil) {
    TrainingOptions options;
    spoil(options);
    try {
      options.check();
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(message([](TrainingOptions&) {}), "no error");
  EXPECT_THAT(message([](TrainingOptions& o) { o.widths = {8}; }), HasSubstr("widths"));
  EXPECT_THAT(message([](TrainingOptions& o) { o.widths = {8, 12.5}; }), HasSubstr("whole numbers"));
  EXPECT_THAT(message([](TrainingOptions& o) { o.epochs = 0; }), HasSubstr("epochs is 0"));
  EXPECT_THAT(message([](TrainingOptions& o) { o.batch = -1; }), HasSubstr("batch is -1"));
  EXPECT_THAT(message([](TrainingOptions& o) { o.learning_rate = 0; }), HasSubstr("learning_rate"));
  EXPECT_THAT(message([](TrainingOptions& o) { o.test_fraction = 1; }), HasSubstr("test_fraction"));
  EXPECT_THAT(message([](TrainingOptions& o) { o.schedule = "steps"; }), HasSubstr("constant or cosine"));
  EXPECT_THAT(message([](TrainingOptions& o) { o.normalisation = "none"; }), HasSubstr("local or beam"));
  EXPECT_THAT(message([](TrainingOptions& o) { o.device = "tpu"; }), HasSubstr("auto, cpu or cuda"));
  EXPECT_THAT(message([](TrainingOptions& o) { o.precision = "half"; }), HasSubstr("auto, float32 or mixed"));
  EXPECT_THAT(message([](TrainingOptions& o) { o.patience = -1; }), HasSubstr("patience is -1"));
  EXPECT_THAT(message([](TrainingOptions& o) {
                o.patience = 3;
                o.test_fraction = 0;
              }),
              HasSubstr("patience needs held-out particles"));
  EXPECT_THAT(message([](TrainingOptions& o) { o.crop_px = 100; }), HasSubstr("multiple of 8"));
  EXPECT_THAT(message([](TrainingOptions& o) { o.blur_px = -1; }), HasSubstr("blur"));
  EXPECT_THAT(message([](TrainingOptions& o) { o.contrast = 1; }), HasSubstr("contrast"));
  EXPECT_THAT(message([](TrainingOptions& o) {
                o.keep_best = true;
                o.test_fraction = 0;
              }),
              HasSubstr("keep_best"));
}

TEST(TrainingOptions, GoThroughATable) {
  TrainingOptions options;
  OptionTable table;
  options.describe(table);
  table.set("training.widths", "8,16,32");
  table.set("training.schedule", "cosine");
  EXPECT_EQ(options.widths, (std::vector<double>{8, 16, 32}));
  EXPECT_EQ(options.schedule, "cosine");
  EXPECT_EQ(options.largest_side(127), 124);
}

}  // namespace
}  // namespace colonnade
