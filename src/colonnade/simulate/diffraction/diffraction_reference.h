// SPDX-License-Identifier: GPL-3.0-or-later
// For tests: patterns that other programs computed, among the reference data.
#pragma once

#include <cmath>
#include <complex>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "colonnade/core/error.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/matrix3.h"

namespace colonnade {

inline std::filesystem::path diffraction_reference() {
  return std::filesystem::path(COLONNADE_SHARED_DATA) / "diffraction" / "reference";
}

inline nlohmann::json reference_json(const std::string& name) {
  return nlohmann::json::parse(std::ifstream(diffraction_reference() / name));
}

/// A crystal of py4dstem_parameters.json; the other programs' have the same positions and lattice parameters.
inline Structure reference_crystal(const nlohmann::json& parameters, const std::string& name) {
  const auto& entry = parameters.at("crystals").at(name);
  const double a = entry.at("a_A");
  Structure crystal = cubic_crystal("sc", "H", a);
  crystal.atoms.clear();
  std::size_t n = 0;
  for (const auto& place : entry.at("positions")) {
    const auto& numbers = entry.at("numbers");
    const int number = numbers.is_array() ? int(numbers.at(n)) : int(numbers);
    crystal.atoms.push_back({number, {a * double(place[0]), a * double(place[1]), a * double(place[2])}});
    ++n;
  }
  return crystal;
}

/// A line of the files: the excitation error with this project's sign (negative outside the Ewald sphere).
struct ReferenceSpot {
  Miller hkl{};
  double g = 0, x = 0, y = 0, z = 0, s = 0, intensity = 0;
};

/// h, k, l, g, and, with geometry, x, y, z, s; then the intensity.
inline std::vector<ReferenceSpot> reference_spots(const std::filesystem::path& path, bool geometry) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  std::vector<ReferenceSpot> spots;
  while (std::getline(file, line)) {
    std::vector<double> values;
    std::istringstream fields(line);
    for (std::string field; std::getline(fields, field, ',');) values.push_back(std::stod(field));
    ReferenceSpot spot{{int(values.at(0)), int(values.at(1)), int(values.at(2))}, values.at(3), 0, 0, 0, 0, 0};
    if (geometry) {
      spot.x = values.at(4);
      spot.y = values.at(5);
      spot.z = values.at(6);
      spot.s = values.at(7);
    }
    spot.intensity = values.at(geometry ? 8 : 4);
    spots.push_back(spot);
  }
  if (spots.empty()) fail("{} holds no spots", path.string());
  return spots;
}

}  // namespace colonnade
