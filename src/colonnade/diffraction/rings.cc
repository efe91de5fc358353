// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/diffraction/rings.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "colonnade/core/error.h"
#include "colonnade/diffraction/least_squares.h"

namespace colonnade {
namespace {

constexpr double least_share = 0.25;  ///< of a circle that must be seen
constexpr double bend_px = 2;         ///< sigma of the second derivative
constexpr double least_significance = 6;
constexpr int sectors = 36;
constexpr std::size_t rings_for_shape = 5;
constexpr int least_sectors = 18;

/// Offset from the centre with the ellipse made round.
Vector2 rounded(const Ellipse& ellipse, double dx, double dy) {
  return to_reciprocal({.per_px = 1, .ellipse = ellipse}, {dx, dy});
}

struct Sums {
  double weight = 0, value = 0, square = 0;
};

/// Sums over whole-pixel radii, linear between them, in each of `parts` equal sectors of azimuth.
std::vector<std::vector<Sums>> sums_of(const Image& image, const PatternMask& mask, const PatternCentre& centre,
                                       const Ellipse& ellipse, std::size_t parts) {
  const auto longest = std::size_t(std::hypot(image.height, image.width)) + 2;
  std::vector<std::vector<Sums>> sums(parts, std::vector<Sums>(longest));
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      if (!mask.at(image, y, x)) continue;
      const Vector2 at = rounded(ellipse, x - centre.x_px, y - centre.y_px);
      const double r = std::hypot(at[0], at[1]), turn = std::atan2(at[1], at[0]) / (2 * std::numbers::pi) + 0.5;
      if (r + 1 >= double(longest)) continue;
      auto& sector = sums[std::min(std::size_t(turn * double(parts)), parts - 1)];
      const double value = image.at(y, x), high = r - std::floor(r);
      for (const auto& [place, weight] : {std::pair{std::size_t(r), 1 - high}, {std::size_t(r) + 1, high}}) {
        sector[place].weight += weight;
        sector[place].value += weight * value;
        sector[place].square += weight * value * value;
      }
    }
  }
  return sums;
}

RingProfile profile_of(const std::vector<Sums>& sums, double circle) {
  RingProfile profile;
  for (std::size_t r = 0; r < sums.size(); ++r) {
    const double weight = std::max(sums[r].weight, 1e-9), mean = sums[r].value / weight;
    profile.mean.push_back(mean);
    profile.error.push_back(std::sqrt(std::max(0.0, sums[r].square / weight - mean * mean) / std::max(1.0, weight)));
    profile.share.push_back(sums[r].weight / (circle * std::max(double(r), 0.5)));
  }
  while (!profile.share.empty() && profile.share.back() < least_share) {
    profile.mean.pop_back(), profile.error.pop_back(), profile.share.pop_back();
  }
  return profile;
}

/// Minus the second derivative of the logarithm, smoothed, and what the profile's errors make of it.
struct Bend {
  std::vector<double> value, error;
};

Bend bend_of(const RingProfile& profile) {
  const int size = int(profile.mean.size()), reach = int(4 * bend_px);
  const double floor = 1e-9 * *std::max_element(profile.mean.begin(), profile.mean.end());
  Bend bend{std::vector<double>(profile.mean.size()), std::vector<double>(profile.mean.size(), INFINITY)};
  for (int r = reach; r + reach < size; ++r) {
    double sum = 0, square = 0;
    for (int d = -reach; d <= reach; ++d) {
      const double u = d / bend_px, mean = std::max(profile.mean[std::size_t(r + d)], floor);
      const double kernel = (1 - u * u) * std::exp(-0.5 * u * u);  // blind to constants and slopes
      sum += kernel * std::log(mean);
      square += std::pow(kernel * profile.error[std::size_t(r + d)] / mean, 2);
    }
    bend.value[std::size_t(r)] = sum;
    bend.error[std::size_t(r)] = std::sqrt(square);
  }
  return bend;
}

struct ProfilePoint {
  double r = 0, value = 0;
};

/// Height, radius, width, and a ground with slope, within two widths or half-way to the neighbours.
std::optional<Ring> fitted(const RingProfile& profile, double radius, double before, double after) {
  std::vector<ProfilePoint> points;
  for (std::size_t r = std::size_t(std::max(0.0, std::ceil(before))); r < profile.mean.size() && double(r) <= after;
       ++r)
    points.push_back({double(r), profile.mean[r]});
  if (points.size() < 7) return {};
  using Vector = Eigen::Matrix<double, 5, 1>;
  const auto model = [&](const Vector& p, const ProfilePoint& point, Vector* slope) {
    const double u = (point.r - p[1]) / p[2], bell = std::exp(-0.5 * u * u);
    if (slope) *slope << bell, p[0] * bell * u / p[2], p[0] * bell * u * u / p[2], 1, point.r - radius;
    return p[0] * bell + p[3] + p[4] * (point.r - radius);
  };
  const auto sound = [&](const Vector& p) {
    return p[0] > 0 && p[2] > 0.5 && p[2] < after - before && p[1] > before && p[1] < after;
  };
  const double ground = std::min(points.front().value, points.back().value);
  const double top = profile.mean[std::size_t(std::lround(radius))];
  Vector start;
  start << std::max(top - ground, 0.05 * std::abs(top)), radius, 2.5, ground,
      (points.back().value - points.front().value) / (after - before);
  const auto fit = least_squares<5>(start, points, model, sound);
  if (!sound(fit.values) || std::abs(fit.values[1] - radius) > 3) return {};
  return Ring{fit.values[1], std::sqrt(std::max(0.0, fit.covariance(1, 1))), fit.values[2], fit.values[0], 0};
}

