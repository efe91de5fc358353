// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/colour.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <string_view>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

constexpr Colour from_code(std::uint32_t code) {
  return {std::uint8_t(code >> 16), std::uint8_t(code >> 8), std::uint8_t(code)};
}

const std::map<std::string, std::vector<std::uint32_t>>& nodes_of_maps() {
  static const std::map<std::string, std::vector<std::uint32_t>> nodes = {
      {"grey", {0x000000, 0xffffff}},
      {"difference", {0x1d4f91, 0x5e93d1, 0xf7f7f7, 0xd96a5f, 0x9e1b22}},
      {"viridis",
       {0x440154, 0x481769, 0x472a7a, 0x433d84, 0x3d4e8a, 0x355e8d, 0x2e6d8e, 0x297b8e, 0x23898e, 0x1f978b, 0x21a585,
        0x2eb37c, 0x46c06f, 0x65cb5e, 0x89d548, 0xb0dd2f, 0xd8e219, 0xfde725}},
      {"magma",
       {0x000004, 0x090720, 0x1a1042, 0x311165, 0x4a1079, 0x621980, 0x792282, 0x912b81, 0xaa337d, 0xc23b75, 0xd9466b,
        0xec5860, 0xf7725c, 0xfc8e64, 0xfeaa74, 0xfec68a, 0xfde2a3, 0xfcfdbf}}};
  return nodes;
}

const std::vector<std::uint32_t>& nodes_of(const std::string& map) {
  const auto found = nodes_of_maps().find(map);
  if (found != nodes_of_maps().end()) return found->second;
  std::vector<std::string> names;
  for (const auto& entry : nodes_of_maps()) names.push_back(entry.first);
  const std::string near = nearest_word(map, names);
  fail("there is no colour map '{}'{}; use one of {}", map, near.empty() ? "" : " (did you mean '" + near + "'?)",
       fmt::join(names, ", "));
}

// Searched for: apart from each other under the three kinds of colour blindness (model of Machado, Oliveira and
// Fernandes, IEEE TVCG 15, 1291, 2009), and legible on white and on the dark page.
constexpr std::array<std::string_view, 7> qualitative = {"#cd8809", "#ab55a8", "#1f826c", "#a6875a",
                                                         "#6097f4", "#5f6914", "#4954c8"};

constexpr std::string_view symbols =
    " H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb "
    "Mo Tc "
    "Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl "
    "Pb Bi "
    "Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og ";

/// Atomic number, 0 for what is no element.
int atomic_number(const std::string& symbol) {
  if (symbol.empty() || symbol.size() > 2) return 0;
  const auto position = symbols.find(" " + symbol + " ");
  if (position == std::string_view::npos) return 0;
  return int(std::count(symbols.begin(), symbols.begin() + std::ptrdiff_t(position) + 1, ' '));
}

}  // namespace

std::string Colour::hex() const { return fmt::format("#{:02x}{:02x}{:02x}", red, green, blue); }

Colour parse_colour(const std::string& hex) {
  const bool shaped = hex.size() == 7 && hex[0] == '#' &&
                      std::all_of(hex.begin() + 1, hex.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
  if (!shaped) fail("'{}' is not a colour; write it as #rrggbb", hex);
  return from_code(std::uint32_t(std::stoul(hex.substr(1), nullptr, 16)));
}

bool is_element(const std::string& symbol) { return atomic_number(symbol) > 0; }

std::string element_colour(const std::string& symbol) {
  static const std::map<std::string, std::string> fixed = {
      {"Pt", "#65686c"}, {"Ni", "#14a86c"}, {"Pd", "#2c66d0"}, {"Co", "#d868b6"}, {"Fe", "#c6322a"}};
  if (const auto found = fixed.find(symbol); found != fixed.end()) return found->second;
  std::size_t number = atomic_number(symbol);
  if (number == 0) {
    for (const unsigned char letter : symbol) number = number * 31 + letter;
  }
  return std::string(qualitative[number % qualitative.size()]);
}

std::vector<std::string> series_colours(const std::vector<std::string>& names, const std::vector<std::string>& given) {
  std::vector<std::string> choices(qualitative.begin(), qualitative.end());
  choices.insert(choices.begin() + 1, "#2c66d0");
  for (const char* symbol : {"Ni", "Fe", "Pt", "Co"}) choices.push_back(element_colour(symbol));
  std::vector<std::string> colours;
  const auto taken = [&](const std::string& colour) {
    return std::find(colours.begin(), colours.end(), colour) != colours.end() ||
           std::find(given.begin(), given.end(), colour) != given.end();
  };
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::string colour = i < given.size() ? given[i] : "";
    if (!colour.empty()) {
      colours.push_back(parse_colour(colour).hex());
      continue;
    }
    if (is_element(names[i])) colour = element_colour(names[i]);
    if (colour.empty() || taken(colour)) {
      const auto unused = std::find_if_not(choices.begin(), choices.end(), taken);
      colour = unused != choices.end() ? *unused : choices[i % choices.size()];
    }
    colours.push_back(colour);
  }
  return colours;
}

Colour map_colour(const std::string& map, double fraction) {
  const auto& nodes = nodes_of(map);
  const double position = std::clamp(std::isnan(fraction) ? 0.0 : fraction, 0.0, 1.0) * double(nodes.size() - 1);
  const auto left = std::min(std::size_t(position), nodes.size() - 2);
  const Colour a = from_code(nodes[left]), b = from_code(nodes[left + 1]);
  const double weight = position - double(left);
  const auto blend = [&](std::uint8_t from, std::uint8_t to) {
    return std::uint8_t(std::lround(from + weight * (double(to) - from)));
  };
  return {blend(a.red, b.red), blend(a.green, b.green), blend(a.blue, b.blue)};
}

std::array<Colour, 256> map_palette(const std::string& map) {
  std::array<Colour, 256> palette;
  for (int i = 1; i < 256; ++i) palette[i] = map_colour(map, (i - 1) / 254.0);
  return palette;
}

}  // namespace colonnade
