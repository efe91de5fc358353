// SPDX-License-Identifier: GPL-3.0-or-later
// How efficiently a detector counts at each point of its face: a radial table, or a measured map (made by scanning the
// focused beam over the detector). Values are relative to an even detector, whose value is 1 everywhere; scale a
// measured map so that its mean over the active area is 1. x runs to the right, y downwards, as in images.
#pragma once

#include <vector>

namespace colonnade {

class DetectorSensitivity {
 public:
  /// Linear between the table's points, constant beyond its ends. Angles ascend; efficiencies are not negative.
  static DetectorSensitivity radial(std::vector<double> angles_mrad, std::vector<double> efficiencies);
  /// (rows, columns) values, `centre` the place (in pixels, may lie between them) of the optical axis. Bilinear between
  /// pixel centres; 0 outside the map.
  static DetectorSensitivity map(std::vector<float> values, int rows, int columns, double centre_row,
                                 double centre_column, double mrad_per_pixel);

  double at(double x_mrad, double y_mrad) const;

 private:
  double at_radius(double angle_mrad) const;
  double at_pixel(double row, double column) const;

  std::vector<double> angles_mrad_, efficiencies_;
  std::vector<float> values_;
  int rows_ = 0, columns_ = 0;
  double centre_row_ = 0, centre_column_ = 0, mrad_per_pixel_ = 0;
};

}  // namespace colonnade
