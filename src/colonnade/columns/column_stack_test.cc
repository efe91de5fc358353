// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/column_stack.h"

#include <cmath>
#include <gmock/gmock.h>
#include <map>

#include "colonnade/core/test_errors.h"
#include "colonnade/structures/nanoparticle.h"

namespace colonnade {
namespace {

TEST(ColumnLattice, KnownProjections) {
  const double a = 4;
  const ColumnLattice of110 = column_lattice("fcc", a, "110");
  EXPECT_NEAR(of110.period_A, a / std::sqrt(2.0), 1e-9);
  EXPECT_NEAR(of110.nearest_A, a * std::sqrt(3.0 / 8), 1e-9);
  ASSERT_EQ(of110.steps.size(), 6U);  // four nearest half a period up, two in the same set
  int half = 0;
  for (const ColumnStep& step : of110.steps) half += std::abs(step.shift - 0.5) < 1e-6 ? 1 : 0;
  EXPECT_EQ(half, 4);
  const ColumnLattice of100 = column_lattice("fcc", a, "100");
  EXPECT_NEAR(of100.period_A, a, 1e-9);
  EXPECT_NEAR(of100.nearest_A, a / 2, 1e-9);
  EXPECT_EQ(of100.steps.size(), 4U);
  const ColumnLattice of111 = column_lattice("fcc", a, "111");
  EXPECT_NEAR(of111.period_A, a * std::sqrt(3.0), 1e-9);
  ASSERT_EQ(of111.steps.size(), 6U);
  for (const ColumnStep& step : of111.steps) EXPECT_NEAR(std::abs(step.shift - 0.5), 1.0 / 6, 1e-6);
  EXPECT_NEAR(column_lattice("bcc", a, "100").nearest_A, a / std::sqrt(2.0), 1e-9);
}

TEST(ColumnLattice, OddWishes) {
  EXPECT_THAT(message_of([] { column_lattice("hcp", 4, "110"); }), testing::HasSubstr("fcc, bcc or sc"));
  EXPECT_THAT(message_of([] { column_lattice("fcc", 0, "110"); }), testing::HasSubstr("lattice parameter"));
}

struct RealColumns {
  std::vector<Point> places;
  std::vector<double> lowest_z;
};

/// The columns of a particle, by its atoms' places in the plane.
RealColumns columns_in(const Structure& particle) {
  std::map<std::pair<long, long>, double> lowest;
  std::map<std::pair<long, long>, Point> places;
  for (const Atom& atom : particle.atoms) {
    const std::pair key(std::lround(atom.position.x * 50), std::lround(atom.position.y * 50));
    if (lowest.count(key) == 0 || atom.position.z < lowest[key]) lowest[key] = atom.position.z;
    places[key] = {atom.position.x, atom.position.y};
  }
  RealColumns columns;
  for (const auto& [key, place] : places) {
    columns.places.push_back(place);
    columns.lowest_z.push_back(lowest[key]);
  }
  return columns;
}

/// The largest disagreement of shifts with the real atoms' heights, in periods, of all columns against the first.
double worst_shift(const ColumnShifts& found, const RealColumns& real, double period_A, double sign) {
  double worst = 0;
  for (std::size_t i = 0; i < real.places.size(); ++i) {
    const double wanted = (real.lowest_z[i] - real.lowest_z[0]) / period_A;
    worst = std::max(worst, std::abs(std::remainder(sign * wanted - (found.shifts[i] - found.shifts[0]), 1.0)));
  }
  return worst;
}

class StackedParticle : public testing::TestWithParam<const char*> {};

TEST_P(StackedParticle, ShiftsAreThoseOfTheAtoms) {
  Random random(11);
  for (const double rotation : {0.0, 17.0, 133.0}) {
    NanoparticleOptions options;
    options.diameter_nm = 2.5;
    options.zone_axis = GetParam();
    options.rotation_deg = rotation;
    options.roughness = 0.1;
    RealColumns real = columns_in(make_nanoparticle(options, random));
    for (Point& place : real.places) {
      place.x = 1.01 * (place.x + 0.05 * random.normal());
      place.y = 1.01 * (place.y + 0.05 * random.normal());
    }
    const ColumnLattice lattice = column_lattice("fcc", lattice_of(options), options.zone_axis);
    const ColumnShifts found = column_shifts(real.places, lattice);
    EXPECT_EQ(found.broken, 0U);
    EXPECT_EQ(found.pieces, 1U);
    EXPECT_NEAR(found.scale, 1.01, 0.003);
    // Seen from above or from below gives the same image: [111] may come out either way up.
    EXPECT_LT(std::min(worst_shift(found, real, lattice.period_A, 1), worst_shift(found, real, lattice.period_A, -1)),
              1e-3)
        << rotation;
  }
}
INSTANTIATE_TEST_SUITE_P(ColumnShifts, StackedParticle, testing::Values("110", "100", "111"));

TEST(ColumnShifts, FewColumns) {
  const ColumnLattice lattice = column_lattice("fcc", 4, "110");
  EXPECT_TRUE(column_shifts({}, lattice).shifts.empty());
  EXPECT_THAT(column_shifts({{3, 4}}, lattice).shifts, testing::ElementsAre(0));
  EXPECT_EQ(column_shifts({{0, 0}, {0, 2.449}}, lattice).shifts.size(), 2U);
}

}  // namespace
}  // namespace colonnade
