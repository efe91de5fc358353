// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/diffraction/pattern_raster.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "colonnade/core/error.h"
#include "colonnade/image/filter.h"
#include "colonnade/simulate/electron.h"

namespace colonnade {

namespace {

constexpr double gaussian_reach = 5;     // sigma; 6e-7 of a spot lies beyond
constexpr double lorentzian_reach = 10;  // widths
constexpr int largest_reach_px = 100;
constexpr double most_one_by_one = 1.5;  // background electrons per pixel

void require_within(double value, double low, double high, const char* what) {
  if (!(value >= low && value <= high)) fail("{} is {}; give {} to {}", what, value, low, high);
}

/// The pixels that a spot's spread reaches along one direction, within the camera.
struct Reach {
  int first, end;
  Reach(double centre, double reach, int pixels)
      : first(std::max(0, int(std::ceil(centre - reach - 0.5)))),
        end(std::min(pixels, int(std::floor(centre + reach + 0.5)) + 1)) {}
};

using Shares = std::array<float, 2 * largest_reach_px + 4>;

/// Shares of a Gaussian in pixels [first, end).
void gaussian_shares(const Reach& reach, double centre, double sigma, Shares& shares) {
  const double scale = 1 / (sigma * std::numbers::sqrt2);
  double below = std::erf((reach.first - 0.5 - centre) * scale);
  for (int i = reach.first; i < reach.end; ++i) {
    const double above = std::erf((i + 0.5 - centre) * scale);
    shares[std::size_t(i - reach.first)] = float(0.5 * (above - below));
    below = above;
  }
}

/// The integral of (1 + r^2 / w^2)^(-3/2) / (2 pi w^2) over the rectangle from 0 to (x, y).
double lorentzian_corner(double x, double y, double width) {
  return std::atan(x * y / (width * std::sqrt(width * width + x * x + y * y))) / (2 * std::numbers::pi);
}

double lorentzian_pixel(double x, double y, double width) {
  return lorentzian_corner(x + 0.5, y + 0.5, width) - lorentzian_corner(x - 0.5, y + 0.5, width) -
         lorentzian_corner(x + 0.5, y - 0.5, width) + lorentzian_corner(x - 0.5, y - 0.5, width);
}

}  // namespace

double PatternCamera::per_A_per_px(double energy_keV) const {
  return mm_per_px() / (camera_length_mm * electron_wavelength_A(energy_keV));
}

void PatternCamera::check() const {
  if (height_px < 1 || width_px < 1 || height_px > 16384 || width_px > 16384)
    fail("a camera of {} x {} pixels; give 1 to 16384 along each side", height_px, width_px);
  if (!(std::isfinite(camera_length_mm) && camera_length_mm > 0))
    fail("a camera length of {} mm; give a positive length, e.g. 680", camera_length_mm);
  if (!(std::isfinite(half_width_mm) && half_width_mm > 0))
    fail("a camera {} mm wide from the middle; give a positive half width, e.g. 25", half_width_mm);
  require_within(centre_x_px, -16384, 16384, "the axis' shift along x (px)");
  require_within(centre_y_px, -16384, 16384, "the axis' shift along y (px)");
}

void PointSpread::check() const {
  require_within(sigma_px, 0.05, largest_reach_px / gaussian_reach, "the point spread's sigma (px)");
  require_within(lorentzian_share, 0, 1, "the Lorentzian share of the point spread");
  require_within(lorentzian_px, 0.05, largest_reach_px / lorentzian_reach, "the Lorentzian's width (px)");
}

void BeamStop::check() const {
  require_within(disc_radius_mm, 0, 1e4, "the beam stop's radius (mm)");
  require_within(bar_width_mm, 0, 1e4, "the beam stop's bar (mm)");
  require_within(bar_azimuth_deg, -360, 360, "the beam stop's azimuth (degrees)");
}

void RasterOptions::check() const {
  camera.check();
  spread.check();
  stop.check();
  require_within(electrons, 0, 1e15, "the number of electrons");
  require_within(background_share, 0, 1e6, "the background's share");
  require_within(background_decay_per_A, 0, 1e3, "the background's decay (1/A)");
  require_within(saturation, 0, 1e15, "the saturation");
  require_within(levels, 0, 1 << 24, "the number of levels");
}

PatternRaster::PatternRaster(const RasterOptions& options, double energy_keV)
    : options_(options), k_per_A_(0), energy_keV_(energy_keV) {
  options.check();
  SpotOptions energy;
  energy.energy_keV = energy_keV;
  energy.check();
  k_per_A_ = 1 / electron_wavelength_A(energy_keV);
  const PatternCamera& camera = options_.camera;
  const double mm = camera.mm_per_px(), azimuth = options.stop.bar_azimuth_deg * std::numbers::pi / 180;
  const Vector3 axis = place_px(0, 0);
  for (int row = 0; row < camera.height_px; ++row)
    for (int column = 0; column < camera.width_px; ++column) {
      const double x = (column - axis[0]) * mm, y = (row - axis[1]) * mm;
      const double along = x * std::cos(azimuth) + y * std::sin(azimuth);
      const double across = y * std::cos(azimuth) - x * std::sin(azimuth);
      const bool bar = along >= 0 && std::abs(across) < options.stop.bar_width_mm / 2;
      const double radius = std::hypot(x, y);
      if (bar || radius < options.stop.disc_radius_mm) stopped_.push_back(std::size_t(row) * camera.width_px + column);
      const double g = k_per_A_ * std::sin(std::atan(radius / camera.camera_length_mm));
      const double decay = options.background_decay_per_A;
      if (options.background_share > 0) background_.push_back(decay > 0 ? float(std::exp(-g / decay)) : 1.0F);
    }
  const double total = std::accumulate(background_.begin(), background_.end(), 0.0);
  for (float& value : background_) value *= float(options.background_share / total);
  for (const std::size_t i : stopped_)
    if (!background_.empty()) background_[i] = 0;
  make_aliases();
}

// Electron by electron where there are few: A. J. Walker, ACM Trans. Math. Softw. 3, 253 (1977).
void PatternRaster::make_aliases() {
  const double pixels = double(background_.size());
  const double sum = std::accumulate(background_.begin(), background_.end(), 0.0);
  if (!(sum > 0) || !(options_.electrons > 0) || options_.electrons * sum > most_one_by_one * pixels) return;
  alias_electrons_ = options_.electrons * sum;
  alias_chance_.assign(background_.size(), std::numeric_limits<std::uint32_t>::max());
  alias_other_.resize(background_.size());
  std::iota(alias_other_.begin(), alias_other_.end(), 0U);
  std::vector<double> rest(background_.begin(), background_.end());
  std::vector<std::uint32_t> low, high;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    rest[i] *= pixels / sum;
    (rest[i] < 1 ? low : high).push_back(std::uint32_t(i));
  }
  while (!low.empty() && !high.empty()) {
    const std::uint32_t poor = low.back(), rich = high.back();
    low.pop_back();
    alias_chance_[poor] = std::uint32_t(rest[poor] * 0x1p32);
    alias_other_[poor] = rich;
    rest[rich] -= 1 - rest[poor];
    if (rest[rich] >= 1) continue;
    high.pop_back();
    low.push_back(rich);
  }
}