/// How far a sector's profile is shifted outwards against the mean one near a ring, and the error of that.
std::optional<std::pair<double, double>> shift_of(const RingProfile& sector, const RingProfile& whole,
                                                  const Ring& ring) {
  const double reach = std::max(4.0, 2 * ring.width_px);
  double shift = 0, error = 0;
  for (int round = 0; round < 4; ++round) {
    Eigen::Matrix3d normal = Eigen::Matrix3d::Zero();
    Eigen::Vector3d right = Eigen::Vector3d::Zero();
    double squares = 0, count = 0;
    const auto at = [&](double r) {
      const auto low = std::size_t(r);
      return whole.mean[low] + (r - double(low)) * (whole.mean[low + 1] - whole.mean[low]);
    };
    for (auto r = std::size_t(ring.radius_px - reach); double(r) <= ring.radius_px + reach; ++r) {
      const double place = double(r) - shift;
      if (r + 1 >= sector.mean.size() || sector.share[r] < 0.5 || place < 2 || place + 2 >= double(whole.mean.size()))
        return {};
      // sector = a whole(r - shift) + b, about the shift so far: the third column is a times the further shift.
      const Eigen::Vector3d row(at(place), 1, -(at(place + 1) - at(place - 1)) / 2);
      normal += row * row.transpose();
      right += row * sector.mean[r];
      squares += sector.mean[r] * sector.mean[r], ++count;
    }
    const Eigen::Vector3d solution = normal.ldlt().solve(right);
    if (!(solution[0] > 0.2)) return {};
    shift += std::clamp(solution[2] / solution[0], -2.0, 2.0);
    const double residual = std::max(0.0, squares - solution.dot(right)) / (count - 3);
    error = std::sqrt(std::max(0.0, residual * normal.inverse()(2, 2))) / solution[0];
  }
  if (!(std::abs(shift) < 0.15 * ring.radius_px + 2) || !(error < 2)) return {};
  return std::pair{shift, error};
}

struct Shift {
  double azimuth = 0, radius = 0, shift = 0, error = 0;
};

std::vector<Shift> shifts_of(const Image& image, const PatternMask& mask, const PatternCentre& centre,
                             const Ellipse& ellipse, double inner_px) {
  const RingProfile whole = ring_profile(image, mask, centre, ellipse);
  std::vector<Ring> rings = find_rings(whole, inner_px);
  std::stable_sort(rings.begin(), rings.end(),
                   [](const Ring& one, const Ring& other) { return one.significance > other.significance; });
  if (rings.size() > rings_for_shape) rings.resize(rings_for_shape);
  const auto sums = sums_of(image, mask, centre, ellipse, sectors);
  std::vector<Shift> shifts;
  for (int n = 0; n < sectors; ++n) {
    const RingProfile sector = profile_of(sums[std::size_t(n)], 2 * std::numbers::pi / sectors);
    for (const Ring& ring : rings) {
      const auto shift = shift_of(sector, whole, ring);
      if (!shift) continue;
      shifts.push_back({((n + 0.5) / sectors - 0.5) * 2 * std::numbers::pi, ring.radius_px, shift->first,
                        std::hypot(shift->second, 0.02)});
    }
  }
  return shifts;
}

using Harmonics = Eigen::Matrix<double, 4, 1>;  ///< dx, dy, c, s

struct HarmonicFit {
  Eigen::Matrix4d covariance = Eigen::Matrix4d::Zero();
  Harmonics values = Harmonics::Zero();
  double rms = 0;
};

