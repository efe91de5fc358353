// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/potential.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <tuple>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/factor_terms.h"

namespace colonnade {

namespace {

using Complex = std::complex<float>;
using RowMajor = Eigen::Matrix<Complex, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

using RealRowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr double same_distance_A = 1e-6;

// A function of |k| that varies over 0.1 1/A or more, on equidistant nodes, interpolated by cubic polynomials (to
// 1e-7).
class FactorNodes {
 public:
  static constexpr double step = 0.005;

  /// `go_on(k, value)` false ends the nodes before `end`.
  template <class Function, class GoOn>
  FactorNodes(double end, const Function& function, const GoOn& go_on) {
    const int count = int(std::ceil(end / step)) + 4;
    for (int i = 0; i < count; ++i) {
      const double k = i * step, value = function(k);
      values_.push_back(float(value));
      if (values_.size() > 4 && !go_on(k, value)) break;
    }
  }
  /// The largest |k| that can be asked for.
  double end() const { return step * (double(values_.size()) - 3); }
  float operator()(double k) const {
    const double place = k / step;
    const int base = int(place);
    const auto t = float(place - base);
    const float* here = values_.data() + base;
    const float before = base == 0 ? values_[1] : here[-1];
    return before * (-t * (t - 1) * (t - 2) / 6) + here[0] * ((t + 1) * (t - 1) * (t - 2) / 2) -
           here[1] * ((t + 1) * t * (t - 2) / 2) + here[2] * ((t + 1) * t * (t - 1) / 6);
  }