Vector3 PatternRaster::place_px(double x_per_A, double y_per_A) const {
  const PatternCamera& camera = options_.camera;
  const double forward = std::sqrt(std::max(0.0, k_per_A_ * k_per_A_ - x_per_A * x_per_A - y_per_A * y_per_A));
  const double px = camera.camera_length_mm / (forward * camera.mm_per_px());
  return {0.5 * (camera.width_px - 1) + camera.centre_x_px + x_per_A * px,
          0.5 * (camera.height_px - 1) + camera.centre_y_px + y_per_A * px, 0};
}

void PatternRaster::add_gaussian(double column, double row, double share, std::vector<float>& pixels) const {
  const double sigma = options_.spread.sigma_px;
  const Reach columns(column, gaussian_reach * sigma, options_.camera.width_px);
  const Reach rows(row, gaussian_reach * sigma, options_.camera.height_px);
  if (columns.first >= columns.end || rows.first >= rows.end) return;
  Shares across, down;
  gaussian_shares(columns, column, sigma, across);
  gaussian_shares(rows, row, sigma, down);
  for (int y = rows.first; y < rows.end; ++y) {
    const float factor = float(share) * down[std::size_t(y - rows.first)];
    float* line = &pixels[std::size_t(y) * options_.camera.width_px + columns.first];
    for (int x = 0; x < columns.end - columns.first; ++x) line[x] += factor * across[std::size_t(x)];
  }
}

void PatternRaster::add_lorentzian(double column, double row, double share, std::vector<float>& pixels) const {
  const double width = options_.spread.lorentzian_px, reach = lorentzian_reach * width;
  const Reach columns(column, reach, options_.camera.width_px), rows(row, reach, options_.camera.height_px);
  // The square [-reach, reach]^2, which whole pixels cover with half a pixel of difference at most.
  const double scale = share / (4 * lorentzian_corner(reach + 0.5, reach + 0.5, width));
  for (int y = rows.first; y < rows.end; ++y) {
    float* line = &pixels[std::size_t(y) * options_.camera.width_px];
    for (int x = columns.first; x < columns.end; ++x)
      line[x] += float(scale * lorentzian_pixel(x - column, y - row, width));
  }
}

