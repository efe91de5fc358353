// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/diffraction/phase.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

using Operation = std::array<Miller, 3>;

constexpr std::size_t compared = 800;  ///< reflections that show the symmetry

double strongest(const Phase& phase) {
  double most = 0;
  for (const PhaseReflection& reflection : phase.reflections) most = std::max(most, reflection.intensity);
  return most;
}

int determinant_of(const Operation& w) {
  return w[0][0] * (w[1][1] * w[2][2] - w[1][2] * w[2][1]) - w[0][1] * (w[1][0] * w[2][2] - w[1][2] * w[2][0]) +
         w[0][2] * (w[1][0] * w[2][1] - w[1][1] * w[2][0]);
}

Miller applied(const Operation& w, const Miller& hkl) {
  Miller out{};
  for (std::size_t i = 0; i < 3; ++i) out[i] = w[i][0] * hkl[0] + w[i][1] * hkl[1] + w[i][2] * hkl[2];
  return out;
}

/// Columns of W are the images of a*, b*, c*: those that keep all lengths and angles.
std::vector<Operation> metric_operations(const Matrix3& star) {
  std::array<std::vector<Miller>, 3> images;
  for (int h = -1; h <= 1; ++h) {
    for (int k = -1; k <= 1; ++k) {
      for (int l = -1; l <= 1; ++l) {
        const Vector3 g = combine({double(h), double(k), double(l)}, star);
        for (std::size_t axis = 0; axis < 3; ++axis) {
          if (std::abs(length(g) / length(star[axis]) - 1) < 1e-3) images[axis].push_back({h, k, l});
        }
      }
    }
  }
  const auto vector = [&](const Miller& m) { return combine({double(m[0]), double(m[1]), double(m[2])}, star); };
  const auto alike = [&](const Miller& one, const Miller& other, std::size_t i, std::size_t j) {
    const double scale = length(star[i]) * length(star[j]);
    return std::abs(dot(vector(one), vector(other)) - dot(star[i], star[j])) < 2e-3 * scale;
  };
  std::vector<Operation> found;
  for (const Miller& a : images[0]) {
    for (const Miller& b : images[1]) {
      if (!alike(a, b, 0, 1)) continue;
      for (const Miller& c : images[2]) {
        if (alike(a, c, 0, 2) && alike(b, c, 1, 2)) {
          found.push_back({{{a[0], b[0], c[0]}, {a[1], b[1], c[1]}, {a[2], b[2], c[2]}}});
        }
      }
    }
  }
  return found;
}

}  // namespace

Phase make_phase(const std::string& name, const Structure& crystal, double longest_per_A,
                 const std::function<double(const ReciprocalPoint&)>& intensity) {
  Phase phase{name, crystal, "", {}};
  for (const ReciprocalPoint& point : reciprocal_points(crystal, longest_per_A)) {
    phase.reflections.push_back({point.hkl, point.g, intensity(point)});
  }
  require_phase(phase);
  return phase;
}

void require_phase(const Phase& phase) {
  reciprocal_cell(phase.crystal);
  const double most = strongest(phase);
  if (!(most > 0 && std::isfinite(most))) {
    fail("phase '{}' has no reflection that scatters; compute its |F|^2 up to a larger |g|", phase.name);
  }
}

std::vector<PhaseRing> powder_rings(const Phase& phase) {
  const double least = absent_share * strongest(phase);
  std::vector<const PhaseReflection*> order;
  for (const PhaseReflection& reflection : phase.reflections) {
    if (reflection.intensity > least) order.push_back(&reflection);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* one, const auto* other) { return length(one->g) < length(other->g) - 1e-9; });
  std::vector<PhaseRing> rings;
  for (const PhaseReflection* reflection : order) {
    const double g = length(reflection->g);
    if (rings.empty() || g > rings.back().g_per_A * (1 + 1e-4)) rings.push_back({reflection->hkl, g, 0});
    rings.back().strength += reflection->intensity;
  }
  double most = 0;
  for (const PhaseRing& ring : rings) most = std::max(most, ring.strength);
  for (PhaseRing& ring : rings) ring.strength /= most;
  return rings;
}

std::vector<Operation> laue_operations(const Phase& phase) {
  const double most = strongest(phase);
  std::map<Miller, double> intensity;
  const auto end = phase.reflections.begin() + std::ptrdiff_t(std::min(phase.reflections.size(), compared));
  std::for_each(phase.reflections.begin(), end, [&](const PhaseReflection& r) { intensity[r.hkl] = r.intensity; });
  const auto keeps = [&](const Operation& w) {
    return std::all_of(phase.reflections.begin(), end, [&](const PhaseReflection& reflection) {
      const auto image = intensity.find(applied(w, reflection.hkl));
      return image == intensity.end() || std::abs(image->second - reflection.intensity) <
                                             1e-3 * std::max(reflection.intensity, image->second) + 1e-6 * most;
    });
  };
  std::vector<Operation> operations = metric_operations(reciprocal_cell(phase.crystal));
  std::erase_if(operations, [&](const Operation& w) { return !keeps(w); });
  const Operation identity{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  std::stable_partition(operations.begin(), operations.end(), [&](const Operation& w) { return w == identity; });
  return operations;
}

Miller turned_zone(const Operation& w, const Miller& zone) {
  // W^-T = cofactors of W / det W, and det W is 1 or -1.
  const int sign = determinant_of(w);
  Miller out{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      const std::size_t a = (i + 1) % 3, b = (i + 2) % 3, c = (j + 1) % 3, d = (j + 2) % 3;
      out[i] += sign * (w[a][c] * w[b][d] - w[a][d] * w[b][c]) * zone[j];
    }
  }
  return out;
}

std::string zone_text(const Miller& zone) { return fmt::format("[{} {} {}]", zone[0], zone[1], zone[2]); }

}  // namespace colonnade
