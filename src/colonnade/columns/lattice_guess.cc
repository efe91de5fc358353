// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include "colonnade/columns/lattice_fit.h"
#include "colonnade/image/fft.h"

namespace colonnade {
namespace {

// Of larger images the middle is taken.
constexpr int largest_side = 2048;
// A peak counts where its power is above this many times the median of its ring (noise alone: once in e^-14).
constexpr double significant_power = 20;
// Without noise the rings are empty; a peak counts from 20 times this share of the strongest on.
constexpr double least_of_strongest = 1e-6;
constexpr std::size_t most_peaks = 40, most_basis_peaks = 16;
// Peaks belong to a lattice where they lie this near (in bins of the transform) to its points.
constexpr double tolerance_bins = 1.0, tolerance_share = 0.02;
// A lattice must explain this share of what the best one explains; of those, the coarsest in reciprocal space wins.
constexpr double explained_share = 0.93;
constexpr double smallest_period_px = 3;
constexpr double least_periods = 6;
constexpr double least_angle_sine = 0.3;

struct Peak {
  double y = 0, x = 0;  ///< cycles per pixel
  double weight = 0;    ///< log of the power over its ring's
};

struct PowerSpectrum {
  int size = 0;
  std::vector<float> power;  ///< (y, x), the half of x >= 0
  double at(int y, int x) const { return power[std::size_t((y + size) % size) * (size / 2 + 1) + x]; }
};

PowerSpectrum power_spectrum(const Image& image) {
  const int height = std::min(image.height, largest_side), width = std::min(image.width, largest_side);
  const int top = (image.height - height) / 2, left = (image.width - width) / 2;
  const int size = fft_size(std::max(height, width));
  const auto hann = [](int i, int n) { return 0.5 - 0.5 * std::cos(2 * std::numbers::pi * (i + 0.5) / n); };
  double sum = 0;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) sum += image.at(top + y, left + x);
  }
  const double level = sum / (double(height) * width);
  AlignedArray<float> plane(std::size_t(size) * size);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      plane[std::size_t(y) * size + x] =
          float((image.at(top + y, left + x) - level) * hann(y, height) * hann(x, width));
    }
  }
  AlignedArray<std::complex<float>> half(std::size_t(size) * (size / 2 + 1));
  FftPlan::plane_from_real(size, size).execute(plane.data(), half.data());
  PowerSpectrum spectrum{size, std::vector<float>(half.size())};
  for (std::size_t i = 0; i < half.size(); ++i) spectrum.power[i] = std::norm(half[i]);
  return spectrum;
}

/// Median power over rings one bin wide and, smoothed over neighbours, what a peak has to stand out from.
std::vector<double> ring_medians(const PowerSpectrum& spectrum) {
  const int half = spectrum.size / 2;
  std::vector<std::vector<float>> rings(half + 1);
  for (int y = -half + 1; y < half; ++y) {
    for (int x = 0; x < half; ++x) {
      const int radius = int(std::lround(std::hypot(x, y)));
      if (radius <= half) rings[radius].push_back(float(spectrum.at(y, x)));
    }
  }
  std::vector<double> medians;
  const double floor = least_of_strongest * *std::max_element(spectrum.power.begin(), spectrum.power.end());
  for (auto& ring : rings) {
    if (ring.empty()) ring.push_back(0);
    const auto middle = ring.begin() + std::ptrdiff_t(ring.size() / 2);
    std::nth_element(ring.begin(), middle, ring.end());
    medians.push_back(std::max<double>(*middle, floor));
  }
  return medians;
}

std::vector<Peak> spectrum_peaks(const PowerSpectrum& spectrum, double least_bins) {
  const std::vector<double> rings = ring_medians(spectrum);
  const int reach = int(spectrum.size / smallest_period_px);
  std::vector<Peak> peaks;
  for (int y = -reach; y <= reach; ++y) {
    for (int x = 1; x <= reach; ++x) {
      const double radius = std::hypot(x, y), here = spectrum.at(y, x);
      if (radius < least_bins || radius > reach || !(here > significant_power * rings[std::lround(radius)])) continue;
      bool highest = true;
      for (int j = -2; j <= 2 && highest; ++j) {
        for (int i = -2; i <= 2; ++i) {
          if ((i == 0 && j == 0) || x + i < 0 || x + i > spectrum.size / 2) continue;
          highest = highest && spectrum.at(y + j, x + i) <= here;
        }
      }
      if (!highest) continue;
      // Of a Hann window the logarithm is nearly a parabola.
      const auto offset = [&](double before, double after) {
        const double low = std::log(before + 1e-30), middle = std::log(here), high = std::log(after + 1e-30);
        const double bend = low - 2 * middle + high;
        return bend < 0 ? std::clamp(0.5 * (low - high) / bend, -0.5, 0.5) : 0.0;
      };
      peaks.push_back({(y + offset(spectrum.at(y - 1, x), spectrum.at(y + 1, x))) / spectrum.size,
                       (x + offset(spectrum.at(y, x - 1), spectrum.at(y, x + 1))) / spectrum.size,
                       std::log(here / (rings[std::lround(radius)] + 1e-30))});
    }
  }
  // The row x = 0 holds every peak twice.
  for (int y = int(std::ceil(least_bins)); y <= reach; ++y) {
    const double here = spectrum.at(y, 0);
    if (!(here > significant_power * rings[y])) continue;
    if (here < spectrum.at(y - 1, 0) || here < spectrum.at(y + 1, 0) || here < spectrum.at(y, 1) ||
        here < spectrum.at(-y, 1) || here < spectrum.at(y + 1, 1) || here < spectrum.at(y - 1, 1)) {
      continue;
    }
    const double low = std::log(spectrum.at(y - 1, 0) + 1e-30), high = std::log(spectrum.at(y + 1, 0) + 1e-30);
    const double bend = low - 2 * std::log(here) + high;
    peaks.push_back({(y + (bend < 0 ? std::clamp(0.5 * (low - high) / bend, -0.5, 0.5) : 0.0)) / spectrum.size, 0,
                     std::log(here / (rings[y] + 1e-30))});
  }
  std::stable_sort(peaks.begin(), peaks.end(), [](const Peak& p, const Peak& q) { return p.weight > q.weight; });
  if (peaks.size() > most_peaks) peaks.resize(most_peaks);
  return peaks;
}

