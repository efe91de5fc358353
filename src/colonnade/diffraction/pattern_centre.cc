// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/diffraction/pattern_centre.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "colonnade/core/error.h"
#include "colonnade/diffraction/radial_background.h"
#include "colonnade/image/cross_correlation.h"
#include "colonnade/image/filter.h"

namespace colonnade {
namespace {

constexpr double coarse_blur = 0.02;   ///< of the shorter side
constexpr double coarse_reach = 0.45;  ///< of the shorter side, of the centre from the middle
constexpr double disc_reach = 0.15;    ///< of the shorter side, of the disc from the coarse centre
constexpr double disc_contrast = 4;    ///< of the disc to what surrounds it
constexpr double least_correlation = 0.02;
constexpr int sectors = 4;
constexpr int overview_side = 110;  ///< px
constexpr std::size_t few_coarse = 3, many_fine = 40;

/// Square roots tame the central beam; what is not usable gets the mean.
Image tamed(const Image& image, const PatternMask& mask) {
  const float floor = extremes(image).low;
  Image out = image;
  double sum = 0, count = 0;
  for (std::size_t i = 0; i < image.data.size(); ++i) {
    out.data[i] = std::sqrt(image.data[i] - floor);
    if (mask.usable[i]) sum += out.data[i], ++count;
  }
  for (std::size_t i = 0; i < image.data.size(); ++i) {
    if (!mask.usable[i]) out.data[i] = float(sum / std::max(count, 1.0));
  }
  return out;
}

/// Centres of inversion, the best first: the image against itself turned by 180 degrees.
std::vector<PatternCentre> inversion_centres(const Image& image) {
  Image turned = image;
  std::reverse(turned.data.begin(), turned.data.end());
  const int shorter = std::min(image.height, image.width);
  const CrossCorrelation correlation(image.height, image.width, int(2 * coarse_reach * shorter));
  std::vector<PatternCentre> centres;
  for (const CorrelationPeak& peak :
       correlation.peaks(correlation.spectrum(image), correlation.spectrum(turned), least_correlation)) {
    // turned(p) = image(N - 1 - p) = image(p + d): p + d and N - 1 - p... mirror about (N - 1 + d) / 2.
    centres.push_back({(image.width - 1 + peak.x) / 2, (image.height - 1 + peak.y) / 2, peak.correlation, ""});
  }
  return centres;
}

struct Disc {
  double x = 0, y = 0, radius = 0;
};

/// The brightest blob about a place, by its centroid above half its height; none where it does not stand out.
std::optional<Disc> bright_disc(const Image& image, const PatternMask& mask, const PatternCentre& about) {
  const Image smooth = gaussian_filter(image, 1);
  const double reach = disc_reach * std::min(image.height, image.width);
  const RadialBackground background = radial_background(smooth, mask, about);
  int top_x = -1, top_y = -1;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      if (!mask.at(image, y, x) || std::hypot(y - about.y_px, x - about.x_px) > reach) continue;
      if (top_x < 0 || smooth.at(y, x) > smooth.at(top_y, top_x)) top_x = x, top_y = y;
    }
  }
  if (top_x < 0) return {};
  const double around = background.level(reach), floor = extremes(image).low;
  const double height = smooth.at(top_y, top_x) - around;
  if (smooth.at(top_y, top_x) - floor < disc_contrast * std::max(around - floor, 1e-30)) return {};
  double sum = 0, sum_x = 0, sum_y = 0, pixels = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      if (std::hypot(y - top_y, x - top_x) > reach / 2 || smooth.at(y, x) - around < height / 2) continue;
      const double weight = std::min(smooth.at(y, x) - around - height / 2, 0.4 * height);
      sum += weight, sum_x += weight * x, sum_y += weight * y, ++pixels;
    }
  }
  if (!(sum > 0)) return {};
  return Disc{sum_x / sum, sum_y / sum, std::sqrt(pixels / std::numbers::pi)};
}

/// What is not alike at all azimuths, and the rings, both against the noise there; the central disc left out.
Image details(const Image& image, const PatternMask& mask, const PatternCentre& centre, double disc_radius) {
  const Image smooth = gaussian_filter(tamed(image, mask), 1);
  const Image broad = gaussian_filter(smooth, std::max(4.0, 0.03 * std::min(image.height, image.width)));
  Image out = smooth;
  double squares = 0, count = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const double r = std::hypot(y - centre.y_px, x - centre.x_px);
      const bool used = mask.at(image, y, x) && r > disc_radius;
      const std::size_t at = std::size_t(y) * image.width + x;
      out.data[at] = used ? smooth.data[at] - broad.data[at] : 0.0F;
      squares += std::pow(out.data[at], 2), count += used;
    }
  }
  const auto limit = float(4 * std::sqrt(squares / std::max(count, 1.0)));
  for (float& value : out.data) value = std::clamp(value, -limit, limit);
  return out;
}

/// The best inversion centre within reach of a place.
std::optional<PatternCentre> nearest_best(const std::vector<PatternCentre>& centres, double x, double y, double reach) {
  std::optional<PatternCentre> best;
  double most = 0;
  for (const PatternCentre& one : centres) {
    const double off = std::hypot(one.x_px - x, one.y_px - y) / reach;
    const double value = one.error_px * std::exp(-0.5 * off * off);  // error_px holds the correlation here
    if (off < 2 && value > most) most = value, best = one;
  }
  return best;
}

