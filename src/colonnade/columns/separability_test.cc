// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/separability.h"

#include <Eigen/Dense>
#include <gmock/gmock.h>

#include "colonnade/columns/test_posteriors.h"
#include "colonnade/core/error.h"

namespace colonnade {
namespace {

using testing::ElementsAre;
using Groups = std::vector<std::vector<std::size_t>>;

/// Covariance of a random alloy's column of which the total and the counts of `known` are known.
CountDistribution with_known(const std::vector<double>& c, double total, const std::vector<std::size_t>& known) {
  const std::size_t elements = c.size();
  double rest = 0;
  std::vector<bool> free(elements, true);
  for (const std::size_t e : known) free[e] = false;
  for (std::size_t e = 0; e < elements; ++e) rest += free[e] ? c[e] : 0;
  std::vector<double> mean, covariance(elements * elements);
  for (std::size_t a = 0; a < elements; ++a) {
    mean.push_back(total * c[a]);
    for (std::size_t b = 0; b < elements; ++b) {
      if (free[a] && free[b]) covariance[a * elements + b] = total * ((a == b ? c[a] : 0) - c[a] * c[b] / rest);
    }
  }
  return normal_distribution(mean, covariance);
}

const std::vector<double> equal{0.2, 0.2, 0.2, 0.2, 0.2};

TEST(Separability, OnlyTheTotalIsKnown) {
  const auto result = separability({with_known(equal, 10, {}), with_known(equal, 5, {})}, 5);
  EXPECT_THAT(result.groups, ElementsAre(ElementsAre(0, 1, 2, 3, 4)));
  EXPECT_NEAR(result.ratios[1], 1, 1e-12);
}

TEST(Separability, AnUncertainTotalChangesNothing) {
  CountDistribution column = with_known({0.1, 0.2, 0.7}, 10, {});
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = 0; b < 3; ++b) column.covariance[a * 3 + b] += 9 * column.mean[a] * column.mean[b] / 100;
  }
  const auto result = separability({column}, 3);
  for (const std::size_t k : {1, 2, 5}) EXPECT_NEAR(result.ratios[k], 1, 1e-12);
}

TEST(Separability, EverythingIsKnown) {
  const auto result = separability({with_known(equal, 10, {0, 1, 2, 3, 4})}, 5);
  EXPECT_EQ(result.groups, (Groups{{0}, {1}, {2}, {3}, {4}}));
  EXPECT_NEAR(result.ratios[1], 0, 1e-12);
}

TEST(Separability, PtAndPdAreKnownTheRestOnlyAsASum) {
  const auto result = separability({with_known(equal, 10, {0, 2}), with_known(equal, 7, {0, 2})}, 5);
  EXPECT_EQ(result.groups, (Groups{{0}, {1, 3, 4}, {2}}));
  EXPECT_EQ(group_name(result.groups[1], {"Pt", "Ni", "Pd", "Co", "Fe"}), "Ni+Co+Fe");
}

TEST(Separability, RareElements) {
  // A rare element that is known, or unknown together with one abundant partner.
  EXPECT_EQ(separability({with_known({0.04, 0.48, 0.48}, 12, {0})}, 3).groups, (Groups{{0}, {1, 2}}));
  EXPECT_EQ(separability({with_known({0.04, 0.48, 0.48}, 12, {2})}, 3).groups, (Groups{{0, 1}, {2}}));
}

TEST(Separability, OrderOfElementsDoesNotMatter) {
  EXPECT_EQ(separability({with_known({0.3, 0.1, 0.2, 0.4}, 12, {1, 3})}, 4).groups, (Groups{{0, 2}, {1}, {3}}));
  EXPECT_EQ(separability({with_known({0.1, 0.3, 0.4, 0.2}, 12, {0, 2})}, 4).groups, (Groups{{0}, {1, 3}, {2}}));
}

TEST(Separability, HeavyAndLightElementsFromTotalAndMass) {
  // One signal for the total and one that grows with the atomic number: Pt is told apart, Co from Ni is not.
  Random random(4);
  NanoparticleOptions options;
  options.elements = {"Pt", "Ni", "Pd", "Co", "Fe"};
  options.diameter_nm = 2;
  const TestParticle particle = test_particle(options, random);
  Eigen::MatrixXd signals(2, 5);
  signals << 1, 1, 1, 1, 1, 1, 0.213, 0.409, 0.201, 0.188;  // (Z / 78)^1.5
  const auto columns = measured(particle, signals, Eigen::Vector2d(0.05, 0.05), random);
  const auto groups = separability(columns, 5).groups;
  EXPECT_EQ(groups[0], (std::vector<std::size_t>{0}));
  EXPECT_EQ(std::find(groups.begin(), groups.end(), std::vector<std::size_t>{1}), groups.end());
}

TEST(Separability, NoColumnsNothingSeparated) {
  EXPECT_EQ(separability({}, 2).groups, (Groups{{0, 1}}));
  EXPECT_THROW(separability({}, 2, 1), Error);
}

}  // namespace
}  // namespace colonnade
