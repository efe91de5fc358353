// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/pattern_square.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "colonnade/core/error.h"
#include "colonnade/diffraction/pattern_centre.h"
#include "colonnade/diffraction/radial_background.h"
#include "colonnade/image/filter.h"
#include "colonnade/workflows/pattern_drawing.h"

namespace colonnade {
namespace {

constexpr double beyond_spots = 1.15, most_of_spots = 0.95;
constexpr double nearest_wanted = 6;  // px of the square: rows nearer to the beam do not set the brightness
constexpr std::size_t strong_spots = 40;
constexpr std::size_t least_partners = 6;  // spots that have one
constexpr double clearly = 1.15;
constexpr int beam_reach_px = 3;
constexpr double half_side = 0.5 * recorded_side_px;

/// Distances of the spots from the centre, the shortest first.
std::vector<double> distances(const PatternCentre& centre, const SpotList& list) {
  std::vector<double> lengths;
  for (const Spot& spot : list.spots) lengths.push_back(std::hypot(spot.x_px - centre.x_px, spot.y_px - centre.y_px));
  std::sort(lengths.begin(), lengths.end());
  return lengths;
}

/// Of the nearest pair: a single one may be no reflection.
double nearest_of(const std::vector<double>& lengths) { return lengths[std::min<std::size_t>(1, lengths.size() - 1)]; }

bool within(const Image& image, const std::vector<double>& place) {
  return place[0] >= 0 && place[1] >= 0 && place[0] <= image.width - 1 && place[1] <= image.height - 1;
}

/// How alike opposite spots are about a place, 0 to 1, by the roots of their intensities; 0 where hardly any have a
/// partner.
double likeness_of_opposites(const SpotList& list, double x, double y) {
  const double reach = std::max(2.0, list.width_px);
  double sum = 0, weights = 0;
  std::size_t partners = 0;
  for (const Spot& spot : list.spots) {
    const double weight = std::sqrt(spot.intensity);
    double likeness = 0;
    for (const Spot& other : list.spots) {
      if (std::hypot(2 * x - spot.x_px - other.x_px, 2 * y - spot.y_px - other.y_px) > reach) continue;
      const double theirs = std::sqrt(other.intensity);
      likeness = std::max(likeness, std::min(weight, theirs) / std::max(weight, theirs));
      partners += &other != &spot;
    }
    sum += likeness * weight, weights += weight;
  }
  return partners < least_partners ? 0 : sum / std::max(weights, 1e-30);
}

/// Whether a place is twice as bright as any spot, or saturated: the direct beam. Behind a stop the brightest is a
/// diffracted one, whose opposite is about as bright.
bool beam_seen_at(const Image& image, const PatternMask& mask, const SpotList& list, const PatternCentre& centre) {
  double there = 0, strongest = 0;
  for (const Spot& spot : list.spots) strongest = std::max(strongest, spot.height);
  const int x = std::clamp(int(std::lround(centre.x_px)), 0, image.width - 1);
  const int y = std::clamp(int(std::lround(centre.y_px)), 0, image.height - 1);
  if (mask.saturated[std::size_t(y) * std::size_t(image.width) + std::size_t(x)] != 0) return true;
  for (int v = std::max(0, y - beam_reach_px); v <= std::min(image.height - 1, y + beam_reach_px); ++v)
    for (int u = std::max(0, x - beam_reach_px); u <= std::min(image.width - 1, x + beam_reach_px); ++u)
      if (mask.at(image, v, u)) there = std::max(there, double(image.at(v, u)));
  return there > 2 * strongest;
}

/// Every point of a crystal's net of spots is nearly a centre of inversion. That about which opposite spots are most
/// alike, where it is clearly so; else the one given.
PatternCentre centre_of_likeness(const SpotList& list, const PatternCentre& given) {
  std::vector<Spot> strong = list.spots;
  std::stable_sort(strong.begin(), strong.end(),
                   [](const Spot& one, const Spot& other) { return one.intensity > other.intensity; });
  if (strong.size() > strong_spots) strong.resize(strong_spots);
  PatternCentre best = given;
  double most = clearly * likeness_of_opposites(list, given.x_px, given.y_px);
  for (std::size_t i = 0; i < strong.size(); ++i) {
    for (std::size_t k = i; k < strong.size(); ++k) {
      const double x = (strong[i].x_px + strong[k].x_px) / 2, y = (strong[i].y_px + strong[k].y_px) / 2;
      const double likeness = likeness_of_opposites(list, x, y);
      if (likeness > most) most = likeness, best = {x, y, 1, "opposite spots"};
    }
  }
  return best;
}

void find_all(const Image& image, const PatternSquareOptions& options, PatternSquare& square) {
  square.centre = find_centre(image, square.mask);
  square.list = find_spots(image, square.mask, square.centre, options.spots);
  if (beam_seen_at(image, square.mask, square.list, square.centre)) return;
  const PatternCentre centre = centre_of_likeness(square.list, square.centre);
  if (centre.method == square.centre.method) return;
  square.mask = find_pattern_mask(image);
  square.centre = centre;
  mask_beam_stop(image, square.centre, square.mask);
  square.list = find_spots(image, square.mask, square.centre, options.spots);
}

Image without_background(const Image& image, const PatternSquare& square, const std::string& what) {
  if (what == "none") return image;
  const RadialBackground background = radial_background(image, square.mask, square.centre);
  if (what == "radial") return without_radial(image, square.mask, square.centre, background);
  double least = background.level(0);
  const int far = image.height + image.width;
  for (int r = 1; r < far; ++r) least = std::min(least, background.level(r));
  Image out = image;
  for (float& value : out.data) value -= float(least);
  return out;
}

/// Between pixels, by those that are usable; none where they carry less than half of the weight.
std::optional<double> value_at(const Image& image, const PatternMask& mask, double x, double y) {
  const double left = std::floor(x), top = std::floor(y);
  double sum = 0, weights = 0;
  for (int v = int(top); v <= int(top) + 1; ++v) {
    for (int u = int(left); u <= int(left) + 1; ++u) {
      if (v < 0 || u < 0 || v >= image.height || u >= image.width || !mask.at(image, v, u)) continue;
      const double weight = (1 - std::abs(x - u)) * (1 - std::abs(y - v));
      sum += weight * image.at(v, u), weights += weight;
    }
  }
  if (weights < 0.5) return {};
  return sum / weights;
}

/// Means over each pixel's area, at points no farther apart than the image's pixels.
class AreaSampler {
 public:
  AreaSampler(const Image& image, PatternSquare& square)
      : image_(image),
        square_(square),
        step_(square.reach_px / half_side),
        points_(std::max(1, int(std::ceil(step_ - 1e-6)))) {}