Image sector(const Image& image, const PatternCentre& centre, int number) {
  Image out = image;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const double azimuth = std::atan2(y - centre.y_px, x - centre.x_px) / std::numbers::pi + 1;  // 0 to 2
      if (int(azimuth * sectors) % sectors != number) out.at(y, x) = 0;
    }
  }
  return out;
}

/// Standard error of the centre, per axis, from what pairs of opposite sectors say on their own.
double sector_error(const Image& fine, const PatternCentre& centre) {
  double squares = 0;
  int count = 0;
  for (int n = 0; n < sectors; ++n) {
    const auto own = nearest_best(inversion_centres(sector(fine, centre, n)), centre.x_px, centre.y_px, 1.5);
    if (!own) continue;
    squares += 0.5 * (std::pow(own->x_px - centre.x_px, 2) + std::pow(own->y_px - centre.y_px, 2));
    ++count;
  }
  return count < 2 ? 1 : std::max(0.01, std::sqrt(squares / count / (count - 1)));
}

/// The image's logarithm at a coarse size, for judging how round its diffuse scattering is about a place.
struct Overview {
  Image logarithm;
  PatternMask mask;
  int block = 1;
};

Overview overview(const Image& image, const PatternMask& mask) {
  Overview out;
  out.block = std::max(1, std::min(image.height, image.width) / overview_side);
  const float floor = extremes(image).low;
  const double level = std::max(mean(image) - floor, 1e-30);
  out.logarithm = Image(image.height / out.block, image.width / out.block);
  out.mask.usable.assign(out.logarithm.data.size(), 1);
  for (int y = 0; y < out.logarithm.height; ++y) {
    for (int x = 0; x < out.logarithm.width; ++x) {
      double sum = 0;
      int count = 0;
      for (int v = y * out.block; v < (y + 1) * out.block; ++v) {
        for (int u = x * out.block; u < (x + 1) * out.block; ++u) {
          if (mask.at(image, v, u)) sum += image.at(v, u) - floor, ++count;
        }
      }
      out.logarithm.at(y, x) = float(std::log(sum / std::max(count, 1) / level + 0.02));
      out.mask.usable[std::size_t(y) * out.logarithm.width + x] = count > 0;
    }
  }
  return out;
}

/// The median distance of pixels from the median at their radius.
double unroundness(const Overview& view, const PatternCentre& centre) {
  const double shift = 0.5 * (view.block - 1);
  const PatternCentre here{(centre.x_px - shift) / view.block, (centre.y_px - shift) / view.block, 0, ""};
  Image off = without_radial(view.logarithm, view.mask, here, radial_background(view.logarithm, view.mask, here));
  for (float& value : off.data) value = std::abs(value);
  const auto middle = off.data.begin() + std::ptrdiff_t(off.data.size() / 2);
  std::nth_element(off.data.begin(), middle, off.data.end());
  return *middle;
}

/// Of the places about which the pattern is its own inversion, which every lattice point of a crystal's is nearly, that
/// about which the diffuse scattering is round.
PatternCentre coarse_centre(const Image& image, const PatternMask& mask) {
  const double side = std::min(image.height, image.width);
  const Overview view = overview(image, mask);
  std::vector<PatternCentre> centres = inversion_centres(gaussian_filter(tamed(image, mask), coarse_blur * side));
  if (centres.size() > few_coarse) centres.resize(few_coarse);
  std::vector<PatternCentre> fine = inversion_centres(details(image, mask, {}, -1));
  if (fine.size() > many_fine) fine.resize(many_fine);
  centres.insert(centres.end(), fine.begin(), fine.end());
  PatternCentre best{0.5 * (image.width - 1), 0.5 * (image.height - 1), 0, "middle"};
  double most = 0;
  for (const PatternCentre& one : centres) {
    const double value = std::sqrt(one.error_px) / std::pow(unroundness(view, one) + 0.005, 2);
    if (value > most) most = value, best = one;
  }
  return best;
}

}  // namespace

double central_disc_radius(const Image& image, const PatternMask& mask, const PatternCentre& centre) {
  const auto disc = bright_disc(image, mask, centre);
  if (!disc || std::hypot(disc->x - centre.x_px, disc->y - centre.y_px) > disc->radius + 2) return 0;
  const RadialBackground background = radial_background(image, mask, centre);
  const double far = disc_reach * std::min(image.height, image.width);
  const double height = background.level(0) - background.level(far);
  double r = disc->radius;
  while (r < far && background.level(r) - background.level(far) > 0.02 * height &&
         background.level(r + 1) < background.level(r))
    r += 0.5;
  return r + 1;
}

PatternCentre find_centre(const Image& image, PatternMask& mask) {
  PatternCentre centre = coarse_centre(image, mask);
  mask_beam_stop(image, centre, mask);
  if (mask.beam_stop > 0) centre = coarse_centre(image, mask);
  const double side = std::min(image.height, image.width);
  const auto disc = bright_disc(image, mask, centre);
  double reach = 0.04 * side;
  if (disc && mask.beam_stop == 0) {  // behind a stop the brightest blob is a diffracted one
    centre = {disc->x, disc->y, 0.5, "disc"};
    reach = std::clamp(0.5 * disc->radius, 1.5, 4.0);
  }
  const Image fine = details(image, mask, centre, disc && mask.beam_stop == 0 ? 1.6 * disc->radius + 2 : 0);
  const auto best = nearest_best(inversion_centres(fine), centre.x_px, centre.y_px, reach);
  if (!best) return centre;
  centre = {best->x_px, best->y_px, 0, "inversion"};
  centre.error_px = sector_error(fine, centre);
  return centre;
}

}  // namespace colonnade
