// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/spacing.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <unsupported/Eigen/FFT>
#include <vector>

#include "colonnade/core/parallel.h"

namespace colonnade {
namespace {

using Complex = std::complex<float>;

// A repeat counts where the autocorrelation there is above this fraction of the unshifted one (band-passed white noise
// has a ring of 0.024) and above this many of its standard deviations in band-passed white noise.
constexpr double least_correlation = 0.12, least_deviations = 5;
// Of the repeats seen at one scale the nearest counts that is at least this fraction of the strongest: two kinds of
// columns A and B in turn give 2AB/(A^2 + B^2).
constexpr double least_of_strongest = 0.35;
// The finest scale is taken whose strongest repeat is at least this fraction of that of the best scale.
constexpr double least_of_best_scale = 0.6;

/// Smallest number >= n without prime factors above 5.
int smooth_size(int n) {
  for (;; ++n) {
    int rest = n;
    for (int factor : {2, 3, 5})
      while (rest % factor == 0) rest /= factor;
    if (rest == 1) return n;
  }
}

struct Spectrum {
  int height = 0, width = 0;
  std::vector<Complex> data;
};

void transform_rows(Spectrum& spectrum, bool inverse) {
  parallel_for(spectrum.height, [&](std::int64_t y, int) {
    thread_local Eigen::FFT<float> fft;
    fft.SetFlag(Eigen::FFT<float>::Unscaled);
    std::vector<Complex> row(spectrum.width);
    Complex* line = spectrum.data.data() + y * spectrum.width;
    if (inverse)
      fft.inv(row.data(), line, spectrum.width);
    else
      fft.fwd(row.data(), line, spectrum.width);
    std::copy(row.begin(), row.end(), line);
  });
}

Spectrum transposed(const Spectrum& from) {
  Spectrum to{from.width, from.height, std::vector<Complex>(from.data.size())};
  constexpr int block = 32;
  for (int top = 0; top < from.height; top += block)
    for (int left = 0; left < from.width; left += block)
      for (int y = top; y < std::min(top + block, from.height); ++y)
        for (int x = left; x < std::min(left + block, from.width); ++x)
          to.data[std::size_t(x) * from.height + y] = from.data[std::size_t(y) * from.width + x];
  return to;
}

/// Transformed along both axes; the result is transposed.
Spectrum transform(Spectrum spectrum, bool inverse) {
  transform_rows(spectrum, inverse);
  Spectrum turned = transposed(spectrum);
  transform_rows(turned, inverse);
  return turned;
}

/// 1 inside, falling to 0 over the outermost eighth.
double taper(int i, int n) {
  const double edge = std::max(1.0, n / 8.0), inside = std::min(i, n - 1 - i) + 0.5;
  return inside >= edge ? 1 : 0.5 - 0.5 * std::cos(std::numbers::pi * inside / edge);
}

/// |F|^2 of the tapered image in a frame with room for shifts up to `largest_px`.
Spectrum power_spectrum(const Image& image, double largest_px) {
  const int room = int(std::ceil(largest_px)) + 1;
  Spectrum frame{smooth_size(image.height + room), smooth_size(image.width + room), {}};
  frame.data.assign(std::size_t(frame.height) * frame.width, Complex(0));
  const double level = mean(image);
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      frame.data[std::size_t(y) * frame.width + x] =
          float((image.at(y, x) - level) * taper(y, image.height) * taper(x, image.width));
  Spectrum power = transform(std::move(frame), false);
  for (Complex& value : power.data) value = std::norm(value);
  return power;
}

/// Times the squared transfer function of the Laplacian of a Gaussian, (k^2 s^2 e^(-k^2 s^2/2))^2.
Spectrum band_passed(const Spectrum& power, double scale_px) {
  Spectrum filtered = power;
  for (int y = 0; y < power.height; ++y)
    for (int x = 0; x < power.width; ++x) {
      const double ky = 2 * std::numbers::pi * std::min(y, power.height - y) / power.height;
      const double kx = 2 * std::numbers::pi * std::min(x, power.width - x) / power.width;
      const double squared = (kx * kx + ky * ky) * scale_px * scale_px;
      filtered.data[std::size_t(y) * power.width + x] *= float(squared * squared * std::exp(-squared));
    }
  return filtered;
}

/// Standard deviation of the normalised autocorrelation of band-passed white noise: the square root of the area over
/// which it is correlated with itself, (2 pi)^2 int P^2 / (int P)^2 = 0.75 pi scale^2, over the (tapered) image's area.
double noise_correlation(const Image& image, double scale_px) {
  constexpr double tapered = 0.75;
  return std::sqrt(0.75 * std::numbers::pi * scale_px * scale_px / (tapered * image.height * image.width));
}

struct Peak {
  double lag_px = 0, value = 0;
};

/// Local maxima of the autocorrelation within the range of shifts, normalised by the value at no shift.
std::vector<Peak> correlation_peaks(const Spectrum& correlation, double least, double smallest_px, double largest_px) {
  const auto value = [&](int y, int x) {
    const int row = (y + correlation.height) % correlation.height, column = (x + correlation.width) % correlation.width;
    return double(correlation.data[std::size_t(row) * correlation.width + column].real());
  };
  const double origin = value(0, 0);
  std::vector<Peak> peaks;
  if (!(origin > 0)) return peaks;
  const int reach = std::min({int(largest_px), correlation.height / 2 - 2, correlation.width / 2 - 2});
  for (int y = 0; y <= reach; ++y)
    for (int x = y == 0 ? 1 : -reach; x <= reach; ++x) {
      const double lag = std::hypot(x, y), here = value(y, x);
      if (lag < smallest_px || lag > largest_px || here < least * origin) continue;
      bool highest = true;
      for (int j = -1; j <= 1; ++j)
        for (int i = -1; i <= 1; ++i)
          if ((i || j) && value(y + j, x + i) > here) highest = false;
      if (!highest) continue;
      const auto offset = [&](double before, double after) {
        const double bend = before - 2 * here + after;
        return bend < 0 ? std::clamp(0.5 * (before - after) / bend, -0.5, 0.5) : 0.0;
      };
      const double dy = offset(value(y - 1, x), value(y + 1, x)), dx = offset(value(y, x - 1), value(y, x + 1));
      peaks.push_back({std::hypot(x + dx, y + dy), here / origin});
    }
  return peaks;
}

/// The nearest repeat visible at one scale; spacing 0 where there is none.
Spacing seen_at(double scale, const Spectrum& power, const Image& image, double smallest_px, double largest_px) {
  const Spectrum correlation = transform(band_passed(power, scale), true);
  const double least = std::max(least_correlation, least_deviations * noise_correlation(image, scale));
  const std::vector<Peak> peaks = correlation_peaks(correlation, least, std::max(smallest_px, 2.5 * scale), largest_px);
  double strongest = 0;
  for (const Peak& peak : peaks) strongest = std::max(strongest, peak.value);
  Spacing seen{0, strongest, scale};
  for (const Peak& peak : peaks)
    if (peak.value >= least_of_strongest * strongest && (seen.spacing_px == 0 || peak.lag_px < seen.spacing_px))
      seen.spacing_px = peak.lag_px;
  return seen;
}

}  // namespace

Spacing estimate_spacing(const Image& image, double smallest_px, double largest_px) {
  largest_px = std::min(largest_px, 0.45 * std::min(image.height, image.width));
  if (largest_px <= smallest_px) return {};
  const Spectrum power = power_spectrum(image, largest_px);
  std::vector<Spacing> scales;
  double scale = std::max(0.8, smallest_px / 5), best = 0;
  while (scale < largest_px / 4) {
    const Spacing seen = seen_at(scale, power, image, smallest_px, largest_px);
    if (seen.spacing_px > 0) scales.push_back(seen);
    best = std::max(best, seen.correlation);
    scale *= 1.3;
  }
  for (const Spacing& seen : scales)
    if (seen.correlation >= least_of_best_scale * best) return seen;
  return {};
}

}  // namespace colonnade
