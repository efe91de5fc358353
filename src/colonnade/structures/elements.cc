// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/elements.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/ranges.h>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

// Masses: standard atomic weights 2021 (Prohaska et al., Pure Appl. Chem. 94, 573, 2022), the conventional value where
// the standard is an interval, the mass number of the longest-lived isotope where there is none.
// Radii, first that applies: half the distance of nearest neighbours in the fcc metal at room temperature (lattice
// parameters: Pearson's handbook), given with 3 decimals; metallic radius for 12 neighbours (Goldschmidt; Greenwood and
// Earnshaw, Chemistry of the Elements, 1997); covalent radius (Cordero et al., Dalton Trans. 2008, 2832); from Bk on
// the single-bond covalent radius (Pyykkö and Atsumi, Chem. Eur. J. 15, 186, 2009).
// clang-format off
constexpr std::array<Element, largest_atomic_number> table{{
  {1, "H", "hydrogen", 1.008, 0.31},
  {2, "He", "helium", 4.002602, 0.28},
  {3, "Li", "lithium", 6.94, 1.57},
  {4, "Be", "beryllium", 9.0121831, 1.12},
  {5, "B", "boron", 10.81, 0.84},
  {6, "C", "carbon", 12.011, 0.76},
  {7, "N", "nitrogen", 14.007, 0.71},
  {8, "O", "oxygen", 15.999, 0.66},
  {9, "F", "fluorine", 18.998403162, 0.57},
  {10, "Ne", "neon", 20.1797, 0.58},
  {11, "Na", "sodium", 22.98976928, 1.91},
  {12, "Mg", "magnesium", 24.305, 1.60},
  {13, "Al", "aluminium", 26.9815384, 1.432},
  {14, "Si", "silicon", 28.085, 1.11},
  {15, "P", "phosphorus", 30.973761998, 1.07},
  {16, "S", "sulfur", 32.06, 1.05},
  {17, "Cl", "chlorine", 35.45, 1.02},
  {18, "Ar", "argon", 39.95, 1.06},
  {19, "K", "potassium", 39.0983, 2.35},
  {20, "Ca", "calcium", 40.078, 1.976},
  {21, "Sc", "scandium", 44.955907, 1.64},
  {22, "Ti", "titanium", 47.867, 1.47},
  {23, "V", "vanadium", 50.9415, 1.35},
  {24, "Cr", "chromium", 51.9961, 1.29},
  {25, "Mn", "manganese", 54.938043, 1.37},
  {26, "Fe", "iron", 55.845, 1.26},
  {27, "Co", "cobalt", 58.933194, 1.25},
  {28, "Ni", "nickel", 58.6934, 1.246},
  {29, "Cu", "copper", 63.546, 1.278},
  {30, "Zn", "zinc", 65.38, 1.37},
  {31, "Ga", "gallium", 69.723, 1.53},
  {32, "Ge", "germanium", 72.630, 1.20},
  {33, "As", "arsenic", 74.921595, 1.19},
  {34, "Se", "selenium", 78.971, 1.20},
  {35, "Br", "bromine", 79.904, 1.20},
  {36, "Kr", "krypton", 83.798, 1.16},
  {37, "Rb", "rubidium", 85.4678, 2.50},
  {38, "Sr", "strontium", 87.62, 2.151},
  {39, "Y", "yttrium", 88.905838, 1.80},
  {40, "Zr", "zirconium", 91.224, 1.60},
  {41, "Nb", "niobium", 92.90637, 1.47},
  {42, "Mo", "molybdenum", 95.95, 1.40},
  {43, "Tc", "technetium", 97, 1.35},
  {44, "Ru", "ruthenium", 101.07, 1.34},
  {45, "Rh", "rhodium", 102.90549, 1.345},
  {46, "Pd", "palladium", 106.42, 1.375},
  {47, "Ag", "silver", 107.8682, 1.445},
  {48, "Cd", "cadmium", 112.414, 1.52},
  {49, "In", "indium", 114.818, 1.67},
  {50, "Sn", "tin", 118.710, 1.58},
  {51, "Sb", "antimony", 121.760, 1.39},
  {52, "Te", "tellurium", 127.60, 1.38},
  {53, "I", "iodine", 126.90447, 1.39},
  {54, "Xe", "xenon", 131.293, 1.40},
  {55, "Cs", "caesium", 132.90545196, 2.72},
  {56, "Ba", "barium", 137.327, 2.24},
  {57, "La", "lanthanum", 138.90547, 1.88},
  {58, "Ce", "cerium", 140.116, 1.825},
  {59, "Pr", "praseodymium", 140.90766, 1.82},
  {60, "Nd", "neodymium", 144.242, 1.81},
  {61, "Pm", "promethium", 145, 1.83},
  {62, "Sm", "samarium", 150.36, 1.80},
  {63, "Eu", "europium", 151.964, 2.04},
  {64, "Gd", "gadolinium", 157.25, 1.80},
  {65, "Tb", "terbium", 158.925354, 1.77},
  {66, "Dy", "dysprosium", 162.500, 1.78},
  {67, "Ho", "holmium", 164.930329, 1.76},
  {68, "Er", "erbium", 167.259, 1.76},
  {69, "Tm", "thulium", 168.934219, 1.76},
  {70, "Yb", "ytterbium", 173.045, 1.939},
  {71, "Lu", "lutetium", 174.9668, 1.74},
  {72, "Hf", "hafnium", 178.486, 1.59},
  {73, "Ta", "tantalum", 180.94788, 1.47},
  {74, "W", "tungsten", 183.84, 1.41},
  {75, "Re", "rhenium", 186.207, 1.37},
  {76, "Os", "osmium", 190.23, 1.35},
  {77, "Ir", "iridium", 192.217, 1.357},
  {78, "Pt", "platinum", 195.084, 1.387},
  {79, "Au", "gold", 196.966570, 1.442},
  {80, "Hg", "mercury", 200.592, 1.55},
  {81, "Tl", "thallium", 204.38, 1.71},
  {82, "Pb", "lead", 207.2, 1.750},
  {83, "Bi", "bismuth", 208.98040, 1.48},
  {84, "Po", "polonium", 209, 1.40},
  {85, "At", "astatine", 210, 1.50},
  {86, "Rn", "radon", 222, 1.50},
  {87, "Fr", "francium", 223, 2.60},
  {88, "Ra", "radium", 226, 2.21},
  {89, "Ac", "actinium", 227, 2.15},
  {90, "Th", "thorium", 232.0377, 1.798},
  {91, "Pa", "protactinium", 231.03588, 1.63},
  {92, "U", "uranium", 238.02891, 1.56},
  {93, "Np", "neptunium", 237, 1.55},
  {94, "Pu", "plutonium", 244, 1.59},
  {95, "Am", "americium", 243, 1.73},
  {96, "Cm", "curium", 247, 1.74},
  {97, "Bk", "berkelium", 247, 1.68},
  {98, "Cf", "californium", 251, 1.68},
  {99, "Es", "einsteinium", 252, 1.65},
  {100, "Fm", "fermium", 257, 1.67},
  {101, "Md", "mendelevium", 258, 1.73},
  {102, "No", "nobelium", 259, 1.76},
  {103, "Lr", "lawrencium", 262, 1.61},
  {104, "Rf", "rutherfordium", 267, 1.57},
  {105, "Db", "dubnium", 268, 1.49},
  {106, "Sg", "seaborgium", 269, 1.43},
  {107, "Bh", "bohrium", 270, 1.41},
  {108, "Hs", "hassium", 269, 1.34},
  {109, "Mt", "meitnerium", 277, 1.29},
  {110, "Ds", "darmstadtium", 281, 1.28},
  {111, "Rg", "roentgenium", 282, 1.21},
  {112, "Cn", "copernicium", 285, 1.22},
  {113, "Nh", "nihonium", 286, 1.36},
  {114, "Fl", "flerovium", 290, 1.43},
  {115, "Mc", "moscovium", 290, 1.62},
  {116, "Lv", "livermorium", 293, 1.75},
  {117, "Ts", "tennessine", 294, 1.65},
  {118, "Og", "oganesson", 294, 1.57},
}};
// clang-format on

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// Symbol of the element that the word, misspelt or a full name, is nearest to; empty where none is near.
std::string nearest_symbol(std::string_view word) {
  std::string spelt(word);
  for (std::size_t i = 0; i < spelt.size(); ++i) {
    const auto letter = static_cast<unsigned char>(spelt[i]);
    spelt[i] = static_cast<char>(i == 0 ? std::toupper(letter) : std::tolower(letter));
  }
  std::vector<std::string> symbols, names;
  for (const Element& e : table) {
    symbols.emplace_back(e.symbol);
    names.emplace_back(e.name);
  }
  if (spelt.size() <= 3) return nearest_word(spelt, symbols);
  if (!spelt.empty()) spelt[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(spelt[0])));
  const std::string name = nearest_word(spelt, names);
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? "" : symbols[static_cast<std::size_t>(found - names.begin())];
}

}  // namespace

