// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/diffraction/plane_transform.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace colonnade {

namespace {

constexpr double beta = 2.3 * SpreadKernel::taps;  // for grids twice as fine as needed
constexpr int quadrature_points = 200;

int wrapped(int index, int size) {
  const int rest = index % size;
  return rest < 0 ? rest + size : rest;
}

}  // namespace

int SpreadKernel::weights(double place, std::array<float, taps>& weights) {
  const int first = int(std::ceil(place - taps / 2.0));
  for (int i = 0; i < taps; ++i) {
    const double x = 2 * (first + i - place) / taps;
    weights[std::size_t(i)] = float(std::exp(beta * (std::sqrt(std::max(0.0, 1 - x * x)) - 1)));
  }
  return first;
}

// With x = sin(t) the integrand is smooth, and the midpoint rule exact to rounding.
double SpreadKernel::transform(double cycles) {
  double sum = 0;
  for (int i = 0; i < quadrature_points; ++i) {
    const double t = ((i + 0.5) / quadrature_points - 0.5) * std::numbers::pi;
    sum += std::exp(beta * (std::cos(t) - 1)) * std::cos(std::numbers::pi * cycles * taps * std::sin(t)) * std::cos(t);
  }
  return sum * std::numbers::pi / quadrature_points * taps / 2;
}

PlaneTransform::PlaneTransform(const std::vector<Vector3>& places, double spacing_per_A, int most, double deepest_per_A)
    : size_(fft_size(2.0 * (2 * most + 1))), step_A_(1 / (4 * deepest_per_A)) {
  const auto [low, high] =
      std::minmax_element(places.begin(), places.end(), [](const auto& a, const auto& b) { return a[2] < b[2]; });
  first_A_ = (*low)[2] - SpreadKernel::taps / 2.0 * step_A_;
  planes_ = int(std::ceil(((*high)[2] - first_A_) / step_A_ + SpreadKernel::taps / 2.0)) + 1;
  const double points_per_A = size_ * spacing_per_A;
  for (const Vector3& place : places) {
    Spread atom{};
    atom.plane = std::max(0, SpreadKernel::weights((place[2] - first_A_) / step_A_, atom.across_z));
    atom.row = wrapped(SpreadKernel::weights(std::remainder(place[1] * points_per_A, size_), atom.across_y), size_);
    atom.column = wrapped(SpreadKernel::weights(std::remainder(place[0] * points_per_A, size_), atom.across_x), size_);
    atoms_.push_back(atom);
  }
  std::stable_sort(atoms_.begin(), atoms_.end(),
                   [](const auto& a, const auto& b) { return a.plane != b.plane ? a.plane < b.plane : a.row < b.row; });
  for (int plane = 0; plane <= planes_; ++plane)
    first_atoms_.push_back(std::size_t(
        std::lower_bound(atoms_.begin(), atoms_.end(), plane, [](const auto& a, int p) { return a.plane < p; }) -
        atoms_.begin()));
  for (int n = 0; n <= most; ++n) correction_.push_back(float(SpreadKernel::transform(double(n) / size_)));
  plan_ = FftPlan::plane_from_real(size_, size_);
}

void PlaneTransform::transform(int plane, AlignedArray<float>& real,
                               AlignedArray<std::complex<float>>& spectrum) const {
  const auto size = std::size_t(size_);
  if (real.size() != size * size) {
    real = AlignedArray<float>(size * size);
    spectrum = AlignedArray<std::complex<float>>(size * (size / 2 + 1));
  }
  std::fill(real.data(), real.data() + real.size(), 0.0F);
  const auto begin = first_atoms_[std::size_t(std::max(0, plane - SpreadKernel::taps + 1))];
  const auto end = first_atoms_[std::size_t(plane) + 1];
  for (std::size_t n = begin; n < end; ++n) {
    const Spread& atom = atoms_[n];
    const float depth = atom.across_z[std::size_t(plane - atom.plane)];
    const bool inside = atom.column + SpreadKernel::taps <= size_;
    for (int i = 0; i < SpreadKernel::taps; ++i) {
      float* row = &real[std::size_t((atom.row + i) % size_) * size];
      const float weight = depth * atom.across_y[std::size_t(i)];
      for (int j = 0; j < SpreadKernel::taps; ++j) {
        const int column = atom.column + j;
        row[inside ? column : column % size_] += weight * atom.across_x[std::size_t(j)];
      }
    }
  }
  plan_.execute(real.data(), spectrum.data());
}

}  // namespace colonnade
