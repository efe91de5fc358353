// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/diffraction/spot_geometry.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "colonnade/core/error.h"

namespace colonnade {

namespace {

/// By an angle about the axis 0 (x), 1 (y) or 2 (z), right-handed.
Matrix3 rotation_about(int axis, double degrees) {
  const double angle = degrees * std::numbers::pi / 180;
  const auto a = std::size_t((axis + 1) % 3), b = std::size_t((axis + 2) % 3);
  Matrix3 rotation{};
  rotation[std::size_t(axis)][std::size_t(axis)] = 1;
  rotation[a][a] = rotation[b][b] = std::cos(angle);
  rotation[b][a] = std::sin(angle);
  rotation[a][b] = -std::sin(angle);
  return rotation;
}

}  // namespace

Matrix3 orientation_matrix(const Structure& crystal, const CrystalOrientation& orientation) {
  for (const double angle : {orientation.tilt_x_deg, orientation.tilt_y_deg, orientation.in_plane_deg})
    if (!std::isfinite(angle)) fail("a tilt or turn of {} degrees is no number", angle);
  const Matrix3 zone = zone_axis_rotation(crystal, orientation.zone_axis);
  const Matrix3 tilt = multiply(rotation_about(1, orientation.tilt_y_deg), rotation_about(0, orientation.tilt_x_deg));
  return multiply(rotation_about(2, orientation.in_plane_deg), multiply(tilt, zone));
}

double excitation_error(const Vector3& g, double k_per_A) {
  const double across = g[0] * g[0] + g[1] * g[1];
  const double rest = k_per_A * k_per_A - across;
  if (rest < 0) return std::numeric_limits<double>::infinity();
  return -across / (k_per_A + std::sqrt(rest)) - g[2];
}

ShapeModel parse_shape_model(const std::string& name) {
  for (const auto known : {ShapeModel::gaussian, ShapeModel::lorentzian, ShapeModel::linear, ShapeModel::slab})
    if (name == shape_model_name(known)) return known;
  fail("shape factor '{}' is unknown; use gaussian, lorentzian, linear or slab", name);
}

std::string shape_model_name(ShapeModel model) {
  switch (model) {
    case ShapeModel::lorentzian:
      return "lorentzian";
    case ShapeModel::linear:
      return "linear";
    case ShapeModel::slab:
      return "slab";
    default:
      return "gaussian";
  }
}

double ShapeFactor::value(double s_per_A) const {
  const double ratio = s_per_A / width_per_A;
  switch (model) {
    case ShapeModel::lorentzian:
      return 1 / (1 + std::pow(std::numbers::pi * ratio, 2));
    case ShapeModel::linear:
      return std::max(0.0, 1 - std::abs(ratio));
    case ShapeModel::slab: {
      const double phase = std::numbers::pi * s_per_A * thickness_A;
      return std::abs(phase) < 1e-8 ? 1 : std::pow(std::sin(phase) / phase, 2);
    }
    default:
      return std::exp(-ratio * ratio / 2);
  }
}

void ShapeFactor::check() const {
  if (!(std::isfinite(width_per_A) && width_per_A > 0))
    fail("the shape factor's width is {} 1/A; give a positive number, e.g. 0.01", width_per_A);
  if (!(std::isfinite(thickness_A) && thickness_A > 0))
    fail("a crystal {} A thick; give a positive thickness", thickness_A);
}

}  // namespace colonnade
