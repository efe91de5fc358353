// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/lensing_profile.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/core/units.h"
#include "colonnade/simulate/lensing_features.h"

namespace colonnade {

namespace {

constexpr double node_A = 0.15;
constexpr int nodes = 27;  // the shape ends, at 0, one node beyond the last
constexpr int round_parts = 3, azimuthal_parts = 6;
constexpr int atoms_unit = 25, corrections = 4;
constexpr double ridge = 1e-7;

int parts_of(bool round) { return round ? round_parts : round_parts + azimuthal_parts; }

// What the parts are multiplied with for one column, before the azimuth.
std::array<double, round_parts> column_factors(const AtomColumn& column) {
  double focusing = 0;
  for (const Atom& atom : column.atoms) focusing += focusing_strength(atom.number);
  return {1, double(column.atoms.size()) / atoms_unit, focusing / atoms_unit};
}

struct Pixels {
  int low, high;  // high is one past the last
};

Pixels pixels_near(double centre_px, double reach_px, int count) {
  return {std::max(0, int(std::ceil(centre_px - reach_px))),
          std::min(count, int(std::floor(centre_px + reach_px)) + 1)};
}

// Calls visit(row, column, x, y, distance) for every `step`-th pixel near the column.
template <class Visit>
void visit_near(const AtomColumn& column, const FieldOfView& field, const Visit& visit) {
  const double pixel = field.pixel_size_nm * angstrom_per_nm, reach = ColumnProfile::reach_A();
  const double cx = (column.x_A - field.low_x_A) / pixel, cy = (column.y_A - field.low_y_A) / pixel;
  const Pixels xs = pixels_near(cx, reach / pixel, field.width_px),
               ys = pixels_near(cy, reach / pixel, field.height_px);
  for (int row = ys.low; row < ys.high; ++row) {
    for (int i = xs.low; i < xs.high; ++i) {
      const double x = (i - cx) * pixel, y = (row - cy) * pixel, distance = std::sqrt(x * x + y * y);
      if (distance < reach) visit(row, i, x, y, distance);
    }
  }
}

// cos and sin of the azimuth, twice and three times it; 0 at the centre, where there is no azimuth.
std::array<double, azimuthal_parts> azimuthal(double x, double y, double distance) {
  if (distance < 1e-9) return {};
  const double c = x / distance, s = y / distance;
  const double c2 = c * c - s * s, s2 = 2 * c * s;
  return {c, s, c2, s2, c2 * c - s2 * s, s2 * c + c2 * s};
}

std::vector<Eigen::VectorXd> design_rows(const ColumnProfile::Example& example, bool round) {
  const FieldOfView& field = example.field;
  const int parts = parts_of(round);
  std::vector<Eigen::VectorXd> rows(std::size_t(field.height_px) * field.width_px);
  for (std::size_t i = 0; i < example.columns.size(); ++i) {
    const auto factors = column_factors(example.columns[i]);
    visit_near(example.columns[i], field, [&](int row, int column, double x, double y, double distance) {
      if ((row + column) % 2 != 0) return;
      Eigen::VectorXd& values = rows[std::size_t(row) * field.width_px + column];
      if (values.size() == 0) values = Eigen::VectorXd::Zero(parts * nodes);
      const int node = int(distance / node_A);
      const double share = distance / node_A - node;
      const auto put = [&](int part, double value) {
        values[part * nodes + node] += (1 - share) * value;
        if (node + 1 < nodes) values[part * nodes + node + 1] += share * value;
      };
      const double amplitude = example.cross_sections_A2[i];
      for (int part = 0; part < round_parts; ++part) put(part, amplitude * factors[part]);
      if (round) return;
      const auto angles = azimuthal(x, y, distance);
      for (int part = 0; part < azimuthal_parts; ++part) put(round_parts + part, amplitude * angles[part]);
    });
  }
  return rows;
}

}  // namespace

double ColumnProfile::reach_A() { return nodes * node_A; }

ColumnProfile::ColumnProfile(bool round, std::vector<double> coefficients)
    : round_(round), coefficients_(std::move(coefficients)) {
  if (coefficients_.size() != std::size_t(parts_of(round) * nodes)) {
    fail("a column's shape of {} numbers was given, {} are needed; calibrate anew", coefficients_.size(),
         parts_of(round) * nodes);
  }
}

ColumnProfile ColumnProfile::fit(const std::vector<Example>& examples, bool round) {
  const int size = parts_of(round) * nodes;
  Eigen::MatrixXd normal = Eigen::MatrixXd::Zero(size, size);
  Eigen::VectorXd right = Eigen::VectorXd::Zero(size);
  for (const Example& example : examples) {
    const auto rows = design_rows(example, round);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].size() == 0) continue;
      normal.selfadjointView<Eigen::Lower>().rankUpdate(rows[i]);
      right += double(example.image.data[i]) * rows[i];
    }
  }
  normal.diagonal().array() += ridge * normal.trace() / size;
  const Eigen::VectorXd solved = normal.selfadjointView<Eigen::Lower>().ldlt().solve(right);
  return {round, std::vector<double>(solved.begin(), solved.end())};
}

void ColumnProfile::add(const AtomColumn& column, double amplitude, const FieldOfView& field, Image& image) const {
  const auto factors = column_factors(column);
  std::array<double, nodes + 1> radial{};
  for (int part = 0; part < round_parts; ++part) {
    for (int node = 0; node < nodes; ++node) radial[node] += factors[part] * coefficients_[part * nodes + node];
  }
  visit_near(column, field, [&](int row, int i, double x, double y, double distance) {
    const int node = int(distance / node_A);
    const double share = distance / node_A - node;
    double value = (1 - share) * radial[node] + share * radial[node + 1];
    if (!round_) {
      const auto angles = azimuthal(x, y, distance);
      for (int part = 0; part < azimuthal_parts; ++part) {
        const double* at = coefficients_.data() + std::ptrdiff_t(round_parts + part) * nodes + node;
        value += angles[part] * ((1 - share) * at[0] + (node + 1 < nodes ? share * at[1] : 0));
      }
    }
    image.at(row, i) += float(amplitude * value);
  });
}

Image ColumnProfile::render(const std::vector<AtomColumn>& columns, const std::vector<double>& cross_sections_A2,
                            const FieldOfView& field, double radius_A) const {
  const auto cells = voronoi_cells(columns, field, radius_A);
  std::vector<double> amplitudes = cross_sections_A2;
  Image image;
  for (int turn = 0;; ++turn) {
    image = Image(field.height_px, field.width_px, field.pixel_size_nm);
    for (std::size_t i = 0; i < columns.size(); ++i) add(columns[i], amplitudes[i], field, image);
    if (turn == corrections) break;
    const auto integrals = cell_integrals(image, cells, columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (!cell_inside(columns[i], field, radius_A)) continue;
      amplitudes[i] += cross_sections_A2[i] - integrals[i];
    }
  }
  for (float& value : image.data) value = std::max(value, 0.0F);
  return image;
}

}  // namespace colonnade
