// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/diffraction/ring_calibration.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <fmt/ranges.h>

#include "colonnade/core/error.h"
#include "colonnade/diffraction/pattern_centre.h"

namespace colonnade {
namespace {

constexpr double least_strength = 0.02;  ///< of the strongest ring
constexpr int ground_terms = 5;          ///< powers 0 to 4 of 1/r
constexpr double merged_widths = 1.2;    ///< rings nearer than so many sigmas are one
constexpr double hint_range = 0.25;

struct Group {
  std::vector<PhaseRing> rings;
  double g_per_A = 0, strength = 0;
};

/// Powder intensity as a profile shows it: the ring's |F|^2 spread over its circumference.
double on_circle(const PhaseRing& ring) { return ring.strength / ring.g_per_A; }

std::vector<Group> grouped(const std::vector<PhaseRing>& rings, double within_per_A) {
  std::vector<Group> groups;
  for (const PhaseRing& ring : rings) {
    if (groups.empty() || ring.g_per_A - groups.back().rings.back().g_per_A > within_per_A) groups.emplace_back();
    groups.back().rings.push_back(ring);
  }
  for (Group& group : groups) {
    for (const PhaseRing& ring : group.rings) {
      group.strength += on_circle(ring);
      group.g_per_A += on_circle(ring) * ring.g_per_A;
    }
    group.g_per_A /= group.strength;
  }
  return groups;
}

/// The profile between two radii as rings at one scale on a smooth ground; what is linear is solved, relative errors.
class ProfileModel {
 public:
  ProfileModel(const RingProfile& profile, const std::vector<PhaseRing>& rings, double first_px, double last_px)
      : profile_(profile), rings_(rings), first_(std::size_t(first_px)), last_(std::size_t(last_px)) {}

  struct Solution {
    std::vector<Group> groups;
    Eigen::VectorXd values;  ///< heights of the groups, then the ground
    double squares = 0;
  };

  Solution solve(double scale, double width_px) const {
    Solution solution;
    solution.groups = grouped(rings_, merged_widths * width_px * scale);
    std::erase_if(solution.groups, [&](const Group& group) {
      return group.g_per_A / scale < double(first_) - width_px || group.g_per_A / scale > double(last_) + width_px;
    });
    // A ring cannot be dark: those that come out so are left out, one after the other.
    for (;;) {
      linear(scale, width_px, solution);
      const auto count = Eigen::Index(solution.groups.size());
      if (count == 0) return solution;
      Eigen::Index worst = 0;
      const double least = solution.values.head(count).minCoeff(&worst);
      if (least >= 0) return solution;
      solution.groups.erase(solution.groups.begin() + worst);
    }
  }

  static double bell(const Group& group, double r, double scale, double width_px) {
    double sum = 0;
    for (const PhaseRing& ring : group.rings) {
      sum += on_circle(ring) / group.strength * std::exp(-0.5 * std::pow((r - ring.g_per_A / scale) / width_px, 2));
    }
    return sum;
  }

  /// How far a group stands outwards of the common scale, px, with everything else free; and the error of that.
  std::pair<double, double> shift(const Solution& solution, std::size_t which, double scale, double width_px) const {
    const auto columns = Eigen::Index(solution.groups.size()) + ground_terms + 1;
    Eigen::MatrixXd normal = Eigen::MatrixXd::Zero(columns, columns);
    Eigen::VectorXd right = Eigen::VectorXd::Zero(columns), row(columns);
    double squares = 0;
    for (std::size_t r = first_; r <= last_; ++r) {
      row.head(columns - 1) = line(solution.groups, double(r), scale, width_px);
      const Group& group = solution.groups[which];
      row[columns - 1] =
          -(bell(group, double(r) + 0.5, scale, width_px) - bell(group, double(r) - 0.5, scale, width_px));
      row /= profile_.mean[r];
      normal += row * row.transpose();
      right += row;
      squares += 1;
    }
    const Eigen::VectorXd values = normal.ldlt().solve(right);
    const double height = values[Eigen::Index(which)];
    const double residual = std::max(0.0, squares - values.dot(right)) / std::max(1.0, squares - double(columns));
    const double error = std::sqrt(std::max(0.0, residual * normal.inverse()(columns - 1, columns - 1)));
    return {values[columns - 1] / height, error / std::abs(height)};
  }

