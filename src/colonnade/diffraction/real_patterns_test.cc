// SPDX-License-Identifier: GPL-3.0-or-later
// Recorded patterns, where these lie beside the project.
#include <filesystem>
#include <gtest/gtest.h>

#include "colonnade/diffraction/pattern_centre.h"
#include "colonnade/diffraction/ring_calibration.h"
#include "colonnade/diffraction/spot_lattice.h"
#include "colonnade/diffraction/spots.h"
#include "colonnade/diffraction/test_patterns.h"
#include "colonnade/image/formats/image_file.h"

namespace colonnade {
namespace {

std::filesystem::path recorded(const std::string& name) {
  return std::filesystem::path(COLONNADE_SHARED_DATA) / "diffraction/real" / name;
}

#define NEED(name) \
  if (!std::filesystem::exists(recorded(name))) GTEST_SKIP() << "no " << recorded(name)

/// Kihlborg, Arkiv Kemi 21, 357 (1963), setting Pbnm: all atoms at (x, y, 1/4).
Structure molybdenum_trioxide() {
  Structure crystal;
  crystal.cell = {{{3.9628, 0, 0}, {0, 13.855, 0}, {0, 0, 3.6964}}};
  crystal.periodic = {true, true, true};
  const std::vector<std::array<double, 3>> sites{
      {42, 0.08669, 0.10164}, {8, 0.4994, 0.4351}, {8, 0.5212, 0.0866}, {8, 0.0373, 0.2214}};
  for (const auto& [number, x, y] : sites) {
    for (const Fractional& at :
         {Fractional{x, y, 0.25}, {-x, -y, 0.75}, {x + 0.5, 0.5 - y, 0.75}, {0.5 - x, y + 0.5, 0.25}}) {
      crystal.atoms.push_back({int(number), to_position(crystal, at)});
    }
  }
  return crystal;
}

struct Measured {
  Image image;
  PatternMask mask;
  PatternCentre centre;
  SpotList list;
};

Measured measured(Image image) {
  Measured out{std::move(image), {}, {}, {}};
  out.mask = find_pattern_mask(out.image);
  out.centre = find_centre(out.image, out.mask);
  out.list = find_spots(out.image, out.mask, out.centre);
  out.centre = centre_of_pairs(out.list, out.centre);
  return out;
}

TEST(RealPatterns, GoldRingsCalibrate) {
  NEED("au_xgrating_20cm.tif");
  const RingCalibration gold = calibrate_rings(read_image(recorded("au_xgrating_20cm.tif")), test_phase("Au"));
  EXPECT_GE(gold.rings.size(), 4U);
  EXPECT_LT(gold.rms_departure, 0.005);
  EXPECT_LT(gold.scale.relative_error, 0.004);
  // By hand: the top of the ring 111 stands at 42.5 px.
  EXPECT_NEAR(gold.scale.per_px, std::sqrt(3) / 4.0782 / 42.5, 0.015 * gold.scale.per_px);
  EXPECT_NEAR(gold.scale.ellipse.ratio, 1.035, 0.01);
}

TEST(RealPatterns, MolybdenumTrioxideIsSeenAlongItsShortAxes) {
  NEED("moo3_20cm.tif");
  const Measured m = measured(read_image(recorded("moo3_20cm.tif")));
  EXPECT_GE(m.list.spots.size(), 50U);
  std::vector<Phase> phases{test_phase("MoO3", molybdenum_trioxide())};
  for (const char* name : {"Au", "Si", "Fe", "Al", "SrTiO3", "MgO", "Ti", "Zn", "CeO2"})
    phases.push_back(test_phase(name));
  const auto zones = make_zones(phases, 4);
  // Without any scale, and with one that is wrong by 5 %: the cell itself then says what the scale is.
  for (const double scale_error : {0.0, 0.03}) {
    IndexOptions options;
    options.scale_error = scale_error;
    const double assumed = 0.00995;
    const auto pattern = measured_pattern(m.image, m.mask, m.centre, {.per_px = assumed}, m.list);
    const Indexing result = index_pattern_spots(pattern, phases, zones, options);
    ASSERT_FALSE(result.matches.empty());
    EXPECT_EQ(result.matches[0].name, "MoO3") << result.verdict;
    EXPECT_EQ(result.matches[0].zone, (Miller{0, 1, 0})) << result.verdict;
    EXPECT_GE(result.matches[0].spots.size(), 30U);
    EXPECT_NEAR(assumed / result.matches[0].scale, 0.01055, 0.0002);
  }
}

TEST(RealPatterns, LatticeOfMolybdenumTrioxideHasTheRatioOfItsCell) {
  NEED("moo3_20cm.tif");
  const Measured m = measured(read_image(recorded("moo3_20cm.tif")));
  std::vector<LatticeSpot> spots;
  for (const Spot& spot : m.list.spots) {
    const Vector2 at{spot.x_px - m.centre.x_px, spot.y_px - m.centre.y_px};
    if (std::hypot(at[0], at[1]) < 80) spots.push_back({at, std::sqrt(spot.intensity)});
  }
  const SpotLattice lattice = fit_spot_lattice(spots, 1.5);
  const auto length = [](double x, double y) { return std::hypot(x, y); };
  const double sum = length(lattice.a[0] + lattice.b[0], lattice.a[1] + lattice.b[1]),
               difference = length(lattice.a[0] - lattice.b[0], lattice.a[1] - lattice.b[1]);
  // The primitive vectors are 101 and 10-1; their sum and difference 200 and 002, in the ratio a/c of the cell.
  EXPECT_NEAR(std::max(sum, difference) / std::min(sum, difference), 3.9628 / 3.6964, 0.015);
  EXPECT_GT(lattice.explained, 0.85);
  EXPECT_LT(lattice.rms, 1);
}

TEST(RealPatterns, CopperSilverShowsCopperAlong110) {
  NEED("din14970_subset_data.hspy");
  const auto signals = read_signals(recorded("din14970_subset_data.hspy"));
  const std::vector<float> values = signals[0].read(0, 2);
  std::vector<Phase> phases;
  for (const char* name : {"Cu", "Ag", "Si", "Fe"}) phases.push_back(test_phase(name));
  const auto zones = make_zones(phases, 4);
  for (int n = 0; n < 4; ++n) {
    Image image(256, 256);
    std::copy_n(values.begin() + std::ptrdiff_t(n) * 256 * 256, image.data.size(), image.data.begin());
    const Measured m = measured(image);
    EXPECT_GE(m.list.spots.size(), 15U);
    const auto pattern = measured_pattern(m.image, m.mask, m.centre, {.per_px = 0.01261}, m.list);
    const Indexing result = index_pattern_spots(pattern, phases, zones);
    ASSERT_FALSE(result.matches.empty());
    EXPECT_EQ(result.matches[0].name, "Cu") << result.verdict;
    EXPECT_EQ(result.matches[0].zone, (Miller{1, 1, 0})) << result.verdict;
    EXPECT_NEAR(result.matches[0].scale, 1, 0.02);
  }
}

}  // namespace
}  // namespace colonnade
