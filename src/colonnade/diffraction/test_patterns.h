// SPDX-License-Identifier: GPL-3.0-or-later
// For tests: phases with |F|^2 by a plain sum over atoms, spot patterns of them as lists and as images.
#pragma once

#include <cmath>
#include <complex>
#include <numbers>
#include <string>
#include <vector>

#include "colonnade/core/random.h"
#include "colonnade/diffraction/zone_match.h"
#include "colonnade/image/image.h"
#include "colonnade/structures/known_crystals.h"

namespace colonnade {

/// Z exp(-3 g^2) stands for a scattering factor: it falls with the angle and grows with the atomic number.
inline Phase test_phase(const std::string& name, const Structure& crystal, double longest_per_A = 2) {
  return make_phase(name, crystal, longest_per_A, [&](const ReciprocalPoint& point) {
    std::complex<double> sum = 0;
    for (const Atom& atom : crystal.atoms) {
      const double phase = 2 * std::numbers::pi *
                           (point.g[0] * atom.position.x + point.g[1] * atom.position.y + point.g[2] * atom.position.z);
      sum += double(atom.number) * std::polar(1.0, phase);
    }
    return std::norm(sum) * std::exp(-3 * dot(point.g, point.g));
  });
}

inline Phase test_phase(const std::string& name) { return test_phase(name, crystal_from(name)); }

struct TestPattern {
  double angle_deg = 0;  ///< in the plane
  Vector2 tilt_mrad{};   ///< of the zone axis out of the beam
  double scale = 1;      ///< of measured over true g
  double longest_per_A = 1.4;
  double missing = 0;  ///< share of spots left out
  int extra = 0;       ///< spots anywhere
  double position_noise_per_A = 0.002;
  double least = 2e-3;  ///< of the strongest spot
};

/// Spots of a phase along a zone: |F|^2 times how near the reflection is to the Ewald sphere (200 kV, relrods of
/// 0.015 1/A).
inline std::vector<MeasuredSpot> test_spots(const Phase& phase, const Miller& axis, const TestPattern& how,
                                            Random& random) {
  constexpr double wavelength_A = 0.02508, relrod_per_A = 0.015;
  const Matrix3 turn = multiply(rotation_about_z(how.angle_deg), zone_axis_rotation(phase.crystal, axis));
  std::vector<MeasuredSpot> spots;
  double most = 0;
  for (const PhaseReflection& reflection : phase.reflections) {
    const Vector3 g = multiply(turn, reflection.g);
    const double tilted = g[2] + 1e-3 * (how.tilt_mrad[0] * g[0] + how.tilt_mrad[1] * g[1]);
    const double excitation = tilted + wavelength_A / 2 * dot(g, g);
    if (length(g) > how.longest_per_A || std::abs(excitation) > 4 * relrod_per_A) continue;
    const double dynamical = std::exp(0.5 * random.normal());
    const double intensity = reflection.intensity * std::exp(-std::pow(excitation / relrod_per_A, 2) / 2) * dynamical;
    most = std::max(most, intensity);
    spots.push_back({{g[0] * how.scale, g[1] * how.scale}, intensity});
  }
  std::erase_if(spots, [&](const MeasuredSpot& spot) {
    return spot.intensity < how.least * most || random.uniform() < how.missing;
  });
  for (MeasuredSpot& spot : spots) {
    for (double& part : spot.g) part += how.position_noise_per_A * random.normal();
  }
  for (int i = 0; i < how.extra; ++i) {
    const double r = how.longest_per_A * std::sqrt(random.uniform(0.05, 1)),
                 a = random.uniform(0, 2 * std::numbers::pi);
    spots.push_back({{r * std::cos(a), r * std::sin(a)}, most * std::exp(random.uniform(-5, -1))});
  }
  return spots;
}

inline MeasuredPattern test_measured(std::vector<MeasuredSpot> spots, double longest_per_A = 1.4) {
  MeasuredPattern pattern;
  pattern.spots = std::move(spots);
  pattern.tolerance_per_A = 0.012;
  pattern.visible = [longest_per_A](const Vector2& g) {
    const double r = std::hypot(g[0], g[1]);
    return r > 0.08 && r < longest_per_A;
  };
  return pattern;
}

/// An image with a central disc, a diffuse background, Gaussian spots and Poisson noise.
struct TestImage {
  int height = 300, width = 340;
  double centre_x = 160.3, centre_y = 148.7;
  double per_px = 0.01;  ///< 1/A
  double width_px = 1.6;
  double strongest = 3000;  ///< counts of the strongest spot's top
  double background = 60;   ///< counts at 20 px from the centre
  double disc_radius_px = 8;
  double disc = 20000;
  bool beam_stop = false;
};

inline void add_gaussian(Image& image, double x, double y, double height, double width_px) {
  const double reach = 6 * width_px;
  for (int v = std::max(0, int(y - reach)); v <= std::min(image.height - 1, int(y + reach) + 1); ++v) {
    for (int u = std::max(0, int(x - reach)); u <= std::min(image.width - 1, int(x + reach) + 1); ++u) {
      image.at(v, u) +=
          float(height * std::exp(-(std::pow(u - x, 2) + std::pow(v - y, 2)) / (2 * width_px * width_px)));
    }
  }
}

inline Image test_image(const TestImage& how, const std::vector<MeasuredSpot>& spots, Random& random) {
  Image image(how.height, how.width);
  for (int y = 0; y < how.height; ++y) {
    for (int x = 0; x < how.width; ++x) {
      const double r = std::hypot(y - how.centre_y, x - how.centre_x);
      image.at(y, x) =
          float(how.background * 20 / (r + 20) + how.disc / (1 + std::exp((r - how.disc_radius_px) / 0.7)));
    }
  }
  double most = 0;
  for (const MeasuredSpot& spot : spots) most = std::max(most, spot.intensity);
  for (const MeasuredSpot& spot : spots) {
    add_gaussian(image, how.centre_x + spot.g[0] / how.per_px, how.centre_y + spot.g[1] / how.per_px,
                 how.strongest * spot.intensity / most, how.width_px);
  }
  for (int y = 0; y < how.height && how.beam_stop; ++y) {
    for (int x = 0; x < how.width; ++x) {
      const bool bar = std::abs(y - how.centre_y - 2) < 9 && x < how.centre_x;
      if (bar || std::hypot(y - how.centre_y - 1, x - how.centre_x + 2) < 16) image.at(y, x) *= 0.02F;
    }
  }
  for (float& value : image.data) value = float(random.poisson(value));
  return image;
}

}  // namespace colonnade
