// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/elements.h"

#include <cmath>
#include <gemmi/elem.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "colonnade/core/error.h"
#include "colonnade/core/test_errors.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;

TEST(Elements, AreNumberedAndSpeltAsInAnIndependentTable) {
  for (int z = 1; z <= largest_atomic_number; ++z) {
    const gemmi::Element other{static_cast<gemmi::El>(z)};
    EXPECT_EQ(element(z).number, z);
    EXPECT_EQ(element(z).symbol, other.name());
    EXPECT_EQ(&element(element(z).symbol), &element(z));
  }
}

TEST(Elements, MassesAgreeWithAnIndependentTable) {
  // Up to uranium, where the other table's revisions differ from ours by less than 0.03 u; without the elements that
  // have no standard weight.
  const std::set<std::string_view> radioactive{"Tc", "Pm", "Po", "At", "Rn", "Fr", "Ra", "Ac"};
  for (int z = 1; z <= 92; ++z) {
    const double difference = element(z).mass_u - gemmi::Element{static_cast<gemmi::El>(z)}.weight();
    EXPECT_LT(std::abs(difference), radioactive.contains(element(z).symbol) ? 2.5 : 0.03) << element(z).symbol;
  }
}

TEST(Elements, MassesGrowButForTheKnownInversions) {
  const std::set<int> lighter_than_the_one_before{19, 28, 53, 91, 93, 95};  // K, Ni, I, Pa, Np, Am
  for (int z = 2; z <= 96; ++z) {
    EXPECT_EQ(element(z).mass_u < element(z - 1).mass_u, lighter_than_the_one_before.contains(z)) << element(z).symbol;
  }
}

TEST(Elements, RadiiOfTheAlloyGiveTheMetalsLattices) {
  const auto lattice = [](const char* symbol) { return 2 * std::sqrt(2.0) * element(symbol).radius_A; };
  EXPECT_NEAR(lattice("Pt"), 3.924, 0.005);
  EXPECT_NEAR(lattice("Pd"), 3.890, 0.005);
  EXPECT_NEAR(lattice("Ni"), 3.524, 0.005);
  EXPECT_NEAR(element("Co").radius_A, 1.253, 0.005);
  EXPECT_NEAR(element("Fe").radius_A, 1.26, 0.02);
  for (int z = 1; z <= largest_atomic_number; ++z) {
    EXPECT_GT(element(z).radius_A, 0.25) << element(z).symbol;
    EXPECT_LT(element(z).radius_A, 2.8) << element(z).symbol;
  }
}

TEST(Elements, TakesAnyCaseAndNamesTheNearest) {
  EXPECT_EQ(element("pt").number, 78);
  EXPECT_EQ(element("PT").number, 78);
  EXPECT_EQ(find_element("Xx"), nullptr);
  EXPECT_EQ(find_element(0), nullptr);
  EXPECT_EQ(find_element(119), nullptr);
  EXPECT_THAT(message_of([] { element("Platinum"); }), HasSubstr("did you mean Pt (platinum)?"));
  EXPECT_THAT(message_of([] { element("nickle"); }), HasSubstr("Ni (nickel)"));
  EXPECT_THAT(message_of([] { element("Ptt"); }), HasSubstr("did you mean Pt"));
  EXPECT_THAT(message_of([] { element(""); }), HasSubstr("unknown element ''"));
  EXPECT_THAT(message_of([] { element("\x01\xff"); }), HasSubstr("unknown element"));
  EXPECT_THAT(message_of([] { element(-3); }), HasSubstr("atomic number -3"));
}

TEST(Elements, ChecksListsOfSymbols) {
  EXPECT_EQ(checked_elements({"pt", "NI"}), (std::vector<std::string>{"Pt", "Ni"}));
  EXPECT_THAT(message_of([] { checked_elements({}); }), HasSubstr("no elements"));
  EXPECT_THAT(message_of([] { checked_elements({"Pt", "Ni", "pt"}); }), HasSubstr("Pt is listed twice"));
  EXPECT_THROW(checked_elements({"Pt", "Q"}), Error);
}

}  // namespace
}  // namespace colonnade
