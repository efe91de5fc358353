// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/pattern_drawing.h"

#include <cmath>
#include <gtest/gtest.h>
#include <numeric>

#include "colonnade/workflows/exact_patterns.h"

namespace colonnade {
namespace {

double correlation(const std::vector<float>& a, const std::vector<float>& b) {
  const double n = double(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n,
               mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return ab / std::sqrt(aa * bb);
}

/// Spots on a square net `spacing_px` apart, turned by an angle.
std::vector<float> square_net(double spacing_px, double angle_deg) {
  std::vector<float> pattern(std::size_t(recorded_side_px) * recorded_side_px, 0);
  const double angle = angle_deg * 3.14159265358979 / 180, c = std::cos(angle), s = std::sin(angle);
  const double middle = 0.5 * (recorded_side_px - 1);
  for (int y = 0; y < recorded_side_px; ++y)
    for (int x = 0; x < recorded_side_px; ++x) {
      const double u = (c * (x - middle) + s * (y - middle)) / spacing_px,
                   v = (c * (y - middle) - s * (x - middle)) / spacing_px;
      const double off = spacing_px * std::hypot(u - std::round(u), v - std::round(v));
      pattern[std::size_t(y) * recorded_side_px + x] = float(100 * std::exp(-off * off / 2));
    }
  return pattern;
}

TEST(PatternDrawing, TurningAPatternMovesItsPicture) {
  constexpr int side = 96;
  const auto still = network_pixels(square_net(14, 10), side), turned = network_pixels(square_net(14, 40), side);
  constexpr int columns = 30 * side / 180;
  std::vector<float> moved(still.size());
  for (int row = 0; row < side; ++row)
    for (int column = 0; column < side; ++column)
      moved[std::size_t(row) * side + (column + columns) % side] = still[std::size_t(row) * side + column];
  EXPECT_GT(correlation(moved, turned), 0.97);
  EXPECT_LT(correlation(still, turned), 0.8);
}

TEST(PatternDrawing, TheSameNumberIsTheSamePattern) {
  const PatternLooks looks = recognised_looks();
  const MaterialSplit split = split_materials(0.12, 0.2, 7);
  PatternDrawer::Options options;
  options.variants = 1;
  const PatternDrawer drawer(split.validation, looks, options);
  const DrawnPattern one = drawer.draw(5), again = drawer.draw(5), other = drawer.draw(6);
  EXPECT_EQ(one.pixels, again.pixels);
  EXPECT_NE(one.pixels, other.pixels);
  for (const auto& row : drawer.look_shares()) EXPECT_NEAR(std::accumulate(row.begin(), row.end(), 0.0), 1, 1e-9);
  for (const float pixel : one.pixels) {
    EXPECT_GE(pixel, 0);
    EXPECT_LE(pixel, 1);
  }
}

// The quick patterns that networks learn from against sums over all atoms of a specimen: the same spots.
TEST(ExactPatterns, OfAPerfectCrystalAreTheSpotsOfItsLattice) {
  const PatternMaterial al = pattern_material(library_crystal("Al"));
  PatternView view;
  view.camera_length_mm = 500;
  view.in_plane_deg = 20;
  Random random(1);
  const auto exact = network_pixels(exact_pattern(al, specimen_cases()[0], view, random), 96);
  // [001] is the first zone: spots 200 = 2 / a on a square net.
  const double px = 2 / 4.0496 / RasterOptions{.camera = {128, 128, 500, 25}}.camera.per_A_per_px(200);
  EXPECT_GT(correlation(exact, network_pixels(square_net(px, 20), 96)), 0.4);
  EXPECT_LT(correlation(exact, network_pixels(square_net(px, 65), 96)), 0.2);
}

TEST(ExactPatterns, SpecimensAreWhatTheirCasesSay) {
  const PatternMaterial al = pattern_material(library_crystal("Al")), fe = pattern_material(library_crystal("Fe"));
  for (const SpecimenCase& specimen : specimen_cases()) {
    for (const PatternMaterial* material : {&al, &fe}) {
      Random random(2);
      ASSERT_TRUE(can_have(*material, specimen.defects));
      const Structure structure = exact_specimen(*material, specimen, {}, random);
      EXPECT_GT(structure.atoms.size(), 60000u) << specimen.name;
      EXPECT_LT(structure.atoms.size(), 200000u) << specimen.name;
    }
  }
  // The largest cells that a classifier may be judged with.
  for (const LibraryCrystal& crystal : crystal_library()) {
    const PatternMaterial material = pattern_material(crystal);
    if (crystal.cell.a_A < 13 || !can_have(material, DefectClass::dislocation)) continue;
    Random random(2);
    EXPECT_GT(exact_specimen(material, specimen_cases().back(), {}, random).atoms.size(), 20000u) << crystal.name;
  }
  EXPECT_FALSE(can_have(pattern_material(library_crystal("TiO2-136")), DefectClass::dislocation));
  EXPECT_FALSE(can_have(pattern_material(library_crystal("CsCl")), DefectClass::dislocation));  // primitive
  Random random(2);
  const double whole = 96000;
  EXPECT_NEAR(double(exact_specimen(al, specimen_cases()[3], {}, random).atoms.size()), 0.98 * whole, 0.003 * whole);
}

}  // namespace
}  // namespace colonnade
