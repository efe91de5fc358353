// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/diffraction/reflection_table.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/simulate/electron.h"

namespace colonnade {

namespace {

using Floats = Eigen::Map<Eigen::ArrayXf>;
using Entry = std::vector<const Reflection*>::iterator;

// No reflection: a point beyond the edge of any Ewald sphere.
constexpr float nowhere = 1e6F;

int widest_direction(Entry first, Entry last) {
  int widest = 0;
  double width = -1;
  for (std::size_t k = 0; k < 3; ++k) {
    const auto [low, high] =
        std::minmax_element(first, last, [k](const auto* a, const auto* b) { return a->g[k] < b->g[k]; });
    const double extent = (*high)->g[k] - (*low)->g[k];
    if (extent > width * (1 + 1e-9)) {
      width = extent;
      widest = int(k);
    }
  }
  return widest;
}

/// Orders reflections so that each run of `block` of them is compact: halved across the widest direction, again and
/// again.
void sort_compactly(Entry first, Entry last, std::size_t block) {
  const auto blocks = (std::size_t(last - first) + block - 1) / block;
  if (blocks < 2) return;
  const auto direction = std::size_t(widest_direction(first, last));
  const auto middle = first + std::ptrdiff_t(blocks / 2 * block);
  std::nth_element(first, middle, last, [direction](const auto* a, const auto* b) {
    return a->g[direction] != b->g[direction] ? a->g[direction] < b->g[direction] : a->hkl < b->hkl;
  });
  sort_compactly(first, middle, block);
  sort_compactly(middle, last, block);
}

void apply_shape(const ShapeFactor& shape, const SpotArrays& spots, Floats intensity) {
  const auto n = Eigen::Index(spots.count);
  const Eigen::Map<const Eigen::ArrayXf> s(spots.excitation_per_A.data(), n);
  const auto width = float(shape.width_per_A);
  switch (shape.model) {
    case ShapeModel::gaussian:
      intensity *= (-0.5F / (width * width) * s.square()).exp();
      break;
    case ShapeModel::lorentzian:
      intensity /= 1 + (std::numbers::pi_v<float> / width * s).square();
      break;
    case ShapeModel::linear:
      intensity *= (1 - s.abs() / width).max(0.0F);
      break;
    case ShapeModel::slab:
      for (Eigen::Index i = 0; i < n; ++i) intensity[i] *= float(shape.value(double(s[i])));
  }
}

template <class Keep>
void keep_only(SpotArrays& spots, const Keep& keep) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < spots.count; ++i) {
    spots.reflection[kept] = spots.reflection[i];
    spots.x_per_A[kept] = spots.x_per_A[i];
    spots.y_per_A[kept] = spots.y_per_A[i];
    spots.excitation_per_A[kept] = spots.excitation_per_A[i];
    spots.intensity[kept] = spots.intensity[i];
    kept += keep(i) ? 1 : 0;
  }
  spots.count = kept;
}

struct Sphere {
  Eigen::Matrix3f turn;
  float radius, largest_excitation;
};

/// Appends those of a block that are near the sphere; all are written, the others over again.
template <int lanes>
void add_near(const Sphere& sphere, const float* gx, const float* gy, const float* gz, std::size_t first,
              SpotArrays& spots) {
  using Lanes = Eigen::Array<float, lanes, 1>;
  const Eigen::Map<const Lanes> hx(gx), hy(gy), hz(gz);
  const auto& turn = sphere.turn;
  const Lanes x = turn(0, 0) * hx + turn(0, 1) * hy + turn(0, 2) * hz;
  const Lanes y = turn(1, 0) * hx + turn(1, 1) * hy + turn(1, 2) * hz;
  const Lanes across = x.square() + y.square(), rest = sphere.radius * sphere.radius - across;
  const Lanes s =
      -across / (sphere.radius + rest.max(0.0F).sqrt()) - (turn(2, 0) * hx + turn(2, 1) * hy + turn(2, 2) * hz);
  std::size_t count = spots.count;
  for (int i = 0; i < lanes; ++i) {
    spots.reflection[count] = std::uint32_t(first + std::size_t(i));
    spots.x_per_A[count] = x[i];
    spots.y_per_A[count] = y[i];
    spots.excitation_per_A[count] = s[i];
    count += std::abs(s[i]) <= sphere.largest_excitation && rest[i] >= 0 ? 1 : 0;
  }
  spots.count = count;
}