/// The summed weight of the peaks on integer sums of the two, and the two refined by least squares over these.
struct Explained {
  double weight = 0;
  double cell = 0;  ///< area in reciprocal space
  Peak g, h;
};

Explained explain(const std::vector<Peak>& peaks, Peak g, Peak h, double bin) {
  Explained result;
  for (int pass = 0; pass < 3; ++pass) {
    const double cell = g.x * h.y - g.y * h.x;
    double mm = 0, mn = 0, nn = 0, mx = 0, my = 0, nx = 0, ny = 0;
    result.weight = 0;
    if (std::abs(cell) < 1e-12) return {};
    for (const Peak& peak : peaks) {
      const double m = (peak.x * h.y - peak.y * h.x) / cell, n = (g.x * peak.y - g.y * peak.x) / cell;
      const double p = std::round(m), q = std::round(n);
      const double off = std::hypot(peak.x - p * g.x - q * h.x, peak.y - p * g.y - q * h.y);
      if (off > tolerance_bins * bin + tolerance_share * std::hypot(peak.x, peak.y) || (p == 0 && q == 0)) continue;
      result.weight += peak.weight;
      mm += peak.weight * p * p, mn += peak.weight * p * q, nn += peak.weight * q * q;
      mx += peak.weight * p * peak.x, my += peak.weight * p * peak.y;
      nx += peak.weight * q * peak.x, ny += peak.weight * q * peak.y;
    }
    const double determinant = mm * nn - mn * mn;
    if (!(determinant > 1e-9 * mm * nn)) return {};
    g.x = (nn * mx - mn * nx) / determinant, g.y = (nn * my - mn * ny) / determinant;
    h.x = (mm * nx - mn * mx) / determinant, h.y = (mm * ny - mn * my) / determinant;
  }
  result.g = g;
  result.h = h;
  result.cell = std::abs(g.x * h.y - g.y * h.x);
  return result;
}

}  // namespace

std::optional<LatticeBasis> guess_lattice(const Image& image) {
  require_finite(image, "finding the lattice");
  if (std::min(image.height, image.width) < 32) return {};
  const PowerSpectrum spectrum = power_spectrum(image);
  const double bin = 1.0 / std::min({image.height, image.width, largest_side});  // the window's, not the padded one
  std::vector<Peak> peaks = spectrum_peaks(spectrum, least_periods * spectrum.size * bin);
  const std::size_t few = std::min(peaks.size(), most_basis_peaks);
  std::vector<Explained> candidates;
  double best = 0;
  for (std::size_t i = 0; i < few; ++i) {
    for (std::size_t j = i + 1; j < few; ++j) {
      const double area = std::abs(peaks[i].x * peaks[j].y - peaks[i].y * peaks[j].x);
      const double sine = area / std::hypot(peaks[i].x, peaks[i].y) / std::hypot(peaks[j].x, peaks[j].y);
      if (sine < least_angle_sine) continue;
      const Explained found = explain(peaks, peaks[i], peaks[j], bin);
      if (!(found.cell > 0)) continue;
      candidates.push_back(found);
      best = std::max(best, found.weight);
    }
  }
  const Explained* chosen = nullptr;
  for (const Explained& candidate : candidates) {
    if (candidate.weight < explained_share * best) continue;
    const bool coarser = !chosen || candidate.cell > 1.05 * chosen->cell;
    const bool better = chosen && candidate.cell > 0.95 * chosen->cell && candidate.weight > chosen->weight;
    if (coarser || better) chosen = &candidate;
  }
  if (!chosen) return {};
  const double cell = chosen->g.x * chosen->h.y - chosen->g.y * chosen->h.x;
  return reduced({{chosen->h.y / cell, -chosen->h.x / cell}, {-chosen->g.y / cell, chosen->g.x / cell}});
}

}  // namespace colonnade
