// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/diffraction/zone_match.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <fmt/ranges.h>
#include <memory>
#include <numbers>
#include <set>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/diffraction/zone_search.h"

namespace colonnade {
namespace {

constexpr double tolerance_px = 1.2;
constexpr std::size_t refined_at_least = 40;
constexpr double refined_share = 0.5;  ///< guesses this near to the best guess are refined
constexpr std::size_t refined_at_most = 400;
constexpr std::array growth = {0.45, 0.6, 0.75, 0.9, 1.01, 1.01};  ///< of the longest vector, round by round
constexpr std::size_t enough_for_affine = 6;
constexpr double left_over = 0.5;  ///< of the distortion, that an affine map does not take up: lenses of higher order
constexpr double weight_of_absent = 0.5;

using Map = Eigen::Matrix2d;

Eigen::Vector2d vector(const Vector2& v) { return {v[0], v[1]}; }

Map similarity(double angle, double scale) { return scale * Eigen::Rotation2Dd(angle).toRotationMatrix(); }

/// The refinement of one guess.
class Refinement {
 public:
  Refinement(const MeasuredPattern& pattern, const ZoneSearch& search, const Zone& zone, const Phase& phase,
             const IndexOptions& options)
      : pattern_(pattern), search_(search), zone_(zone), phase_(phase), options_(options) {
    for (std::size_t k = 0; k < 2; ++k) basis_.col(Eigen::Index(k)) = vector(zone.basis[k]);
  }

  ZoneMatch run(const ZoneGuess& guess) {
    map_ = similarity(guess.angle, guess.scale);
    // From the shortest vectors outwards, as a distortion grows with the distance.
    for (const double share : growth) {
      assign(share < 1 ? 1.5 * options_.distortion : left_over * options_.distortion, share * search_.longest());
      if (assigned_.size() >= 2) improve();
    }
    assign(left_over * options_.distortion, INFINITY);
    return result();
  }

 private:
  struct Assigned {
    std::size_t place = 0;  ///< in the spots of the search
    int m = 0, n = 0;
    double off = 0, tolerance = 0;
  };

  Eigen::Vector2d ideal(const Assigned& one) const { return basis_ * Eigen::Vector2d(one.m, one.n); }
  Eigen::Vector2d measured(std::size_t place) const { return {search_.spots()[place].x, search_.spots()[place].y}; }

  void assign(double relative, double longest) {
    assigned_.clear();
    chance_ = 0;
    const Map inverse = (map_ * basis_).inverse();
    const double density = std::numbers::pi * std::abs(inverse.determinant());
    for (std::size_t i = 0; i < search_.spots().size(); ++i) {
      const Eigen::Vector2d at = measured(i), f = inverse * at;
      if (at.norm() > longest) continue;
      Assigned one{i, int(std::lround(f[0])), int(std::lround(f[1])), 0,
                   pattern_.tolerance_per_A + relative * at.norm()};
      one.off = (at - map_ * ideal(one)).norm();
      chance_ += search_.spots()[i].weight * std::min(1.0, density * one.tolerance * one.tolerance);
      if (one.off <= one.tolerance && (one.m != 0 || one.n != 0)) assigned_.push_back(one);
    }
  }

  void improve() {
    Map ideal_ideal = Map::Zero(), measured_ideal = Map::Zero();
    for (const Assigned& one : assigned_) {
      const double weight = search_.spots()[one.place].weight;
      ideal_ideal += weight * ideal(one) * ideal(one).transpose();
      measured_ideal += weight * measured(one.place) * ideal(one).transpose();
    }
    // The best similarity: the mean of the products along and across.
    const double along = measured_ideal.trace(), across = measured_ideal(1, 0) - measured_ideal(0, 1);
    map_ = similarity(std::atan2(across, along), std::hypot(along, across) / ideal_ideal.trace());
    if (assigned_.size() < enough_for_affine) return;
    const double spread = ideal_ideal.determinant() / std::pow(ideal_ideal.trace() / 2, 2);
    if (spread < 0.05) return;
    const Map affine = measured_ideal * ideal_ideal.inverse();
    const Eigen::Vector2d stretches = affine.jacobiSvd().singularValues();
    if (affine.determinant() > 0 && stretches[0] / stretches[1] < 1 + 2.5 * options_.distortion) map_ = affine;
  }

  /// Spots of one row fit every zone that holds the row.
  bool in_two_directions() const {
    if (assigned_.size() < 3) return false;
    const Assigned& first = assigned_[0];
    return std::any_of(assigned_.begin(), assigned_.end(),
                       [&](const Assigned& one) { return one.m * first.n != one.n * first.m; });
  }