void require_room(SpotArrays& spots, std::size_t size) {
  if (spots.reflection.size() >= size) return;
  spots.reflection.resize(size);
  for (auto* values : {&spots.x_per_A, &spots.y_per_A, &spots.excitation_per_A, &spots.intensity}) values->resize(size);
}

}  // namespace

ReflectionTable::ReflectionTable(const std::vector<Reflection>& reflections, double scale) {
  if (reflections.size() > std::numeric_limits<std::uint32_t>::max()) fail("too many reflections for one table");
  std::vector<const Reflection*> order;
  for (const Reflection& reflection : reflections) order.push_back(&reflection);
  sort_compactly(order.begin(), order.end(), block_size);
  for (const Reflection* reflection : order) {
    hkl_.push_back(reflection->hkl);
    x_.push_back(float(reflection->g[0]));
    y_.push_back(float(reflection->g[1]));
    z_.push_back(float(reflection->g[2]));
    length_.push_back(float(length(reflection->g)));
    strength_.push_back(float(std::norm(reflection->factor) * scale * scale));
    longest_ = std::max(longest_, length(reflection->g));
  }
  for (std::size_t first = 0; first < order.size(); first += block_size)
    add_block(first, std::min(first + block_size, order.size()));
  const std::size_t padded = blocks_.size() * block_size;
  x_.resize(padded, nowhere);
  y_.resize(padded, 0);
  z_.resize(padded, 0);
}

void ReflectionTable::add_block(std::size_t first, std::size_t end) {
  Block block{{}, 0};
  for (std::size_t i = first; i < end; ++i) {
    const Vector3 g{x_[i], y_[i], z_[i]};
    for (std::size_t k = 0; k < 3; ++k) block.centre[k] += g[k] / double(end - first);
  }
  for (std::size_t i = first; i < end; ++i) {
    const Vector3 from{x_[i] - block.centre[0], y_[i] - block.centre[1], z_[i] - block.centre[2]};
    block.radius = std::max(block.radius, length(from));
  }
  blocks_.push_back(block);
}

void ReflectionTable::find_spots(const Matrix3& orientation, const SpotOptions& options, SpotArrays& spots) const {
  options.check();
  require_room(spots, size() + block_size);
  spots.count = 0;
  const double k = 1 / electron_wavelength_A(options.energy_keV), largest = options.largest_excitation_per_A;
  // s changes by at most 1 / cos(largest angle) per length in reciprocal space.
  const double steepest = longest_ < k ? k / std::sqrt(k * k - longest_ * longest_) : HUGE_VAL;
  Sphere sphere{Eigen::Matrix3f(), float(k), float(largest)};
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) sphere.turn(i, j) = float(orientation[std::size_t(i)][std::size_t(j)]);
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    const double nearest = std::abs(excitation_error(multiply(orientation, blocks_[b].centre), k));
    if (nearest > largest + 1e-6 + steepest * blocks_[b].radius) continue;
    const std::size_t first = b * block_size;
    add_near<int(block_size)>(sphere, &x_[first], &y_[first], &z_[first], first, spots);
  }
  for (std::size_t i = 0; i < spots.count; ++i) spots.intensity[i] = strength_[spots.reflection[i]];
  apply_shape(options.shape, spots, Floats(spots.intensity.data(), Eigen::Index(spots.count)));
  if (!options.direct_beam || options.weakest > 0)
    keep_only(spots, [&](std::size_t i) {
      return spots.intensity[i] >= options.weakest && (options.direct_beam || length_[spots.reflection[i]] > 0);
    });
}

std::vector<DiffractionSpot> ReflectionTable::spot_list(const Matrix3& orientation, const SpotOptions& options) const {
  SpotArrays spots;
  find_spots(orientation, options, spots);
  std::vector<DiffractionSpot> list;
  for (std::size_t i = 0; i < spots.count; ++i) {
    const std::size_t n = spots.reflection[i];
    list.push_back(
        {hkl_[n], length_[n], spots.x_per_A[i], spots.y_per_A[i], spots.excitation_per_A[i], spots.intensity[i]});
  }
  return list;
}

}  // namespace colonnade
