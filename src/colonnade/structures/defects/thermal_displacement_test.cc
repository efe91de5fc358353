// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/defects/thermal_displacement.h"

#include <cmath>
#include <gtest/gtest.h>

#include "colonnade/core/test_errors.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/debye_waller.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/known_crystals.h"

namespace colonnade {
namespace {

Vector3 rms_between(const Structure& a, const Structure& b) {
  Vector3 sum{};
  for (std::size_t i = 0; i < a.atoms.size(); ++i) {
    const Position &p = a.atoms[i].position, &q = b.atoms[i].position;
    sum[0] += (p.x - q.x) * (p.x - q.x);
    sum[1] += (p.y - q.y) * (p.y - q.y);
    sum[2] += (p.z - q.z) * (p.z - q.z);
  }
  for (double& part : sum) part = std::sqrt(part / double(a.atoms.size()));
  return sum;
}

TEST(ThermalDisplacement, HasTheWidthsThatAreGiven) {
  const Structure al = repeat(crystal_from("Al"), {20, 20, 20});
  Structure moved = al;
  ThermalDisplacementOptions options;
  options.sigma = {"Al:0.05/0.06/0.1"};
  Random random(1);
  displace(moved, options, random);
  const Vector3 rms = rms_between(al, moved);
  // 32,000 draws: the standard error is sigma / sqrt(64000).
  EXPECT_NEAR(rms[0], 0.05, 4 * 0.05 / 253);
  EXPECT_NEAR(rms[1], 0.06, 4 * 0.06 / 253);
  EXPECT_NEAR(rms[2], 0.10, 4 * 0.10 / 253);
  EXPECT_EQ(moved.metadata["defects"][0]["kind"], "thermal displacement");
}

TEST(ThermalDisplacement, SameSeedSameAtoms) {
  const Structure al = repeat(crystal_from("Al"), {3, 3, 3});
  ThermalDisplacementOptions options;
  options.temperature_K = 300;
  Structure one = al, two = al;
  Random first(7), second(7);
  displace(one, options, first);
  displace(two, options, second);
  EXPECT_EQ(rms_between(one, two), (Vector3{0, 0, 0}));
}

TEST(ThermalDisplacement, WidthsFromTemperaturePresetsAndElements) {
  ThermalDisplacementOptions options;
  options.temperature_K = 300;
  const double al = displacement_widths(options, 13)[0];
  EXPECT_DOUBLE_EQ(al, debye_sigma_A(element(13).mass_u, debye_temperature_K(13), 300));
  options.sigma = {"Si:0.08"};
  EXPECT_EQ(displacement_widths(options, 14)[2], 0.08);
  EXPECT_EQ(displacement_widths(options, 13)[0], al);
  options.sigma = {"paper_100K"};
  EXPECT_EQ(displacement_widths(options, 13)[0], 0.032);
  options.sigma = {"paper_300K"};
  EXPECT_EQ(displacement_widths(options, 13)[1], 0.060);
  options.sigma = {"physical_300K"};
  EXPECT_EQ(displacement_widths(options, 13)[1], 0.100);
  EXPECT_NEAR(displacement_widths(options, 13)[1], al, 0.002);
}

TEST(ThermalDisplacement, RefusesWhatItDoesNotKnow) {
  const auto refusal = [](const std::vector<std::string>& sigma, double kelvin, int number) {
    return message_of([&] {
      ThermalDisplacementOptions options;
      options.sigma = sigma;
      options.temperature_K = kelvin;
      options.check();
      displacement_widths(options, number);
    });
  };
  EXPECT_NE(refusal({"0.06/0.07"}, -1, 13).find("not understood"), std::string::npos);
  EXPECT_NE(refusal({"paper_200K"}, -1, 13).find("not understood"), std::string::npos);
  EXPECT_NE(refusal({"0.06", "0.07"}, -1, 13).find("not understood"), std::string::npos);
  EXPECT_NE(refusal({"Al:0.1", "Al:0.2"}, -1, 13).find("twice"), std::string::npos);
  EXPECT_NE(refusal({"Al:0.1"}, -1, 14).find("no sigma of Si"), std::string::npos);
  EXPECT_NE(refusal({}, 300, 8).find("no Debye temperature of O"), std::string::npos);
  EXPECT_NE(refusal({}, 1e5, 13).find("beyond"), std::string::npos);
}

}  // namespace
}  // namespace colonnade
