// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/diffraction/atom_sum.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/simulate/diffraction/plane_transform.h"
#include "colonnade/simulate/diffraction/spot_geometry.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/factor_terms.h"

namespace colonnade {

namespace {

constexpr int largest_oversampling = 64, most_points = 8192;

std::map<int, std::vector<Vector3>> places_by_element(const Structure& structure) {
  if (structure.atoms.empty()) fail("the specimen has no atoms, so it diffracts nothing");
  std::map<int, std::vector<Vector3>> places;
  for (const Atom& atom : structure.atoms) {
    const Position& at = atom.position;
    if (!std::isfinite(at.x + at.y + at.z)) fail("an atom of the specimen stands at a position that is no number");
    places[atom.number].push_back({at.x, at.y, at.z});
  }
  return places;
}

double factor(const AtomSumOptions& options, int number, double q) {
  const auto b = options.b_factors_A2.find(number);
  const double damping = b == options.b_factors_A2.end() ? 1 : std::exp(-b->second * q * q / 4);
  return factor_terms(options.parametrization, number).factor(q) * damping;
}

int points_per_pixel(const Structure& structure, const AtomSumOptions& options) {
  int wanted = options.oversampling;
  if (wanted == 0) {
    const Bounds box = bounds(structure);
    const double extent = std::max(box.high.x - box.low.x, box.high.y - box.low.y);
    wanted = std::max(2, int(std::ceil(extent * options.per_A_per_px)));
  }
  // Pixel edges are points of the grid: in the middle of an odd number of pixels only with an even number per pixel.
  if (options.pixels % 2 == 1 && wanted % 2 == 1) ++wanted;
  if (wanted > largest_oversampling || double(wanted) * options.pixels > most_points)
    fail(
        "{} points per pixel would be needed for so wide a specimen and {} pixels of {} 1/A; give finer or fewer "
        "pixels",
        wanted, options.pixels, options.per_A_per_px);
  return wanted;
}

/// Half of reciprocal space (kx >= 0), both of q and -q: the amplitude at +-q is even +- i odd.
struct HalfGrid {
  int most;  ///< frequency numbers run to most along x, from -most to most along y
  double spacing, energy;
  std::vector<std::complex<float>> even, odd;
  HalfGrid(int half, double step, double energy_keV)
      : most(half), spacing(step), energy(energy_keV), even(std::size_t(half + 1) * (2 * half + 1)), odd(even.size()) {}
  std::size_t index(int ky, int kx) const { return std::size_t(ky + most) * (most + 1) + kx; }
};

// A plane's part of one row: the factor, the kernel's correction across and along the beam, and the phase of q_z.
void add_row(HalfGrid& grid, int ky, const std::complex<float>* spectrum, double plane_A,
             const std::vector<float>& depths, const std::vector<float>& strengths) {
  for (int kx = 0; kx <= grid.most; ++kx) {
    const std::size_t i = grid.index(ky, kx);
    double turns = depths[i] * plane_A;
    turns -= std::round(turns);
    const float angle = float(2 * std::numbers::pi * turns), strength = strengths[i];
    const std::complex<float> phase(strength * std::cos(angle), strength * std::sin(angle));
    // The spectrum is that of exp(-2 pi i q.x): its conjugate is wanted.
    grid.even[i] += phase * spectrum[kx].real();
    grid.odd[i] -= phase * spectrum[kx].imag();
  }
}

std::vector<float> depths_of(const HalfGrid& grid) {
  std::vector<float> depths(grid.even.size());
  for (int ky = -grid.most; ky <= grid.most; ++ky)
    for (int kx = 0; kx <= grid.most; ++kx)
      depths[grid.index(ky, kx)] = float(ewald_depth(kx * grid.spacing, ky * grid.spacing, grid.energy));
  return depths;
}

/// Scattering factor over the kernel's transform in all three directions.
std::vector<float> strengths_of(const HalfGrid& grid, const PlaneTransform& planes, const std::vector<float>& depths,
                                const AtomSumOptions& options, int number) {
  constexpr int steps = 4096;  // of a table over q_z, linear between: 1e-8
  const double cycles_per_depth = planes.step_A();
  std::vector<double> along(steps + 2);
  for (int i = 0; i <= steps + 1; ++i) along[std::size_t(i)] = SpreadKernel::transform(0.25 * i / steps);
  std::vector<float> strengths(depths.size());
  parallel_for(2 * grid.most + 1, [&](std::int64_t row, int) {
    const int ky = int(row) - grid.most;
    for (int kx = 0; kx <= grid.most; ++kx) {
      const std::size_t i = grid.index(ky, kx);
      const double at = std::min(double(steps), std::abs(depths[i]) * cycles_per_depth * 4 * steps);
      const auto below = std::size_t(at);
      const double depth = along[below] + (at - double(below)) * (along[below + 1] - along[below]);
      const double across =
          double(planes.correction()[std::size_t(std::abs(ky))]) * planes.correction()[std::size_t(kx)];
      const double q = std::hypot(kx * grid.spacing, ky * grid.spacing, double(depths[i]));
      strengths[i] = float(factor(options, number, q) / (across * depth));
    }
  });
  return strengths;
}

void add_element(HalfGrid& grid, const PlaneTransform& planes, const std::vector<float>& depths,
                 const std::vector<float>& strengths) {
  const int batch = thread_count();
  std::vector<AlignedArray<float>> reals{std::size_t(batch)};
  std::vector<AlignedArray<std::complex<float>>> spectra{std::size_t(batch)};
  const int columns = planes.size() / 2 + 1;
  for (int first = 0; first < planes.planes(); first += batch) {
    const int count = std::min(batch, planes.planes() - first);
    parallel_for(count, [&](std::int64_t n, int) {
      planes.transform(first + int(n), reals[std::size_t(n)], spectra[std::size_t(n)]);
    });
    parallel_for(2 * grid.most + 1, [&](std::int64_t row, int) {
      const int ky = int(row) - grid.most;
      const auto from = std::size_t(ky < 0 ? ky + planes.size() : ky) * columns;
      for (int n = 0; n < count; ++n)
        add_row(grid, ky, &spectra[std::size_t(n)][from], planes.plane_A(first + n), depths, strengths);
    });
  }
}

AmplitudeGrid whole_grid(const HalfGrid& half) {
  AmplitudeGrid grid;
  grid.points = 2 * half.most + 1;
  grid.spacing_per_A = half.spacing;
  grid.values.resize(std::size_t(grid.points) * grid.points);
  const std::complex<float> i(0, 1);
  for (int ky = -half.most; ky <= half.most; ++ky)
    for (int kx = 0; kx <= half.most; ++kx) {
      const std::size_t n = half.index(ky, kx);
      const auto place = [&](int y, int x) { return std::size_t(y + half.most) * grid.points + x + half.most; };
      grid.values[place(ky, kx)] = half.even[n] + i * half.odd[n];
      grid.values[place(-ky, -kx)] = half.even[n] - i * half.odd[n];
    }
  return grid;
}

}  // namespace

void AtomSumOptions::check() const {
  if (!(energy_keV >= 1 && energy_keV <= 10000)) fail("an energy of {} keV; give 1 to 10000", energy_keV);
  if (pixels < 1 || pixels > most_points) fail("a pattern of {} pixels; give 1 to {}", pixels, most_points);
  if (!(std::isfinite(per_A_per_px) && per_A_per_px > 0))
    fail("pixels of {} 1/A; give a positive size, e.g. 0.0115", per_A_per_px);
  if (oversampling < 0 || oversampling > largest_oversampling)
    fail("{} points per pixel; give 1 to {}, or 0 for as many as are needed", oversampling, largest_oversampling);
  if (pixels * per_A_per_px / std::numbers::sqrt2 * electron_wavelength_A(energy_keV) >= 0.99)
    fail("{} pixels of {} 1/A reach beyond the Ewald sphere at {} keV; give fewer or finer pixels", pixels,
         per_A_per_px, energy_keV);
}

double ewald_depth(double qx_per_A, double qy_per_A, double energy_keV) {
  return excitation_error({qx_per_A, qy_per_A, 0}, 1 / electron_wavelength_A(energy_keV));
}

std::vector<std::complex<double>> atom_amplitudes_directly(const Structure& structure, const std::vector<Vector3>& q,
                                                           const AtomSumOptions& options) {
  options.check();
  const auto elements = places_by_element(structure);
  std::vector<std::complex<double>> amplitudes(q.size());
  parallel_for(std::ssize(q), [&](std::int64_t n, int) {
    for (const auto& [number, places] : elements) {
      std::complex<double> phases;
      for (const Vector3& place : places)
        phases += std::polar(1.0, 2 * std::numbers::pi * dot(q[std::size_t(n)], place));
      amplitudes[std::size_t(n)] += phases * factor(options, number, length(q[std::size_t(n)]));
    }
  });
  return amplitudes;
}

AmplitudeGrid atom_amplitudes(const Structure& structure, const AtomSumOptions& options) {
  options.check();
  const auto elements = places_by_element(structure);
  const int per_pixel = points_per_pixel(structure, options);
  HalfGrid half(options.pixels * per_pixel / 2, options.per_A_per_px / per_pixel, options.energy_keV);
  const std::vector<float> depths = depths_of(half);
  const double deepest = -double(*std::min_element(depths.begin(), depths.end()));
  for (const auto& [number, places] : elements) {
    const PlaneTransform planes(places, half.spacing, half.most, deepest);
    add_element(half, planes, depths, strengths_of(half, planes, depths, options, number));
  }
  return whole_grid(half);
}

Image atom_pattern(const Structure& structure, const AtomSumOptions& options) {
  const AmplitudeGrid grid = atom_amplitudes(structure, options);
  const int per_pixel = (grid.points - 1) / options.pixels;
  Image image(options.pixels, options.pixels);
  parallel_for(options.pixels, [&](std::int64_t y, int) {
    for (int x = 0; x < options.pixels; ++x) {
      double sum = 0;
      for (int i = 0; i <= per_pixel; ++i)
        for (int j = 0; j <= per_pixel; ++j) {
          const double share = (i % per_pixel == 0 ? 0.5 : 1) * (j % per_pixel == 0 ? 0.5 : 1);
          sum += share * double(std::norm(grid.at(int(y) * per_pixel + i, x * per_pixel + j)));
        }
      image.at(int(y), x) = float(sum / (per_pixel * per_pixel));
    }
  });
  image.title = "diffraction";
  image.metadata = {{"per_A_per_px", options.per_A_per_px}, {"oversampling", per_pixel}};
  return image;
}

}  // namespace colonnade