void PatternRaster::add_spot(double x_per_A, double y_per_A, double share, std::vector<float>& pixels) const {
  const Vector3 place = place_px(x_per_A, y_per_A);
  // A spot beyond the Ewald sphere's edge has no place; one far outside cannot reach the camera.
  if (!(std::abs(place[0]) < 1e6 && std::abs(place[1]) < 1e6)) return;
  const double lorentzian = options_.spread.lorentzian_share;
  if (lorentzian < 1) add_gaussian(place[0], place[1], share * (1 - lorentzian), pixels);
  if (lorentzian > 0) add_lorentzian(place[0], place[1], share * lorentzian, pixels);
}

void PatternRaster::draw(const SpotArrays& spots, Random& random, std::vector<float>& pixels) const {
  pixels.assign(std::size_t(options_.camera.height_px) * options_.camera.width_px, 0.0F);
  double sum = 0;
  for (std::size_t i = 0; i < spots.count; ++i) sum += spots.intensity[i];
  if (sum > 0)
    for (std::size_t i = 0; i < spots.count; ++i)
      add_spot(spots.x_per_A[i], spots.y_per_A[i], spots.intensity[i] / sum, pixels);
  expose(random, pixels);
}

void PatternRaster::expose(Random& random, std::vector<float>& pixels) const {
  if (alias_chance_.empty())
    for (std::size_t i = 0; i < background_.size(); ++i) pixels[i] += background_[i];
  for (const std::size_t i : stopped_) pixels[i] = 0;
  if (options_.electrons > 0) count_electrons(random, pixels);
  limit_range(pixels);
}

// The sum of two Poisson numbers is one of the sum of their means: the background may be counted apart.
void PatternRaster::count_electrons(Random& random, std::vector<float>& pixels) const {
  for (float& value : pixels)
    if (value > 0) value = float(random.poisson(options_.electrons * value));
  if (alias_chance_.empty()) return;
  for (std::int64_t left = random.poisson(alias_electrons_); left > 0; --left) {
    const std::uint64_t bits = random.bits();
    const std::uint64_t pixel = (bits >> 32) * alias_chance_.size() >> 32;
    pixels[std::uint32_t(bits) < alias_chance_[pixel] ? pixel : alias_other_[pixel]] += 1;
  }
}

void PatternRaster::limit_range(std::vector<float>& pixels) const {
  if (options_.saturation > 0) {
    const auto top = float(options_.saturation);
    for (float& value : pixels) value = std::min(value, top);
  }
  if (options_.levels > 0) {
    const double top =
        options_.saturation > 0 ? options_.saturation : double(*std::max_element(pixels.begin(), pixels.end()));
    const double step = top > 0 ? top / options_.levels : 1;
    for (float& value : pixels) value = float(std::round(value / step) * step);
  }
  if (options_.logarithmic)
    for (float& value : pixels) value = std::log1p(value);
}

Image PatternRaster::draw(const std::vector<DiffractionSpot>& spots, Random& random) const {
  SpotArrays arrays;
  for (const DiffractionSpot& spot : spots) {
    arrays.x_per_A.push_back(float(spot.x_per_A));
    arrays.y_per_A.push_back(float(spot.y_per_A));
    arrays.intensity.push_back(float(spot.intensity));
  }
  arrays.count = spots.size();
  Image image(options_.camera.height_px, options_.camera.width_px);
  draw(arrays, random, image.data);
  describe(image);
  return image;
}

void PatternRaster::record(Random& random, Image& pattern) const {
  if (pattern.height != options_.camera.height_px || pattern.width != options_.camera.width_px)
    fail("a pattern of {} x {} pixels on a camera of {} x {}", pattern.height, pattern.width, options_.camera.height_px,
         options_.camera.width_px);
  pattern = gaussian_filter(pattern, options_.spread.sigma_px);
  const double sum = std::accumulate(pattern.data.begin(), pattern.data.end(), 0.0);
  if (sum > 0)
    for (float& value : pattern.data) value = float(value / sum);
  expose(random, pattern.data);
  describe(pattern);
}

void PatternRaster::describe(Image& image) const {
  image.title = "diffraction";
  image.intensity = options_.electrons > 0 && !options_.logarithmic ? "counts" : "arbitrary";
  image.metadata["per_A_per_px"] = options_.camera.per_A_per_px(energy_keV_);
}

Image logarithmic_view(const Image& pattern, double range) {
  if (!(range > 1)) fail("a brightness range of {}; give more than 1", range);
  Image view = pattern;
  const float top = extremes(pattern).high;
  const float scale = 1 / float(std::log(range));
  for (float& value : view.data)
    value = top > 0 ? std::max(0.0F, 1 + std::log(std::max(value, 0.0F) / top) * scale) : 0;
  view.intensity = "arbitrary";
  return view;
}

}  // namespace colonnade