  std::size_t points() const { return last_ - first_ + 1; }

 private:
  Eigen::VectorXd line(const std::vector<Group>& groups, double r, double scale, double width_px) const {
    Eigen::VectorXd row(Eigen::Index(groups.size()) + ground_terms);
    for (std::size_t k = 0; k < groups.size(); ++k) row[Eigen::Index(k)] = bell(groups[k], r, scale, width_px);
    double power = 1;
    for (int k = 0; k < ground_terms; ++k, power *= double(first_) / r) row[Eigen::Index(groups.size()) + k] = power;
    return row;
  }

  void linear(double scale, double width_px, Solution& solution) const {
    const auto columns = Eigen::Index(solution.groups.size()) + ground_terms;
    Eigen::MatrixXd normal = Eigen::MatrixXd::Zero(columns, columns);
    Eigen::VectorXd right = Eigen::VectorXd::Zero(columns);
    for (std::size_t r = first_; r <= last_; ++r) {
      const Eigen::VectorXd row = line(solution.groups, double(r), scale, width_px) / profile_.mean[r];
      normal += row * row.transpose();
      right += row;
    }
    solution.values = normal.ldlt().solve(right);
    solution.squares = std::max(0.0, double(points()) - solution.values.dot(right));
  }

  const RingProfile& profile_;
  const std::vector<PhaseRing>& rings_;
  std::size_t first_, last_;
};

/// How well a scale places the found rings: strong rings of the crystal near found ones, and the other way round.
double agreement(const std::vector<Ring>& found, const std::vector<PhaseRing>& rings, double scale, double last_px) {
  const auto near = [&](double one, double other) {
    return std::exp(-0.5 * std::pow((one - other) / (0.015 * one), 2));
  };
  double sum = 0, all = 0;
  for (const Ring& ring : found) {
    double best = 0;
    for (const PhaseRing& known : rings) best = std::max(best, near(ring.radius_px, known.g_per_A / scale));
    sum += best, all += 1;
  }
  double seen = 0, strong = 0;
  for (const PhaseRing& known : rings) {
    const double r = known.g_per_A / scale, weight = std::sqrt(on_circle(known));
    if (r > last_px || r < 10) continue;
    double best = 0;
    for (const Ring& ring : found) best = std::max(best, near(r, ring.radius_px));
    seen += weight * best, strong += weight;
  }
  return strong > 0 ? sum / all * seen / strong : 0;
}

/// The scale, of those that put a found ring on a ring of the crystal, that places most of both.
double guessed_scale(const std::vector<Ring>& found, const std::vector<PhaseRing>& rings, double last_px, double hint) {
  double best = 0, scale = 0;
  for (const Ring& ring : found) {
    for (std::size_t k = 0; k < std::min<std::size_t>(rings.size(), 8); ++k) {
      const double candidate = rings[k].g_per_A / ring.radius_px;
      if (hint > 0 && std::abs(candidate / hint - 1) > hint_range) continue;
      const double value = agreement(found, rings, candidate, last_px);
      if (value > best) best = value, scale = candidate;
    }
  }
  if (!(best > 0.25)) {
    fail("the {} rings found do not fit this crystal at any scale{}; is it the right crystal?", found.size(),
         hint > 0 ? " near the one given" : "");
  }
  return scale;
}

std::string names_of(const Group& group) {
  std::vector<std::string> names;
  for (const PhaseRing& ring : group.rings) {
    if (on_circle(ring) < 0.05 * group.strength) continue;
    Miller h{std::abs(ring.hkl[0]), std::abs(ring.hkl[1]), std::abs(ring.hkl[2])};
    names.push_back(fmt::format("{{{}}}", fmt::join(h, "")));
  }
  return fmt::format("{}", fmt::join(names, " "));
}

/// Narrowing steps in scale and width by turns.
void minimise(const ProfileModel& model, double& scale, double& width_px) {
  double best = model.solve(scale, width_px).squares, step_scale = 0.01, step_width = 0.3;
  for (int round = 0; round < 60 && step_scale > 1e-6; ++round) {
    bool moved = false;
    for (const auto& [ds, dw] : {std::pair{1.0, 0.0}, {-1.0, 0.0}, {0.0, 1.0}, {0.0, -1.0}}) {
      const double s = scale * (1 + ds * step_scale), w = std::clamp(width_px * (1 + dw * step_width), 0.8, 12.0);
      const double squares = model.solve(s, w).squares;
      if (squares < best) best = squares, scale = s, width_px = w, moved = true;
    }
    if (!moved) step_scale /= 2, step_width /= 2;
  }
}

}  // namespace

RingCalibration calibrate_rings(const Image& image, const Phase& phase, double scale_hint) {
  PatternMask mask = find_pattern_mask(image);
  const PatternCentre centre = find_centre(image, mask);
  const double inner = 1.3 * central_disc_radius(image, mask, centre) + 3;
  RingCalibration out;
  const RingShape shape = fit_ring_shape(image, mask, centre, inner);
  out.centre = shape.centre;
  out.scale.ellipse = shape.ellipse;
  const RingProfile profile = ring_profile(image, mask, out.centre, shape.ellipse);
  const std::vector<Ring> found = find_rings(profile, inner);
  if (found.size() < 2) fail("the pattern shows {} rings; at least 2 are needed to calibrate", found.size());
  std::vector<PhaseRing> rings = powder_rings(phase);
  double most = 0;
  for (const PhaseRing& ring : rings) most = std::max(most, on_circle(ring));
  std::erase_if(rings, [&](const PhaseRing& ring) { return on_circle(ring) < least_strength * most; });
  const double end = double(profile.mean.size()) - 2;
  double scale = guessed_scale(found, rings, end, scale_hint);
  const double first = std::max(inner, 0.75 * rings.front().g_per_A / scale);
  const double last = std::min(end, found.back().radius_px * 1.06 + 3);
  const ProfileModel model(profile, rings, first, last);
  double width = found.front().width_px;
  minimise(model, scale, width);
  const auto solution = model.solve(scale, width);
  out.residual = std::sqrt(solution.squares / double(model.points()));
  double weights = 0, sum = 0, squares = 0;
  for (std::size_t k = 0; k < solution.groups.size(); ++k) {
    const auto [shift, error] = model.shift(solution, k, scale, width);
    const double radius = solution.groups[k].g_per_A / scale;
    if (!(error < 0.02 * radius) || !(std::abs(shift) < 0.05 * radius) || radius > last) continue;
    out.rings.push_back({names_of(solution.groups[k]), solution.groups[k].g_per_A, radius + shift, error, 0});
    const double own = solution.groups[k].g_per_A / (radius + shift) / scale - 1,
                 relative = std::max(error / radius, 1e-4);
    weights += 1 / (relative * relative), sum += own / (relative * relative);
    out.rings.back().departure = own;
  }
  if (out.rings.size() < 2) fail("only {} ring can be measured on its own; at least 2 are needed", out.rings.size());
  out.scale.per_px = scale;
  for (const MatchedRing& ring : out.rings) squares += ring.departure * ring.departure;
  const auto count = double(out.rings.size());
  out.rms_departure = std::sqrt(squares / count);
  // Rings that disagree say more of the error than the noise does.
  out.scale.relative_error = std::max(1 / std::sqrt(weights), std::sqrt(squares / (count * std::max(1.0, count - 1))));
  out.verdict = fmt::format("{}: {:.6f} 1/A per px, +- {:.2f} %; {} rings agree within {:.2f} % rms; ellipse {:.4f}",
                            phase.name, scale, 100 * out.scale.relative_error, out.rings.size(),
                            100 * out.rms_departure, out.scale.ellipse.ratio);
  return out;
}

}  // namespace colonnade
