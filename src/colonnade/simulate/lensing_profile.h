// SPDX-License-Identifier: GPL-3.0-or-later
// The shape that a column has in an image, per unit of its cross-section: piecewise linear in the distance from the
// column, with a part that goes with the column's length and one that goes with its focusing strength (heavy and long
// columns are sharper), and, where the probe is not round, parts that go with the cosine and sine of one, two and three
// times the azimuth. Shapes overlap and add up.
#pragma once

#include <vector>

#include "colonnade/image/image.h"
#include "colonnade/simulate/lensing_columns.h"

namespace colonnade {

class ColumnProfile {
 public:
  /// One image, its columns (also those whose shape reaches into it from outside) and their cross-sections.
  struct Example {
    Image image;
    FieldOfView field;
    std::vector<AtomColumn> columns;
    std::vector<double> cross_sections_A2;
  };

  ColumnProfile() = default;
  /// Coefficients as coefficients() gave them.
  ColumnProfile(bool round, std::vector<double> coefficients);
  /// Least squares over every other pixel.
  static ColumnProfile fit(const std::vector<Example>& examples, bool round);

  bool round() const { return round_; }
  const std::vector<double>& coefficients() const { return coefficients_; }
  static double reach_A();

  /// The image of the columns, as a fraction of the beam, never below 0; amplitudes are corrected until the image
  /// integrates to the cross-section given in every Voronoi cell that lies inside the field.
  Image render(const std::vector<AtomColumn>& columns, const std::vector<double>& cross_sections_A2,
               const FieldOfView& field, double radius_A) const;

 private:
  void add(const AtomColumn& column, double amplitude, const FieldOfView& field, Image& image) const;

  bool round_ = true;
  std::vector<double> coefficients_;
};

}  // namespace colonnade
