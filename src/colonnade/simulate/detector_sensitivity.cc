// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/detector_sensitivity.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "colonnade/core/error.h"

namespace colonnade {

namespace {

template <class T>
void require_efficiencies(const std::vector<T>& values) {
  for (const T value : values) {
    if (!(value >= 0) || !std::isfinite(value)) {
      fail("a detector's sensitivity holds {}; give efficiencies of 0 or above, 1 for an even detector", value);
    }
  }
}

}  // namespace

DetectorSensitivity DetectorSensitivity::radial(std::vector<double> angles_mrad, std::vector<double> efficiencies) {
  if (angles_mrad.empty() || angles_mrad.size() != efficiencies.size()) {
    fail("a radial sensitivity has {} angles and {} efficiencies; give one for each angle", angles_mrad.size(),
         efficiencies.size());
  }
  for (std::size_t i = 0; i < angles_mrad.size(); ++i) {
    const double before = i == 0 ? -1 : angles_mrad[i - 1];
    if (!(angles_mrad[i] >= 0 && angles_mrad[i] > before) || !std::isfinite(angles_mrad[i])) {
      fail("angle {} of a radial sensitivity is {} mrad; angles must ascend from 0 or above", i + 1, angles_mrad[i]);
    }
  }
  require_efficiencies(efficiencies);
  DetectorSensitivity result;
  result.angles_mrad_ = std::move(angles_mrad);
  result.efficiencies_ = std::move(efficiencies);
  return result;
}

DetectorSensitivity DetectorSensitivity::map(std::vector<float> values, int rows, int columns, double centre_row,
                                             double centre_column, double mrad_per_pixel) {
  if (rows < 1 || columns < 1 || values.size() != std::size_t(rows) * std::size_t(columns)) {
    fail("a sensitivity map of {} x {} pixels holds {} values", rows, columns, values.size());
  }
  if (!(mrad_per_pixel > 0) || !std::isfinite(mrad_per_pixel + centre_row + centre_column)) {
    fail("a sensitivity map has {} mrad per pixel and its centre at ({}, {}); give a scale above 0", mrad_per_pixel,
         centre_row, centre_column);
  }
  require_efficiencies(values);
  DetectorSensitivity result;
  result.values_ = std::move(values);
  result.rows_ = rows;
  result.columns_ = columns;
  result.centre_row_ = centre_row;
  result.centre_column_ = centre_column;
  result.mrad_per_pixel_ = mrad_per_pixel;
  return result;
}

double DetectorSensitivity::at(double x_mrad, double y_mrad) const {
  if (values_.empty()) return at_radius(std::hypot(x_mrad, y_mrad));
  return at_pixel(centre_row_ + y_mrad / mrad_per_pixel_, centre_column_ + x_mrad / mrad_per_pixel_);
}

double DetectorSensitivity::at_radius(double angle_mrad) const {
  const auto above = std::upper_bound(angles_mrad_.begin(), angles_mrad_.end(), angle_mrad);
  if (above == angles_mrad_.begin()) return efficiencies_.front();
  if (above == angles_mrad_.end()) return efficiencies_.back();
  const auto i = std::size_t(above - angles_mrad_.begin());
  const double part = (angle_mrad - angles_mrad_[i - 1]) / (angles_mrad_[i] - angles_mrad_[i - 1]);
  return std::lerp(efficiencies_[i - 1], efficiencies_[i], part);
}

// Pixels reach half a pixel around their centres; there the nearest centres count.
double DetectorSensitivity::at_pixel(double row, double column) const {
  if (row < -0.5 || column < -0.5 || row > rows_ - 0.5 || column > columns_ - 0.5) return 0;
  row = std::clamp(row, 0.0, double(rows_ - 1));
  column = std::clamp(column, 0.0, double(columns_ - 1));
  const int top = int(row), left = int(column);
  const int bottom = std::min(top + 1, rows_ - 1), right = std::min(left + 1, columns_ - 1);
  const auto value = [this](int y, int x) { return double(values_[std::size_t(y) * std::size_t(columns_) + x]); };
  return std::lerp(std::lerp(value(top, left), value(top, right), column - left),
                   std::lerp(value(bottom, left), value(bottom, right), column - left), row - top);
}

}  // namespace colonnade
