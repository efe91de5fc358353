// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/particle_mask.h"

#include <filesystem>
#include <gmock/gmock.h>

#include "colonnade/core/test_errors.h"
#include "colonnade/image/filter.h"
#include "colonnade/image/test_specimen.h"

namespace colonnade {
namespace {

constexpr int side = 320;

/// A particle of radius 90 in the middle of a film that gets thicker to one corner, with a texture.
struct Scene {
  Image image, film;
  Scene(double strength, std::uint64_t seed, double radius = 90) {
    TestSpecimen specimen{12, 1, 5, 10, side / 2.0, radius};
    image = specimen.image(side, side);
    film = image;
    Random random(seed);
    Image texture(side, side, 0.02);
    for (float& value : texture.data) value = float(random.normal());
    texture = gaussian_filter(texture, 5);
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        const double u = double(x) / side, v = double(y) / side;
        film.at(y, x) = float(strength * (0.3 + 0.25 * u + 0.1 * v + 0.15 * u * v));
        image.at(y, x) += film.at(y, x) - 0.05F + float(0.3 * strength * texture.at(y, x) + 0.05 * random.normal());
      }
    }
  }
};

double share_right(const ParticleMask& mask, double radius) {
  double right = 0;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const bool truth = std::hypot(y - side / 2.0, x - side / 2.0) < radius + 5;
      right += truth == (mask.inside[std::size_t(y) * side + x] != 0);
    }
  }
  return right / (side * side);
}

TEST(ParticleMask, ParticleAndFilmAreToldApart) {
  for (const double strength : {0.0, 0.3, 0.8}) {
    const Scene scene(strength, 31);
    const ParticleMask mask = find_particle(scene.image);
    ASSERT_FALSE(mask.fills) << strength;
    EXPECT_GT(share_right(mask, 90), 0.95) << strength;
    double worst = 0, sum = 0, count = 0;
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        const double off = mask.background.at(y, x) - scene.film.at(y, x);
        if (mask.inside[std::size_t(y) * side + x] == 0) continue;
        worst = std::max(worst, std::abs(off)), sum += off, count += 1;
      }
    }
    EXPECT_LT(worst, 0.03 + 0.05 * strength) << strength;
    EXPECT_LT(std::abs(sum / count), 4 * mask.level_error + 0.004) << strength;
    std::cout << "film " << strength << ": degree " << mask.degree << ", beneath the particle " << sum / count << " +- "
              << mask.level_error << " off, at most " << worst << "\n";
  }
}

TEST(ParticleMask, TakenOffAndPutBack) {
  const Scene scene(0.5, 32);
  const ParticleMask mask = find_particle(scene.image);
  Image back = without_background(scene.image, mask);
  for (std::size_t i = 0; i < back.data.size(); ++i) back.data[i] += mask.background.data[i];
  EXPECT_LT(rms_difference(back, scene.image, 0), 1e-6);
  EXPECT_THAT(message_of([&] { without_background(Image(5, 5), mask); }), testing::HasSubstr("another image"));
}

TEST(ParticleMask, ACrystalThatFillsTheImageHasNoOutside) {
  TestSpecimen specimen{12, 1, 5, 10, side / 2.0, 0};
  Image image = specimen.image(side, side);
  EXPECT_TRUE(find_particle(image).fills);
  for (int y = 0; y < side; ++y) {  // a wedge
    for (int x = 0; x < side; ++x) image.at(y, x) *= float(0.5 + x / double(side));
  }
  EXPECT_TRUE(find_particle(image).fills);
  EXPECT_TRUE(find_particle(Image(side, side, 0.02)).fills);
}

TEST(ParticleMask, AParticleAtTheEdge) {
  const Scene scene(0.3, 33);
  const Image cut = crop(scene.image, 0, side / 2, side, side / 2);
  const ParticleMask mask = find_particle(cut);
  ASSERT_FALSE(mask.fills);
  EXPECT_EQ(mask.inside[std::size_t(side / 2) * (side / 2)], 1);
  EXPECT_EQ(mask.inside[side / 2 - 1], 0);
  EXPECT_NEAR(mask.share, M_PI * 92 * 92 / 2 / (side * side / 2), 0.06);
}

}  // namespace
}  // namespace colonnade