/// Weighted by the errors; shifts beyond three deviations lose their weight.
HarmonicFit harmonics_of(const std::vector<Shift>& shifts) {
  HarmonicFit fit;
  std::vector<double> weights;
  for (const Shift& one : shifts) weights.push_back(1 / (one.error * one.error));
  for (int round = 0; round < 6; ++round) {
    Eigen::Matrix4d normal = Eigen::Matrix4d::Zero();
    Harmonics right = Harmonics::Zero();
    const auto row = [](const Shift& one) {
      return Harmonics(std::cos(one.azimuth), std::sin(one.azimuth), one.radius * std::cos(2 * one.azimuth),
                       one.radius * std::sin(2 * one.azimuth));
    };
    for (std::size_t i = 0; i < shifts.size(); ++i) {
      normal += weights[i] * row(shifts[i]) * row(shifts[i]).transpose();
      right += weights[i] * shifts[i].shift * row(shifts[i]);
    }
    fit.values = normal.ldlt().solve(right);
    double sum = 0, squares = 0, chi = 0, count = 0;
    for (std::size_t i = 0; i < shifts.size(); ++i) {
      const double off = shifts[i].shift - fit.values.dot(row(shifts[i]));
      sum += weights[i], squares += weights[i] * off * off;
      if (weights[i] > 0) chi += std::pow(off / shifts[i].error, 2), ++count;
    }
    fit.rms = std::sqrt(squares / sum);
    const double inflation = std::max(1.0, chi / std::max(1.0, count - 4));
    fit.covariance = normal.inverse() * inflation;
    for (std::size_t i = 0; i < shifts.size(); ++i) {
      const double off = std::abs(shifts[i].shift - fit.values.dot(row(shifts[i])));
      weights[i] = off < 3 * std::max(fit.rms, 0.02) ? 1 / (shifts[i].error * shifts[i].error) : 0;
    }
  }
  return fit;
}

/// Two stretches without change of area, one after the other; both small.
Ellipse combined(const Ellipse& ellipse, double c, double s) {
  const double before = std::log(ellipse.ratio), angle = ellipse.angle_deg * std::numbers::pi / 180;
  // r (1 + e cos 2(phi - angle)): a ratio of (1 + e)/(1 - e), whose logarithm is 2 e to second order.
  const double x = before * std::cos(2 * angle) +
                   2 * std::atanh(std::min(0.5, std::hypot(c, s))) * c / std::max(std::hypot(c, s), 1e-12);
  const double y = before * std::sin(2 * angle) +
                   2 * std::atanh(std::min(0.5, std::hypot(c, s))) * s / std::max(std::hypot(c, s), 1e-12);
  Ellipse out;
  out.ratio = std::exp(std::hypot(x, y));
  out.angle_deg = std::fmod(std::atan2(y, x) / 2 * 180 / std::numbers::pi + 180, 180);
  return out;
}

}  // namespace

RingProfile ring_profile(const Image& image, const PatternMask& mask, const PatternCentre& centre,
                         const Ellipse& ellipse) {
  return profile_of(sums_of(image, mask, centre, ellipse, 1)[0], 2 * std::numbers::pi);
}

std::vector<Ring> find_rings(const RingProfile& profile, double inner_px) {
  if (profile.mean.size() < 24) return {};
  const Bend bend = bend_of(profile);
  std::vector<Ring> rings;
  for (std::size_t r = std::size_t(std::max(inner_px, 9.0)) + 1; r + 9 < bend.value.size(); ++r) {
    const double here = bend.value[r], before = bend.value[r - 1], after = bend.value[r + 1];
    const double significance = here / bend.error[r];
    if (!(here > before && here >= after && here > 0.01) || significance < least_significance) continue;
    const double place = double(r) + 0.5 * (before - after) / (before - 2 * here + after);
    rings.push_back({place, bend_px / significance, bend_px, 0, significance});
  }
  std::vector<Ring> refined = rings;
  for (std::size_t i = 0; i < rings.size(); ++i) {
    const double place = rings[i].radius_px;
    const double before = i > 0 ? std::max(place - 7, (rings[i - 1].radius_px + place) / 2) : place - 7;
    const double after = i + 1 < rings.size() ? std::min(place + 7, (rings[i + 1].radius_px + place) / 2) : place + 7;
    const auto ring = fitted(profile, place, before, after);
    if (!ring) continue;
    refined[i] = *ring;
    refined[i].significance = rings[i].significance;
  }
  return refined;
}

RingShape fit_ring_shape(const Image& image, const PatternMask& mask, const PatternCentre& centre, double inner_px) {
  RingShape shape;
  shape.centre = centre;
  HarmonicFit fit;
  for (int round = 0; round < 3; ++round) {
    const auto shifts = shifts_of(image, mask, shape.centre, shape.ellipse, inner_px);
    if (int(shifts.size()) < least_sectors) {
      fail("only {} sectors show a ring; is this a ring pattern of many grains?", shifts.size());
    }
    fit = harmonics_of(shifts);
    shape.centre.x_px += fit.values[0];
    shape.centre.y_px += fit.values[1];
    shape.ellipse = combined(shape.ellipse, fit.values[2], fit.values[3]);
    shape.sectors = int(shifts.size());
    shape.rms_px = fit.rms;
  }
  shape.centre.method = "rings";
  shape.centre.error_px = std::sqrt((fit.covariance(0, 0) + fit.covariance(1, 1)) / 2);
  const double error = std::sqrt((fit.covariance(2, 2) + fit.covariance(3, 3)) / 2);
  shape.ellipse.ratio_error = 2 * error * shape.ellipse.ratio;
  const double e = std::max(std::log(shape.ellipse.ratio) / 2, 1e-12);
  shape.ellipse.angle_error_deg = std::min(90.0, error / e / 2 * 180 / std::numbers::pi);
  return shape;
}

}  // namespace colonnade
