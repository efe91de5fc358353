// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/radial_profile.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "colonnade/columns/departures.h"
#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"

namespace colonnade {
namespace {

constexpr std::size_t fewest_columns = 10;

double cross(const Point& o, const Point& a, const Point& b) {
  return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
}

double distance_to_segment(const Point& p, const Point& a, const Point& b) {
  const double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
  const double t = length > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.0, 1.0) : 0;
  return std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

/// Whether an edge of the hull runs along a border of the field, both ends within `near` of it.
bool along_border(const Point& a, const Point& b, const Field& field, double near) {
  if (!field.known()) return false;
  return std::max(a.x, b.x) < field.left + near || std::min(a.x, b.x) > field.right - near ||
         std::max(a.y, b.y) < field.top + near || std::min(a.y, b.y) > field.bottom - near;
}

struct Rim {
  std::vector<std::pair<Point, Point>> edges;  ///< those of the particle
  bool whole = true;                           ///< no edge along the field's border
};

Rim rim_of(const std::vector<Point>& points, const Field& field) {
  Rim rim;
  const auto hull = convex_hull(points);
  const double near = 1.5 * typical_spacing(points);
  for (std::size_t k = 0; hull.size() > 2 && k < hull.size(); ++k) {
    const Point &a = hull[k], &b = hull[(k + 1) % hull.size()];
    if (along_border(a, b, field, near)) {
      rim.whole = false;
    } else {
      rim.edges.emplace_back(a, b);
    }
  }
  return rim;
}

std::vector<double> distances_to(const Rim& rim, const std::vector<Point>& points) {
  std::vector<double> distances(points.size(), std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (const auto& [a, b] : rim.edges) distances[i] = std::min(distances[i], distance_to_segment(points[i], a, b));
  }
  return distances;
}

void fill_shells(RadialProfile& profile, const std::vector<double>& distances,
                 const std::vector<CountDistribution>& columns, const std::vector<std::size_t>& which, double width,
                 const RadialOptions& options) {
  std::vector<std::vector<std::size_t>> members;
  for (const std::size_t i : which) {
    const auto shell = std::size_t(distances[i] / width);
    if (shell >= members.size()) members.resize(shell + 1);
    members[shell].push_back(i);
  }
  const std::size_t elements = columns[which[0]].mean.size();
  const Composition whole = composition_of(sum_counts(columns, which, elements));
  for (std::size_t k = 0; k < members.size(); ++k) {
    if (members[k].empty()) continue;
    RadialShell shell{double(k) * width,
                      double(k + 1) * width,
                      0,
                      composition_of(sum_counts(columns, members[k], elements, options.common)),
                      {}};
    for (const std::size_t i : members[k]) shell.distance += distances[i] / double(members[k].size());
    const double rest = 1 - shell.composition.atoms / whole.atoms;  // the others' atoms: the particle is finite
    for (const double c : whole.fractions) {
      shell.random_deviation.push_back(
          std::sqrt(std::max(0.0, c * (1 - c) * rest / std::max(1.0, shell.composition.atoms))));
    }
    profile.shells.push_back(std::move(shell));
  }
}

/// Slope of the fraction with the distance, and its significance.
void judge_trend(RadialProfile& profile, const std::vector<double>& distances,
                 const std::vector<CountDistribution>& columns, const std::vector<std::size_t>& which,
                 const RadialOptions& options) {
  const Departures frame(columns, which, std::vector<double>(which.size(), 1.0), null_named(options.null));
  Eigen::VectorXd x(static_cast<long>(which.size()));
  for (std::size_t i = 0; i < which.size(); ++i) x[long(i)] = distances[which[i]];
  x.array() -= x.dot(frame.totals()) / frame.totals().sum();
  const double squares = x.cwiseAbs2().dot(frame.totals());
  if (!(squares > 0)) return;
  const auto trend = [&](const Eigen::MatrixXd& departures) {
    const Eigen::VectorXd sums = departures.transpose() * x / squares;
    return std::vector<double>(sums.data(), sums.data() + sums.size());
  };
  profile.slope = trend(frame.measured());
  std::vector<std::vector<double>> draws(options.shuffles);
  const Random parent(options.seed);
  parallel_for(options.shuffles, [&](std::int64_t k, int) {
    Random random = parent.stream(std::uint64_t(k));
    draws[k] = trend(frame.shuffled(random));
  });
  profile.chance = judge(profile.slope, draws);
}

RadialProfile profile_along(const std::string& from, const std::vector<double>& distances,
                            const std::vector<Point>& positions, const std::vector<CountDistribution>& columns,
                            const RadialOptions& options) {
  RadialProfile profile;
  profile.from = from;
  const auto which = usable_columns(columns);
  const double width = options.shell_nm > 0 ? options.shell_nm : typical_spacing(positions);
  if (which.size() < fewest_columns || !(width > 0)) {
    profile.without = fmt::format("{} columns are too few", which.size());
    return profile;
  }
  fill_shells(profile, distances, columns, which, width, options);
  judge_trend(profile, distances, columns, which, options);
  return profile;
}

void check_input(const std::vector<Point>& positions, const std::vector<CountDistribution>& columns) {
  if (positions.size() != columns.size()) {
    fail("{} positions for {} columns; give one for each", positions.size(), columns.size());
  }
}

}  // namespace

std::vector<Point> convex_hull(std::vector<Point> points) {
  std::sort(points.begin(), points.end(),
            [](const Point& a, const Point& b) { return a.x != b.x ? a.x < b.x : a.y < b.y; });
  if (points.size() < 3) return points;
  std::vector<Point> hull;
  const auto extend = [&](const Point& point, std::size_t base) {
    while (hull.size() >= base + 2 && cross(hull[hull.size() - 2], hull.back(), point) <= 0) hull.pop_back();
    hull.push_back(point);
  };
  for (const Point& point : points) extend(point, 0);
  const std::size_t lower = hull.size() - 1;
  for (std::size_t i = points.size() - 1; i-- > 0;) extend(points[i], lower);
  hull.pop_back();
  return hull;
}

std::vector<double> distances_to_rim(const std::vector<Point>& points, const Field& field) {
  return distances_to(rim_of(points, field), points);
}

RadialProfile rim_profile(const std::vector<Point>& positions, const std::vector<CountDistribution>& columns,
                          const RadialOptions& options) {
  check_input(positions, columns);
  const Rim rim = rim_of(positions, options.field);
  if (rim.edges.empty()) return {"rim", "the particle's rim is not in view", {}, {}, {}};
  return profile_along("rim", distances_to(rim, positions), positions, columns, options);
}

RadialProfile centre_profile(const std::vector<Point>& positions, const std::vector<CountDistribution>& columns,
                             const RadialOptions& options) {
  check_input(positions, columns);
  const Rim rim = rim_of(positions, options.field);
  if (!rim.whole || rim.edges.empty()) return {"centre", "the particle is not wholly in view", {}, {}, {}};
  Point centre;
  double weight = 0;
  for (const std::size_t i : usable_columns(columns)) {
    const double total = std::accumulate(columns[i].mean.begin(), columns[i].mean.end(), 0.0);
    centre.x += total * positions[i].x;
    centre.y += total * positions[i].y;
    weight += total;
  }
  if (!(weight > 0)) return {"centre", "no column can be used", {}, {}, {}};
  std::vector<double> distances;
  for (const Point& place : positions) {
    distances.push_back(std::hypot(place.x - centre.x / weight, place.y - centre.y / weight));
  }
  return profile_along("centre", distances, positions, columns, options);
}

nlohmann::json to_json(const RadialProfile& profile, const std::vector<std::string>& elements) {
  nlohmann::json json{{"from", profile.from}, {"shells", nlohmann::json::array()}};
  if (!profile.without.empty()) json["without"] = profile.without;
  for (const RadialShell& shell : profile.shells) {
    auto entry = to_json(shell.composition, elements);
    entry["inner_nm"] = shell.inner;
    entry["outer_nm"] = shell.outer;
    entry["distance_nm"] = shell.distance;
    for (std::size_t e = 0; e < elements.size(); ++e) {
      entry["elements"][elements[e]]["random_alloy_sd"] = shell.random_deviation[e];
    }
    json["shells"].push_back(entry);
  }
  for (std::size_t e = 0; e < profile.slope.size(); ++e) {
    const Significance& chance = profile.chance[e];
    json["trend"][elements[e]] = {{"fraction_per_nm", profile.slope[e]},
                                  {"random_sd", chance.deviation},
                                  {"z", chance.z},
                                  {"p", chance.p},
                                  {"p_adjusted", chance.p_adjusted}};
  }
  return json;
}

}  // namespace colonnade