  double seen() const {
    std::set<std::pair<int, int>> there;
    for (const Assigned& one : assigned_) there.insert({one.m, one.n});
    double sum = 0, all = 0;
    int count = 0;
    for (const ZoneReflection& reflection : zone_.reflections) {
      if (reflection.strength < strong_share) continue;
      const Eigen::Vector2d at = map_ * Eigen::Vector2d(reflection.x, reflection.y);
      if (at.norm() > search_.reach() || !search_.visible({at[0], at[1]})) continue;
      const double weight = std::sqrt(reflection.strength);
      all += weight, ++count;
      if (there.count({reflection.m, reflection.n})) sum += weight;
    }
    return count < 2 ? 0 : sum / all;
  }

  /// Of |F| and the root of the measured intensities, over indexed spots; 0 for fewer than 4.
  double correlation() const {
    double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (const Assigned& one : assigned_) {
      const double f = std::sqrt(double(zone_.strength(one.m, one.n)));
      const double i = std::sqrt(std::max(0.0, pattern_.spots[search_.spots()[one.place].number].intensity));
      ++n, x += f, y += i, xx += f * f, yy += i * i, xy += f * i;
    }
    const double both = (n * xx - x * x) * (n * yy - y * y);
    return n >= 4 && both > 0 ? (n * xy - x * y) / std::sqrt(both) : 0;
  }

  void set_map(ZoneMatch& match) const {
    const Eigen::JacobiSVD<Map> svd(map_, Eigen::ComputeFullU | Eigen::ComputeFullV);
    const Map turn = svd.matrixU() * svd.matrixV().transpose();
    const double degrees = std::atan2(turn(1, 0), turn(0, 0)) * 180 / std::numbers::pi;
    match.in_plane_deg = std::fmod(degrees + 360, 180);
    match.scale = std::sqrt(map_.determinant());
    const Eigen::Vector2d& stretches = svd.singularValues();
    match.distortion.ratio = stretches[0] / stretches[1];
    const double azimuth = std::atan2(svd.matrixU()(1, 0), svd.matrixU()(0, 0)) * 180 / std::numbers::pi;
    match.distortion.angle_deg = std::fmod(azimuth + 360, 180);
    match.map = {{{map_(0, 0), map_(0, 1)}, {map_(1, 0), map_(1, 1)}}};
  }

  ZoneMatch result() const {
    ZoneMatch match;
    match.phase = zone_.phase;
    match.name = phase_.name;
    match.zone = zone_.axis;
    set_map(match);
    double squares = 0, explained = 0;
    for (const Assigned& one : assigned_) {
      const ZoneSearch::Spot& spot = search_.spots()[one.place];
      const bool absent = zone_.strength(one.m, one.n) == 0;
      match.spots.push_back({spot.number, zone_.hkl(one.m, one.n), one.off, absent});
      squares += one.off * one.off;
      explained += spot.weight * (1 - 0.5 * std::pow(one.off / one.tolerance, 2)) * (absent ? weight_of_absent : 1);
    }
    if (!in_two_directions()) return match;
    match.rms_per_A = std::sqrt(squares / double(assigned_.size()));
    match.chance = chance_;
    match.explained = chance_ < 0.99 ? std::max(0.0, (explained - chance_) / (1 - chance_)) : 0;
    match.seen = seen();
    match.correlation = correlation();
    const double z = options_.scale_error > 0 ? (match.scale - 1) / options_.scale_error : 0;
    match.score = match.explained * match.seen / (1 + z * z / 8) * (0.75 + 0.25 * std::max(0.0, match.correlation));
    return match;
  }

