// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/scores.h"

#include <cmath>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

using Table = std::vector<std::vector<double>>;

TEST(ScoreCounts, AgreesWithTheSumsByHand) {
  // Truth of Pt 1 2 3 4 (mean 2.5, squared spread 5), predictions off by 0, 0.4, -1.6, 4.
  const Table truth{{1, 7}, {2, 7}, {3, 7}, {4, 7}}, predicted{{1, 7}, {2.4, 7}, {1.4, 7}, {8, 7}};
  const auto scores = score_counts(truth, predicted, {"Pt", "Ni"});
  ASSERT_EQ(scores.size(), 2U);
  EXPECT_EQ(scores[0].element, "Pt");
  EXPECT_EQ(scores[0].columns, 4);
  EXPECT_NEAR(scores[0].r2, 1 - (0.16 + 2.56 + 16) / 5, 1e-12);
  EXPECT_NEAR(scores[0].mean_absolute_error, (0.4 + 1.6 + 4) / 4, 1e-12);
  EXPECT_EQ(scores[0].exact, 0.5);
  EXPECT_EQ(scores[0].within_1, 0.5);
  EXPECT_EQ(scores[0].within_2, 0.75);
  EXPECT_EQ(scores[0].within_3, 0.75);
  EXPECT_TRUE(std::isnan(scores[1].r2));
  EXPECT_EQ(scores[1].exact, 1);
}

TEST(ScoreCounts, PerfectIsOneAndTheMeanIsZero) {
  const Table truth{{0}, {4}, {8}}, mean{{4}, {4}, {4}};
  EXPECT_EQ(score_counts(truth, truth, {"Fe"})[0].r2, 1);
  EXPECT_NEAR(score_counts(truth, mean, {"Fe"})[0].r2, 0, 1e-12);
}

TEST(ScoreCounts, NoColumnsAreNoScore) {
  const auto scores = score_counts({}, {}, {"Fe"});
  EXPECT_EQ(scores[0].columns, 0);
  EXPECT_TRUE(std::isnan(scores[0].r2));
  EXPECT_EQ(scores[0].exact, 0);
}

TEST(ScoreCounts, RefusesTablesThatDoNotFit) {
  EXPECT_THROW(score_counts({{1}}, {}, {"Pt"}), Error);
  EXPECT_THROW(score_counts({{1}}, {{1, 2}}, {"Pt"}), Error);
  EXPECT_THROW(score_counts({{1}}, {{std::nan("")}}, {"Pt"}), Error);
}

TEST(ThicknessOnly, SharesTheTotalByMeanFractions) {
  const auto predicted = thickness_only({{4, 0}, {2, 2}, {0, 8}});
  ASSERT_EQ(predicted.size(), 3U);
  const double fraction = 6.0 / 16;
  for (auto [row, total] : {std::pair(0, 4.0), {1, 4.0}, {2, 8.0}}) {
    EXPECT_NEAR(predicted[row][0], total * fraction, 1e-12);
    EXPECT_NEAR(predicted[row][1], total * (1 - fraction), 1e-12);
  }
  EXPECT_TRUE(thickness_only({}).empty());
  EXPECT_EQ(thickness_only({{0, 0}}), (Table{{0, 0}}));
  EXPECT_THROW(thickness_only({{1, 2}, {1}}), Error);
}

TEST(PublishedScore, KnowsFiveElements) {
  ASSERT_NE(published_score("Pt"), nullptr);
  EXPECT_EQ(published_score("Pt")->exact, 0.50);
  EXPECT_EQ(published_score("Pt")->within_1, 0.91);
  for (const char* element : {"Ni", "Pd", "Co", "Fe"}) {
    ASSERT_NE(published_score(element), nullptr);
    EXPECT_NEAR(published_score(element)->exact, 0.34, 0.011);
  }
  EXPECT_EQ(published_score("Au"), nullptr);
}

TEST(ScoreToJson, WritesNullForNoSpread) {
  CountScore score{"Pt", 3, std::nan(""), 0.5, 0.25, 0.5, 0.75, 1};
  const auto json = to_json(score);
  EXPECT_TRUE(json["r2"].is_null());
  EXPECT_EQ(json["element"], "Pt");
  EXPECT_EQ(json["columns"], 3);
  EXPECT_EQ(json["within_2"], 0.75);
  score.r2 = 0.5;
  EXPECT_EQ(to_json(score)["r2"], 0.5);
}

}  // namespace
}  // namespace colonnade
