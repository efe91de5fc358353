// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/classifier_training.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/file.h"
#include "colonnade/core/random.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/learn/residual_network.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;

constexpr int side = 32;

/// A bright bar that lies (0), stands (1) or is not there (2), somewhere, in noise.
LabelledPattern bar(std::int64_t number) {
  Random random = Random(5).stream(std::uint64_t(number));
  LabelledPattern pattern{std::vector<float>(side * side), int(random.below(3))};
  for (float& pixel : pattern.pixels) pixel = float(0.3 * random.normal());
  const int at = 6 + int(random.below(side - 12));
  for (int i = 4; i < side - 4; ++i) {
    if (pattern.label == 0) pattern.pixels[std::size_t(at * side + i)] += 1;
    if (pattern.label == 1) pattern.pixels[std::size_t(i * side + at)] += 1;
  }
  return pattern;
}

ClassifierTrainingData bars() {
  ClassifierTrainingData data;
  data.draw = bar;
  for (int i = 0; i < 60; ++i) data.held_out.push_back(bar(1'000'000 + i));
  data.judge = [](const auto& all) { return nlohmann::json{{"judged", all.size()}}; };
  return data;
}

ClassifierTrainingOptions quick_options() {
  ClassifierTrainingOptions options;
  options.width = 4;
  options.side_px = side;
  options.epochs = 3;
  options.patterns = 192;
  options.batch = 16;
  options.learning_rate = 1e-2;
  options.device = "cpu";
  return options;
}

ClassifierRecord first_record() {
  ClassifierRecord record;
  record.classes = {"lying", "standing", "none"};
  record.data_fingerprint = "made up";
  return record;
}

TEST(ClassifierTraining, LearnsWhatCanBeLearnt) {
  const TemporaryFolder folder;
  ClassifierTrainingOptions options = quick_options();
  options.epochs = 10;
  options.patterns = 640;
  const ClassifierModel model = train_classifier(bars(), options, first_record(), folder.path());
  const auto data = bars();
  int right = 0;
  for (const LabelledPattern& pattern : data.held_out) {
    const auto logs = model.log_probabilities({pattern.pixels})[0];
    double sum = 0;
    for (const double value : logs) sum += std::exp(value);
    EXPECT_NEAR(sum, 1, 1e-5);
    right += std::max_element(logs.begin(), logs.end()) - logs.begin() == pattern.label;
  }
  EXPECT_GE(right, 57);
  EXPECT_GT(model.record.temperature, 0.05);
  EXPECT_THAT(read_file(folder.path() / "log.jsonl"), HasSubstr("\"judged\":60"));
}

TEST(ClassifierTraining, AResumedRunGivesTheSameBytes) {
  const TemporaryFolder whole, broken;
  const auto sum_of = [](const ClassifierModel& model, const TemporaryFolder& folder) {
    model.save(folder.path() / "model.h5", false);
    return sha256_file(folder.path() / "model.h5");
  };
  const auto options = quick_options();
  const std::string wanted = sum_of(train_classifier(bars(), options, first_record(), whole.path()), whole);
  train_classifier(bars(), options, first_record(), broken.path(), [](int done) { return done == 1; });
  EXPECT_EQ(sum_of(train_classifier(bars(), options, first_record(), broken.path()), broken), wanted);
  ClassifierTrainingOptions other = options;
  other.learning_rate = 1e-4;
  EXPECT_THAT(message_of([&] { train_classifier(bars(), other, first_record(), broken.path()); }),
              HasSubstr("learning_rate"));
}

TEST(ClassifierTraining, ASavedModelSaysTheSame) {
  const TemporaryFolder folder;
  ClassifierTrainingOptions options = quick_options();
  options.epochs = 1;
  const ClassifierModel model = train_classifier(bars(), options, first_record(), folder.path());
  const auto file = folder.path() / "model.h5";
  model.save(file, false);
  const ClassifierModel loaded = ClassifierModel::load(file);
  EXPECT_EQ(loaded.record.classes, model.record.classes);
  const std::vector<float> pattern = bar(7).pixels;
  EXPECT_EQ(loaded.log_probabilities({pattern}), model.log_probabilities({pattern}));
  EXPECT_EQ(loaded.saliency(pattern, {0}), model.saliency(pattern, {0}));
  write_file(file, "no model");
  EXPECT_NE(message_of([&] { ClassifierModel::load(file); }), "no error");
}

// Gradient times input, summed, is the change of the logarithm along the pattern: compared with differences.
TEST(ClassifierTraining, SaliencyIsTheDerivativeTimesThePixel) {
  const TemporaryFolder folder;
  ClassifierTrainingOptions options = quick_options();
  options.epochs = 1;
  const ClassifierModel model = train_classifier(bars(), options, first_record(), folder.path());
  const std::vector<float> pattern = bar(7).pixels;
  double sum = 0;
  for (const float pixel : model.saliency(pattern, {1})) sum += pixel;
  const auto along = [&](float factor) {
    std::vector<float> scaled = pattern;
    for (float& pixel : scaled) pixel *= factor;
    return model.log_probabilities({scaled})[0][1];
  };
  const double step = 1e-3;
  EXPECT_NEAR(sum, (along(float(1 + step)) - along(float(1 - step))) / (2 * step), 0.02 * std::abs(sum) + 1e-3);
}

TEST(ClassifierTraining, NetworksHaveThePublishedNumberOfWeights) {
  // ResNet-18 of 3 channels and 1000 classes has 11,689,512 (torchvision); here: one channel in, two classes.
  const auto count = [](int depth) {
    std::int64_t sum = 0;
    for (const auto& item : parameters_of(ResidualNetwork(depth, 64, 2))) sum += item.second.numel();
    return sum;
  };
  EXPECT_EQ(count(18), 11689512 - 2 * 49 * 64 - 998 * 513);
  EXPECT_EQ(count(50), 25557032 - 2 * 49 * 64 - 998 * 2049);
  EXPECT_EQ(count(101), 44549160 - 2 * 49 * 64 - 998 * 2049);
}

TEST(ClassifierTraining, TemperatureMakesProbabilitiesRight) {
  // True classes drawn from softmax(logits / 3).
  Random random(3);
  std::vector<std::vector<double>> logits;
  std::vector<int> classes;
  for (int i = 0; i < 4000; ++i) {
    logits.push_back({3 * random.normal(), 3 * random.normal()});
    const double first = 1 / (1 + std::exp((logits.back()[1] - logits.back()[0]) / 3));
    classes.push_back(random.uniform() < first ? 0 : 1);
  }
  EXPECT_NEAR(fitted_temperature(logits, classes), 3, 0.3);
}

TEST(ClassifierTraining, RefusesWhatMakesNoSense) {
  const TemporaryFolder folder;
  ClassifierTrainingOptions options = quick_options();
  options.depth = 34;
  EXPECT_THAT(message_of([&] { train_classifier(bars(), options, first_record(), folder.path()); }),
              HasSubstr("18, 50 or 101"));
  options = quick_options();
  options.batch = 1000;
  EXPECT_THAT(message_of([&] { options.check(); }), HasSubstr("smaller"));
  EXPECT_THAT(message_of([] { ResidualNetwork(18, 8, 1); }), HasSubstr("at least 2"));
}

}  // namespace
}  // namespace colonnade