const Element* find_element(std::string_view symbol) {
  const auto* found =
      std::find_if(table.begin(), table.end(), [&](const Element& e) { return same_letters(e.symbol, symbol); });
  return found == table.end() ? nullptr : found;
}

const Element* find_element(int number) {
  return number < 1 || number > largest_atomic_number ? nullptr : &table[static_cast<std::size_t>(number - 1)];
}

std::string unknown_element_text(std::string_view symbol) {
  const std::string nearest = nearest_symbol(symbol);
  std::string shown(symbol.substr(0, 40));
  for (char& c : shown) c = std::isprint(static_cast<unsigned char>(c)) != 0 ? c : '?';
  if (nearest.empty()) return fmt::format("unknown element '{}': give symbols such as Pt, Ni, Fe", shown);
  return fmt::format("unknown element '{}': did you mean {} ({})?", shown, nearest, element(nearest).name);
}

const Element& element(std::string_view symbol) {
  const Element* found = find_element(symbol);
  if (found == nullptr) fail("{}", unknown_element_text(symbol));
  return *found;
}

const Element& element(int number) {
  const Element* found = find_element(number);
  if (found == nullptr) fail("unknown element with atomic number {}: they run from 1 to {}", number, table.size());
  return *found;
}

std::vector<std::string> checked_elements(const std::vector<std::string>& symbols) {
  if (symbols.empty()) fail("no elements given: list their symbols, e.g. Pt,Ni,Pd,Co,Fe");
  std::vector<std::string> checked;
  for (const std::string& symbol : symbols) {
    checked.emplace_back(element(symbol).symbol);
    if (std::count(checked.begin(), checked.end(), checked.back()) > 1) {
      fail("element {} is listed twice: name each element once", checked.back());
    }
  }
  return checked;
}

std::vector<std::size_t> element_places(const std::vector<std::string>& symbols, const std::vector<std::string>& list,
                                        const std::string& whose) {
  std::vector<std::size_t> places;
  for (const auto& symbol : symbols) {
    const auto found = std::find(list.begin(), list.end(), symbol);
    if (found == list.end()) fail("{} has no {}; it has {}", whose, symbol, fmt::join(list, ", "));
    places.push_back(found - list.begin());
  }
  return places;
}

}  // namespace colonnade
