// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/diffraction/rings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/test_errors.h"
#include "colonnade/diffraction/pattern_centre.h"
#include "colonnade/diffraction/ring_calibration.h"
#include "colonnade/diffraction/test_patterns.h"

namespace colonnade {
namespace {

using testing::HasSubstr;

struct RingImage {
  double per_px = 0.0102, width_px = 2.2;
  double x = 150.4, y = 131.7;
  Ellipse ellipse{1.03, 0, 50, 0};
};

/// Powder rings of a phase as ellipses on a diffuse ground, with Poisson noise.
Image ring_image(const RingImage& how, const Phase& phase, Random& random) {
  Image image(280, 310);
  std::vector<PhaseRing> rings = powder_rings(phase);
  const PatternScale round{.per_px = how.per_px, .ellipse = how.ellipse};
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const Vector2 g = to_reciprocal(round, {x - how.x, y - how.y});
      const double r = std::hypot(g[0], g[1]) / how.per_px;
      double value = 4e4 / (r * r + 200) + 5 + 3e4 / (1 + std::exp((r - 6) / 0.7));
      for (const PhaseRing& ring : rings) {
        value += 2e1 * ring.strength / ring.g_per_A *
                 std::exp(-0.5 * std::pow((r - ring.g_per_A / how.per_px) / how.width_px, 2));
      }
      image.at(y, x) = float(random.poisson(value));
    }
  }
  return image;
}

TEST(Rings, CalibrateWithTheirEllipse) {
  Random random(8);
  const RingImage how;
  const Phase gold = test_phase("Au");
  const RingCalibration found = calibrate_rings(ring_image(how, gold, random), gold);
  EXPECT_NEAR(found.scale.per_px, how.per_px, 0.002 * how.per_px);
  EXPECT_LT(found.scale.relative_error, 0.005);
  EXPECT_GE(found.rings.size(), 4U);
  EXPECT_LT(found.rms_departure, 0.004);
  EXPECT_NEAR(found.centre.x_px, how.x, 0.1);
  EXPECT_NEAR(found.centre.y_px, how.y, 0.1);
  EXPECT_NEAR(found.scale.ellipse.ratio, 1.03, 0.003);
  EXPECT_NEAR(found.scale.ellipse.angle_deg, 50, 3);
  EXPECT_EQ(found.rings[0].hkl, "{111}");
  EXPECT_NEAR(found.rings[0].g_per_A, std::sqrt(3) / 4.0782, 1e-6);
}

TEST(Rings, OfAnotherCrystalAreRefused) {
  Random random(8);
  const Image image = ring_image({}, test_phase("Au"), random);
  const RingCalibration wrong = calibrate_rings(image, test_phase("Au"), 0.0102);
  EXPECT_NEAR(wrong.scale.per_px, 0.0102, 1e-4);
  EXPECT_THAT(message_of([&] { calibrate_rings(image, test_phase("Au"), 0.02); }), HasSubstr("near the one given"));
  const Image spots = test_image({}, {{{0.4, 0}, 1}}, random);
  EXPECT_THAT(message_of([&] { calibrate_rings(spots, test_phase("Au")); }), HasSubstr("ring"));
}

TEST(PatternScale, EllipseIsUndone) {
  const PatternScale scale{.per_px = 0.01, .ellipse = {1.05, 0, 30, 0}};
  const Vector2 px = to_pixels(scale, {0.3, -0.2}), back = to_reciprocal(scale, px);
  EXPECT_NEAR(back[0], 0.3, 1e-12);
  EXPECT_NEAR(back[1], -0.2, 1e-12);
  // Along the long axis a circle's image is longer by the root of the ratio.
  const double a = 30 * std::numbers::pi / 180;
  const Vector2 along = to_pixels(scale, {std::cos(a), std::sin(a)});
  EXPECT_NEAR(std::hypot(along[0], along[1]), 100 * std::sqrt(1.05), 1e-9);
  // 200 kV, 55 um pixels, 0.01 1/A per px: L = 55e-3 mm / (0.025079 A x 0.01 1/A).
  EXPECT_NEAR(camera_length_mm(scale, 55, 0.025079), 219.3, 0.1);
}

}  // namespace
}  // namespace colonnade
