// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/colour.h"

#include <cmath>
#include <gmock/gmock.h>
#include <set>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

double linear(std::uint8_t channel) {
  const double value = channel / 255.0;
  return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double luminance(const Colour& c) {
  return 0.2126 * linear(c.red) + 0.7152 * linear(c.green) + 0.0722 * linear(c.blue);
}

/// The contrast of WCAG 2.
double contrast(const Colour& a, const Colour& b) {
  const double x = luminance(a), y = luminance(b);
  return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

TEST(Colour, ReadsAndWritesHex) {
  EXPECT_EQ(parse_colour("#0fA010").hex(), "#0fa010");
  for (const char* wrong : {"", "red", "#fff", "#gggggg", "#1234567"})
    EXPECT_THROW(parse_colour(wrong), Error) << wrong;
}

TEST(Colour, EveryElementIsLegibleOnBothPages) {
  const Colour white = parse_colour("#ffffff"), dark = parse_colour("#1a1e22");
  for (const char* symbol :
       {"Pt", "Ni", "Pd", "Co", "Fe", "Ir", "Au", "Ag", "Cu", "Cr", "Mn", "Ru", "Rh", "Mo", "W", "??"}) {
    const Colour colour = parse_colour(element_colour(symbol));
    EXPECT_GE(contrast(colour, white), 2.7) << symbol;
    EXPECT_GE(contrast(colour, dark), 2.7) << symbol;
  }
}

TEST(Colour, MainElementsHaveTheirHues) {
  const Colour pt = parse_colour(element_colour("Pt")), ni = parse_colour(element_colour("Ni")),
               pd = parse_colour(element_colour("Pd")), co = parse_colour(element_colour("Co")),
               fe = parse_colour(element_colour("Fe"));
  EXPECT_LT(std::max({pt.red, pt.green, pt.blue}) - std::min({pt.red, pt.green, pt.blue}), 12) << "grey";
  EXPECT_GT(ni.green, std::max(ni.red, ni.blue) + 40);
  EXPECT_GT(pd.blue, std::max(pd.red, pd.green) + 40);
  EXPECT_TRUE(co.red > co.blue && co.blue > co.green + 40) << "pink";
  EXPECT_GT(fe.red, std::max(fe.green, fe.blue) + 100);
}

struct Lab {
  double lightness, a, b;
};

Lab to_lab(const std::array<double, 3>& rgb) {
  const auto root = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116; };
  const double x = root((0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.9505);
  const double y = root(0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]);
  const double z = root((0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.089);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

/// As people without working middle-wave cones see it (Machado, Oliveira and Fernandes 2009, deuteranopia).
Lab seen_by_deuteranopes(const Colour& c) {
  const double r = linear(c.red), g = linear(c.green), b = linear(c.blue);
  std::array<double, 3> seen = {0.367322 * r + 0.860646 * g - 0.227968 * b, 0.280085 * r + 0.672501 * g + 0.047413 * b,
                                -0.011820 * r + 0.042940 * g + 0.968881 * b};
  for (double& value : seen) value = std::clamp(value, 0.0, 1.0);
  return to_lab(seen);
}

TEST(Colour, MainElementsStayApartForTheColourBlind) {
  const std::vector<std::string> symbols = {"Pt", "Ni", "Pd", "Co", "Fe"};
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      const Lab p = seen_by_deuteranopes(parse_colour(element_colour(symbols[i])));
      const Lab q = seen_by_deuteranopes(parse_colour(element_colour(symbols[k])));
      EXPECT_GT(std::hypot(p.lightness - q.lightness, p.a - q.a, p.b - q.b), 20) << symbols[i] << " and " << symbols[k];
    }
  }
}

TEST(Colour, KnowsElements) {
  EXPECT_TRUE(is_element("H"));
  EXPECT_TRUE(is_element("Og"));
  EXPECT_TRUE(is_element("Pt"));
  for (const char* wrong : {"", " ", "Xx", "pt", "P t", "training"}) EXPECT_FALSE(is_element(wrong)) << wrong;
}

TEST(Colour, SeriesDoNotShareAColour) {
  const auto colours =
      series_colours({"Cr", "Rh", "Ti", "Pt", "training", "validation", "test"}, {"", "", "", "", "#123456"});
  EXPECT_EQ(std::set<std::string>(colours.begin(), colours.end()).size(), colours.size());
  EXPECT_EQ(colours[0], element_colour("Cr"));
  EXPECT_EQ(colours[3], element_colour("Pt"));
  EXPECT_EQ(colours[4], "#123456");
}

void expect_near(const Colour& got, const std::string& wanted) {
  const Colour colour = parse_colour(wanted);
  EXPECT_NEAR(got.red, colour.red, 5) << wanted;
  EXPECT_NEAR(got.green, colour.green, 5) << wanted;
  EXPECT_NEAR(got.blue, colour.blue, 5) << wanted;
}

// Entries 0, 64, 128, 192 and 255 of matplotlib's tables of 256.
TEST(Colour, MapsFollowThePublishedOnes) {
  const std::vector<std::string> viridis = {"#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"};
  const std::vector<std::string> magma = {"#000004", "#51127c", "#b73779", "#fc8961", "#fcfdbf"};
  const std::vector<int> entries = {0, 64, 128, 192, 255};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    expect_near(map_colour("viridis", entries[i] / 255.0), viridis[i]);
    expect_near(map_colour("magma", entries[i] / 255.0), magma[i]);
  }
  EXPECT_EQ(map_colour("grey", 0.5).hex(), "#808080");
  EXPECT_EQ(map_colour("difference", 0.5).hex(), "#f7f7f7");
}

TEST(Colour, MapsGrowBrighter) {
  for (const char* map : {"grey", "viridis", "magma"}) {
    const auto palette = map_palette(map);
    for (int i = 2; i < 256; ++i) {
      EXPECT_GE(luminance(palette[i]), luminance(palette[i - 1]) - 5e-4) << map << " " << i << ", up to 8 bits";
    }
  }
}

TEST(Colour, ClampsAndRefuses) {
  EXPECT_EQ(map_colour("grey", -1).hex(), "#000000");
  EXPECT_EQ(map_colour("grey", 7).hex(), "#ffffff");
  EXPECT_EQ(map_colour("grey", NAN).hex(), "#000000");
  EXPECT_THAT([] { map_colour("virids", 0); }, ThrowsMessage<Error>(HasSubstr("did you mean 'viridis'")));
}

}  // namespace
}  // namespace colonnade
