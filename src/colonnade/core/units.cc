// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/core/units.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace colonnade {

double nm_per_unit(const std::string& unit) {
  // Case matters only between mm and Mm, pm and Pm: no microscope writes megametres, so lower case serves all.
  std::string name;
  for (const char c : unit) {
    if (!std::isspace(static_cast<unsigned char>(c)) && c != '_' && c != '[' && c != ']' && c != '\0') {
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  static const std::map<std::string, double> known{
      {"pm", 1e-3},        {"picometer", 1e-3}, {"picometre", 1e-3}, {"a", 0.1},           {"\u00c5", 0.1},
      {"\u00e5", 0.1},     {"\u212b", 0.1},     {"ang", 0.1},        {"angstrom", 0.1},    {"angstroms", 0.1},
      {"nm", 1},           {"nanometer", 1},    {"nanometre", 1},    {"nanometers", 1},    {"nanometres", 1},
      {"um", 1e3},         {"\u00b5m", 1e3},    {"\u03bcm", 1e3},    {"\xb5m", 1e3},       {"micron", 1e3},
      {"microns", 1e3},    {"micrometer", 1e3}, {"micrometre", 1e3}, {"micrometers", 1e3}, {"mm", 1e6},
      {"millimeter", 1e6}, {"millimetre", 1e6}, {"cm", 1e7},         {"m", 1e9},           {"meter", 1e9},
      {"metre", 1e9},      {"inch", 2.54e7},    {"in", 2.54e7},      {R"(\u00b5m)", 1e3}};
  const auto found = known.find(name);
  return found == known.end() ? 0 : found->second;
}

}  // namespace colonnade