  const MeasuredPattern& pattern_;
  const ZoneSearch& search_;
  const Zone& zone_;
  const Phase& phase_;
  const IndexOptions& options_;
  Map basis_, map_;
  std::vector<Assigned> assigned_;
  double chance_ = 0;
};

/// The guesses of each zone worth refining: those of zones that come near to the best.
std::vector<std::vector<ZoneGuess>> best_guesses(const ZoneSearch& search, const std::vector<Zone>& zones) {
  std::vector<std::vector<ZoneGuess>> guesses(zones.size());
  parallel_for(std::int64_t(zones.size()), [&](std::int64_t i, int) {
    guesses[std::size_t(i)] = search.guesses(zones[std::size_t(i)], std::size_t(i));
  });
  std::erase_if(guesses, [](const auto& of_zone) { return of_zone.empty(); });
  std::stable_sort(guesses.begin(), guesses.end(),
                   [](const auto& one, const auto& other) { return one[0].score > other[0].score; });
  std::size_t kept = 0;
  while (kept < guesses.size() && kept < refined_at_most &&
         (kept < refined_at_least || guesses[kept][0].score > refined_share * guesses[0][0].score))
    ++kept;
  guesses.resize(kept);
  return guesses;
}

std::string described(const ZoneMatch& match) { return match.name + " " + zone_text(match.zone); }

std::string verdict_of(const Indexing& indexing, const MeasuredPattern& pattern) {
  if (indexing.matches.empty()) return "no zone of these phases explains the spots";
  const ZoneMatch& best = indexing.matches[0];
  std::string text = fmt::format("{}: {} of {} spots indexed, score {:.2f}", described(best), best.spots.size(),
                                 pattern.spots.size(), best.score);
  if (best.score < 0.3) text += "; that is weak, the right phase may not be on the list";
  if (indexing.as_good.empty()) return text;
  std::vector<std::string> others;
  for (std::size_t i = 0; i < std::min<std::size_t>(indexing.as_good.size(), 5); ++i) {
    others.push_back(described(indexing.matches[indexing.as_good[i]]));
  }
  return text + fmt::format("; not told apart from {}{}", fmt::join(others, ", "),
                            indexing.as_good.size() > 5 ? " and others" : "");
}

}  // namespace

void IndexOptions::describe(OptionTable& table, const std::string& section) {
  table.add(section + ".highest_index", &highest_index, "", "Largest index of a zone axis");
  table.add(section + ".scale_error", &scale_error, "", "Relative standard error of the calibration; 0: unknown scale");
  table.add(section + ".distortion", &distortion, "", "Relative distortion of the pattern that is put up with");
  table.add(section + ".used_spots", &used_spots, "", "So many of the strongest spots are used");
  table.add(section + ".most_matches", &most_matches, "", "Matches that are listed");
  table.add(section + ".as_good", &as_good, "",
            "A match counts as as good as the best from this share of its score on");
}

void IndexOptions::check() const {
  if (highest_index < 1 || highest_index > 9) fail("--highest-index is {}; give 1 to 9", highest_index);
  if (!(scale_error >= 0 && scale_error <= 0.2)) fail("--scale-error is {}; give 0 to 0.2, 0.02 is 2 %", scale_error);
  if (!(distortion >= 0 && distortion <= 0.1)) fail("--distortion is {}; give 0 to 0.1", distortion);
  if (used_spots < 3) fail("--used-spots is {}; at least 3 are needed", used_spots);
  if (most_matches < 1) fail("--most-matches is {}; list at least 1", most_matches);
  if (!(as_good > 0 && as_good <= 1)) fail("--as-good is {}; give a share of 1", as_good);
}

MeasuredPattern measured_pattern(const Image& image, const PatternMask& mask, const PatternCentre& centre,
                                 const PatternScale& scale, const SpotList& list) {
  MeasuredPattern pattern;
  for (const Spot& spot : list.spots) {
    pattern.spots.push_back({to_reciprocal(scale, {spot.x_px - centre.x_px, spot.y_px - centre.y_px}), spot.intensity});
  }
  pattern.tolerance_per_A = tolerance_px * scale.per_px;
  // It outlives the image and the mask.
  const auto usable = std::make_shared<const std::vector<std::uint8_t>>(mask.usable);
  pattern.visible = [usable, width = image.width, height = image.height, centre, scale,
                     inner = list.centre_radius_px](const Vector2& g) {
    const Vector2 px = to_pixels(scale, g);
    const int x = int(std::lround(px[0] + centre.x_px)), y = int(std::lround(px[1] + centre.y_px));
    if (std::hypot(px[0], px[1]) < inner || x < 2 || y < 2 || x > width - 3 || y > height - 3) return false;
    return (*usable)[std::size_t(y) * std::size_t(width) + std::size_t(x)] != 0;
  };
  return pattern;
}

Indexing index_pattern_spots(const MeasuredPattern& pattern, const std::vector<Phase>& phases,
                             const std::vector<Zone>& zones, const IndexOptions& options) {
  options.check();
  if (phases.empty() || zones.empty()) fail("no phase to index with; name crystals");
  const ZoneSearch search(pattern, options);
  Indexing indexing;
  for (const auto& guesses : best_guesses(search, zones)) {
    const Zone& zone = zones[guesses[0].zone];
    ZoneMatch best;
    for (const ZoneGuess& guess : guesses) {
      ZoneMatch match = Refinement(pattern, search, zone, phases[zone.phase], options).run(guess);
      if (match.score > best.score) best = std::move(match);
    }
    if (best.score > 0) indexing.matches.push_back(std::move(best));
  }
  std::stable_sort(indexing.matches.begin(), indexing.matches.end(),
                   [](const auto& one, const auto& other) { return one.score > other.score; });
  if (indexing.matches.size() > std::size_t(options.most_matches)) {
    indexing.matches.resize(std::size_t(options.most_matches));
  }
  for (std::size_t i = 1; i < indexing.matches.size(); ++i) {
    if (indexing.matches[i].score >= options.as_good * indexing.matches[0].score) indexing.as_good.push_back(i);
  }
  indexing.verdict = verdict_of(indexing, pattern);
  return indexing;
}

}  // namespace colonnade