  void fill() {
    square_.pixels.clear();
    const double middle = 0.5 * (recorded_side_px - 1);
    for (int row = 0; row < recorded_side_px; ++row)
      for (int column = 0; column < recorded_side_px; ++column)
        square_.pixels.push_back(pixel(column - middle, row - middle));
    const double all = std::pow(double(recorded_side_px) * points_, 2);
    square_.filled = filled_ / all;
    square_.empty = empty_ / all;
  }

 private:
  float pixel(double x, double y) {
    double sum = 0;
    for (int i = 0; i < points_; ++i)
      for (int j = 0; j < points_; ++j)
        sum += point((x + (j + 0.5) / points_ - 0.5) * step_, (y + (i + 0.5) / points_ - 0.5) * step_);
    return float(sum / (points_ * points_));
  }
  double point(double x, double y) {
    const PatternCentre& centre = square_.centre;
    if (const auto here = value_at(image_, square_.mask, centre.x_px + x, centre.y_px + y)) return *here;
    const auto opposite = value_at(image_, square_.mask, centre.x_px - x, centre.y_px - y);
    (opposite ? filled_ : empty_) += 1;
    return opposite.value_or(0);
  }

  const Image& image_;
  PatternSquare& square_;
  double step_;
  int points_;
  double filled_ = 0, empty_ = 0;
};

/// Spots narrower than those of the patterns that classifiers learn from would fall between the points of the
/// network's picture.
void spread_spots(double wanted_px, PatternSquare& square) {
  const double step = square.reach_px / half_side;
  const double there = std::pow(square.list.width_px / step, 2) + 1.0 / 12;
  if (wanted_px * wanted_px <= there) return;
  Image image(recorded_side_px, recorded_side_px);
  image.data = std::move(square.pixels);
  square.pixels = gaussian_filter(image, std::sqrt(wanted_px * wanted_px - there)).data;
}

}  // namespace

void PatternSquareOptions::describe(OptionTable& table, const std::string& section) {
  table.add(section + ".centre", &centre, "px", "Of the beam, x,y from the image's first pixel; without: found");
  table.add(section + ".background", &background, "", "Taken off first: none, floor (what is everywhere) or radial");
  table.add(section + ".spread", &spot_width, "px", "Least width of spots in the square of 128 px; 0: as recorded");
  table.add(section + ".reach", &reach, "px", "Half a side of the square that is looked at; 0: from the spots");
  spots.describe(table);
}

void PatternSquareOptions::check() const {
  if (!centre.empty() && centre.size() != 2) fail("--centre has {} numbers; give x,y", centre.size());
  if (background != "none" && background != "floor" && background != "radial")
    fail("--background is '{}'; give none, floor or radial", background);
  if (!(spot_width >= 0 && spot_width <= 5)) fail("--spread is {} px; give 0 to 5", spot_width);
  if (!(reach == 0 || (reach >= 8 && reach <= 1e5))) fail("--reach is {} px; give 0, or 8 and more", reach);
  spots.check();
}

double square_reach(const Image& image, const PatternCentre& centre, const SpotList& list) {
  const auto lengths = distances(centre, list);
  const std::size_t outer = std::size_t(std::ceil(most_of_spots * double(lengths.size()))) - 1;
  const double across = std::max(centre.x_px, image.width - 1 - centre.x_px) + 0.5;
  const double down = std::max(centre.y_px, image.height - 1 - centre.y_px) + 0.5;
  const double wanted = std::min(beyond_spots * lengths[outer], nearest_of(lengths) * half_side / nearest_wanted);
  return std::min({wanted, across, down});
}

PatternSquare pattern_square(const Image& image, const PatternSquareOptions& options) {
  options.check();
  PatternSquare square;
  square.mask = find_pattern_mask(image);
  if (!options.centre.empty() && !within(image, options.centre))
    fail("--centre {},{} is not on the image of {} x {} px", options.centre[0], options.centre[1], image.width,
         image.height);
  if (options.centre.empty()) {
    find_all(image, options, square);
  } else {
    square.centre = {options.centre[0], options.centre[1], 1, "hand"};
    mask_beam_stop(image, square.centre, square.mask);
    square.list = find_spots(image, square.mask, square.centre, options.spots);
  }
  square.centre = centre_of_pairs(square.list, square.centre);
  fill_square(image, options, square);
  return square;
}

void fill_square(const Image& image, const PatternSquareOptions& options, PatternSquare& square) {
  square.reach_px = options.reach > 0 ? options.reach : square_reach(image, square.centre, square.list);
  const Image seen = without_background(image, square, options.background);
  AreaSampler(seen, square).fill();
  square.nearest_spot = nearest_of(distances(square.centre, square.list)) * half_side / square.reach_px;
  if (options.spot_width > 0) spread_spots(options.spot_width, square);
}

}  // namespace colonnade
