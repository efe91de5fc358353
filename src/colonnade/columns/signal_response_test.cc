// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/signal_response.h"

#include <gtest/gtest.h>

#include "colonnade/columns/test_particles.h"
#include "colonnade/core/error.h"

namespace colonnade {
namespace {

const std::vector<std::string> pair{"Pt", "Ni"};

SignalResponse response_of(const MadeUpMicroscope& microscope) {
  Random random(1);
  return SignalResponse::fit(pair, made_up_fields(4, pair, microscope, 0, random));
}

TEST(SignalResponse, FindsWhatTheMicroscopeDoes) {
  MadeUpMicroscope microscope;
  microscope.scatter = 0.03;
  const SignalResponse response = response_of(microscope);
  EXPECT_NEAR(response.errors()[0], 0.03, 0.008);
  const auto at = response.at({});
  for (const std::vector<int>& counts : {std::vector<int>{5, 5}, {10, 2}, {3, 9}}) {
    const double given[2] = {double(counts[0]), double(counts[1])};
    double own = 0;
    at.own(given, &own);
    const double right = microscope.own({"HAADF", "", 0}, counts, pair);
    EXPECT_NEAR(own, right, 0.03 * right);
    EXPECT_NEAR(at.scatter(0, right, 0), 0.03 * right, 0.012 * right);
  }
  EXPECT_NEAR(at.spill(0, 10, 1e-3), 1e-3 * microscope.spill, 1e-3 * 0.01);
}

TEST(SignalResponse, DerivativesAreThoseOfTheSections) {
  const auto at = response_of({}).at({});
  double slopes[2];
  const double place[2] = {4, 3};
  at.gradient(place, slopes);
  for (int e = 0; e < 2; ++e) {
    double up[2] = {4, 3}, down[2] = {4, 3}, high = 0, low = 0;
    up[e] += 1e-4, down[e] -= 1e-4;
    at.own(up, &high), at.own(down, &low);
    EXPECT_NEAR(slopes[e], (high - low) / 2e-4, 1e-6 * std::abs(slopes[e]) + 1e-10);
  }
}

TEST(SignalResponse, XRaysComeFromTheirElementOnly) {
  MadeUpMicroscope microscope;
  microscope.kinds = {{"HAADF", "", 0}, {"Ni K", "Ni", 0}};
  const auto at = response_of(microscope).at({});
  const double none[2] = {8, 0};
  double sections[2];
  at.own(none, sections);
  EXPECT_EQ(sections[1], 0);
  EXPECT_GT(sections[0], 0);
}

TEST(SignalResponse, SavedAndLoadedItIsTheSame) {
  MadeUpMicroscope microscope;
  microscope.kinds = {{"HAADF", "", 0}, {"Ni K", "Ni", 0}};
  const SignalResponse response = response_of(microscope);
  const SignalResponse again = SignalResponse::from_json(nlohmann::json::parse(response.to_json().dump()), "test");
  const double counts[2] = {4, 6};
  double first[2], second[2];
  response.at({}).own(counts, first);
  again.at({}).own(counts, second);
  EXPECT_EQ(first[0], second[0]);
  EXPECT_EQ(first[1], second[1]);
  EXPECT_THROW(SignalResponse::from_json({{"format", 1}}, "test"), Error);
  auto broken = response.to_json();
  broken["signals"][0]["coefficients"].erase(0);
  EXPECT_THROW(SignalResponse::from_json(broken, "test"), Error);
}

TEST(SignalResponse, AnotherOrderOfElementsAndFewerSignals) {
  MadeUpMicroscope microscope;
  microscope.kinds = {{"HAADF", "", 0}, {"Ni K", "Ni", 0}};
  const SignalResponse response = response_of(microscope), turned = response.for_elements({"Ni", "Pt"});
  const double counts[2] = {4, 6}, swapped[2] = {6, 4};
  double first[2], second[2], alone = 0;
  response.at({}).own(counts, first);
  turned.at({}).own(swapped, second);
  EXPECT_NEAR(first[0], second[0], 1e-12);
  EXPECT_NEAR(first[1], second[1], 1e-12);
  response.only({"Ni K"}).at({}).own(counts, &alone);
  EXPECT_EQ(alone, first[1]);
  EXPECT_THROW(response.only({"Co K"}), Error);
  EXPECT_THROW(response.for_elements({"Ni", "Co"}), Error);
}

TEST(SignalResponse, OfFewerElementsIsThatWithoutAtomsOfTheOthers) {
  Random random(8);
  MadeUpMicroscope microscope;
  const std::vector<std::string> three{"Pt", "Ni", "Pd"};
  microscope.kinds = {{"HAADF", "", 0}, {"Ni K", "Ni", 0}, {"Pd L", "Pd", 0}};
  SignalResponse response = SignalResponse::fit(three, made_up_fields(12, three, microscope, 0, random));
  response.set_widening({"HAADF"}, {1.1, 1.2, 1.3});
  const SignalResponse fewer = response.for_elements({"Pd", "Pt"});
  EXPECT_EQ(names_of(fewer.kinds()), (std::vector<std::string>{"HAADF", "Pd L"}));
  EXPECT_EQ(fewer.widening({fewer.kinds()[0]}), (std::vector<double>{1.3, 1.1}));
  const double all[3] = {4, 0, 6}, some[2] = {6, 4};
  double before[3], after[2];
  response.at({}).own(all, before);
  fewer.at({}).own(some, after);
  EXPECT_NEAR(after[0], before[0], 1e-12);
  EXPECT_NEAR(after[1], before[2], 1e-12);
}

TEST(SignalResponse, SettingsThatVaryAreFollowedAndTheirRangeIsKnown) {
  Random random(3);
  const MadeUpMicroscope microscope;
  std::vector<KnownColumns> fields;
  for (int i = 0; i < 6; ++i) {
    auto field = made_up_fields(1, pair, microscope, 0, random).front();
    const double energy = 180 + 8 * i;
    field.signals.conditions = {{"energy_keV", energy}};
    for (auto& row : field.signals.sections_nm2) row[0] *= 1 - 0.005 * (energy - 200);
    fields.push_back(field);
  }
  const SignalResponse response = SignalResponse::fit(pair, fields);
  EXPECT_LT(response.errors()[0], 0.04);
  const double counts[2] = {5, 5};
  double low = 0, high = 0;
  response.at({{"energy_keV", 185}}).own(counts, &low);
  response.at({{"energy_keV", 215}}).own(counts, &high);
  EXPECT_NEAR(high / low, 0.925 / 1.075, 0.03);
  std::string name;
  EXPECT_EQ(response.outside({{"energy_keV", 200}}, name), 0);
  EXPECT_NEAR(response.outside({{"energy_keV", 300}}, name), 2, 1e-9);
  EXPECT_EQ(name, "energy_keV");
  EXPECT_THROW(response.at({}), Error);
}

TEST(SignalResponse, TooFewColumnsAreRefused) {
  Random random(1);
  auto field = made_up_fields(1, pair, {}, 0, random).front();
  for (std::size_t i = 20; i < field.signals.size(); ++i) field.signals.whole[i] = false;
  EXPECT_THROW(SignalResponse::fit(pair, {field}), Error);
  EXPECT_THROW(SignalResponse::fit(pair, {}), Error);
}

}  // namespace
}  // namespace colonnade
