// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/count_bound.h"

#include <gtest/gtest.h>

#include "colonnade/columns/test_particles.h"
#include "colonnade/core/error.h"

namespace colonnade {
namespace {

const std::vector<std::string> three{"Pt", "Pd", "Ni"};

struct World {
  SignalResponse response;
  std::vector<KnownColumns> fields;
};

World world(std::vector<SignalKind> kinds) {
  Random random(1);
  MadeUpMicroscope microscope;
  microscope.kinds = std::move(kinds);
  return {SignalResponse::fit(three, made_up_fields(3, three, microscope, 0, random)),
          made_up_fields(2, three, microscope, 0, random)};
}

std::vector<KnownColumns> at_dose(std::vector<KnownColumns> fields, double dose) {
  for (auto& field : fields) {
    for (auto& kind : field.signals.kinds) kind.dose_per_nm2 = dose;
  }
  return fields;
}

TEST(CountBound, MoreDoseNeverMakesItWorse) {
  const World w = world({{"HAADF", "", 0}});
  double before = -1;
  for (const double dose : {1e4, 1e5, 1e6, 1e8}) {
    const BoundScores scores = count_bound(at_dose(w.fields, dose), w.response, 1);
    EXPECT_GT(scores.image[0].r2, before - 0.02) << dose;  // Monte Carlo
    before = scores.image[0].r2;
  }
  EXPECT_GT(before, 0.8);
}

TEST(CountBound, TheOracleIsNeverWorseAndThicknessAloneNeverBetter) {
  const World w = world({{"HAADF", "", 0}});
  const BoundScores scores = count_bound(at_dose(w.fields, 1e7), w.response, 1);
  for (std::size_t e = 0; e < three.size(); ++e) {
    EXPECT_GE(scores.oracle[e].r2, scores.image[e].r2 - 0.03) << three[e];
    EXPECT_GE(scores.oracle[e].r2, scores.thickness_only[e].r2 - 0.03) << three[e];
    EXPECT_NEAR(scores.oracle[e].coverage_68, 0.68, 0.06) << three[e];
  }
  EXPECT_GT(scores.columns, 100);
}

TEST(CountBound, MoreSignalsNeverMakeItWorse) {
  const World w = world({{"HAADF", "", 0}, {"Pt L", "Pt", 0}, {"Pd L", "Pd", 0}, {"Ni K", "Ni", 0}});
  auto few = at_dose(w.fields, 3e6);
  const BoundScores with = count_bound(few, w.response, 1);
  for (auto& field : few) field.signals = field.signals.only({"HAADF"});
  const BoundScores without = count_bound(few, w.response, 1);
  for (std::size_t e = 0; e < three.size(); ++e) EXPECT_GT(with.image[e].r2, without.image[e].r2) << three[e];
}

TEST(CountBound, DrawnSectionsScatterAboutWhatIsExpected) {
  const World w = world({{"HAADF", "", 0}});
  const auto at = w.response.at({});
  const auto expected = expected_sections(w.fields[0], at);
  Random random(3);
  double standard = 0, columns = 0;
  for (int turn = 0; turn < 5; ++turn) {
    const auto drawn = drawn_sections(w.fields[0], at, random);
    for (std::size_t i = 0; i < drawn.size(); ++i, ++columns) {
      standard += std::pow((drawn[i][0] - expected[i][0]) / (0.03 * expected[i][0]), 2);
    }
  }
  EXPECT_NEAR(std::sqrt(standard / columns), 1, 0.15);
}

TEST(CountBound, FieldsWithoutWholeColumnsAreRefused) {
  World w = world({{"HAADF", "", 0}});
  for (auto& field : w.fields) field.signals.whole.assign(field.signals.size(), false);
  EXPECT_THROW(count_bound(w.fields, w.response, 1), Error);
}

}  // namespace
}  // namespace colonnade
