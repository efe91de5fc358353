// SPDX-License-Identifier: GPL-3.0-or-later
// For tests: NumPy arrays of float32 and structures "Z x y z" among the reference data, and how far two arrays differ.
#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "colonnade/core/error.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

struct ReferenceArray {
  std::vector<int> shape;
  std::vector<float> data;
  /// Arrays are (detector, ix, iy).
  float at(int detector, int ix, int iy) const { return data[(std::size_t(detector) * shape[1] + ix) * shape[2] + iy]; }
};

/// Version 1 of the .npy format, little-endian float32, C order.
inline ReferenceArray read_reference_array(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  char start[10] = {};
  file.read(start, 10);
  const auto length = std::size_t(std::uint8_t(start[8])) + 256 * std::size_t(std::uint8_t(start[9]));
  std::string header(length, ' ');
  file.read(header.data(), std::streamsize(length));
  if (!file || header.find("'<f4'") == std::string::npos) fail("{} is no float32 array", path.string());
  ReferenceArray array;
  std::istringstream shape(header.substr(header.find("'shape': (") + 10));
  std::size_t size = 1;
  for (int side = 0; shape >> side; shape.ignore(1)) {
    array.shape.push_back(side);
    size *= std::size_t(side);
  }
  array.data.resize(size);
  file.read(reinterpret_cast<char*>(array.data.data()), std::streamsize(size * sizeof(float)));
  if (!file) fail("{} ends early", path.string());
  return array;
}

inline Structure read_reference_structure(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  Structure structure;
  Atom atom;
  while (file >> atom.number >> atom.position.x >> atom.position.y >> atom.position.z) structure.atoms.push_back(atom);
  if (structure.atoms.empty()) fail("{} holds no atoms", path.string());
  return structure;
}

/// Root mean square of the difference over the mean of the first.
inline double rms_over_mean(const std::vector<float>& first, const std::vector<float>& second) {
  double squares = 0, sum = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    squares += std::pow(double(first[i]) - second[i], 2);
    sum += first[i];
  }
  return std::sqrt(squares * double(first.size())) / sum;
}

}  // namespace colonnade