 private:
  std::vector<float> values_;
};

double corner(const WaveGrid& grid) { return std::hypot(0.5 / grid.pitch_x_A, 0.5 / grid.pitch_y_A); }

void require_position(const Atom& atom) {
  const auto& [x, y, z] = atom.position;
  if (!std::isfinite(x + y + z))
    fail("an atom of Z = {} lies at ({}, {}, {}) A, which is no place", atom.number, x, y, z);
}

// exp(-2 pi i k r) with the phase k r reduced in double precision.
Complex phase_factor(double turns) {
  const double angle = -2 * std::numbers::pi * (turns - std::round(turns));
  return {float(std::cos(angle)), float(std::sin(angle))};
}

// exp(-2 pi i turns n) for n < count: each from the one eight before, in double precision.
void fill_powers(double turns, int count, Complex* powers) {
  constexpr int apart = 8;
  const auto power = [turns](int n) {
    return std::polar(1.0, -2 * std::numbers::pi * (turns * n - std::round(turns * n)));
  };
  const std::complex<double> step = power(apart);
  std::complex<double> now[apart];
  for (int i = 0; i < apart; ++i) now[i] = power(i);
  for (int first = 0; first < count; first += apart) {
    for (int i = 0; i < std::min(apart, count - first); ++i) powers[first + i] = Complex(now[i]);
    for (auto& value : now) value *= step;
  }
}

}  // namespace

std::vector<int> elements_of(const std::vector<Atom>& atoms) {
  std::set<int> numbers;
  for (const auto& atom : atoms) numbers.insert(atom.number);
  return {numbers.begin(), numbers.end()};
}

std::vector<std::vector<Atom>> slice_atoms(const Structure& structure, const PeriodicCell& cell, double slice_A) {
  std::vector<std::vector<Atom>> slices;
  for (const auto& atom : structure.atoms) {
    const double depth = atom.position.z - cell.origin.z;
    require_position(atom);
    const std::size_t index = std::size_t(std::max(0.0, std::floor(depth / slice_A)));
    if (index >= 1000000) fail("the structure is {} A thick: over a million slices of {} A", depth, slice_A);
    if (index >= slices.size()) slices.resize(index + 1);
    slices[index].push_back(atom);
  }
  return slices;
}

Projection parse_projection(const std::string& name) {
  if (name == "infinite") return Projection::infinite;
  if (name == "finite") return Projection::finite;
  fail("projection '{}' is unknown; use infinite or finite", name);
}

namespace {

constexpr double share_left_out = 1e-4;

// Moves what lies beyond each plane near an atom to the plane's other side; plane b is the top of slice b.
void cut_atom(const Atom& atom, double depth_A, double slice_A, double reach_A, std::map<int, SliceContent>& slices) {
  const int own = int(std::floor(depth_A / slice_A));
  const auto cut = [&](int plane, int near, int far) {
    const double distance = std::abs(plane * slice_A - depth_A);
    if (distance > reach_A) return false;
    const AtomTail tail{atom.number, atom.position.x, atom.position.y, distance, 1};
    slices[far].tails.push_back(tail);
    slices[near].tails.push_back(tail);
    slices[near].tails.back().sign = -1;
    return true;
  };
  for (int plane = own + 1; cut(plane, plane - 1, plane);) ++plane;
  for (int plane = own; cut(plane, plane, plane - 1);) --plane;
}

}  // namespace

std::map<int, SliceContent> slice_contents(const Structure& structure, const PeriodicCell& cell, double slice_A,
                                           Projection projection, Parametrization parametrization) {
  if (!(slice_A > 0) || !std::isfinite(slice_A)) fail("slices of {} A; give a thickness above 0 A, e.g. 2", slice_A);
  std::map<int, SliceContent> slices;
  if (projection == Projection::infinite) {
    auto atoms = slice_atoms(structure, cell, slice_A);
    for (std::size_t i = 0; i < atoms.size(); ++i) {
      if (!atoms[i].empty()) slices[int(i)].atoms = std::move(atoms[i]);
    }
    return slices;
  }
  std::map<int, double> reaches;
  for (const int number : elements_of(structure.atoms)) {
    reaches[number] = factor_terms(parametrization, number).reach(share_left_out);
  }
  for (const auto& atom : structure.atoms) {
    const double depth = atom.position.z - cell.origin.z;
    require_position(atom);
    if (std::abs(depth / slice_A) >= 1e6)
      fail("the structure is {} A thick: over a million slices of {} A", depth, slice_A);
    slices[int(std::floor(depth / slice_A))].atoms.push_back(atom);
    cut_atom(atom, depth, slice_A, reaches.at(atom.number), slices);
  }
  return slices;
}

AtomFactors still_atoms(Parametrization parametrization) {
  return {[parametrization](int number, double k) { return scattering_factor(parametrization, number, k); },
          [parametrization](int number, double k, double distance) {
            return factor_terms(parametrization, number).beyond(k, distance);
          }};
}

ScatteringFactorMaps::ScatteringFactorMaps(const Structure& structure, const WaveGrid& grid,
                                           Parametrization parametrization)
    : ScatteringFactorMaps(structure, grid, still_atoms(parametrization)) {}

ScatteringFactorMaps::ScatteringFactorMaps(const Structure& structure, const WaveGrid& grid, AtomFactors factors)
    : factors_(std::move(factors)) {
  const double scale = potential_per_scattering_factor / (grid.length_x_A() * grid.length_y_A());
  const int columns = grid.nx / 2 + 1;
  for (const int number : elements_of(structure.atoms)) {
    const FactorNodes nodes(
        corner(grid), [&](double k) { return scale * factors_.whole(number, k); }, [](double, double) { return true; });
    std::vector<float> map(std::size_t(grid.ny) * columns);
    for (int row = 0; row < grid.ny; ++row) {
      for (int column = 0; column < columns; ++column) {
        map[std::size_t(row) * columns + column] = nodes(std::hypot(column / grid.length_x_A(), grid.ky(row)));
      }
    }
    maps_.emplace(number, std::move(map));
  }
}

SlicePotential::SlicePotential(const PeriodicCell& cell, const ScatteringFactorMaps& factors,
                               const ScatteringFactorMaps* absorption)
    : cell_(cell),
      factors_(factors),
      absorption_(absorption),
      to_real_(FftPlan::plane_to_real(cell.grid.ny, cell.grid.nx)),
      spectrum_(std::size_t(cell.grid.ny) * (cell.grid.nx / 2 + 1)),
      absorptive_spectrum_(absorption == nullptr ? 0 : spectrum_.size()),
      potential_(cell.grid.size()),
      absorptive_(absorption == nullptr ? 0 : cell.grid.size()) {}

// The structure factor at (row, column) is the sum over atoms of exp(-2 pi i x column / length_x) times the same of y
// and row. Rows of opposite sign share the sums of the cosine and of the sine in y, which are real: half the work.
void SlicePotential::add_element(const std::vector<Atom>& atoms, int atomic_number) {
  const WaveGrid& grid = cell_.grid;
  const int columns = grid.nx / 2 + 1, rows = grid.ny / 2 + 1;
  std::vector<Position> positions;
  for (const auto& atom : atoms) {
    if (atom.number == atomic_number) positions.push_back(atom.position);
  }
  const auto count = Eigen::Index(positions.size());
  RowMajor phase_x(count, columns);
  RealRowMajor cosines(count, rows), sines(count, rows);
  std::vector<Complex> line(std::size_t(std::max(rows, columns)));
  for (Eigen::Index i = 0; i < count; ++i) {
    fill_powers((positions[i].x - cell_.origin.x) / grid.length_x_A(), columns, &phase_x(i, 0));
    fill_powers((positions[i].y - cell_.origin.y) / grid.length_y_A(), rows, line.data());
    for (int row = 0; row < rows; ++row) {
      cosines(i, row) = line[std::size_t(row)].real();
      sines(i, row) = line[std::size_t(row)].imag();
    }
  }
  const Eigen::Map<const RealRowMajor> across(reinterpret_cast<const float*>(phase_x.data()), count, 2 * columns);
  const std::vector<float>& factor = factors_.of(atomic_number);
  constexpr int together = 64;
  RealRowMajor even, odd;
  for (int first = 0; first < rows; first += together) {
    const int some = std::min(together, rows - first);
    even.noalias() = cosines.middleCols(first, some).transpose() * across;
    odd.noalias() = sines.middleCols(first, some).transpose() * across;
    for (int i = 0; i < some; ++i) {
      const int row = first + i, mirrored = grid.ny - row;
      const Eigen::Map<const Eigen::ArrayXcf> e(reinterpret_cast<const Complex*>(&even(i, 0)), columns),
          o(reinterpret_cast<const Complex*>(&odd(i, 0)), columns);
      const auto add = [&](int to, float sign) {
        const std::size_t place = std::size_t(to) * columns;
        const auto sum = e + Complex(0, sign) * o;
        Eigen::Map<Eigen::ArrayXcf>(spectrum_.data() + place, columns) +=
            Eigen::Map<const Eigen::ArrayXf>(factor.data() + place, columns).cast<Complex>() * sum;
        if (absorption_ == nullptr) return;
        Eigen::Map<Eigen::ArrayXcf>(absorptive_spectrum_.data() + place, columns) +=
            Eigen::Map<const Eigen::ArrayXf>(absorption_->of(atomic_number).data() + place, columns).cast<Complex>() *
            sum;
      };
      if (2 * row != grid.ny) add(row, 1);
      if (row > 0) add(mirrored, -1);
    }
  }
}

// Tails of one element, sign and distance. They are smooth: all that matters lies within a small |k|.
void SlicePotential::add_tails(const AtomTail* first, const AtomTail* last) {
  constexpr double least = 1e-5;
  const WaveGrid& grid = cell_.grid;
  const AtomFactors& factors = factors_.factors();
  const int number = first->number;
  const double scale = first->sign * potential_per_scattering_factor / (grid.length_x_A() * grid.length_y_A());
  const FactorNodes nodes(
      corner(grid), [&](double k) { return scale * factors.beyond(number, k, first->distance_A); },
      [&](double k, double value) { return std::abs(value) > least * std::abs(scale * factors.whole(number, k)); });
  const double end = nodes.end();
  const int rows = std::min(grid.ny / 2, int(end * grid.length_y_A()));
  const int columns = std::min(grid.nx / 2, int(end * grid.length_x_A())) + 1;
  const auto count = Eigen::Index(last - first);
  RowMajor phase_y(2 * rows + 1, count), phase_x(count, columns), sum(2 * rows + 1, columns);
  for (Eigen::Index i = 0; i < count; ++i) {
    const double x = first[i].x_A - cell_.origin.x, y = first[i].y_A - cell_.origin.y;
    for (int row = -rows; row <= rows; ++row) phase_y(row + rows, i) = phase_factor(row / grid.length_y_A() * y);
    for (int column = 0; column < columns; ++column) phase_x(i, column) = phase_factor(column / grid.length_x_A() * x);
  }
  sum.noalias() = phase_y * phase_x;
  const int lowest = 2 * rows == grid.ny ? -rows + 1 : -rows;
  for (int row = lowest; row <= rows; ++row) {
    const std::size_t line = std::size_t(row < 0 ? row + grid.ny : row) * (std::size_t(grid.nx) / 2 + 1);
    for (int column = 0; column < columns; ++column) {
      const double k = std::hypot(column / grid.length_x_A(), row / grid.length_y_A());
      if (k >= end) break;
      spectrum_[line + std::size_t(column)] += nodes(k) * sum(row + rows, column);
    }
  }
}

const AlignedArray<float>& SlicePotential::compute(const std::vector<Atom>& atoms, std::vector<AtomTail> tails) {
  std::fill_n(spectrum_.data(), spectrum_.size(), Complex(0));
  std::fill_n(absorptive_spectrum_.data(), absorptive_spectrum_.size(), Complex(0));
  for (const int number : elements_of(atoms)) add_element(atoms, number);
  const auto order = [](const AtomTail& tail) { return std::tuple(tail.number, tail.sign, tail.distance_A); };
  std::stable_sort(tails.begin(), tails.end(),
                   [&](const AtomTail& a, const AtomTail& b) { return order(a) < order(b); });
  for (std::size_t first = 0, last = 0; first < tails.size(); first = last) {
    const AtomTail& kind = tails[first];
    while (last < tails.size() && tails[last].number == kind.number && tails[last].sign == kind.sign &&
           tails[last].distance_A - kind.distance_A < same_distance_A) {
      ++last;
    }
    add_tails(tails.data() + first, tails.data() + last);
  }
  to_real_.execute(spectrum_.data(), potential_.data());
  if (absorption_ != nullptr) to_real_.execute(absorptive_spectrum_.data(), absorptive_.data());
  return potential_;
}

}  // namespace colonnade
