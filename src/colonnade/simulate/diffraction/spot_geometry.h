// SPDX-License-Identifier: GPL-3.0-or-later
// How a crystal stands to the beam, which runs along +z, and how far its reflections are from the Ewald sphere.
// Lengths in 1/Angstrom (g = 1/d), angles in degrees. Reflections of the zone [uvw] that lie above the zero layer have
// g . [uvw] < 0, as the beam runs along [uvw], not against it.
#pragma once

#include <string>
#include <vector>

#include "colonnade/structures/crystal.h"
#include "colonnade/structures/matrix3.h"

namespace colonnade {

struct CrystalOrientation {
  Miller zone_axis{0, 0, 1};
  double tilt_x_deg = 0;    ///< of the crystal about +x (towards the viewer's right), right-handed, after the zone axis
  double tilt_y_deg = 0;    ///< about +y, after the tilt about x
  double in_plane_deg = 0;  ///< about the beam, from +x towards +y, last
};

/// The rotation from the crystal's frame to the microscope's: zone axis along the beam (zone_axis_rotation), then the
/// tilts, then the turn in the plane. Fails on a zone axis of zeros, angles that are no numbers and a crystal without a
/// cell.
Matrix3 orientation_matrix(const Structure& crystal, const CrystalOrientation& orientation);

/// The distance along the beam from a point g of the microscope's frame to the Ewald sphere of radius k = 1/wavelength
/// through 0: positive where g lies inside the sphere. Exact: s = -p^2 / (k + sqrt(k^2 - p^2)) - g_z with p^2 = g_x^2 +
/// g_y^2. Infinite beyond the sphere's edge, p > k.
double excitation_error(const Vector3& g, double k_per_A);

enum class ShapeModel { gaussian, lorentzian, linear, slab };
ShapeModel parse_shape_model(const std::string& name);
std::string shape_model_name(ShapeModel model);

/// How much of |F|^2 a reflection at excitation error s shows; 1 at s = 0.
struct ShapeFactor {
  ShapeModel model = ShapeModel::gaussian;
  /// gaussian: sigma of exp(-s^2 / 2 sigma^2); lorentzian: w of 1 / (1 + (pi s / w)^2); linear: where 1 - |s| / w ends.
  double width_per_A = 0.01;
  double thickness_A = 100;  ///< slab: t of (sin(pi s t) / (pi s t))^2
  double value(double s_per_A) const;
  void check() const;
};

}  // namespace colonnade
