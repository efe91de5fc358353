// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/eds.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/simulate/multislice_engine.h"

namespace colonnade {
namespace {

const std::vector<int> alloy = {78, 28, 46, 27, 26};

double counts_barn(const EdsLine& line) { return line.cross_section_barn() * line.counts_per_ionisation; }

std::string complaint(const EdsOptions& options, double energy_keV = 200) {
  try {
    eds_lines(options, alloy, energy_keV);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Eds, ChoosesShellsAndCountsAllFactors) {
  EdsOptions options;
  options.efficiency = 0.8;
  options.line_fractions = {"Ni=0.88"};
  const auto lines = eds_lines(options, alloy, 200);
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0].name(), "Pt L");
  EXPECT_EQ(lines[1].name(), "Ni K");
  EXPECT_EQ(lines[2].name(), "Pd L");
  EXPECT_EQ(lines[0].terms.size(), 3U);
  EXPECT_NEAR(lines[1].cross_section_barn(), 275, 5);
  EXPECT_NEAR(lines[1].counts_per_ionisation,
              fluorescence_yield(28, Shell::K) * 0.88 * 0.8 * 0.7 / (4 * std::numbers::pi), 1e-9);
  EXPECT_NEAR(lines[0].record()["impact_parameter_rms_A"].get<double>(), 0.055, 0.01);
  options.elements = {"Ni", "Pt"};
  options.lines = {"Pt=K"};
  const auto chosen = eds_lines(options, alloy, 200);
  ASSERT_EQ(chosen.size(), 2U);
  EXPECT_EQ(chosen[1].name(), "Pt K");
  EXPECT_LT(counts_barn(chosen[1]), counts_barn(lines[0]));
}

TEST(Eds, OwnNumbersComeFirst) {
  EdsOptions options;
  options.cross_sections = {"Ni=259"};
  EXPECT_NEAR(eds_lines(options, alloy, 200)[1].cross_section_barn(), 259, 1e-9);
  // By weight: half the counts of equal masses means k = 2.
  options.k_factors = {"Ni=1", "Pt=2"};
  auto lines = eds_lines(options, alloy, 200);
  EXPECT_NEAR((counts_barn(lines[0]) / 195.084) / (counts_barn(lines[1]) / 58.6934), 0.5, 1e-6);
  EXPECT_EQ(lines[0].source, "own k factor");
  EXPECT_EQ(lines[2].source, "Casnati 1982, Hubbell 1994");
  // 1 atom in each A^2 of nickel weighs 58.69 u / A^2 = 9.746e-6 kg/m^2.
  options = {};
  options.zeta_factors = {"Ni=600"};
  lines = eds_lines(options, alloy, 200);
  EXPECT_NEAR(counts_barn(lines[1]) * 1e-8, 9.746e-6 / 600, 1e-11);
}

TEST(Eds, ExpectedCountsAreLinearAndTheirPoissonMeanIsKept) {
  EdsOptions options;
  const auto line = eds_lines(options, {28}, 200).front();
  const std::vector<float> ionisations(20000, 1e-4F);
  const double expected = 3e5 * line.counts_per_ionisation * 1e-4;
  EXPECT_NEAR(eds_expected(line, options, ionisations)[7] / expected, 1, 1e-6);
  options.electrons = 0;
  EXPECT_EQ(eds_expected(line, options, ionisations)[7], 0);
  options.electrons = 3e5;
  options.background = 0.3;
  options.background_fraction = 0.5;
  const auto with = eds_expected(line, options, ionisations);
  EXPECT_NEAR(with[7], 1.5 * expected + 0.3, 1e-6);
  Random random(5), again(5);
  const auto counts = eds_counts(with, random);
  EXPECT_EQ(counts, eds_counts(with, again));
  double mean = 0, square = 0;
  for (const double count : counts) {
    mean += count / 20000;
    square += count * count / 20000;
  }
  EXPECT_NEAR(mean, with[7], 4 * std::sqrt(with[7] / 20000));
  EXPECT_NEAR((square - mean * mean) / mean, 1, 0.05);
}

TEST(Eds, RefusesWhatMakesNoSense) {
  const auto with = [](auto member, auto value) {
    EdsOptions options;
    options.*member = value;
    return options;
  };
  using Texts = std::vector<std::string>;
  EXPECT_THAT(complaint(with(&EdsOptions::electrons, -1.0)), testing::HasSubstr("eds_electrons"));
  EXPECT_THAT(complaint(with(&EdsOptions::solid_angle_sr, 13.0)), testing::HasSubstr("12.57"));
  EXPECT_THAT(complaint(with(&EdsOptions::efficiency, 1.1)), testing::HasSubstr("eds_efficiency"));
  EXPECT_THAT(complaint(with(&EdsOptions::background, double(NAN))), testing::HasSubstr("eds_background"));
  EXPECT_THAT(complaint(with(&EdsOptions::lines, Texts{"Pt=M"})), testing::HasSubstr("K or L"));
  EXPECT_THAT(complaint(with(&EdsOptions::lines, Texts{"Pt"})), testing::HasSubstr("names no element"));
  EXPECT_THAT(complaint(with(&EdsOptions::cross_sections, Texts{"Ni=abc"})), testing::HasSubstr("abc"));
  EXPECT_THAT(complaint(with(&EdsOptions::cross_sections, Texts{"Au=3"})), testing::HasSubstr("not among"));
  EXPECT_THAT(complaint(with(&EdsOptions::k_factors, Texts{"Pt=2"})), testing::HasSubstr("reference"));
  EXPECT_THAT(complaint(with(&EdsOptions::zeta_factors, Texts{"Ni=1", "Ni=2"})), testing::HasSubstr("twice"));
  EXPECT_THAT(complaint(with(&EdsOptions::line_fractions, Texts{"Ni=2"})), testing::HasSubstr("at most 1"));
  EXPECT_THAT(complaint(with(&EdsOptions::lines, Texts{"Pt=K"}), 60), testing::HasSubstr("does not ionise"));
  EXPECT_EQ(complaint({}), "");
  OptionTable table;
  EdsOptions options;
  options.describe(table);
  EXPECT_EQ(table.options().size(), 11U);
}

// fcc nickel along [110], 3 nm thick, against the same atoms spread evenly: on a column the beam stays with the atoms,
// between columns it does not.
TEST(Eds, ChannellingGivesMoreOnColumnsThanBetween) {
  const double a = 3.52, b = a / std::numbers::sqrt2;
  Structure structure;
  for (int i = 0; i < 8; ++i) {
    for (int j = 0; j < 10; ++j) {
      if ((i + j) % 2 != 0) continue;
      for (int k = 0; k < 12; ++k) {
        structure.atoms.push_back({28, {i * a / 2, j * b / 2, 0.3 + b * k + (j % 2) * b / 2}});
      }
    }
  }
  const PeriodicCell cell{{0, 0, 0}, {120, 180, 10 * b / 2 / 120, 8 * a / 2 / 180}};
  const auto line = eds_lines({}, {28}, 200).front();
  MultisliceOptions multislice;
  multislice.window_A = 0;
  multislice.slice_A = b / 2;
  const Multislice engine(structure, cell, Optics{}, Signals{{}, {eds_signal(line, 0.075)}}, multislice);
  const double even = line.cross_section_barn() * 1e-8 * 12 * 2 / (a * b);
  const double on = engine.probe_intensities(2 * a / 2, 4 * b / 2)[0];
  const double between = engine.probe_intensities(2 * a / 2, 5 * b / 2)[0];
  EXPECT_GT(on, 2 * even);
  EXPECT_LT(between, even);
}

}  // namespace
}  // namespace colonnade
