// SPDX-License-Identifier: GPL-3.0-or-later
// The chemical elements: symbol, atomic number, standard atomic weight (IUPAC 2021, in u; for elements without stable
// isotopes the mass number of the longest-lived one), metallic or covalent radius.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace colonnade {

struct Element {
  int number = 0;           ///< atomic number Z
  std::string_view symbol;  ///< "Pt"
  std::string_view name;    ///< "platinum"
  double mass_u = 0;        ///< standard atomic weight
  double radius_A = 0;  ///< in a metal with 12 neighbours where there is one, else covalent (sources in elements.cc)
};

inline constexpr int largest_atomic_number = 118;

/// The element of a symbol ("Pt", any case); an unknown one fails and names the nearest.
const Element& element(std::string_view symbol);
/// The element of an atomic number, 1 to 118.
const Element& element(int number);
/// As element(), but nullptr for an unknown symbol or number.
const Element* find_element(std::string_view symbol);
const Element* find_element(int number);
/// What element() says of an unknown symbol, for readers that add a file and a line.
std::string unknown_element_text(std::string_view symbol);
/// Checks a list of symbols: known, none twice, not empty; returns them spelt properly.
std::vector<std::string> checked_elements(const std::vector<std::string>& symbols);
/// The place in `list` of each symbol; fails on one that is missing there, naming `whose` list it is.
std::vector<std::size_t> element_places(const std::vector<std::string>& symbols, const std::vector<std::string>& list,
                                        const std::string& whose);

}  // namespace colonnade
