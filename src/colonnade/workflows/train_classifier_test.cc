// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/train_classifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/file.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/workflows/reproduce_diffraction.h"

namespace colonnade {
namespace {

TrainClassifierOptions tiny(const std::filesystem::path& model) {
  TrainClassifierOptions options;
  options.model = model.string();
  options.variants = 1;
  options.validation_patterns = 20;
  options.training.width = 2;
  options.training.side_px = 32;
  options.training.epochs = 1;
  options.training.patterns = 64;
  options.training.batch = 16;
  options.training.device = "cpu";
  return options;
}

// From materials to the published experiment's page, with a network that has learnt next to nothing.
TEST(TrainClassifier, FromCrystalsToTheTables) {
  const TemporaryFolder folder;
  const auto defects = folder.path() / "defects.h5";
  train_classifier_job(tiny(defects));
  const ClassifierMeaning meaning = classifier_meaning(ClassifierModel::load(defects).record.meaning, "model");
  EXPECT_EQ(meaning.looks.back(), "none of these");
  EXPECT_TRUE(meaning.defects);
  EXPECT_THAT(meaning.test, testing::Contains("Al"));
  EXPECT_THAT(meaning.training, testing::Not(testing::Contains("Al")));

  ReproduceDiffractionOptions options;
  options.perfect = defects.string();
  options.defects = defects.string();
  options.materials = 1;
  options.patterns = 1;
  options.specimens = {"clean", "dislocations"};
  const auto out = folder.path() / "jeong";
  const ClassifierScores scores = reproduce_diffraction(options, out);
  ASSERT_EQ(scores.models.size(), 2u);
  for (const CaseScore& one : scores.models[0].cases) {
    EXPECT_GE(one.look.value, one.look.low);
    EXPECT_LE(one.look.value, one.look.high);
    EXPECT_GT(one.patterns, 0);
  }
  EXPECT_GT(scores.best_possible[0], scores.chance);
  EXPECT_LT(scores.best_possible[0], 1);
  EXPECT_THAT(read_file(out / "tables.txt"), testing::HasSubstr("dislocations"));
  EXPECT_THAT(read_file(out / "report.html"), testing::HasSubstr("98.65"));
}

TEST(TrainClassifier, RefusesWhatMakesNoSense) {
  TrainClassifierOptions options;
  options.test_share = 0.9;
  EXPECT_THAT(message_of([&] { options.check(); }), testing::HasSubstr("below 0.8"));
  EXPECT_THAT(message_of([] {
                classifier_meaning({{"looks", 3}}, "m.h5");
              }),
              testing::HasSubstr("m.h5: no classifier"));
  ReproduceDiffractionOptions reproduction;
  reproduction.scale = 2;
  EXPECT_THAT(message_of([&] { reproduction.check(); }), testing::HasSubstr("scale is 2"));
  reproduction.scale = 1;
  reproduction.specimens = {"clean", "holes"};
  EXPECT_THAT(message_of([&] { reproduction.check(); }),
              testing::HasSubstr("'holes' is no kind of specimen; there are clean"));
  EXPECT_EQ(training_at(1, 1).depth, 101);
  EXPECT_EQ(training_at(1, 1).patterns, 40000);
  EXPECT_EQ(training_at(0.01, 1).depth, 18);
}

}  // namespace
}  // namespace colonnade
