// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/symmetry_operation.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <set>
#include <spglib.h>
#include <string_view>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

constexpr int hall_settings = 530;
constexpr int most_operations = 192;

/// Into [0, 1), with what rounding leaves just below 1 at 0.
double wrapped(double fraction) {
  const double inside = fraction - std::floor(fraction);
  return inside > 1 - 1e-6 ? 0 : inside;
}

Vector3 applied(const SymmetryOperation& operation, const Vector3& place) {
  Vector3 image = operation.translation;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) image[i] += operation.rotation[i][j] * place[j];
  }
  return image;
}

std::string shift_text(double shift) {
  const double inside = wrapped(shift);
  const double parts = std::round(inside * 24);
  if (std::abs(inside * 24 - parts) > 24e-4) return fmt::format("+{:.6f}", inside);
  const int numerator = int(parts) % 24;
  if (numerator == 0) return "";
  const int divisor = std::gcd(numerator, 24);
  return fmt::format("+{}/{}", numerator / divisor, 24 / divisor);
}

/// Nine numbers of the rotation and three of the translation in 24ths of a cell.
using Key = std::array<int, 12>;

Key key_of(const SymmetryOperation& operation) {
  Key key{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) key[3 * i + j] = operation.rotation[i][j];
    const int shift = int(std::lround(operation.translation[i] * 24)) % 24;
    key[9 + i] = shift < 0 ? shift + 24 : shift;
  }
  return key;
}

Key product(const Key& first, const Key& second) {
  Key result{};
  for (std::size_t i = 0; i < 3; ++i) {
    int shift = first[9 + i];
    for (std::size_t j = 0; j < 3; ++j) {
      for (std::size_t k = 0; k < 3; ++k) result[3 * i + j] += first[3 * i + k] * second[3 * k + j];
      shift += first[3 * i + j] * second[9 + j];
    }
    result[9 + i] = (shift % 24 + 24) % 24;
  }
  return result;
}

void require_invertible(const SymmetryOperation& operation) {
  const auto& m = operation.rotation;
  const int volume = m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
                     m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
                     m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
  if (volume != 1 && volume != -1) fail("'{}' is no symmetry operation: it does not keep volumes", triplet(operation));
}

}  // namespace

std::vector<SymmetryOperation> operations_of_hall(int hall_number) {
  if (hall_number < 1 || hall_number > hall_settings) {
    fail("there is no Hall number {}; give one from 1 to {}", hall_number, hall_settings);
  }
  static_assert(sizeof(int[3][3]) == sizeof(SymmetryOperation::rotation));
  std::vector<std::array<std::array<int, 3>, 3>> rotations(most_operations);
  std::vector<Vector3> translations(most_operations);
  const int count = spg_get_symmetry_from_database(reinterpret_cast<int(*)[3][3]>(rotations.data()),
                                                   reinterpret_cast<double(*)[3]>(translations.data()), hall_number);
  if (count < 1) fail("spglib knows no operations for Hall number {}", hall_number);
  std::vector<SymmetryOperation> operations;
  for (std::size_t i = 0; i < std::size_t(count); ++i) operations.push_back({rotations[i], translations[i]});
  return operations;
}

std::string triplet(const SymmetryOperation& operation) {
  constexpr std::string_view axes = "xyz";
  std::string text;
  for (std::size_t i = 0; i < 3; ++i) {
    std::string part;
    for (std::size_t j = 0; j < 3; ++j) {
      const int times = operation.rotation[i][j];
      if (times == 0) continue;
      part += times < 0 ? "-" : part.empty() ? "" : "+";
      if (std::abs(times) != 1) part += fmt::format("{}*", std::abs(times));
      part += axes[j];
    }
    text += (i > 0 ? "," : "") + part + shift_text(operation.translation[i]);
  }
  return text;
}

void require_group(const std::vector<SymmetryOperation>& operations) {
  std::set<Key> keys{key_of({{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, {}})};
  for (const SymmetryOperation& operation : operations) {
    require_invertible(operation);
    keys.insert(key_of(operation));
  }
  for (const SymmetryOperation& first : operations) {
    for (const SymmetryOperation& second : operations) {
      if (keys.contains(product(key_of(first), key_of(second)))) continue;
      fail("the symmetry operations are no group: '{}' after '{}' is not among them; list all of them", triplet(first),
           triplet(second));
    }
  }
}

std::vector<Fractional> orbit(const Fractional& place, const std::vector<SymmetryOperation>& operations,
                              const Matrix3& cell, double same_site_A) {
  std::vector<Vector3> images;
  const Vector3 here{place.a, place.b, place.c};
  const auto add = [&](const Vector3& fraction) {
    const Vector3 image{wrapped(fraction[0]), wrapped(fraction[1]), wrapped(fraction[2])};
    const bool known = std::any_of(images.begin(), images.end(), [&](const Vector3& other) {
      Vector3 apart{};
      for (std::size_t k = 0; k < 3; ++k) apart[k] = image[k] - other[k] - std::round(image[k] - other[k]);
      return length(combine(apart, cell)) < same_site_A;
    });
    if (!known) images.push_back(image);
  };
  add(here);
  for (const SymmetryOperation& operation : operations) add(applied(operation, here));
  std::vector<Fractional> places;
  for (const Vector3& image : images) places.push_back({image[0], image[1], image[2]});
  return places;
}

}  // namespace colonnade
